import type { ScoreStore, SpanStore } from '@wheelhouse/core/ports';
import {
  type Cost,
  defaultProjectId,
  messageEvent,
  type ProjectId,
  type Score,
  type ScoreId,
  type Span,
  type SpanId,
  type TraceId,
  type Usage,
} from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, noonNs, sayings, says, spanIdOf } from './sample-spans.ts';

type World = { spans: SpanStore; scores: ScoreStore; close(): Promise<void> };

const project = defaultProjectId;
const id = spanIdOf(0);
let tokens = 0;
const token = () => {
  tokens += 1;
  return `${freshTraceId()}-${tokens}`;
};

const usage = (input: number, output: number): Usage => ({
  counts: { inputUncached: input, outputText: output },
  source: 'provider',
});
const cost = (totalNanoUsd: bigint): Cost => ({ totalNanoUsd, byBucket: {}, priceId: 'p1' });
const score = (traceId: TraceId, n: number, more: Partial<Score>): Score => ({
  id: `sc_${n}` as ScoreId,
  traceId,
  spanId: null,
  sessionId: null,
  name: 'helpful',
  value: 1,
  comment: null,
  metadata: {},
  source: 'api',
  createdAt: `2026-01-01T00:00:0${n}.000Z`,
  ...more,
});

/** Fields that a fragment may leave out, and what that looks like. */
const silence = bareSpan(freshTraceId(), id);
const optional = Object.keys(silence).filter(
  (field) => !['projectId', 'traceId', 'spanId', 'startNs', 'dialect', 'normalizer'].includes(field),
) as (keyof Span)[];

/** Splits a span so that each fragment leaves fields out, but each field stands in one at least. */
function split(span: Span, keepers: number[]): Span[] {
  return [0, 1, 2].map((part) => {
    const left = optional.filter((_, i) => (keepers[i % keepers.length] ?? 0) % 3 !== part);
    return { ...span, ...Object.fromEntries(left.map((field) => [field, silence[field]])) };
  });
}

const orders = fc.infiniteStream(fc.nat());

export function spanStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`span store: ${name}`, () => {
    let world: World;
    let store: SpanStore;
    beforeAll(async () => {
      world = await open();
      store = world.spans;
    });
    afterAll(() => world.close());

    /** Appends each fragment on its own, as different requests would. */
    async function appendEach(fragments: Span[]) {
      for (const fragment of fragments) await store.append([fragment], token());
    }

    async function summary(traceId: TraceId) {
      const [found] = await store.traceSummaries(project, [traceId]);
      if (!found) throw new Error(`no trace ${traceId}`);
      return found;
    }

    /** All that can be read of traces; together, because a store makes their summaries together. */
    async function everything(traceIds: TraceId[]) {
      const neutral = <T extends { traceId: TraceId }>(value: T) => ({ ...value, traceId: '' });
      const summaries = new Map(
        (await store.traceSummaries(project, traceIds)).map((one) => [one.traceId, neutral(one)]),
      );
      const ofTrace = async (traceId: TraceId) => {
        const span = await store.span(project, traceId, id);
        const spans = (await store.spansOfTrace(project, traceId)).map(neutral);
        return { span: span && neutral(span), spans, summary: summaries.get(traceId) };
      };
      expect(summaries.size).toBe(traceIds.length);
      return Promise.all(traceIds.map(ofTrace));
    }

    const inOrderOf = <T>(values: readonly T[], order: Iterator<number>): T[] =>
      values
        .map((value) => ({ value, at: order.next().value ?? 0 }))
        .sort((a, b) => a.at - b.at)
        .map(({ value }) => value);

    describe('folding', () => {
      it('reads back every field of a span as it was appended', async () => {
        await fc.assert(
          fc.asyncProperty(sayings, fc.bigInt({ min: 1n, max: (1n << 64n) - 1n }), async (said, endNs) => {
            const traceId = freshTraceId();
            const span = bareSpan(traceId, id, { ...said, startNs: (1n << 63n) + 1n, endNs });
            await store.append([span], token());
            expect(await store.span(project, traceId, id)).toEqual(span);
          }),
          { numRuns: 20 },
        );
      }, 60_000);

      it('makes the whole span of any split, in any order, however often a fragment comes', async () => {
        const keepers = fc.array(fc.nat({ max: 2 }), { minLength: 7, maxLength: 30 });
        await fc.assert(
          fc.asyncProperty(sayings, keepers, orders, async (said, kept, order) => {
            const traceId = freshTraceId();
            const span = bareSpan(traceId, id, { ...said, endNs: noonNs + 9n });
            const fragments = split(span, kept);
            const shuffled = inOrderOf([...fragments, ...fragments], order);
            await appendEach(shuffled.slice(0, 2));
            await store.append(shuffled.slice(2), token());
            expect(await store.span(project, traceId, id)).toEqual(span);
          }),
          { numRuns: 15 },
        );
      }, 60_000);

      it('takes what a newer normaliser says of a fragment in place of what older ones said, in any order', async () => {
        const fragment = fc.record({
          old: sayings,
          between: sayings,
          anew: sayings,
          end: fc.option(fc.constant(noonNs)),
        });
        const told = fc.record({ given: fc.array(fragment, { minLength: 1, maxLength: 3 }), other: sayings });
        await fc.assert(
          fc.asyncProperty(fc.array(told, { minLength: 3, maxLength: 3 }), orders, async (cases, order) => {
            const batches: Span[][] = [[], [], []];
            const traces = cases.map(({ given, other }) => {
              const [read, alone] = [freshTraceId(), freshTraceId()];
              const whole = { userId: 'ann', sessionId: 's', name: 'a name', kind: 'tool' as const };
              /** Known by its raw attributes; what log records brought has none, and no normaliser reads it again. */
              const raw = given.map(({ end }, n) => ({
                attributes: { n, text: 'long enough to be stored on its own, apart from the span. '.repeat(6) },
                events: [],
                endNs: end === null ? null : end + BigInt(n),
              }));
              const fromLogs = { ...other, attributes: {}, events: [], endNs: noonNs + 9n, normalizer: 1 };
              const of = (traceId: TraceId, said: Partial<Span>, n: number, more: Partial<Span>) =>
                bareSpan(traceId, id, { ...said, ...raw[n], ...more });
              const fragments = given.flatMap(({ old, between, anew }, n) => [
                of(read, { ...old, ...whole }, n, { normalizer: 1 }),
                of(read, between, n, { normalizer: 2, readAnew: true }),
                of(read, anew, n, { normalizer: 3, readAnew: true }),
              ]);
              fragments.push(bareSpan(read, id, fromLogs));
              const shuffled = inOrderOf([...fragments, ...fragments], order);
              batches[0]?.push(...shuffled.slice(0, 3));
              batches[1]?.push(...shuffled.slice(3));
              const newest = given.map(({ anew }, n) => of(alone, anew, n, { normalizer: 3 }));
              batches[2]?.push(...newest, bareSpan(alone, id, fromLogs));
              return { read, alone };
            });
            for (const batch of batches) await store.append(batch, token());
            expect(await everything(traces.map(({ read }) => read))).toEqual(
              await everything(traces.map(({ alone }) => alone)),
            );
          }),
          { numRuns: 2 },
        );
      }, 120_000);

      it('gives the same for fragments that contradict each other, in any order', async () => {
        const fragment = fc.tuple(sayings, fc.option(fc.bigInt({ min: 1n, max: 1n << 62n }), { nil: null }));
        await fc.assert(
          fc.asyncProperty(
            fc.array(fc.array(fragment, { minLength: 2, maxLength: 4 }), { minLength: 5, maxLength: 5 }),
            orders,
            async (cases, order) => {
              const made = cases.map((said) => {
                const make = (traceId: TraceId) =>
                  said.map(([fields, endNs], i) =>
                    bareSpan(traceId, id, { ...fields, endNs, startNs: noonNs + BigInt(i) }),
                  );
                const [inOrder, shuffled] = [freshTraceId(), freshTraceId()];
                return { inOrder, shuffled, first: make(inOrder), other: inOrderOf(make(shuffled), order) };
              });
              const append = (of: (one: (typeof made)[number]) => Span[]) => store.append(made.flatMap(of), token());
              await append(({ first }) => first);
              await append(({ other }) => other.slice(0, 1));
              await append(({ other }) => [...other.slice(1), ...other]);
              expect(await everything(made.map(({ shuffled }) => shuffled))).toEqual(
                await everything(made.map(({ inOrder }) => inOrder)),
              );
            },
          ),
          { numRuns: 3 },
        );
      }, 60_000);

      it('lets a value beat none, and a finished fragment an unfinished one', async () => {
        const traceId = freshTraceId();
        await appendEach([
          bareSpan(traceId, id, { endNs: noonNs + 5n, name: 'end', status: 'ok', output: says('assistant', 'zwei') }),
          bareSpan(traceId, id, {
            name: 'start',
            status: 'error',
            input: says('user', 'eins'),
            output: says('assistant', 'zw'),
          }),
        ]);
        expect(await store.span(project, traceId, id)).toMatchObject({
          name: 'end',
          status: 'ok',
          input: says('user', 'eins'),
          output: says('assistant', 'zwei'),
          endNs: noonNs + 5n,
        });
      });

      it('unites the events of all fragments, and makes a conversation of the messages among them', async () => {
        const traceId = freshTraceId();
        const said = (timeNs: bigint, side: 'input' | 'output', role: string, content: string) =>
          messageEvent(
            { name: 'gen_ai.message', timeNs, attributes: {} },
            { side, place: 0, message: { role, parts: [{ type: 'text', content }] } },
          );
        const events = [
          said(noonNs, 'input', 'system', 'be brief'),
          said(noonNs + 1n, 'input', 'user', 'a question'),
          said(noonNs + 2n, 'output', 'assistant', 'an answer'),
        ];
        const call = bareSpan(traceId, id, { name: 'chat', kind: 'generation', endNs: noonNs + 9n });
        await appendEach([...events, ...events].reverse().map((event) => bareSpan(traceId, id, { events: [event] })));
        await appendEach([call]);
        expect(await store.span(project, traceId, id)).toMatchObject({
          ...{ name: 'chat', kind: 'generation', events },
          input: { messages: [{ role: 'system' }, { role: 'user', parts: [{ content: 'a question' }] }] },
          output: says('assistant', 'an answer'),
        });
      });

      it('lets a later report beat an earlier one, finished or not, and adds its members to what was said', async () => {
        const traceId = freshTraceId();
        const first = bareSpan(traceId, id, {
          reportedNs: 1n,
          endNs: noonNs + 5n,
          name: 'first',
          userId: 'ada',
          metadata: { kept: 1, changed: 'a' },
          attributes: { one: [1], __proto__x: true },
        });
        const second = bareSpan(traceId, id, {
          reportedNs: 2n,
          name: 'second',
          metadata: { changed: 'b', added: null },
          attributes: { two: 2 },
        });
        await world.spans.append([second], token());
        await world.spans.append([first, second], token());
        expect(await world.spans.span(project, traceId, id)).toMatchObject({
          name: 'second',
          userId: 'ada',
          endNs: noonNs + 5n,
          metadata: { kept: 1, changed: 'b', added: null },
          attributes: { one: [1], two: 2, __proto__x: true },
        });
      });

      it('appends a batch once for a token', async () => {
        const [first, second] = [freshTraceId(), freshTraceId()];
        const same = token();
        await store.append([bareSpan(first, id)], same);
        await store.append([bareSpan(first, id)], same);
        await store.append([bareSpan(second, id)], same);
        expect(await store.traceSummaries(project, [second])).toEqual([]);
        await store.append([bareSpan(second, id)], token());
        expect(await store.traceSummaries(project, [second])).toHaveLength(1);
      });

      it('takes halves of surrogate pairs and numbers beyond its columns without losing the batch', async () => {
        const traceId = freshTraceId();
        const endNs = 1n << 70n;
        await store.append([bareSpan(traceId, id, { name: 'a\ud800b', endNs, statusMessage: '\udc00' })], token());
        expect(await store.span(project, traceId, id)).not.toBeNull();
      });

      it('takes many appends at once, and none for an empty batch', async () => {
        const traceId = freshTraceId();
        await store.append([], token());
        await Promise.all(
          Array.from({ length: 20 }, (_, i) => store.append([bareSpan(traceId, spanIdOf(i))], token())),
        );
        expect((await summary(traceId)).spanCount).toBe(20);
      });

      it('knows no span or trace that was not appended, nor one of another project', async () => {
        const traceId = freshTraceId();
        await store.append([bareSpan(traceId, id, { projectId: 'other' as ProjectId })], token());
        expect(await store.span(project, traceId, id)).toBeNull();
        expect(await store.spansOfTrace(project, traceId)).toEqual([]);
        expect(await store.traceSummaries(project, [traceId])).toEqual([]);
        expect(await store.traceSummaries(project, [])).toEqual([]);
        expect(await store.span('other' as ProjectId, traceId, id)).not.toBeNull();
      });
    });

    describe('a trace', () => {
      const root = spanIdOf(0);
      const child =
        (n: number, more: Partial<Span>, parent: SpanId | null = root) =>
        (traceId: TraceId) =>
          bareSpan(traceId, spanIdOf(n), {
            parentSpanId: parent,
            startNs: noonNs + BigInt(n),
            endNs: noonNs + 100n,
            ...more,
          });

      async function traceOf(...spans: ((traceId: TraceId) => Span)[]) {
        const traceId = freshTraceId();
        await store.append(
          spans.map((span) => span(traceId)),
          token(),
        );
        return summary(traceId);
      }

      it('is named by its root and lists its spans by start', async () => {
        const trace = await traceOf(
          child(2, { kind: 'tool', name: 'look up', status: 'error' }),
          child(
            0,
            { kind: 'agent', name: 'answer', status: 'ok', sessionId: 's', service: 'shop', endNs: noonNs + 900n },
            null,
          ),
          child(1, { kind: 'generation', userId: 'u' }),
        );
        expect(trace).toMatchObject({
          name: 'answer',
          kind: 'agent',
          status: 'ok',
          startNs: noonNs,
          endNs: noonNs + 900n,
          spanCount: 3,
          errorCount: 1,
          sessionId: 's',
          userId: 'u',
          service: 'shop',
        });
        const spans = await store.spansOfTrace(project, trace.traceId);
        expect(spans.map((span) => span.spanId)).toEqual([root, spanIdOf(1), spanIdOf(2)]);
      });

      it('is named by its first span that has a name when its root has none', async () => {
        const trace = await traceOf(
          child(0, { name: '' }, null),
          child(2, { name: 'later' }),
          child(1, { name: 'first' }),
        );
        expect(trace.name).toBe('first');
      });

      it('takes the earliest span whose parent is elsewhere as root, and any of a ring', async () => {
        const orphans = await traceOf(
          child(3, { name: 'late' }, spanIdOf(99)),
          child(1, { name: 'early' }, spanIdOf(98)),
        );
        expect(orphans.name).toBe('early');
        const ring = await traceOf(
          child(1, { name: 'one', kind: 'generation', usage: usage(1, 1) }, spanIdOf(2)),
          child(2, { name: 'two' }, spanIdOf(1)),
        );
        expect(ring.name).toBe('one');
        expect(ring.inputTokens).toBe(1);
      });

      it('is unfinished while a span of it is', async () => {
        expect((await traceOf(child(0, {}, null), child(1, { endNs: null }))).endNs).toBeNull();
      });

      it('shows what its root got and gave, else the first and the last generation', async () => {
        const own = await traceOf(
          child(0, { input: says('user', 'root in'), output: { type: 'json', value: { a: 1 } } }, null),
          child(1, { kind: 'generation', input: says('user', 'in'), output: says('assistant', 'out') }),
        );
        expect([own.inputPreview, own.outputPreview]).toEqual(['root in', '{"a":1}']);
        const inherited = await traceOf(
          child(0, {}, null),
          child(1, { kind: 'tool', input: says('user', 'tool in') }),
          child(2, { kind: 'generation', input: says('user', 'first in'), output: says('assistant', 'first out') }),
          child(3, { kind: 'generation', input: says('user', 'last in'), output: says('assistant', 'x'.repeat(500)) }),
        );
        expect([inherited.inputPreview, inherited.outputPreview]).toEqual(['first in', `${'x'.repeat(199)}…`]);
      });

      it('names the registered model that answered, else what the first generation asked for', async () => {
        const asked = { kind: 'generation', provider: 'sim', requestModel: 'echo', responseModel: 'echo-1' } as const;
        expect((await traceOf(child(0, asked, null))).model).toBe('sim/echo');
        expect((await traceOf(child(0, { ...asked, requestModel: 'sim/echo' }, null))).model).toBe('sim/echo');
        expect((await traceOf(child(0, { ...asked, provider: null, requestModel: null }, null))).model).toBe('echo-1');
        expect((await traceOf(child(0, { kind: 'tool' }, null))).model).toBeNull();
        const registered = await traceOf(
          child(0, asked, null),
          child(1, { ...asked, model: { name: 'support-bot', version: 2, alias: 'production' } }),
        );
        expect(registered.model).toBe('support-bot@2');
      });

      it('sums tokens and costs of the calls inside, not of those around them', async () => {
        const trace = await traceOf(
          child(0, { kind: 'generation', usage: usage(30, 3), cost: cost(33n) }, null),
          child(1, { kind: 'span' }),
          child(2, { kind: 'generation', usage: usage(10, 1), cost: cost((1n << 60n) + 1n) }, spanIdOf(1)),
          child(3, { kind: 'embedding', usage: usage(20, 2), cost: cost(2n) }, spanIdOf(1)),
          child(4, { kind: 'agent', usage: usage(1000, 1000), cost: cost(1000n) }),
        );
        expect(trace).toMatchObject({
          inputTokens: 30,
          outputTokens: 3,
          costNanoUsd: (1n << 60n) + 3n,
          unpricedCalls: 0,
        });
      });

      it('counts a call that gateway and application report once, as the gateway saw it', async () => {
        const call = { kind: 'generation', responseId: 'chatcmpl-1' } as const;
        const trace = await traceOf(
          child(0, {}, null),
          child(1, { ...call, usage: usage(10, 1), cost: cost(1n) }),
          child(2, { ...call, usage: usage(11, 1), cost: cost(5n), dialect: 'gateway' }),
          child(3, { kind: 'generation', responseId: 'chatcmpl-2', usage: usage(100, 1) }),
        );
        expect(trace).toMatchObject({ inputTokens: 111, costNanoUsd: 5n, unpricedCalls: 1 });
      });

      it('has no cost when nothing in it has a price', async () => {
        const trace = await traceOf(child(0, { kind: 'generation', usage: usage(1, 1) }, null));
        expect(trace).toMatchObject({ costNanoUsd: null, unpricedCalls: 1 });
        expect(await traceOf(child(0, {}, null))).toMatchObject({ costNanoUsd: null, unpricedCalls: 0 });
      });

      it('carries the newest score of each name', async () => {
        const { traceId } = await traceOf(child(0, {}, null));
        await world.scores.put(project, [
          score(traceId, 2, { value: 'good' }),
          score(traceId, 1, { value: 0.25 }),
          score(traceId, 3, { name: 'correct', value: false }),
        ]);
        expect((await summary(traceId)).scores).toEqual([
          { name: 'correct', value: false },
          { name: 'helpful', value: 'good' },
        ]);
      });
    });
  });
}
