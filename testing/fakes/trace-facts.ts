import type { SpanStore, TraceFactReads } from '@wheelhouse/core/ports';
import { type FactSpan, type TraceFacts, type TraceId, traceFactsOf } from '@wheelhouse/core/records';

/** Reads what a span store holds. */
export const fakeTraceFacts = (store: Pick<SpanStore, 'spansOfTrace' | 'span'>): TraceFactReads => ({
  async ofTraces(project, ids) {
    const found = new Map<TraceId, TraceFacts>();
    for (const id of ids) {
      const spans: FactSpan[] = [];
      for (const { spanId } of await store.spansOfTrace(project, id)) {
        const span = await store.span(project, id, spanId);
        if (span) spans.push({ ...span, tool: span.toolCall?.name ?? null });
      }
      if (spans.length > 0) found.set(id, traceFactsOf(spans));
    }
    return found;
  },
});
