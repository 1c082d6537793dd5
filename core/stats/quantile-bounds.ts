import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-quantile.ts';

/** Levels from which bounds of the median, the 90th and the 99th percentile are taken. */
export const boundLevels = [
  ...[0.25, 0.3, 0.35, 0.4, 0.42, 0.44, 0.46, 0.48, 0.5, 0.52, 0.54, 0.56, 0.58, 0.6, 0.65, 0.7, 0.75, 0.8],
  ...[
    0.84, 0.86, 0.87, 0.88, 0.89, 0.9, 0.91, 0.92, 0.93, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.992, 0.995, 0.998,
  ],
] as const;

/**
 * Interval of a quantile of which only some quantiles of the sample are known, as sketches tell them: from the ranks that
 * a binomial spreads over, outward to the nearest level, whatever the distribution.
 * H. A. David & H. N. Nagaraja, Order Statistics (Wiley, 2003), section 7.1.
 * @param values one for each of {@link boundLevels}
 * @param count how many were measured
 * @returns null for an end that so few values cannot bound
 */
export function quantileBounds(
  values: readonly number[],
  { quantile, count, confidence }: { quantile: number; count: number; confidence: number },
): { [End in keyof Interval]: number | null } {
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt((quantile * (1 - quantile)) / count);
  // A rank is whole, so that half of one more belongs to the bound.
  const [from, until] = [quantile - reach - 0.5 / count, quantile + reach + 0.5 / count];
  const low = boundLevels.findLastIndex((level) => level <= from);
  const high = boundLevels.findIndex((level) => level >= until);
  return { low: values[low] ?? null, high: values[high] ?? null };
}
