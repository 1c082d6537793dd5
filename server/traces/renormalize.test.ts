import { querySchemas } from '@wheelhouse/core/contract';
import type { JobHandler, JobQueue, PriceReader, SpanStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type Span } from '@wheelhouse/core/records';
import { normalizer, normalizeSpan, type OtlpSpan } from '@wheelhouse/core/trace';
import { freshTraceId, noonNs, spanIdOf } from '@wheelhouse/testing/conformance';
import {
  fakeAuditStore,
  fakeRenormalizationStore,
  fakeScoreStore,
  fakeSpanFragments,
  fakeSpanStore,
} from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRenormalizationHandlers, startRenormalizationWorker } from './renormalize.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const prices: PriceReader = {
  find: ({ models: [model = ''] }) => ({
    ...{ id: `price of ${model}`, provider: 'openai', model, validFrom: null },
    perMillion: { inputUncached: 1_000_000n, outputText: 2_000_000n },
  }),
};

const otlp = (n: number, attributes: OtlpSpan['attributes']): OtlpSpan => ({
  traceId: freshTraceId(),
  spanId: spanIdOf(n),
  parentSpanId: null,
  name: 'chat',
  kind: 'client',
  startNs: noonNs,
  endNs: noonNs + 9n,
  attributes,
  events: [],
  links: [],
  resource: {},
  scope: { name: '', version: '' },
  status: 'unset',
  statusMessage: '',
});
const read = (n: number) =>
  normalizeSpan(
    otlp(n, {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': `model-${n}`,
      'gen_ai.usage.input_tokens': 3,
      'gen_ai.usage.output_tokens': 2,
    }),
    project,
  );

/** As an older normaliser might have read it: other values, values that are wrong, values that are missing. */
const asBefore = (span: Span): Span => ({
  ...span,
  ...{ kind: 'tool', userId: 'nobody', requestModel: 'other', usage: null, name: 'before', normalizer: normalizer - 1 },
  cost: { totalNanoUsd: 1n, byBucket: {}, priceId: 'before' },
});

async function setUp(options: { pageSize?: number; append?: (store: SpanStore) => SpanStore['append'] } = {}) {
  const appended: Span[] = [];
  const store = fakeSpanStore(fakeScoreStore());
  const append: SpanStore['append'] = async (spans, token) => {
    appended.push(...spans);
    await store.append(spans, token);
  };
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  let givenUp = async (_: object) => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    work: async (_, given, more) => {
      handler = given;
      givenUp = more?.givenUp ?? givenUp;
    },
  };
  const deps = {
    ...{ store: fakeRenormalizationStore(fakeAuditStore()), fragments: fakeSpanFragments(appended), prices, jobs },
    spans: { append: options.append?.({ ...store, append }) ?? append },
    clock: { now: () => noonNs + 1_000_000_000n },
    random: { bytes: (size: number) => crypto.getRandomValues(new Uint8Array(size)) },
    log: { error: () => {} },
    pageSize: options.pageSize ?? 2,
  };
  await startRenormalizationWorker(deps);
  const handlers = createRenormalizationHandlers(deps);
  return {
    store,
    append,
    start: (body: { from?: string; until?: string } = {}) =>
      handlers.createRenormalization({ by, params: {}, query: undefined, body }),
    get: (renormalizationId: string) =>
      handlers.getRenormalization({ by, params: { renormalizationId }, query: undefined, body: undefined }),
    list: () => handlers.listRenormalizations({ by, params: {}, query: { limit: 50 }, body: undefined }),
    cancel: (renormalizationId: string) =>
      handlers.cancelRenormalization({ by, params: { renormalizationId }, query: undefined, body: undefined }),
    giveUp: () => givenUp(waiting.shift() ?? {}),
    /** Runs what waits; a job that rejects stays, as a durable queue keeps it. */
    async run() {
      while (waiting.length > 0) {
        await handler(waiting[0] ?? {}, new AbortController().signal);
        waiting.shift();
      }
    },
  };
}

describe('renormalizing', () => {
  it('leaves every span as the newest normaliser reads it, priced by what it reads', async () => {
    const world = await setUp();
    const spans = [1, 2, 3, 4, 5].map(read);
    await world.append(spans.map(asBefore), 'before');
    const started = await world.start();
    expect(querySchemas.renormalization.parse(started)).toEqual(started);
    expect(started).toMatchObject({ status: 'queued', total: 5, done: 0, normalizer });
    await world.run();
    expect(await world.get(started.id)).toMatchObject({ status: 'completed', done: 5, changed: 5 });
    for (const span of spans) {
      const { cost, ...folded } = (await world.store.span(project, span.traceId, span.spanId)) as Span;
      const { cost: _, name: __, ...wanted } = span;
      expect(folded).toMatchObject(wanted);
      expect(cost).toMatchObject({ totalNanoUsd: 7n, priceId: `price of ${span.requestModel}` });
    }
    const again = await world.start();
    expect(again.total).toBe(0);
    await world.run();
    expect(await world.get(again.id)).toMatchObject({ status: 'completed', done: 0, changed: 0 });
    expect((await world.list()).data.map(({ id }) => id)).toEqual([again.id, started.id]);
  });

  it('comes to the same when it is cut off anywhere, and whatever arrives in whatever order meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.boolean(), { maxLength: 6 }),
        fc.array(fc.nat({ max: 4 }), { maxLength: 4 }),
        async (cuts, late) => {
          const spans = [1, 2, 3, 4, 5].map(read);
          let calls = 0;
          const world = await setUp({
            append: (store) => async (given, token) => {
              // What an older server or its spill still holds comes between.
              await store.append([asBefore(spans[late[calls] ?? 0] as Span)], `late ${calls}`);
              const isCut = cuts[calls++] ?? false;
              if (!isCut || calls % 2 === 0) await store.append(given, token);
              if (isCut) throw new Error('cut off');
            },
          });
          await world.append(spans.map(asBefore), 'before');
          const { id } = await world.start();
          for (let tries = 0; tries <= cuts.length; tries++) await world.run().catch(() => {});
          expect(await world.get(id)).toMatchObject({ status: 'completed' });
          for (const span of spans)
            expect(await world.store.span(project, span.traceId, span.spanId)).toMatchObject({
              ...{ kind: 'generation', userId: null, requestModel: span.requestModel, normalizer },
            });
        },
      ),
      { numRuns: 40 },
    );
  });

  it('is stopped by whoever may, and says why it was given up', async () => {
    const world = await setUp();
    await world.append([asBefore(read(1))], 'before');
    const cancelled = await world.start();
    expect(await world.cancel(cancelled.id)).toMatchObject({ status: 'cancelled' });
    await world.run();
    expect(await world.get(cancelled.id)).toMatchObject({ status: 'cancelled', done: 0 });
    const failed = await world.start();
    await world.giveUp();
    expect(await world.get(failed.id)).toMatchObject({ status: 'failed', error: expect.stringContaining('log') });
    await expect(world.get('rn_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('takes spans of a time, and refuses one that ends before it begins', async () => {
    const world = await setUp();
    await world.append([asBefore(read(1))], 'before');
    const day = (shift: number) => new Date(Number(noonNs / 1_000_000n) + shift * 86_400_000).toISOString();
    expect((await world.start({ from: day(1) })).total).toBe(0);
    expect((await world.start({ from: day(-1), until: day(1) })).total).toBe(1);
    const takes = (body: object) => querySchemas.newRenormalization.safeParse(body).success;
    expect([{}, { from: '2026-03-01' }, { from: day(0), until: day(1) }].map(takes)).toEqual([true, true, true]);
    expect([{ from: day(1), until: day(0) }, { from: 'yesterday' }].map(takes)).toEqual([false, false]);
  });
});
