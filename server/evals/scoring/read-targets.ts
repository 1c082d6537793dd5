import { shareOf } from '@wheelhouse/core/dataset';
import { type ScoringTarget, sessionTarget, traceTarget } from '@wheelhouse/core/eval';
import type { Selection, TraceQueries, WholeSpans } from '@wheelhouse/core/ports';
import { fitsPattern, parseFilter } from '@wheelhouse/core/query';
import {
  type Filter,
  type ProjectId,
  type Scoring,
  type Span,
  type SpanChoice,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type TargetDeps = {
  queries: Pick<TraceQueries, 'list' | 'sessions' | 'tracesOfSession' | 'facets'>;
  wholeSpans: WholeSpans;
};

/** What scores are given to: a trace, a span of one, or a session. */
export type ReadTarget = {
  traceId: TraceId | null;
  spanId: SpanId | null;
  sessionId: string | null;
  /** Of a session, its last trace: what was said of it before that counts no more. null: scored once and for all. */
  until: TraceId | null;
  target: ScoringTarget;
};

/** What tells it from others. */
export const targetId = ({ traceId, spanId, sessionId }: ReadTarget): string =>
  traceId === null ? (sessionId ?? '') : spanId === null ? traceId : `${traceId}/${spanId}`;

export type TargetPage = { looked: number; targets: ReadTarget[]; next: string | null };

const tracesOfSessionAtMost = 200;
const nothingExpected = { expected: null, metadata: {} };

/** @throws WheelhouseError `filter_invalid` */
export function filterOf(q: string): Filter {
  const parsed = parseFilter(q);
  if (parsed.ok) return parsed.filter;
  const { message, hint, from } = parsed.problem;
  throw new WheelhouseError('filter_invalid', `${message.replace(/\.$/, '')} (at character ${from + 1} of q).`, {
    ...{ param: 'q', hint },
  });
}

/** The same ones each time, whoever asks. */
export const isSampled = (id: string, sample: number): boolean => sample >= 1 || shareOf(`scoring ${id}`) < sample;

export async function spansByTrace({ wholeSpans }: TargetDeps, project: ProjectId, ids: TraceId[]): Promise<Span[][]> {
  const traces = new Map<TraceId, Span[]>();
  for await (const span of wholeSpans.ofTraces(project, ids)) {
    const spans = traces.get(span.traceId);
    if (spans) spans.push(span);
    else traces.set(span.traceId, [span]);
  }
  return [...traces.values()];
}

export async function readSession(deps: TargetDeps, project: ProjectId, id: string): Promise<ReadTarget> {
  const { data } = await deps.queries.tracesOfSession(project, id, { limit: tracesOfSessionAtMost });
  const traces = await spansByTrace(
    deps,
    project,
    data.map(({ traceId }) => traceId),
  );
  return {
    ...{ traceId: null, spanId: null, sessionId: id, until: data.at(-1)?.traceId ?? null },
    target: sessionTarget(traces, nothingExpected),
  };
}

/** Whole traces, without those that are not there. */
export async function readTraces(deps: TargetDeps, project: ProjectId, ids: TraceId[]): Promise<ReadTarget[]> {
  return (await spansByTrace(deps, project, ids)).flatMap((spans): ReadTarget[] => {
    const [first] = spans;
    if (!first) return [];
    const on = { traceId: first.traceId, spanId: null, sessionId: null, until: null };
    return [{ ...on, target: traceTarget(spans, nothingExpected) }];
  });
}

/** Spans of one trace that are scored; an agent in a loop makes more than are worth it. */
const spansOfTrace = 200;

/** Whether a span that has ended is one of those. `*` in a name stands for anything. */
const fitsSpan = ({ kind, name }: SpanChoice, span: Span): boolean =>
  span.endNs !== null &&
  (kind === null || span.kind === kind) &&
  (name === null || fitsPattern(span.name, name.split('*') as [string, ...string[]]));

/** The spans of these traces that are chosen, each by itself. */
export async function readSpans(
  deps: TargetDeps,
  project: ProjectId,
  { ids, span: choice }: { ids: TraceId[]; span: SpanChoice },
): Promise<ReadTarget[]> {
  return (await spansByTrace(deps, project, ids)).flatMap((spans) =>
    spans
      .filter((span) => fitsSpan(choice, span))
      .slice(0, spansOfTrace)
      .map((span) => ({
        ...{ traceId: span.traceId, spanId: span.spanId, sessionId: null, until: null },
        target: traceTarget([span], nothingExpected),
      })),
  );
}

type Ask = Selection & Pick<Scoring, 'of' | 'span' | 'sample'> & { limit: number; after: string | null };

/** Some of those that fit, newest first, as they are now. */
export async function readTargets(deps: TargetDeps, project: ProjectId, ask: Ask): Promise<TargetPage> {
  const { filter, nowNs, limit, sample, after } = ask;
  const page = { filter, nowNs, limit, ...(after === null ? {} : { cursor: after }) };
  if (ask.of === 'sessions') {
    const { data, next } = await deps.queries.sessions(project, page);
    const ids = data.map(({ sessionId }) => sessionId).filter((id) => isSampled(id, sample));
    const targets: ReadTarget[] = [];
    for (const id of ids) targets.push(await readSession(deps, project, id));
    return { looked: data.length, targets, next };
  }
  const { data, next } = await deps.queries.list(project, page);
  const ids = data.map(({ traceId }) => traceId).filter((id) => isSampled(id, sample));
  const targets =
    ask.of === 'spans' ? await readSpans(deps, project, { ids, span: ask.span }) : await readTraces(deps, project, ids);
  return { looked: data.length, targets, next };
}

/** Traces in which spans are counted, to tell how many there are in all. */
const tracesCounted = 50;

/** How many would be looked at; of sessions, one for each trace at most; of spans as many as the newest traces have. */
export async function countTargets(
  deps: TargetDeps,
  project: ProjectId,
  { of, span, most, sample, ...selection }: Selection & Pick<Scoring, 'of' | 'span' | 'most' | 'sample'>,
): Promise<number> {
  const { queries } = deps;
  if (of === 'sessions') {
    const { data } = await queries.sessions(project, { ...selection, limit: Math.min(most, 500) });
    return Math.min(most, Math.ceil(data.length * sample));
  }
  const { total } = await queries.facets(project, { ...selection, fields: ['status'], limit: 1 });
  if (of !== 'spans') return Math.min(most, Math.ceil(total * sample));
  const { data } = await queries.list(project, { ...selection, limit: tracesCounted });
  const ids = data.map(({ traceId }) => traceId);
  const { length } = await readSpans(deps, project, { ids, span });
  return Math.min(most, Math.ceil((length / Math.max(1, ids.length)) * total * sample));
}
