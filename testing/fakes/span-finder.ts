import type { SpanFinder } from '@wheelhouse/core/ports';
import type { Span } from '@wheelhouse/core/records';

/** Looks into the fragments as they are at the time of asking. */
export function fakeSpanFinder(fragments: readonly Span[]): SpanFinder {
  const of = (project: string) => fragments.filter((span) => span.projectId === project);
  return {
    hasTrace: async (project, id) => of(project).some((span) => span.traceId === id),
    tracesOf: async (project, ids) =>
      new Map(of(project).flatMap(({ spanId, traceId }) => (ids.includes(spanId) ? [[spanId, traceId]] : []))),
  };
}
