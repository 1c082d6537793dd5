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
/** Levels from which bounds of the median, the 90th and the 99th percentile are taken. */
export const boundLevels = [
  ...[0.25, 0.3, 0.35, 0.4, 0.42, 0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6, 0.65, 0.7, 0.75, 0.8],
  ...[
    0.84, 0.86, 0.87, 0.88, 0.89, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.992, 0.995, 0.998,
  ],
] as const;

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
  /** One for each of {@link boundLevels}. */
  latencyAt: number[] | null;
  firstTokenAt: number[] | null;
};
