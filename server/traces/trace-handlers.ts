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

export type TraceDeps = { spans: SpanStore; scores: ScoreStore; feed: LiveFeed; clock: Clock; random: Random };

function traceIdOf(text: string): TraceId {
  const id = parseTraceId(text);
  if (id) return id;
  throw new WheelhouseError('invalid_request', `\`${text}\` is not a trace id.`, { param: 'traceId', hint: 'A trace id has 32 hex digits.' });
}

function spanIdOf(text: string): SpanId {
  const id = parseSpanId(text);
  if (id) return id;
  throw new WheelhouseError('invalid_request', `\`${text}\` is not a span id.`, { param: 'spanId', hint: 'A span id has 16 hex digits.' });
}

const noTrace = (id: TraceId) =>
  new WheelhouseError('not_found', `There is no trace ${id}.`, { hint: 'It may not have arrived yet; GET /api/v1/traces lists the newest.' });

/** Lists and shows traces, and takes scores on them. */
export function createTraceHandlers(deps: TraceDeps): Handlers<'listTraces' | 'getTrace' | 'getSpan' | 'createScore'> {
  const { spans, scores } = deps;
  return {
    async listTraces({ by, query }) {
      const { data, next } = await spans.listTraces(by.project, query as TraceFilter);
      return { data: data.map(traceSummaryBody), next };
    },
    async getTrace({ by, params }) {
      const id = traceIdOf(params.traceId);
      const [[trace], all, given] = await Promise.all([
        spans.traceSummaries(by.project, [id]),
        spans.spansOfTrace(by.project, id),
        scores.ofTrace(by.project, id),
      ]);
      if (!trace) throw noTrace(id);
      return { trace: traceSummaryBody(trace), spans: all.map(spanSummaryBody), scores: given.map(scoreBody) };
    },
    async getSpan({ by, params }) {
      const id = traceIdOf(params.traceId);
      const span = await spans.span(by.project, id, spanIdOf(params.spanId));
      if (!span) throw new WheelhouseError('not_found', `Trace ${id} has no span ${params.spanId}.`);
      return spanBody(span);
    },
    async createScore({ by, body }) {
      const traceId = traceIdOf(body.traceId);
      const nowMs = nanosToMs(deps.clock.now());
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
      await scores.put(by.project, [score]);
      deps.feed.publish({ type: 'scores', traceIds: [traceId] });
      return scoreBody(score);
    },
  };
}
