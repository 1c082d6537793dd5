import { traceTarget } from '@wheelhouse/core/eval';
import { fitsPattern } from '@wheelhouse/core/query';
import type { OnlineDefinition, ProjectId, Span, TraceId } from '@wheelhouse/core/records';
import { type ReadTarget, readSession, readTraces, spansByTrace, type TargetDeps } from '../scoring/read-targets.ts';

export type OnlineTargetDeps = TargetDeps;

/** Spans of one trace that are scored; an agent in a loop makes more than are worth it. */
const spansOfTrace = 200;

/** Whether a span that has ended is one of those. `*` in a name stands for anything. */
const fitsSpan = ({ kind, name }: OnlineDefinition['span'], span: Span): boolean =>
  span.endNs !== null &&
  (kind === null || span.kind === kind) &&
  (name === null || fitsPattern(span.name, name.split('*') as [string, ...string[]]));

/** Traces, sessions, or the spans of traces; `ids` of spans name theirs behind a slash, or stand for all that fit. */
export async function readOnlineTargets(
  deps: OnlineTargetDeps,
  project: ProjectId,
  { ids, online }: { ids: readonly string[]; online: Pick<OnlineDefinition, 'of' | 'span'> },
): Promise<ReadTarget[]> {
  if (online.of === 'sessions') {
    const sessions: ReadTarget[] = [];
    for (const id of ids) sessions.push(await readSession(deps, project, id));
    return sessions.filter(({ until }) => until !== null);
  }
  const traces = [...new Set(ids.map((id) => id.split('/')[0] as TraceId))];
  if (online.of === 'traces') return readTraces(deps, project, traces);
  const named = new Set(ids.filter((id) => id.includes('/')));
  const given = { expected: null, metadata: {} };
  return (await spansByTrace(deps, project, traces)).flatMap((spans) =>
    spans
      .filter((span) => fitsSpan(online.span, span))
      .filter(({ traceId, spanId }) => named.size === 0 || named.has(`${traceId}/${spanId}`))
      .slice(0, spansOfTrace)
      .map((span) => ({
        ...{ traceId: span.traceId, spanId: span.spanId, sessionId: null, until: null },
        target: traceTarget([span], given),
      })),
  );
}
