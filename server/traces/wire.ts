import type { ScoreBody, SpanBody, SpanSummaryBody, TraceSummaryBody } from '@wheelhouse/core/contract';
import type { SpanSummary, TraceSummary } from '@wheelhouse/core/ports';
import type { Score, Span } from '@wheelhouse/core/records';

const decimal = (value: bigint | null): string | null => (value === null ? null : value.toString());

/** Wire forms: 64-bit integers as decimal strings, a registered model as `name@version`. */
export const traceSummaryBody = (trace: TraceSummary): TraceSummaryBody => ({
  ...trace,
  startNs: trace.startNs.toString(),
  endNs: decimal(trace.endNs),
  costNanoUsd: decimal(trace.costNanoUsd),
});

export const spanSummaryBody = (span: SpanSummary): SpanSummaryBody => ({
  ...span,
  startNs: span.startNs.toString(),
  endNs: decimal(span.endNs),
  firstTokenNs: decimal(span.firstTokenNs),
  costNanoUsd: decimal(span.costNanoUsd),
});

export const scoreBody = (score: Score): ScoreBody => ({ ...score });

function costBody(cost: Span['cost']): SpanBody['cost'] {
  if (cost === null) return null;
  const byBucket = Object.fromEntries(Object.entries(cost.byBucket).map(([bucket, nano]) => [bucket, nano.toString()]));
  return { totalNanoUsd: cost.totalNanoUsd.toString(), byBucket, priceId: cost.priceId };
}

export function spanBody(span: Span): SpanBody {
  const { projectId: _, model, cost, events, ...rest } = span;
  return {
    ...rest,
    startNs: span.startNs.toString(),
    endNs: decimal(span.endNs),
    firstTokenNs: decimal(span.firstTokenNs),
    model: model === null ? null : `${model.name}@${model.version}`,
    alias: model?.alias ?? null,
    cost: costBody(cost),
    costNanoUsd: decimal(cost?.totalNanoUsd ?? null),
    emitterCostNanoUsd: decimal(span.emitterCostNanoUsd),
    events: events.map((event) => ({ ...event, timeNs: event.timeNs.toString() })),
  };
}
