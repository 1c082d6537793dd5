import type { OnlineDefinition, ProjectId, TraceId } from '@wheelhouse/core/records';
import {
  type ReadTarget,
  readSession,
  readSpans,
  readTraces,
  type TargetDeps,
  targetId,
} from '../scoring/read-targets.ts';

export type OnlineTargetDeps = TargetDeps;

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
  const spans = await readSpans(deps, project, { ids: traces, span: online.span });
  return spans.filter((one) => named.size === 0 || named.has(targetId(one)));
}
