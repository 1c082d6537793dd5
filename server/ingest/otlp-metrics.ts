import { decodeRequest, loose, looseList, misdirected, type OtlpEncoding, textOf, wrongSignal } from './otlp-values.ts';

const kinds = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'];

/**
 * The data points of one OTLP metrics export, counted by metric.
 * @throws WheelhouseError `invalid_protobuf`, `invalid_json`, `invalid_request` when it is of another signal
 */
export function countDataPoints(body: Uint8Array, encoding: OtlpEncoding): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { scopeMetrics } of looseList(decodeRequest(body, encoding, 'metrics').resourceMetrics))
    for (const { metrics } of looseList(scopeMetrics))
      for (const metric of looseList(metrics)) {
        const points = kinds.reduce((sum, kind) => sum + looseList(loose(metric[kind]).dataPoints).length, 0);
        const name = textOf(metric.name).slice(0, 200);
        counts.set(name, (counts.get(name) ?? 0) + points);
      }
  if (encoding === 'protobuf' && [...counts.values()].every((points) => points === 0)) {
    const signal = misdirected(body, 'metrics');
    if (signal !== null) throw wrongSignal(signal, 'metrics');
  }
  return counts;
}
