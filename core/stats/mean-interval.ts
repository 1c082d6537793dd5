import type { Interval } from './interval.ts';
import { normalQuantile } from './normal-quantile.ts';
import { normalTail } from './normal-tail.ts';
import { studentQuantile, studentTail } from './student-quantile.ts';

/** What a sample says of the mean it was drawn from. */
export type MeanEstimate = {
  method: string;
  /** The interval that holds the mean in that share of samples. */
  interval: (confidence: number) => Interval;
  /** How likely a mean this far below, or above, the supposed one is; one-sided, and in agreement with the intervals. */
  pBelow: (supposed: number) => number;
  pAbove: (supposed: number) => number;
};

type Moments = {
  n: number;
  mean: number;
  deviation: number;
  error: number;
  skewness: number;
  kurtosis: number;
  medianSkew: number;
};

/** With fewer values that differ from the most common one, the spread of a sample says too little. */
export const informative = 5;

function momentsOf(sorted: Float64Array): Moments {
  const n = sorted.length;
  const mean = sorted.reduce((sum, value) => sum + value, 0) / n;
  let [second, third, fourth] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const d = (sorted[i] as number) - mean;
    second += d * d;
    third += d * d * d;
    fourth += d * d * d * d;
  }
  const deviation = Math.sqrt(second / (n - 1));
  const scale = Math.sqrt(second / n);
  const median = ((sorted[(n - 1) >> 1] ?? 0) + (sorted[n >> 1] ?? 0)) / 2;
  const isFlat = !(scale > 1e-13 * Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted[n - 1] ?? 0)));
  return {
    n,
    mean,
    deviation: isFlat ? 0 : deviation,
    error: isFlat ? 0 : deviation / Math.sqrt(n),
    skewness: isFlat ? 0 : third / n / scale ** 3,
    kurtosis: isFlat ? 0 : fourth / n / scale ** 4 - 3,
    medianSkew: isFlat ? 0 : (mean - median) / scale,
  };
}

/** How far the interval goes on its left and right, in standard errors, where Student's would go `t` on both. */
type Reach = { left: (t: number) => number; right: (t: number) => number };

/**
 * The two-sided critical value of a studentized mean, corrected for the sample's skewness and kurtosis to the order 1/n.
 * P. Hall, The Bootstrap and Edgeworth Expansion (Springer, 1992), section 3.5: what a symmetric bootstrap-t finds by
 * resampling, without its noise.
 */
function boundedReach({ n, skewness, kurtosis }: Moments): Reach {
  const reach = (t: number) => {
    const t2 = t * t;
    const widening = (skewness ** 2 * (t2 * t2 + 2 * t2 - 3)) / 18 - (kurtosis * (t2 - 3)) / 12;
    return t + (t * Math.max(0, widening)) / n;
  };
  return { left: reach, right: reach };
}

/** The sample's own mean and median tell a long tail on one side from one far value; below this they do not. */
const leaning = { from: 0.13, full: 0.38 };
/** The skewness of a sample falls short of the distribution's, and the more so the fewer values there are. */
const shortfall = 9;

/**
 * Goes further where the long tail is, by the first term of the expansion (Johnson, JASA 73 (1978) 536–544), enlarged for
 * what small samples of long tails do not show; the enlargement and when it starts were set by simulation.
 */
function unboundedReach({ n, skewness, medianSkew }: Moments): Reach {
  const lean = Math.sign(skewness) * medianSkew;
  const weight = Math.min(1, Math.max(0, (lean - leaning.from) / (leaning.full - leaning.from)));
  const factor = (weight * (1 + shortfall / Math.sqrt(n)) * Math.abs(skewness)) / Math.sqrt(n);
  const plain = (t: number) => t;
  const far = (t: number) => t + (factor * (2 * t * t + 1)) / 6;
  return skewness > 0 ? { left: plain, right: far } : { left: far, right: plain };
}

/** The t at which a growing reach gets to a distance. */
function solve(reach: (t: number) => number, distance: number): number {
  let [low, high] = [0, distance];
  for (let i = 0; i < 80; i++) {
    const mid = (low + high) / 2;
    if (reach(mid) < distance) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}

function reachEstimate(method: string, moments: Moments, reach: Reach): MeanEstimate {
  const { n, mean, error } = moments;
  const oneSided = (distance: number, towards: (t: number) => number, back: (t: number) => number): number => {
    if (error === 0) return distance > 0 ? 0 : 1;
    if (distance < 0) return 1 - oneSided(-distance, back, towards);
    // At level ½ a leaning interval begins beyond the mean itself.
    return distance / error <= towards(0) ? 0.5 : studentTail(solve(towards, distance / error), n - 1);
  };
  return {
    method,
    interval: (confidence) => {
      const t = studentQuantile((1 + confidence) / 2, n - 1);
      return { low: mean - reach.left(t) * error, high: mean + reach.right(t) * error };
    },
    pBelow: (supposed) => oneSided(supposed - mean, reach.right, reach.left),
    pAbove: (supposed) => oneSided(mean - supposed, reach.left, reach.right),
  };
}

/**
 * The adjusted Wald interval of paired proportions, which serves graded scores as well: two made-up pairs, one the best
 * gain that can be and one the worst loss, stand for what few differing pairs cannot show. On scores of 0 and 1 it covers
 * more evenly than score intervals, and is narrower.
 * Bonett & Price, J. Educ. Behav. Statist. 37 (2012) 479–488.
 */
export function waldEstimate(values: Float64Array): MeanEstimate {
  const n = values.length + 2;
  const centre = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = (values.reduce((sum, value) => sum + value * value, 0) + 2) / n - centre * centre;
  const error = Math.sqrt(variance / n);
  return {
    method: 'adjusted Wald interval',
    interval: (confidence) => {
      const reach = normalQuantile((1 + confidence) / 2) * error;
      return { low: centre - reach, high: centre + reach };
    },
    pBelow: (supposed) => normalTail((supposed - centre) / error),
    pAbove: (supposed) => normalTail((centre - supposed) / error),
  };
}

/** How many values are not the most common one; values that only rounding sets apart are one. */
export function countUnusual(sorted: Float64Array): number {
  const last = sorted.length - 1;
  const tolerance = 1e-12 * Math.max(Math.abs(sorted[0] ?? 0), Math.abs(sorted[last] ?? 0));
  let [most, run] = [0, 0];
  for (let i = 0; i <= last; i++) {
    run = i > 0 && (sorted[i] as number) - (sorted[i - 1] as number) <= tolerance ? run + 1 : 1;
    if (run > most) most = run;
  }
  return sorted.length - most;
}

/**
 * Interval and tests for the mean of differences, one of each row. Differences of scores, which lie in [−1, 1], get
 * Student's t widened for skewness and kurtosis, or, when fewer than five differ from the rest, the adjusted Wald
 * interval; others (seconds, dollars) get Student's t, which goes further on the side of a long tail. What each covers,
 * by size and shape, is in `docs/guides/statistics.md`.
 * @param values at least two, in any order
 */
export function estimateMean(values: ArrayLike<number>, { bounded }: { bounded: boolean }): MeanEstimate {
  const sorted = Float64Array.from(values).sort();
  if (bounded && countUnusual(sorted) < informative) return waldEstimate(sorted);
  const moments = momentsOf(sorted);
  return bounded
    ? reachEstimate('Student t interval, widened for skewness', moments, boundedReach(moments))
    : reachEstimate('Student t interval, leaning to the long tail', moments, unboundedReach(moments));
}
