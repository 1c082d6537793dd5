import { costSchemas } from '@wheelhouse/core/contract';
import type { CallCosts, JobHandler, JobQueue, PriceReader } from '@wheelhouse/core/ports';
import { defaultProjectId, type Span } from '@wheelhouse/core/records';
import { costFragment } from '@wheelhouse/core/trace';
import { bareSpan, freshTraceId, spanIdOf } from '@wheelhouse/testing/conformance';
import {
  fakeAuditStore,
  fakeCallCosts,
  fakeRepricingStore,
  fakeScoreStore,
  fakeSpanStore,
} from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRepricingHandlers, type RepricingDeps, startRepricingWorker } from './repricing.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const startNs = BigInt(Date.parse('2026-03-02T00:00:00Z')) * 1_000_000n;
const march = { from: '2026-03-01T00:00:00.000Z', until: '2026-04-01T00:00:00.000Z' };

/** A price for every model but `unknown`: so many nano-dollars a token. */
function pricesAt(rate: () => bigint): PriceReader {
  return {
    find: ({ models: [model = ''] }) =>
      model === 'unknown'
        ? null
        : {
            id: `at ${rate()}`,
            provider: 'p',
            model,
            validFrom: null,
            perMillion: { outputText: rate() * 1_000_000n },
          },
  };
}

async function setUp(more: Partial<RepricingDeps> = {}) {
  const costs = fakeCallCosts();
  const state = { rate: 1n, nowNs: startNs };
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  let givenUp = async (_: object) => {};
  const jobs: JobQueue = {
    enqueue: async (_, payload) => void waiting.push(payload),
    work: async (_, given, options) => {
      handler = given;
      givenUp = options?.givenUp ?? givenUp;
    },
  };
  const deps: RepricingDeps = {
    ...{ store: fakeRepricingStore(fakeAuditStore()), costs, spans: costs, jobs, pageSize: 3 },
    prices: pricesAt(() => state.rate),
    clock: { now: () => state.nowNs },
    random: { bytes: (size) => new Uint8Array(size).map(() => Math.floor(Math.random() * 256)) },
    log: { error: () => {} },
    ...more,
  };
  await startRepricingWorker(deps);
  const handlers = createRepricingHandlers(deps);
  const ask = { by, params: {}, query: undefined };
  return {
    ...{ costs, state, deps, waiting },
    create: async (body: object = {}) => handlers.createRepricing({ ...ask, body: { ...march, ...body } }),
    estimate: async () => handlers.estimateRepricing({ ...ask, body: march }),
    get: (repricingId: string) => handlers.getRepricing({ ...ask, params: { repricingId }, body: undefined }),
    cancel: (repricingId: string) => handlers.cancelRepricing({ ...ask, params: { repricingId }, body: undefined }),
    history: ({ traceId, spanId }: Span) =>
      handlers.listSpanCosts({ ...ask, params: { traceId, spanId }, body: undefined }),
    giveUp: (payload: object) => givenUp(payload),
    /** Does the jobs that wait, and those that they make, unless the signal says otherwise. */
    async work(signal = new AbortController().signal) {
      for (let payload = waiting.shift(); payload; payload = waiting.shift()) await handler(payload, signal);
    },
    async append(count: number, span: Partial<Span> = {}) {
      const spans = Array.from(
        { length: count },
        (_, i): Span => ({
          ...bareSpan(freshTraceId(), spanIdOf(i)),
          ...{ startNs: startNs + BigInt(i), provider: 'p', requestModel: 'm', kind: 'generation' },
          usage: { counts: { outputText: 10 }, source: 'provider' },
          cost: { totalNanoUsd: 10n, byBucket: { outputText: 10n }, priceId: 'at 1' },
          ...span,
        }),
      );
      await costs.append(spans, `given ${Math.random()}`);
      return spans;
    },
  };
}

describe('a re-pricing', () => {
  it('gives each call its figure at the prices of now, and keeps the old one', async () => {
    const { append, state, create, work, get, costs, history } = await setUp();
    const [span] = await append(7);
    state.rate = 3n;
    const asked = await create();
    expect(asked).toMatchObject({ status: 'queued', total: 7, done: 0, requestedBy: 'ada' });
    await work();
    const done = await get(asked.id);
    expect(done).toMatchObject({
      ...{ status: 'completed', done: 7, changed: 7, unpriced: 0 },
      ...{ beforeNanoUsd: '70', afterNanoUsd: '210' },
    });
    expect(costSchemas.repricing.parse(done)).toEqual(done);
    expect(await costs.totals(project, { ...march, provider: null, model: null })).toMatchObject({ costNanoUsd: 210n });
    expect((await history(span as Span)).data).toMatchObject([
      { revision: done.revision, totalNanoUsd: '30', priceId: 'at 3' },
      { revision: 0, totalNanoUsd: '10', priceId: 'at 1' },
    ]);
  });

  it('prices what had no price, leaves what has none now, and writes nothing where nothing changes', async () => {
    const { append, create, work, get, costs } = await setUp();
    await append(2, { cost: null });
    await append(3, { requestModel: 'unknown' });
    await append(4);
    const { id } = await create();
    await work();
    expect(await get(id)).toMatchObject({ done: 9, changed: 2, unpriced: 3, beforeNanoUsd: '70', afterNanoUsd: '90' });
    expect(await costs.totals(project, { ...march, provider: null, model: null })).toEqual({
      ...{ calls: 9, unpriced: 0, costNanoUsd: 90n },
    });
  });

  it('says before what it would change', async () => {
    const { append, state, estimate } = await setUp();
    await append(4);
    await append(2, { requestModel: 'unknown', cost: null });
    state.rate = 2n;
    const answer = await estimate();
    expect(answer).toEqual({
      ...{ calls: 6, unpriced: 2, beforeNanoUsd: '40', sampled: 6 },
      ...{ sampleBeforeNanoUsd: '40', sampleAfterNanoUsd: '80', sampleChanged: 4 },
    });
    expect(costSchemas.repricingEstimate.parse(answer)).toEqual(answer);
  });

  it('stops where it is cancelled, and what it wrote stays', async () => {
    const context = await setUp();
    const { append, state, create, work, get, cancel, deps } = context;
    await append(7);
    state.rate = 3n;
    const { id } = await create();
    const advance = deps.store.advance;
    deps.store.advance = async (...args) => {
      const going = await advance(...args);
      await cancel(id);
      return going;
    };
    await work();
    expect(await get(id)).toMatchObject({ status: 'cancelled', done: 3, changed: 3 });
    expect(await context.costs.totals(project, { ...march, provider: null, model: null })).toMatchObject({
      costNanoUsd: 3n * 30n + 4n * 10n,
    });
  });

  it('hands over to a job after it when it takes long, so that attempts count failures alone', async () => {
    const { append, create, work, get, state, deps } = await setUp();
    await append(9);
    state.rate = 3n;
    let held = 0;
    const page = deps.costs.page;
    deps.costs.page = async (...args) => {
      state.nowNs += 6_000_000_000n;
      held++;
      return page(...args);
    };
    const { id } = await create();
    await work();
    expect(held).toBe(4);
    expect(await get(id)).toMatchObject({ status: 'completed', done: 9, changed: 9 });
  });

  it('fails when it is given up, and says so', async () => {
    const { create, get, giveUp, waiting } = await setUp();
    const { id } = await create();
    await giveUp(waiting[0] ?? {});
    expect(await get(id)).toMatchObject({ status: 'failed', error: expect.stringMatching(/several times/) });
    await expect(get('rp_none')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('comes to the same wherever it is killed, and however often', async () => {
    const where = fc.constantFrom<'page' | 'append' | 'advance' | 'finish'>('page', 'append', 'advance', 'finish');
    const kill = fc.record({ where, after: fc.boolean(), nth: fc.integer({ min: 1, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(kill, { maxLength: 4 }), fc.nat(10), async (kills, calls) => {
        const context = await setUp();
        const { append, state, create, work, get, deps, waiting } = context;
        await append(calls);
        state.rate = 3n;
        const pending = [...kills];
        let counts: Record<string, number> = {};
        const dying =
          <A extends unknown[], R>(name: string, method: (...args: A) => Promise<R>) =>
          async (...args: A): Promise<R> => {
            const [next] = pending;
            counts[name] = (counts[name] ?? 0) + 1;
            const dies = next?.where === name && next.nth === counts[name];
            if (dies) pending.shift();
            if (dies && !next.after) throw new Error('killed');
            const result = await method(...args);
            if (dies) throw new Error('killed');
            return result;
          };
        deps.costs = { ...deps.costs, page: dying('page', deps.costs.page) } as CallCosts;
        const tokens = new Set<string>();
        const { append: write } = deps.spans;
        deps.spans = {
          append: dying('append', (spans, token) => {
            tokens.add(token);
            return write(spans, token);
          }),
        };
        deps.store.advance = dying('advance', deps.store.advance);
        deps.store.finish = dying('finish', deps.store.finish);
        await startRepricingWorker(deps);
        const { id } = await create();
        const [payload] = waiting;
        for (let attempt = 0; attempt < 10 && (await get(id)).status !== 'completed'; attempt++) {
          counts = {};
          waiting.splice(0, waiting.length, payload ?? {});
          await work().catch(() => {});
        }
        expect(await get(id)).toMatchObject({
          ...{ status: 'completed', done: calls, changed: calls },
          ...{ beforeNanoUsd: String(10 * calls), afterNanoUsd: String(30 * calls) },
        });
        const { costNanoUsd } = await context.costs.totals(project, { ...march, provider: null, model: null });
        expect(costNanoUsd).toBe(calls === 0 ? null : BigInt(30 * calls));
        // A page that is written again has its token again, by which the store takes it once.
        expect(tokens.size).toBe(Math.ceil(calls / 3));
      }),
      { numRuns: 60 },
    );
  });
});

it('a new figure changes nothing of its span but the cost', async () => {
  const cost = { totalNanoUsd: 7n, byBucket: { outputText: 7n }, priceId: 'new', revision: 3 };
  const span: Span = {
    ...bareSpan(freshTraceId(), spanIdOf(1)),
    ...{ name: 'chat', kind: 'generation', status: 'ok', endNs: startNs + 5n, startNs, provider: 'p', dialect: 'otel' },
    ...{ usage: { counts: { outputText: 10 }, source: 'provider' }, tags: ['a'], attributes: { a: 1 }, service: 's' },
    cost: { ...cost, revision: 2, totalNanoUsd: 99n },
  };
  const store = fakeSpanStore(fakeScoreStore());
  await store.append([costFragment(span, cost), span], 'one');
  expect(await store.span(span.projectId, span.traceId, span.spanId)).toEqual({ ...span, cost });
});
