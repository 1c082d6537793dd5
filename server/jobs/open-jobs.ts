import { givenUpQueue, type JobHandler, type JobQueue, type JobStore } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import { type RunningJob, runJob } from './run-job.ts';
import { createWake, type Wake } from './wake.ts';

const defaultPollMs = 2_000;
const defaultGraceMs = 5_000;

export type JobsDeps = {
  store: JobStore;
  /** This server is the only one on its database, so that a job that is held when it starts was cut off by a kill. */
  exclusive: boolean;
  /** How often idle queues are looked at for what other servers enqueued, in milliseconds; 2,000 unless said otherwise. */
  pollMs?: number;
  log?: Pick<Logger, 'warn'>;
};

export type Jobs = JobQueue & {
  /**
   * Takes no more jobs, gives the running ones `graceMs` (5,000 unless said otherwise) to end, then aborts their signals
   * and gives them as long again. What has not ended by then is given back; the next worker runs it from the start.
   */
  stop(options?: { graceMs?: number }): Promise<void>;
};

type Looping = { wake: Wake; first: boolean; state: { recovered: boolean } };

async function waitAtMost(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

/** The worker loop over stored jobs. A job that is enqueued here starts at once, one from elsewhere at the next poll. */
export function openJobs(deps: JobsDeps): Jobs {
  const { store, exclusive, pollMs = defaultPollMs, log } = deps;
  const queues = new Map<string, { wakes: Wake[]; loop: Promise<unknown> }>();
  const running = new Set<RunningJob>();
  const nextLook = createWake();
  let looking: Promise<void> | null = null;
  let stopped: Promise<void> | null = null;

  function wakeOf(queue: string): void {
    for (const wake of queues.get(queue)?.wakes ?? []) wake.wake();
  }

  async function takeAndRun(queue: string, handler: JobHandler): Promise<boolean> {
    const job = await store.take(queue);
    if (job === null) return false;
    if (stopped !== null) {
      await store.release(job);
      return false;
    }
    const run = runJob({ store, ...(log && { log }) }, job, handler);
    running.add(run);
    await run.ended;
    running.delete(run);
    wakeOf(givenUpQueue(queue));
    return true;
  }

  /** One look for all queues: a server has dozens, and each question of its own keeps an idle database busy. */
  async function look(): Promise<void> {
    for (;;) {
      await nextLook.wait(pollMs);
      if (stopped !== null) return;
      // Where it cannot be asked each queue tries, and says why it cannot.
      const due = await store.due().catch(() => [...queues.keys()]);
      for (const queue of due) wakeOf(queue);
    }
  }

  /** A queue's loops. The first sees to what a kill cut off; the others wait for that, or it would be theirs as well. */
  async function loop(queue: string, handler: JobHandler, { wake, first, state }: Looping): Promise<void> {
    let failing = false;
    while (stopped === null) {
      let foundJob = false;
      try {
        if (!state.recovered && first) {
          await store.recover(queue);
          state.recovered = true;
          wakeOf(givenUpQueue(queue));
          wakeOf(queue);
        }
        if (state.recovered) foundJob = await takeAndRun(queue, handler);
        failing = false;
      } catch (error) {
        if (!failing) log?.warn({ err: error, queue }, 'jobs cannot be taken; trying again');
        failing = true;
      }
      if (!foundJob) await wake.wait(failing || !state.recovered ? pollMs : null);
    }
  }

  function start(queue: string, handler: JobHandler, atOnce: number): void {
    const wakes = Array.from({ length: atOnce }, createWake);
    const state = { recovered: !exclusive };
    const loops = wakes.map((wake, i) => loop(queue, handler, { wake, first: i === 0, state }));
    queues.set(queue, { wakes, loop: Promise.all(loops) });
    looking ??= look();
  }

  async function stop(graceMs: number): Promise<void> {
    const loops = Promise.all([...queues.values()].map((queue) => queue.loop));
    for (const queue of queues.keys()) wakeOf(queue);
    nextLook.wake();
    await waitAtMost(graceMs, loops);
    for (const run of running) run.abort();
    await waitAtMost(graceMs, loops);
    for (const run of running) run.abandon();
    await loops;
    await looking;
  }

  return {
    async enqueue(queue, payload) {
      await store.add(queue, payload);
      wakeOf(queue);
    },

    async work(queue, handler, { givenUp, atOnce = 1 } = {}) {
      if (queues.has(queue)) throw new WheelhouseError('internal', `The queue \`${queue}\` already has its worker.`);
      start(queue, handler, atOnce);
      if (givenUp) start(givenUpQueue(queue), givenUp, 1);
    },

    stop({ graceMs = defaultGraceMs } = {}) {
      stopped ??= stop(graceMs);
      return stopped;
    },
  };
}
