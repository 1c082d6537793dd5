import type { Measures, PanelMeasure } from '../../records/index.ts';
import { isTotal, type PanelValue, panelValue } from './panel-value.ts';

type Span = { step: number; fromNs: bigint; untilNs: bigint };
const secondNs = 1_000_000_000n;

/** So many steps there are from the first to the end. */
const stepsOf = ({ step, fromNs, untilNs }: Span): number => {
  const stepNs = BigInt(step) * secondNs;
  return Number((untilNs - fromNs + stepNs - 1n) / stepNs);
};

/** A value for each step of a time, those without traces too: 0 of totals, nothing of the others. */
export function panelPoints(
  measure: PanelMeasure,
  span: Span,
  buckets: readonly (Measures & { startNs: bigint })[],
): PanelValue[] {
  const empty: PanelValue = { value: isTotal(measure) ? 0 : null, low: null, high: null, n: 0 };
  const points = Array.from({ length: stepsOf(span) }, () => empty);
  for (const bucket of buckets) {
    const at = Number((bucket.startNs - span.fromNs) / (BigInt(span.step) * secondNs));
    if (at >= 0 && at < points.length) points[at] = panelValue(measure, bucket);
  }
  return points;
}
