import { boundLevels } from '../records/index.ts';
import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-quantile.ts';

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
