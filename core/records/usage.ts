import type { NanoUsd } from './money.ts';

/**
 * Disjoint counts: no token is in two buckets, so totals are plain sums. `requests` counts calls, all others tokens.
 * OpenAI and OpenTelemetry report input including cached and output including reasoning; readers subtract, clamped at 0.
 */
export const usageBuckets = [
  'inputUncached',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
  'outputText',
  'reasoning',
  'outputAudio',
  'requests',
] as const;
export type UsageBucket = (typeof usageBuckets)[number];

export type UsageCounts = Partial<Record<UsageBucket, number>>;
export type Usage = { counts: UsageCounts; source: 'provider' | 'emitter' | 'gateway' | 'estimated' };

const inputBuckets: UsageBucket[] = [
  'inputUncached',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
  'inputAudio',
  'inputImage',
];
const outputBuckets: UsageBucket[] = ['outputText', 'reasoning', 'outputAudio'];
const sum = (counts: UsageCounts, buckets: UsageBucket[]) => buckets.reduce((n, b) => n + (counts[b] ?? 0), 0);

export const inputTokens = (usage: Usage): number => sum(usage.counts, inputBuckets);
export const outputTokens = (usage: Usage): number => sum(usage.counts, outputBuckets);

/** What a call cost by one price row. The emitter's own figure is kept beside it, never overwritten. */
export type Cost = {
  totalNanoUsd: NanoUsd;
  byBucket: Partial<Record<UsageBucket, NanoUsd>>;
  /** The price row that made it. */
  priceId: string;
  /** Left out: priced as it came in. Else the number of the re-pricing that made it; the highest counts. */
  revision?: number;
};
