import type { AllowanceAsk, AllowanceGrant } from '@wheelhouse/core/ports';

export type Measure = 'budget' | 'requests' | 'tokens' | 'parallel';

/** Whose account it is, for people. */
export type AccountTerms = { id: string; measure: Measure; max: number; name: string };

/**
 * Something that calls take from, in this process's memory. Where other servers take from it too (`shared`), only what
 * the store granted may be taken; alone, everything up to the maximum.
 */
export type Account = {
  readonly id: string;
  readonly measure: Measure;
  readonly shared: boolean;
  max: number;
  name: string;
  /** What can be taken without asking anybody. */
  free(at: Moment): number;
  /** What is left, as far as is known here. */
  left(at: Moment): number;
  /** Takes it, whether or not there is room. @returns the slot that it counts in */
  take(amount: number, at: Moment): number;
  /** What was taken in that slot became this. */
  settle(slot: number, taken: number, used: number, at: Moment): void;
  /** How long until some of it is free again; null: never by itself. */
  waitMs(amount: number, at: Moment): number | null;
  /** What the store should hear, with what calls wait for; null: nothing. */
  ask(wanted: Wanted, at: Moment): AllowanceAsk | null;
  /** `sentAt`: when the ask was made. */
  granted(ask: AllowanceAsk, grant: AllowanceGrant, sentAt: Moment): void;
  /** The store did not answer to this. */
  unanswered(ask: AllowanceAsk): void;
  /** What was granted has run out; there may be more. */
  lapsed(at: Moment): boolean;
  /** Until something is taken or settled there is nothing to say to the store. */
  quiet(): boolean;
  /** Nothing would be lost with it. */
  idle(at: Moment): boolean;
};

/** `need`: what all calls that wait take; `least`: what the smallest of them takes; `last`: nothing will be taken again. */
export type Wanted = { need: number; least: number; last?: boolean };
export const nothingWanted: Wanted = { need: 0, least: 0 };

/** `ms`: of the wall; `tick`: milliseconds of a clock that only goes forward. */
export type Moment = { ms: number; tick: number };
