import type { SpanStore, WholeSpans } from '@wheelhouse/core/ports';
import { defaultProjectId, type Message, type ProjectId, type Span, type TraceId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, noonNs, spanIdOf } from './sample-spans.ts';

type World = { spans: SpanStore; wholeSpans: WholeSpans; close(): Promise<void> };

const said = (n: number): Message[] =>
  Array.from({ length: n % 7 }, (_, i) => ({ role: 'user', parts: [{ type: 'text', content: `message ${i}` }] }));

/** What every {@link WholeSpans} does. */
export function wholeSpansConformance(name: string, open: () => Promise<World>): void {
  describe(`whole spans: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const read = async (project: ProjectId, ids: TraceId[]) => {
      const found: Span[] = [];
      for await (const span of world.wholeSpans.ofTraces(project, ids)) found.push(span);
      return found;
    };

    it('gives every span of many traces whole, trace by trace in their order, and by start within each', async () => {
      const ids = Array.from({ length: 130 }, freshTraceId);
      const sizes = ids.map((_, at) => (at === 3 ? 120 : 1 + (at % 2)));
      const spans = ids.flatMap((traceId, at) =>
        Array.from({ length: sizes[at] ?? 0 }, (_, n) =>
          bareSpan(traceId, spanIdOf(n), {
            startNs: noonNs - BigInt(n) * 3_600_000_000_000n,
            input: { type: 'messages', messages: said(n) },
            output: { type: 'json', value: { n, at } },
          }),
        ),
      );
      await world.spans.append(spans.toReversed(), `whole-${ids[0]}`);
      const asked = ids.toReversed();
      const whole = await read(defaultProjectId, [freshTraceId(), ...asked]);
      expect(whole.map(({ traceId }) => traceId)).toEqual(
        asked.flatMap((id) => Array.from({ length: sizes[ids.indexOf(id)] ?? 0 }, () => id)),
      );
      const large = whole.filter(({ traceId }) => traceId === ids[3]);
      expect(large.map(({ spanId }) => spanId)).toEqual(Array.from({ length: 120 }, (_, n) => spanIdOf(119 - n)));
      for (const span of [...large.slice(0, 5), ...whole.slice(0, 5)])
        expect(span).toEqual(await world.spans.span(defaultProjectId, span.traceId, span.spanId));
      expect(await read('elsewhere' as ProjectId, ids)).toEqual([]);
      expect(await read(defaultProjectId, [])).toEqual([]);
    });
  });
}
