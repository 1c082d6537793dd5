import type { SpanStore, WholeSpans } from '@wheelhouse/core/ports';

/** Reads what a span store holds, one by one. */
export const fakeWholeSpans = (store: Pick<SpanStore, 'spansOfTrace' | 'span'>): WholeSpans => ({
  async *ofTraces(project, ids) {
    for (const id of ids)
      for (const { spanId } of await store.spansOfTrace(project, id)) {
        const span = await store.span(project, id, spanId);
        if (span) yield span;
      }
  },
});
