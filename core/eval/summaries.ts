import type { MeasureSummary, RunId } from '../records/index.ts';
import { estimateMean, type Interval, sortedMean, wilsonInterval } from '../stats/index.ts';
import type { Column, Measure, MeasureKind } from './measures.ts';

const clipped = ({ low, high }: Interval): Interval => ({ low: Math.max(0, low), high: Math.min(1, high) });

/** Of the mean of the examples' means; null below two. */
export function meanInterval(means: readonly number[], kind: MeasureKind, confidence: number): Interval | null {
  const n = means.length;
  if (n < 2) return null;
  const isShare = kind === 'score' || kind === 'errors';
  const isBinary = isShare && means.every((mean) => mean === 0 || mean === 1);
  if (isBinary) return wilsonInterval({ count: means.filter((mean) => mean === 1).length, of: n }, confidence);
  const estimate = estimateMean(Float64Array.from(means).sort(), { bounded: false });
  return isShare ? clipped(estimate.interval(confidence)) : estimate.interval(confidence);
}

export const meansOf = ({ values }: Column): number[] => values.filter(({ length }) => length > 0).map(sortedMean);

/** The value that a share of the sorted values are not above, between neighbours by their distance (Hyndman & Fan's type 7). */
export function sampleQuantile(sorted: Float64Array, share: number): number | null {
  if (sorted.length === 0) return null;
  const at = (sorted.length - 1) * share;
  const [below = 0, above = 0] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}

/** One measure of one run on its own, with a 95 % interval of its mean. */
export function summarize({ name, kind }: Measure, column: Column, runId: RunId): MeasureSummary {
  const means = meansOf(column);
  const sorted = Float64Array.from(column.values.flat()).sort();
  const interval = meanInterval(means, kind, 0.95);
  return {
    runId,
    measure: name,
    examples: means.length,
    failures: column.missing,
    mean: means.length === 0 ? null : sortedMean(means),
    low: interval?.low ?? null,
    high: interval?.high ?? null,
    p50: sampleQuantile(sorted, 0.5),
    p95: sampleQuantile(sorted, 0.95),
    labels: column.labels,
  };
}
