import type { CancelSignal } from './world.ts';

/**
 * Durable work: a job is done at least once, by one worker at a time. A handler that rejects is tried again later, a few
 * times; one that rejects after its signal was aborted is run again from the start by the next worker.
 */
export type JobQueue = {
  enqueue(queue: string, payload: object): Promise<void>;
  /** Does the queue's jobs in this process, one after another, or `atOnce` at a time; once a queue. */
  work(queue: string, handler: JobHandler, options?: { givenUp?: GivenUpHandler; atOnce?: number }): Promise<void>;
};

export type JobHandler = (payload: object, signal: CancelSignal) => Promise<void>;
/** Called, at least once, with a job that was given up after its last attempt, also when that ended with a kill. */
export type GivenUpHandler = (payload: object) => Promise<void>;

/** The queue in which a job of this queue is found again, with its payload, when it is given up. */
export const givenUpQueue = (queue: string): string => `${queue}-given-up`;

/** A job that this process holds. `attempt` counts from 0 and tells one hold from the next. */
export type HeldJob = { id: string; queue: string; payload: object; attempt: number };

/** Where jobs wait and who holds them: what {@link JobQueue} is built on. */
export type JobStore = {
  /** How long a job is held after it was taken or renewed; then it is given to somebody else. */
  readonly holdMs: number;
  add(queue: string, payload: object): Promise<void>;
  /** Queues with a job that is due: one question for all of them, asked again and again. */
  due(): Promise<readonly string[]>;
  /** The oldest job that is due, now held by the caller. */
  take(queue: string): Promise<HeldJob | null>;
  /** Holds the job for another {@link holdMs}; false when it is not the caller's any more. */
  renew(job: HeldJob): Promise<boolean>;
  complete(job: HeldJob): Promise<void>;
  /** Makes the job due again after a growing delay; after the last attempt it goes to {@link givenUpQueue}. */
  fail(job: HeldJob, reason: string): Promise<void>;
  /** Gives the job back as it was; the attempt does not count. */
  release(job: HeldJob): Promise<void>;
  /** For the only server of a database that starts after a kill: each held job is due at once, or given up. */
  recover(queue: string): Promise<void>;
};
