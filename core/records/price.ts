import type { NanoUsd } from './money.ts';
import type { UsageBucket } from './usage.ts';

/** Nano-dollars per million units of each bucket, so that $0.0125 per million is exact. */
export type Rates = Partial<Record<UsageBucket, bigint>>;

/** What a cost is worked out with. */
export type PriceRow = {
  /** Stands on every cost that it made. */
  id: string;
  provider: string;
  model: string;
  /** Inclusive, an ISO date or time; null: since ever. */
  validFrom: string | null;
  perMillion: Rates;
  /** Rates that replace `perMillion` for a whole call with more input tokens than this; the highest that fits counts. */
  tiers?: { aboveInputTokens: number; perMillion: Rates }[];
  /** Buckets for which no other rate stands in: a call that uses one has no price. */
  unknown?: UsageBucket[];
};

/** A price row with who set it, when, and from where. It never changes, but for its end. */
export type Price = PriceRow & {
  /** A trailing `*` stands for any ending. */
  model: string;
  /** `batch`, `flex`, `priority` …: the calls it is for; null: ordinary calls. */
  serviceTier: string | null;
  /** Exclusive; null: still in force. */
  validUntil: string | null;
  source: string;
  createdBy: string;
  createdAt: string | null;
  endedBy: string | null;
};

/** Which calls: those that started in `from` … `until` (ISO 8601, until exclusive). */
export type Period = {
  from: string;
  until: string;
  provider: string | null;
  /** As requested or as answered; a trailing `*` stands for any ending. */
  model: string | null;
};

export type RepricingStatus = 'queued' | 'running' | 'completed' | 'cancelled' | 'failed';

/** How far a re-pricing is: all of it is of the calls looked at. */
export type RepricingProgress = {
  done: number;
  /** Calls that have a new figure. */
  changed: number;
  /** Calls that have no price now either. */
  unpriced: number;
  beforeNanoUsd: NanoUsd;
  afterNanoUsd: NanoUsd;
  /** The last call that was looked at; null: none yet. */
  after: string | null;
};

/** Prices the calls of a period again. The figures from before stay, each under the revision that made it. */
export type Repricing = {
  id: string;
  /** The revision of the figures that it writes. */
  number: number;
  period: Period;
  status: RepricingStatus;
  error: string | null;
  total: number;
  progress: RepricingProgress;
  requestedBy: string;
  requestedAt: string;
  finishedAt: string | null;
};
