import { incompleteBeta, logGamma } from './incomplete-beta.ts';
import { normalTail } from './normal-tail.ts';
import { studentQuantile } from './student-quantile.ts';

/**
 * P(T ≤ t) of the noncentral t distribution, for t ≥ 0.
 * R. V. Lenth, Algorithm AS 243, Applied Statistics 38 (1989) 185–189.
 */
function noncentralCdf(t: number, df: number, shift: number): number {
  const x = (t * t) / (df + t * t);
  const half = (shift * shift) / 2;
  const last = Math.ceil(half + 12 * Math.sqrt(half) + 40);
  let sum = 0;
  for (let j = 0; j <= last; j++) {
    const log = j * Math.log(half || Number.MIN_VALUE) - half;
    const even = Math.exp(log - logGamma(j + 1));
    const odd = (shift / Math.SQRT2) * Math.exp(log - logGamma(j + 1.5));
    sum += even * incompleteBeta(x, j + 0.5, df / 2) + odd * incompleteBeta(x, j + 1, df / 2);
  }
  return Math.min(1, normalTail(shift) + sum / 2);
}

export type PowerQuestion = {
  /** Standard deviation of the paired differences. */
  spread: number;
  /** The true mean difference one wants to find, in the same unit; not zero. */
  effect: number;
  /** Chance to call the sides different when they are alike, two-sided; 0.05 unless given. */
  risk?: number;
};

/** Chance that so many rows find the effect: a two-sided t test of the differences. */
export function powerOf({ spread, effect, risk = 0.05, rows }: PowerQuestion & { rows: number }): number {
  const shift = (Math.abs(effect) / spread) * Math.sqrt(rows);
  // Beyond it the chance to miss is below 1e-200 at any usual risk and size.
  if (shift > 200) return 1;
  const t = studentQuantile(1 - risk / 2, rows - 1);
  return 1 - noncentralCdf(t, rows - 1, shift) + (1 - noncentralCdf(t, rows - 1, -shift));
}

/** Standard deviation of differences of 0 or 1 scores, from the rates at which only B, and only A, is right. */
export const spreadOfRates = (onlyB: number, onlyA: number): number => Math.sqrt(onlyB + onlyA - (onlyB - onlyA) ** 2);

/** More rows than anybody has. */
const most = 1e9;

/**
 * The fewest rows that find the effect with that chance (`power`, 0.8 unless given), were the spread what it is; never fewer
 * than `minimum`.
 */
export function rowsNeeded({ minimum, power = 0.8, ...question }: PowerQuestion & { minimum: number; power?: number }) {
  const isEnough = (rows: number) => powerOf({ ...question, rows }) >= power;
  if (question.spread === 0 || isEnough(minimum)) return minimum;
  let [low, high] = [minimum, 2 * minimum];
  while (high < most && !isEnough(high)) [low, high] = [high, 2 * high];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
