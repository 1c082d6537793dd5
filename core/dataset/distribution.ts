export type Histogram = {
  /** Least values of the bars; the last bar ends at `most`. */
  from: number[];
  counts: number[];
  least: number;
  most: number;
  median: number;
};

export function quantileOf(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return below + (above - below) * (at - Math.floor(at));
}

/** Bars of equal width between the 1 % and the 99 % quantile; what is beyond is in the first and the last one. */
export function histogramOf(values: readonly number[], bars = 20): Histogram | null {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [Math.floor(quantileOf(sorted, 0.01)), Math.ceil(quantileOf(sorted, 0.99))];
  const count = Math.max(1, Math.min(bars, high - low));
  const width = (high - low) / count || 1;
  const counts = new Array<number>(count).fill(0);
  for (const value of values) {
    const bar = Math.min(Math.max(Math.floor((value - low) / width), 0), count - 1);
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  return {
    from: counts.map((_, i) => low + i * width),
    counts,
    least: sorted[0] ?? 0,
    most: sorted.at(-1) ?? 0,
    median: quantileOf(sorted, 0.5),
  };
}

/** Scaled so that it is the standard deviation of normal data. */
const madScale = 1.4826;
/** So many of these from the median is far (Iglewicz and Hoaglin 1993 take 3.5). */
const farAt = 5;

/** Numbers of values that are far from the others, on a scale of logarithms, by the median absolute deviation. */
export function findFar(values: readonly number[]): number[] {
  if (values.length < 20) return [];
  const logs = values.map((value) => Math.log(1 + value));
  const median = quantileOf(
    [...logs].sort((a, b) => a - b),
    0.5,
  );
  const deviations = logs.map((log) => Math.abs(log - median));
  const spread =
    madScale *
    quantileOf(
      [...deviations].sort((a, b) => a - b),
      0.5,
    );
  // Where most are the same, what is another tenth is no outlier yet.
  const least = Math.max(spread, 0.1);
  return deviations.flatMap((deviation, i) => (deviation > farAt * least ? [i] : []));
}
