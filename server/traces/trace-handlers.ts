import type { Handlers } from '@wheelhouse/core/contract';
import type { ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import { parseSpanId, parseTraceId, type SpanId, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { capSpan } from './cap-span.ts';
import { scoreBody, spanBody, spanSummaryBody, traceSummaryBody } from './wire.ts';

export type TraceDeps = { spans: SpanStore; scores: ScoreStore };

export function traceIdOf(text: string): TraceId {
  const id = parseTraceId(text);
  if (id) return id;
  throw new WheelhouseError('invalid_request', `\`${text.slice(0, 80)}\` is not a trace id.`, {
    param: 'traceId',
    hint: 'A trace id has 32 hex digits, not all zero.',
  });
}

function spanIdOf(text: string): SpanId {
  const id = parseSpanId(text);
  if (id) return id;
  throw new WheelhouseError('invalid_request', `\`${text.slice(0, 80)}\` is not a span id.`, {
    param: 'spanId',
    hint: 'A span id has 16 hex digits, not all zero.',
  });
}

/** Reads of one trace. */
export function createTraceHandlers(deps: TraceDeps): Handlers<'getTrace' | 'getSpan'> {
  return {
    async getTrace({ by, params }) {
      const id = traceIdOf(params.traceId);
      const [[trace], spans, scores] = await Promise.all([
        deps.spans.traceSummaries(by.project, [id]),
        deps.spans.spansOfTrace(by.project, id),
        deps.scores.ofTrace(by.project, id),
      ]);
      if (!trace)
        throw new WheelhouseError('not_found', `There is no trace ${id}.`, {
          hint: 'A trace is there as soon as its first span is stored; GET /api/v1/traces lists what is.',
        });
      return { trace: traceSummaryBody(trace), spans: spans.map(spanSummaryBody), scores: scores.map(scoreBody) };
    },

    async getSpan({ by, params, query }) {
      const traceId = traceIdOf(params.traceId);
      const spanId = spanIdOf(params.spanId);
      const span = await deps.spans.span(by.project, traceId, spanId);
      if (!span)
        throw new WheelhouseError('not_found', `Trace ${traceId} has no span ${spanId}.`, {
          hint: `GET /api/v1/traces/${traceId} lists its spans.`,
        });
      return capSpan(spanBody(span), query.cap);
    },
  };
}
