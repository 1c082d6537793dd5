import type { ScoreBody, SpanBody, SpanSummaryBody, TraceSummaryBody } from '@wheelhouse/core/contract';
import type { SpanSummary, TraceSummary } from '@wheelhouse/core/ports';
import { type Cost, type Score, type Span, wholeToolCall } from '@wheelhouse/core/records';

/** 64-bit integers travel as text. */
export function decimal(value: bigint): string;
export function decimal(value: bigint | null): string | null;
export function decimal(value: bigint | null): string | null {
  return value === null ? null : value.toString();
}

export function traceSummaryBody(trace: TraceSummary): TraceSummaryBody {
  return {
    ...trace,
    startNs: trace.startNs.toString(),
    endNs: decimal(trace.endNs),
    costNanoUsd: decimal(trace.costNanoUsd),
    firstTokenNs: decimal(trace.firstTokenNs),
  };
}

export function spanSummaryBody(span: SpanSummary): SpanSummaryBody {
  return {
    ...span,
    startNs: span.startNs.toString(),
    endNs: decimal(span.endNs),
    firstTokenNs: decimal(span.firstTokenNs),
    costNanoUsd: decimal(span.costNanoUsd),
  };
}

const costBody = (cost: Cost): SpanBody['cost'] => ({
  totalNanoUsd: cost.totalNanoUsd.toString(),
  byBucket: Object.fromEntries(Object.entries(cost.byBucket).map(([bucket, nano]) => [bucket, nano.toString()])),
  priceId: cost.priceId,
});

export function spanBody(span: Span): SpanBody {
  const { projectId: _, model, cost, events, ...rest } = span;
  return {
    ...rest,
    startNs: span.startNs.toString(),
    endNs: decimal(span.endNs),
    firstTokenNs: decimal(span.firstTokenNs),
    model: model === null ? null : `${model.name}@${model.version}`,
    alias: model?.alias ?? null,
    cost: cost === null ? null : costBody(cost),
    costNanoUsd: decimal(cost?.totalNanoUsd ?? null),
    toolCall: wholeToolCall(span),
    emitterCostNanoUsd: decimal(span.emitterCostNanoUsd),
    events: events.map((event) => ({ ...event, timeNs: event.timeNs.toString() })),
  };
}

export const scoreBody = (score: Score): ScoreBody => ({ ...score });
