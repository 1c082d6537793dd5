import { incompleteBeta } from './incomplete-beta.ts';
import type { Interval } from './interval.ts';

/** P(X ≤ k) for X binomial. */
const binomialCdf = (k: number, n: number, p: number) => {
  if (k < 0) return 0;
  return k >= n ? 1 : incompleteBeta(1 - p, n - k, k + 1);
};

/**
 * Exact interval of a quantile, such as the 95th percentile of latency, between two of the values seen, whatever their
 * distribution: the truth lies inside in at least that share of samples. An end that so few values cannot bound is
 * infinite. H. A. David & H. N. Nagaraja, Order Statistics (Wiley, 2003), section 7.1.
 */
export function quantileInterval(
  values: readonly number[],
  { quantile, confidence }: { quantile: number; confidence: number },
): Interval {
  const sorted = values.toSorted((x, y) => x - y);
  const n = sorted.length;
  const tail = (1 - confidence) / 2;
  // The k-th value is above the quantile when fewer than k lie below it.
  let low = 0;
  while (low < n && binomialCdf(low, n, quantile) <= tail) low++;
  let high = n + 1;
  while (high > 1 && 1 - binomialCdf(high - 2, n, quantile) <= tail) high--;
  return { low: sorted[low - 1] ?? -Infinity, high: sorted[high - 1] ?? Infinity };
}
