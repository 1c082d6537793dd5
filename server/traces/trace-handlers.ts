import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, LiveFeed, Random, ScoreStore, SpanStore, TraceFilter } from '@wheelhouse/core/ports';
import {
  idRandomBytes,
  nanosToMs,
  newId,
  parseSpanId,
  parseTraceId,
  type Score,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { scoreBody, spanBody, spanSummaryBody, traceSummaryBody } from './wire.ts';

export type TraceDeps = {
  spans: SpanStore;
  scores: ScoreStore;
  feed: LiveFeed;
  clock: Clock;
  random: Random;
};

function traceIdOf(text: string): TraceId {
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

/** The read side of traces, and the door for scores. */
export function createTraceHandlers(deps: TraceDeps): Handlers<'listTraces' | 'getTrace' | 'getSpan' | 'createScore'> {
  return {
    async listTraces({ by, query }) {
      // What was not asked for is left out: the filter knows no undefined.
      const filter = Object.fromEntries(
        Object.entries(query).filter(([, value]) => value !== undefined),
      ) as TraceFilter;
      const page = await deps.spans.listTraces(by.project, filter);
      return { data: page.data.map(traceSummaryBody), next: page.next };
    },

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

    async getSpan({ by, params }) {
      const traceId = traceIdOf(params.traceId);
      const spanId = spanIdOf(params.spanId);
      const span = await deps.spans.span(by.project, traceId, spanId);
      if (!span)
        throw new WheelhouseError('not_found', `Trace ${traceId} has no span ${spanId}.`, {
          hint: `GET /api/v1/traces/${traceId} lists its spans.`,
        });
      return spanBody(span);
    },

    async createScore({ by, body }) {
      const traceId = traceIdOf(body.traceId);
      const nowMs = Math.floor(nanosToMs(deps.clock.now()));
      const score: Score = {
        id: newId('sc', nowMs, deps.random.bytes(idRandomBytes)),
        traceId,
        spanId: body.spanId === undefined ? null : spanIdOf(body.spanId),
        name: body.name,
        value: body.value,
        comment: body.comment ?? null,
        source: body.source,
        createdAt: new Date(nowMs).toISOString(),
      };
      // A score may arrive before the spans that it judges, so the trace need not exist yet.
      await deps.scores.put(by.project, [score]);
      deps.feed.publish({ type: 'scores', traceIds: [traceId] });
      return scoreBody(score);
    },
  };
}
