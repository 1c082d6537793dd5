import type { TraceId } from './ids.ts';
import type { NanoUsd } from './money.ts';

/**
 * What calls of a user are looked at for. `injection`: the model is told to drop its instructions; `extraction`: it is
 * asked for them; `probing`: it is asked for personal data of others; `scraping`: one form is filled in again and again;
 * `farming`: far more is spent than by anybody else.
 */
export const abuseKinds = ['injection', 'extraction', 'probing', 'scraping', 'farming'] as const;
export type AbuseKind = (typeof abuseKinds)[number];

/** What is done about a user, the least first. */
export const abuseRungs = ['log', 'throttle', 'challenge', 'block'] as const;
export type AbuseRung = (typeof abuseRungs)[number];

/** Rungs in their order; -1: none. */
export const rungRank = (rung: AbuseRung | null): number => (rung === null ? -1 : abuseRungs.indexOf(rung));

/** How much of a text speaks of each, from 0 to 1, and by which words. */
export type AbuseTextKind = 'injection' | 'extraction' | 'probing';

/** What is kept of one call, which is a trace that names a user. */
export type AbuseCall = {
  traceId: TraceId;
  user: string;
  /** When it began. */
  atMs: number;
  /** From 0 to 1. */
  signals: Record<AbuseTextKind, number>;
  /** What was found, in a few words; empty: nothing. */
  found: string;
  /** Hashes of the words that were asked, each once, so that calls can be compared without their texts. */
  words: number[];
  costNanoUsd: NanoUsd | null;
  tokens: number;
};

/** What honest users of a project do, learned from its own traffic. */
export type AbuseRates = {
  learnedMs: number;
  users: number;
  /** The chance that a call of an honest user speaks of it, as is assumed; 0.5 and more: it says nothing here. */
  chance: Record<AbuseKind, number>;
  /** Nobody spends so much in ten minutes; null: too few users to know. */
  spend: { nanoUsd: number | null; tokens: number | null };
};

/** Of an honest user, in a month: at most one in so many comes to the rung. */
export type AbuseStep = { oneIn: number; holdMinutes: number };

export type AbusePolicy = {
  /** `log`: who would be acted upon is listed, and nothing is done. */
  mode: 'off' | 'log' | 'act';
  log: { oneIn: number };
  throttle: AbuseStep & { callsPerMinute: number };
  challenge: AbuseStep & { url: string | null };
  block: AbuseStep;
  /** The highest rung that each kind leads to; null: it is not looked for. */
  highest: Record<AbuseKind, AbuseRung | null>;
  exemptUsers: string[];
  /** Ids of keys whose calls are never refused. */
  exemptKeys: string[];
};

/** Who spends much may be the best customer, and who asks alike may be at work: these are slowed down at most. */
export const defaultAbusePolicy: AbusePolicy = {
  mode: 'off',
  log: { oneIn: 25 },
  throttle: { oneIn: 500, holdMinutes: 60, callsPerMinute: 6 },
  challenge: { oneIn: 10_000, holdMinutes: 24 * 60, url: null },
  block: { oneIn: 100_000, holdMinutes: 24 * 60 },
  highest: {
    injection: 'block',
    extraction: 'block',
    probing: 'block',
    scraping: 'throttle',
    farming: 'throttle',
  },
  exemptUsers: [],
  exemptKeys: [],
};

/** What speaks against a user: as a month of an honest user shows less often than one time in so many. */
export type AbuseRisk = { oneIn: number; kinds: Partial<Record<AbuseKind, number>> };

/** A user who was listed once, or whom somebody said something of. */
export type AbuseUser = {
  user: string;
  /** In force until `untilMs`; null: nothing is. */
  rung: AbuseRung | null;
  sinceMs: number;
  /** null: for good, or until somebody undoes it. */
  untilMs: number | null;
  /** `wheelhouse` where nobody did it. */
  by: string;
  /** What a user who is challenged hands in. */
  challenge: string | null;
  /** Nothing is done about the user, ever. */
  isAllowed: boolean;
  /** What came before does not count any more. */
  freshFromMs: number;
  /** Holds in a row, of which each is twice as long as the one before; whoever climbs on while held is in the same one. */
  holds: number;
  /** How often a challenge was passed since nothing was forgotten. */
  passes: number;
  risk: AbuseRisk;
  lastSeenMs: number;
};

export type AbuseEvent = {
  id: string;
  at: string;
  by: string;
  kind: AbuseRung | 'passed' | 'undone' | 'allowed' | 'disallowed';
  /** A sentence. */
  text: string;
  /** What it was decided by, the newest last. */
  traces: TraceId[];
};

/** What became of a user, and what is said of it; null: nothing that has to be said. */
export type AbuseDecision = { user: AbuseUser; event: Omit<AbuseEvent, 'id' | 'at' | 'by'> | null };

/** What is in force now; what came to its end by itself is none. */
export const rungAt = ({ rung, untilMs, isAllowed }: AbuseUser, nowMs: number): AbuseRung | null =>
  isAllowed || (untilMs !== null && untilMs <= nowMs) ? null : rung;

/** A place among traces that arrive, by the clock of their store. */
export type AbusePlace = { ms: number; id: string };
