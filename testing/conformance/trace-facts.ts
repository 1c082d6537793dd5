import type { SpanStore, TraceFactReads } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type RetrievedDocument, type Span } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, noonNs, spanIdOf } from './sample-spans.ts';

type World = { spans: SpanStore; facts: TraceFactReads; close(): Promise<void> };

const found = (score: number | null, content = 'Lima'): RetrievedDocument => ({
  ...{ id: 'd', content, score, metadata: {} },
});

/** What every {@link TraceFactReads} does. */
export function traceFactsConformance(name: string, open: () => Promise<World>): void {
  describe(`trace facts: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const traceOf = (...spans: Partial<Span>[]) => {
      const traceId = freshTraceId();
      return spans.map((more, n) => bareSpan(traceId, spanIdOf(n), { startNs: noonNs + BigInt(n), ...more }));
    };
    const idOf = ([first]: Span[]) => first?.traceId ?? freshTraceId();
    const called = (tool: string): Partial<Span> => ({
      ...{ kind: 'tool', toolCall: { id: null, name: tool, arguments: {}, result: 'x'.repeat(400) } },
    });

    it('tells what tools were called how often, what was refused, and what was found with which scores', async () => {
      const plain = traceOf({ finishReasons: ['stop'] });
      const tools = traceOf(called('search'), called('pay'), called('search'), { finishReasons: ['content_filter'] });
      const long = 'The Rímac flows through Lima. '.repeat(200);
      const searched = traceOf(
        { kind: 'retriever', documents: [found(0.5), found(null), found(0.25)] },
        { kind: 'retriever', documents: [found(0.75, long)] },
      );
      const nothing = traceOf({ kind: 'retriever', documents: [] });
      const ranked = traceOf(
        { kind: 'retriever', documents: [found(0.5), found(0.4)] },
        { kind: 'reranker', documents: [found(0.9)] },
        { kind: 'reranker', documents: [found(0.99)] },
      );
      const all = [plain, tools, searched, nothing, ranked];
      await world.spans.append(all.flat().toReversed(), `facts-${idOf(plain)}`);
      const ids = all.map(idOf);
      const facts = await world.facts.ofTraces(defaultProjectId, [freshTraceId(), ...ids, ...ids]);
      const none = { tools: {}, refusal: null, retrieved: null };
      expect(facts.size).toBe(5);
      expect(ids.map((id) => facts.get(id))).toEqual([
        none,
        { ...none, tools: { search: 2, pay: 1 }, refusal: 'content_filter' },
        { ...none, retrieved: { count: 4, scores: [0.5, 0.25, 0.75] } },
        { ...none, retrieved: { count: 0, scores: [] } },
        { ...none, retrieved: { count: 1, scores: [0.99] } },
      ]);
      expect((await world.facts.ofTraces('elsewhere' as ProjectId, ids)).size).toBe(0);
      expect((await world.facts.ofTraces(defaultProjectId, [])).size).toBe(0);
    });
  });
}
