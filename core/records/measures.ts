import type { NanoUsd } from './money.ts';
import type { Nanos } from './time.ts';

/** Nanoseconds, estimated; null when nothing was measured. */
export type Quantiles = { p50: Nanos; p90: Nanos; p99: Nanos } | null;
export type Measures = {
  count: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: NanoUsd | null;
  unpriced: number;
  latency: Quantiles;
  firstToken: Quantiles;
  score: { mean: number; count: number } | null;
  /** Only where they were asked for. */
  spread?: Spread;
  counted?: number;
};

/** What a mean and its doubt are made of; `sd` null: of fewer than two nothing can be said. */
export type Moments = { mean: number; sd: number | null; count: number };
/** Of traces one by one, which sums of hours do not tell. Durations in nanoseconds; null: nothing was measured. */
export type Spread = {
  latency: Moments | null;
  firstToken: Moments | null;
  inputTokens: Moments | null;
  outputTokens: Moments | null;
  /** Nano-dollars, of traces with a known price. */
  cost: Moments | null;
  score: Moments | null;
  /** Different ones that are named; estimated beyond some thousands, within 1 %. */
  users: number;
  /** One for each of `boundLevels`. */
  latencyAt: number[] | null;
  firstTokenAt: number[] | null;
};
