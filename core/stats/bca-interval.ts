import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-quantile.ts';
import { normalTail } from './normal-tail.ts';
import { uniformFrom } from './uniform.ts';

export type BootstrapOptions = { confidence: number; resamples: number; seed: number };

/** Linear between order statistics: type 7 of Hyndman & Fan, The American Statistician 50 (1996) 361–365. */
function quantileOf(sorted: Float64Array, p: number): number {
  const place = p * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  return below + (place - Math.floor(place)) * ((sorted[Math.ceil(place)] as number) - below);
}

/**
 * The interval from statistics of resamples, corrected for bias and acceleration.
 * B. Efron, Journal of the American Statistical Association 82 (1987) 171–185.
 * @param leftOut the statistic without each value in turn
 */
export function bcaFrom(
  { resampled, leftOut, estimate }: { resampled: readonly number[]; leftOut: readonly number[]; estimate: number },
  confidence: number,
): Interval {
  const sorted = Float64Array.from(resampled).sort();
  let [below, equal] = [0, 0];
  for (const value of sorted) {
    if (value < estimate) below++;
    else if (value === estimate) equal++;
  }
  const bias = normalQuantile((below + equal / 2) / sorted.length);
  const mean = leftOut.reduce((sum, value) => sum + value, 0) / leftOut.length;
  let [squares, cubes] = [0, 0];
  for (const value of leftOut) {
    squares += (mean - value) ** 2;
    cubes += (mean - value) ** 3;
  }
  const acceleration = squares === 0 ? 0 : cubes / (6 * squares ** 1.5);
  const bound = (p: number) => {
    const z = bias + normalQuantile(p);
    return quantileOf(sorted, 1 - normalTail(bias + z / (1 - acceleration * z)));
  };
  if (!Number.isFinite(bias)) return { low: sorted[0] as number, high: sorted[sorted.length - 1] as number };
  return { low: bound((1 - confidence) / 2), high: bound((1 + confidence) / 2) };
}

/**
 * Bootstrap interval of any statistic of a sample: a median, a ratio, a 90th percentile. For means there are better ones: see
 * `estimateMean`; for percentiles of few values, `quantileInterval`.
 */
export function bcaInterval(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number,
  { confidence, resamples, seed }: BootstrapOptions,
): Interval {
  const n = values.length;
  const random = uniformFrom(seed);
  const sample = new Array<number>(n).fill(0);
  const resampled = Array.from({ length: resamples }, () => {
    for (let i = 0; i < n; i++) sample[i] = values[Math.floor(random() * n)] as number;
    return statistic(sample);
  });
  const leftOut = values.map((_, i) => statistic(values.toSpliced(i, 1)));
  return bcaFrom({ resampled, leftOut, estimate: statistic(values) }, confidence);
}
