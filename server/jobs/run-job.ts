import type { HeldJob, JobHandler, JobStore } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';

export type RunningJob = {
  /** Resolves when the job has ended and its end is recorded; never rejects. */
  ended: Promise<void>;
  /** Tells the handler to stop. */
  abort(): void;
  /** Stops waiting for the handler. */
  abandon(): void;
};

type RunJobDeps = { store: JobStore; log?: Pick<Logger, 'warn'> };

/** Holds the job while its handler runs, and records how it ended. */
export function runJob(deps: RunJobDeps, job: HeldJob, handler: JobHandler): RunningJob {
  const { store, log } = deps;
  const controller = new AbortController();
  let abandon = () => {};
  const abandoned = new Promise<never>((_, reject) => {
    abandon = () => reject(new Error('The job did not stop in time.'));
  });
  let lost = false;
  let heldUntil = performance.now() + store.holdMs;

  /** Somebody else may be doing the job from here on, so that this process must neither go on nor record its end. */
  function lose(): void {
    lost = true;
    controller.abort(new Error('The job is held by another worker.'));
  }

  async function renew(): Promise<void> {
    try {
      if (await store.renew(job)) heldUntil = performance.now() + store.holdMs;
      else lose();
    } catch (error) {
      log?.warn({ err: error, queue: job.queue, job: job.id }, 'the hold on a job could not be renewed');
      if (performance.now() > heldUntil) lose();
    }
  }

  async function work(): Promise<() => Promise<void>> {
    try {
      await Promise.race([(async () => handler(job.payload, controller.signal))(), abandoned]);
      return () => store.complete(job);
    } catch (error) {
      if (controller.signal.aborted) return () => store.release(job);
      log?.warn({ err: error, queue: job.queue, job: job.id }, 'a job failed');
      return () => store.fail(job, error instanceof Error ? error.message : String(error));
    }
  }

  async function run(): Promise<void> {
    const heartbeat = setInterval(renew, store.holdMs / 3);
    const record = await work();
    clearInterval(heartbeat);
    if (lost) return;
    await record().catch((error) =>
      log?.warn(
        { err: error, queue: job.queue, job: job.id },
        'the end of a job could not be recorded; it is run again',
      ),
    );
  }

  return { ended: run(), abort: () => controller.abort(new Error('The server stops.')), abandon: () => abandon() };
}
