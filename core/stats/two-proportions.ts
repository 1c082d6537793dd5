import { logGamma } from './incomplete-beta.ts';
import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-quantile.ts';

/** How often something was seen in so many tries; `of` is above 0. */
export type Proportion = { count: number; of: number };

/**
 * Score interval of a proportion: keeps its coverage at small sizes and at rates near 0 and 1.
 * E. B. Wilson, Journal of the American Statistical Association 22 (1927) 209–212.
 */
export function wilsonInterval({ count, of }: Proportion, confidence: number): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const rate = count / of;
  const middle = rate + (z * z) / (2 * of);
  const spread = z * Math.sqrt((rate * (1 - rate)) / of + (z * z) / (4 * of * of));
  const scale = 1 + (z * z) / of;
  // At the ends the bound is exact, which rounding would miss.
  return {
    low: count === 0 ? 0 : Math.max(0, (middle - spread) / scale),
    high: count === of ? 1 : Math.min(1, (middle + spread) / scale),
  };
}

/**
 * Interval of a − b for two independent proportions, from the score intervals of both: method 10 of
 * R. G. Newcombe, Statistics in Medicine 17 (1998) 873–890.
 */
export function proportionDifference(a: Proportion, b: Proportion, confidence: number): Interval {
  const [p, q] = [a.count / a.of, b.count / b.of];
  const [ofA, ofB] = [wilsonInterval(a, confidence), wilsonInterval(b, confidence)];
  return {
    low: p - q - Math.hypot(p - ofA.low, ofB.high - q),
    high: p - q + Math.hypot(ofA.high - p, q - ofB.low),
  };
}

const logChoose = (n: number, k: number) => logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);

/**
 * One-sided test that a's true proportion is above b's: Fisher's, given all that was seen in both, as the mid-p, which is
 * less conservative and close to its level.
 * H. O. Lancaster, Journal of the American Statistical Association 56 (1961) 223–234.
 * @returns how likely a count of a as high as this, or higher, were if both were the same; such a count itself as half
 */
export function exceedanceTest(a: Proportion, b: Proportion): number {
  // The sum goes outward from what was seen, so that it never begins where terms are too small for a number.
  if (a.count * b.of < b.count * a.of) return 1 - exceedanceTest(b, a);
  const seen = a.count + b.count;
  const most = Math.min(seen, a.of);
  const here = Math.exp(logChoose(a.of, a.count) + logChoose(b.of, b.count) - logChoose(a.of + b.of, seen));
  let term = here;
  let above = 0;
  for (let k = a.count; k < most && term > 0; k++) {
    const ratio = ((seen - k) * (a.of - k)) / ((k + 1) * (b.of - seen + k + 1));
    term *= ratio;
    above += term;
    if (ratio < 1 && term < above * 1e-17) break;
  }
  return Math.min(1, above + here / 2);
}

/**
 * p-values corrected for how many there are, in the given order: comparing each with a level keeps the chance of one false
 * finding among all of them below it, however they hang together.
 * S. Holm, Scandinavian Journal of Statistics 6 (1979) 65–70.
 */
export function holm(pValues: readonly number[]): number[] {
  const corrected = new Array<number>(pValues.length).fill(1);
  let highest = 0;
  for (const [rank, { p, i }] of pValues
    .map((p, i) => ({ p, i }))
    .sort((a, b) => a.p - b.p)
    .entries()) {
    highest = Math.max(highest, Math.min(1, p * (pValues.length - rank)));
    corrected[i] = highest;
  }
  return corrected;
}
