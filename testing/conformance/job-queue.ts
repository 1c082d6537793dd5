import type { CancelSignal, JobQueue } from '@wheelhouse/core/ports';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Worker = JobQueue & { stop(options?: { graceMs?: number }): Promise<void> };

type World = {
  /** Another server on the same store; `exclusive`: it believes to be the only one. */
  start(options: { pollMs: number; exclusive: boolean }): Worker;
  close(): Promise<void>;
};

const never = 3_600_000;
const soon = 20;
let count = 0;

/** Lets a test wait until a handler was called `number` times. */
function createCalls<T>(): { add(value: T): void; reach(number: number): Promise<T[]> } {
  const values: T[] = [];
  const waiting: { number: number; resolve(values: T[]): void }[] = [];
  const settle = () => {
    for (const { number, resolve } of waiting) if (values.length >= number) resolve([...values]);
  };
  return {
    add(value) {
      values.push(value);
      settle();
    },
    reach: (number) =>
      new Promise((resolve) => {
        waiting.push({ number, resolve });
        settle();
      }),
  };
}

const untilAborted = (signal: CancelSignal) =>
  new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
  });

/** What every {@link JobQueue} does. */
export function jobQueueConformance(name: string, open: () => Promise<World>): void {
  describe(`job queue: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const newQueue = () => `queue-${++count}`;

    it('does so many jobs of a queue at once as it is told, each of them once', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: never, exclusive: true });
      const started = createCalls<object>();
      let release = () => {};
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      for (const id of [1, 2, 3, 4]) await worker.enqueue(queue, { id });
      const work = async (payload: object) => {
        started.add(payload);
        await held;
      };
      await worker.work(queue, work, { atOnce: 3 });
      const ids = (calls: object[]) => calls.map((call) => (call as { id: number }).id).sort();
      const first = ids(await started.reach(3));
      expect(new Set(first).size).toBe(3);
      expect(first).not.toContain(4);
      release();
      expect(ids(await started.reach(4))).toEqual([1, 2, 3, 4]);
      await worker.stop();
    });

    it('does what was enqueued before anybody worked, and what is enqueued later without waiting for a poll', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: never, exclusive: true });
      const calls = createCalls<object>();
      await worker.enqueue(queue, { id: 1, nested: { list: [null, 'ü'] } });
      await worker.work(queue, async (payload) => calls.add(payload));
      await calls.reach(1);
      for (const id of [2, 3, 4]) {
        await worker.enqueue(queue, { id });
        await calls.reach(id);
      }
      await worker.stop();
      expect(await calls.reach(4)).toEqual([{ id: 1, nested: { list: [null, 'ü'] } }, { id: 2 }, { id: 3 }, { id: 4 }]);
    });

    it('finds by polling what another server enqueued', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: soon, exclusive: false });
      const other = world.start({ pollMs: never, exclusive: false });
      const calls = createCalls<object>();
      await worker.work(queue, async (payload) => calls.add(payload));
      await other.enqueue(queue, { from: 'elsewhere' });
      expect(await calls.reach(1)).toEqual([{ from: 'elsewhere' }]);
      await Promise.all([worker.stop(), other.stop()]);
    });

    it('gives each job to one of several workers, and keeps queues apart', async () => {
      const [queue, otherQueue] = [newQueue(), newQueue()];
      const workers = [1, 2, 3].map(() => world.start({ pollMs: soon, exclusive: false }));
      const calls = createCalls<unknown>();
      const others = createCalls<unknown>();
      for (const worker of workers) {
        await worker.work(queue, async (payload) => calls.add(payload));
        await worker.work(otherQueue, async (payload) => others.add(payload));
      }
      const payloads = Array.from({ length: 9 }, (_, number) => ({ number }));
      await Promise.all(payloads.map((payload, i) => workers[i % 3]?.enqueue(queue, payload)));
      await workers[0]?.enqueue(otherQueue, { other: true });
      await Promise.all([calls.reach(9), others.reach(1)]);
      await Promise.all(workers.map((worker) => worker.stop()));
      const done = (await calls.reach(9)) as { number: number }[];
      expect(done.toSorted((a, b) => a.number - b.number)).toEqual(payloads);
      expect(await others.reach(1)).toEqual([{ other: true }]);
    });

    it('tries a failed job again', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: soon, exclusive: true });
      const calls = createCalls<object>();
      await worker.work(queue, async (payload) => {
        calls.add(payload);
        if ((await calls.reach(1)).length === 1) throw new Error('not yet');
      });
      await worker.enqueue(queue, { id: 1 });
      expect(await calls.reach(2)).toEqual([{ id: 1 }, { id: 1 }]);
      await worker.stop();
    }, 20_000);

    it('lets a running job end when it stops', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: never, exclusive: true });
      const calls = createCalls<string>();
      let finish = () => {};
      await worker.work(queue, async (_, signal) => {
        calls.add('started');
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        calls.add(signal.aborted ? 'aborted' : 'done');
      });
      await worker.enqueue(queue, {});
      await calls.reach(1);
      const stopped = worker.stop();
      finish();
      await stopped;
      expect(await calls.reach(2)).toEqual(['started', 'done']);
    });

    it('aborts a job that does not end in time, and the next server runs it again', async () => {
      const queue = newQueue();
      const first = world.start({ pollMs: never, exclusive: true });
      const calls = createCalls<string>();
      await first.work(queue, async (_, signal) => {
        calls.add('first');
        await untilAborted(signal);
      });
      await first.enqueue(queue, {});
      await calls.reach(1);
      await first.stop({ graceMs: 0 });
      const second = world.start({ pollMs: never, exclusive: false });
      await second.work(queue, async () => calls.add('second'));
      expect(await calls.reach(2)).toEqual(['first', 'second']);
      await second.stop();
    });

    it('gives back a job whose handler does not listen', async () => {
      const queue = newQueue();
      const first = world.start({ pollMs: never, exclusive: true });
      const calls = createCalls<string>();
      await first.work(queue, async () => {
        calls.add('first');
        await new Promise(() => {});
      });
      await first.enqueue(queue, {});
      await calls.reach(1);
      await first.stop({ graceMs: 0 });
      const second = world.start({ pollMs: never, exclusive: false });
      await second.work(queue, async () => calls.add('second'));
      expect(await calls.reach(2)).toEqual(['first', 'second']);
      await second.stop();
    });

    it('requeues at the start of the only server what a killed one held', async () => {
      const queue = newQueue();
      const killed = world.start({ pollMs: never, exclusive: true });
      const calls = createCalls<string>();
      await killed.work(queue, async () => {
        calls.add('killed');
        await new Promise(() => {});
      });
      await killed.enqueue(queue, {});
      await calls.reach(1);
      const next = world.start({ pollMs: never, exclusive: true });
      await next.work(queue, async () => calls.add('next'));
      expect(await calls.reach(2)).toEqual(['killed', 'next']);
      await Promise.all([next.stop(), killed.stop({ graceMs: 0 })]);
    });

    it('has one worker a queue and server', async () => {
      const queue = newQueue();
      const worker = world.start({ pollMs: never, exclusive: true });
      await worker.work(queue, async () => {});
      await expect(worker.work(queue, async () => {})).rejects.toMatchObject({ code: 'internal' });
      await worker.stop();
    });
  });
}
