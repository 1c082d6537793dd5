import { bcaFrom, type Interval, studentQuantile } from '@wheelhouse/core/stats';
import type { Uniform } from './simulation.ts';

/** Intervals of a mean that others use, at 95 %; what ours are held against. */
export type ReferenceIntervals = {
  student: Interval;
  /** B. Efron, JASA 82 (1987). */
  bca: Interval;
  /** Equal-tailed bootstrap-t, B. Efron (1979). */
  bootstrapT: Interval;
  /** P. Hall, J. R. Statist. Soc. B 50 (1988): the absolute studentized mean. Without end when resamples lack spread. */
  symmetricBootstrapT: Interval;
};

const quantiles = new Map<number, number>();
/** Student's, two-sided at 95 %. */
export function criticalValue(df: number): number {
  const found = quantiles.get(df) ?? studentQuantile(0.975, df);
  quantiles.set(df, found);
  return found;
}

export function studentInterval(values: readonly number[]): Interval {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1);
  const reach = criticalValue(n - 1) * Math.sqrt(variance / n);
  return { low: mean - reach, high: mean + reach };
}

/** Order statistic k of `count` draws that leaves `tail` beyond it, when the sample is one draw more. */
const rank = (sorted: Float64Array, p: number) =>
  sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * (sorted.length + 1)) - 1))] as number;

export function referenceIntervals(values: readonly number[], resamples: number, uniform: Uniform): ReferenceIntervals {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const centred = Float64Array.from(values, (value) => value - mean);
  const total = centred.reduce((sum, d) => sum + d * d, 0);
  const error = Math.sqrt(total / (n - 1) / n);
  const means = new Array<number>(resamples).fill(0);
  const studentized = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let [sum, squares] = [0, 0];
    for (let i = 0; i < n; i++) {
      const d = centred[Math.floor(uniform() * n)] as number;
      sum += d;
      squares += d * d;
    }
    const spread = squares - (sum * sum) / n;
    means[r] = mean + sum / n;
    studentized[r] =
      spread > 1e-24 * total
        ? sum / n / Math.sqrt(spread / (n - 1) / n)
        : Math.sign(sum) * Number.POSITIVE_INFINITY || 0;
  }
  const distances = studentized.map(Math.abs).sort();
  studentized.sort();
  const reach = rank(distances, 0.95) * error;
  return {
    student: studentInterval(values),
    bca: bcaFrom(
      { resampled: means, leftOut: values.map((value) => mean - (value - mean) / (n - 1)), estimate: mean },
      0.95,
    ),
    bootstrapT: { low: mean - rank(studentized, 0.975) * error, high: mean - rank(studentized, 0.025) * error },
    symmetricBootstrapT: { low: mean - reach, high: mean + reach },
  };
}
