import { nanosToMs } from '../records/index.ts';
import type { GivenUpHandler, JobQueue } from './jobs.ts';
import type { CancelSignal, Clock } from './world.ts';

/** One hold of a long job. */
export type Steps = {
  /** Does a part of the work, and notes where it is; false when there is nothing more to do. */
  step(): Promise<boolean>;
  /** Lets go of what is open. */
  close?(): Promise<void>;
};

type Work<Payload extends object> = {
  queue: string;
  begin(payload: Payload, signal: CancelSignal): Steps;
  givenUp: GivenUpHandler;
};

/** A hold of the job lasts no longer, so that jobs take turns, and attempts count what fails, not what takes long. */
const holdMs = 10_000;

/**
 * Long work over a {@link JobQueue}, step by step. After ten seconds the job goes to the end of its queue. A step that was
 * cut off is done again, so it must bear that.
 */
export function workInSteps<Payload extends object>(
  { jobs, clock }: { jobs: JobQueue; clock: Clock },
  { queue, begin, givenUp }: Work<Payload>,
): Promise<void> {
  const nowMs = () => nanosToMs(clock.now());
  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const endMs = nowMs() + holdMs;
    const steps = begin(payload as Payload, signal);
    try {
      while (await steps.step()) {
        if (signal.aborted) throw signal.reason;
        if (nowMs() >= endMs) return await jobs.enqueue(queue, payload);
      }
    } finally {
      await steps.close?.();
    }
  }
  return jobs.work(queue, work, { givenUp });
}
