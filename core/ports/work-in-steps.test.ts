import { expect, it } from 'vitest';
import type { JobHandler, JobQueue } from './jobs.ts';
import { workInSteps } from './work-in-steps.ts';

/** A queue whose jobs the test runs, and a clock that moves on by three seconds with each step. */
async function setUp(total: number, stop?: AbortController) {
  const queued: object[] = [];
  let [done, nowMs, closed] = [0, 0, 0];
  let handler: JobHandler = async () => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void queued.push(payload),
    async work(_, given) {
      handler = given;
    },
  };
  await workInSteps(
    { jobs, clock: { now: () => BigInt(nowMs) * 1_000_000n } },
    {
      queue: 'long',
      begin: () => ({
        async step() {
          if (done === total) return false;
          done++;
          nowMs += 3_000;
          if (done === 2) stop?.abort(new Error('stopped'));
          return true;
        },
        close: async () => void closed++,
      }),
      givenUp: async () => {},
    },
  );
  const run = () => handler({ id: 'a' }, (stop ?? new AbortController()).signal);
  return { run, state: () => ({ done, closed, queued: queued.length }) };
}

it('goes on until nothing is left', async () => {
  const { run, state } = await setUp(3);
  await run();
  expect(state()).toEqual({ done: 3, closed: 1, queued: 0 });
});

it('lets others have their turn after ten seconds', async () => {
  const { run, state } = await setUp(6);
  await run();
  expect(state()).toEqual({ done: 4, closed: 1, queued: 1 });
  await run();
  expect(state()).toEqual({ done: 6, closed: 2, queued: 1 });
});

it('stops after a step when it is told to, as a job that is to be run again', async () => {
  const { run, state } = await setUp(6, new AbortController());
  await expect(run()).rejects.toThrow('stopped');
  expect(state()).toEqual({ done: 2, closed: 1, queued: 0 });
});
