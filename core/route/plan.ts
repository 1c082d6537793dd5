import type { FailureKind } from '../records/index.ts';
import type { RouteTarget } from './route.ts';

/** Of a provider's key the plan needs its id alone. */
export type KeyLike = { readonly id: string };

/** What a plan is told about an attempt that failed. */
export type AttemptFailure = {
  kind: FailureKind;
  message: string;
  /** As the vendor calls it. */
  code: string | null;
  /** Of the vendor's answer; null: there was none. */
  status: number | null;
  /** From {@link readRetryAfter}. */
  retryAfterMs: number | null;
};

export type Attempt<Key extends KeyLike = KeyLike> = {
  /** Counts from 1 over the whole call. */
  readonly number: number;
  readonly target: RouteTarget;
  /** null: the provider needs none. */
  readonly key: Key | null;
  /** When to send it. */
  readonly startMs: number;
  /** Whether it runs beside another. */
  readonly hedge: boolean;
};

export type Step<Key extends KeyLike = KeyLike> =
  /** Wait `afterMs`, then send. */
  | { do: 'try'; attempt: Attempt<Key>; afterMs: number }
  /** `failure`: the one to tell the caller. */
  | { do: 'stop'; failure: StopFailure };

/**
 * Why nothing more is tried. `final`: no other target takes a call that failed so; `exhausted`: every one was tried as
 * often as it may; `deadline`: the next attempt would come too late; `retryBudget`: retries are too large a share of the
 * calls; `open`: what is left fails too often; `cooling`: what is left asked to wait for longer than a call waits;
 * `noKey`: there is no key for any target; `keysRefused`: the vendor refused every one.
 */
export type StopReason =
  | 'final'
  | 'exhausted'
  | 'deadline'
  | 'retryBudget'
  | 'open'
  | 'cooling'
  | 'noKey'
  | 'keysRefused';

export type StopFailure = AttemptFailure & {
  why: StopReason;
  /** `provider/model` that it is about. */
  target: string;
};

/**
 * The choices of one call. Each attempt that was handed out is ended exactly once, by `ended`, `left` or `unfit`; `next` is asked
 * at the start and again when no attempt is running any more.
 */
export type Plan<Key extends KeyLike = KeyLike> = {
  /** No attempt and no answer goes on after this, in milliseconds since 1970. */
  readonly deadlineMs: number;
  next(nowMs: number): Step<Key>;
  /** A second attempt beside a running one that has been silent for long; null: there is nowhere to go. */
  hedge(nowMs: number): Attempt<Key> | null;
  /** The headers of the vendor's answer came: what they say about its rate limits is kept. Names in lower case. */
  answered(attempt: Attempt<Key>, headers: Record<string, string>, nowMs: number): void;
  /** The first content came; of a whole answer, all of it. */
  begun(attempt: Attempt<Key>, nowMs: number): void;
  /** It is over; null: it went well. A failure may also come after the first content. */
  ended(attempt: Attempt<Key>, failure: AttemptFailure | null, nowMs: number): void;
  /** It was given up, which says nothing about the target: the caller left, or another attempt won. */
  left(attempt: Attempt<Key>): void;
  /** It was not sent: this target cannot do what the call asks for. Another one may. */
  unfit(attempt: Attempt<Key>): void;
};
