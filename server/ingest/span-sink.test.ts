import type { PriceReader, SpanStore } from '@wheelhouse/core/ports';
import { type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { createSpanSink, type SpanSinkDeps } from './span-sink.ts';

const away = () => new WheelhouseError('store_unavailable', 'The store is away.');
const noPrices: PriceReader = { find: () => null };

/** A store that writes when it is told to, and as its plan says: `ok`, `lost` (written, but nobody heard of it), or what it throws. */
function plannedStore(plan: (spans: Span[], attempt: number) => unknown = () => 'ok') {
  const attempts: { spans: Span[]; token: string }[] = [];
  const stored = new Map<string, Span[]>();
  const gates: (() => void)[] = [];
  let held = false;
  const store: Pick<SpanStore, 'append'> = {
    async append(spans, token) {
      attempts.push({ spans, token });
      const outcome = plan(spans, attempts.length);
      if (held) await new Promise<void>((resolve) => gates.push(resolve));
      if (outcome !== 'ok' && outcome !== 'lost') throw outcome;
      if (!stored.has(token)) stored.set(token, spans);
      if (outcome === 'lost') throw away();
    },
  };
  return {
    store,
    attempts,
    spans: () => [...stored.values()].flat(),
    hold: () => {
      held = true;
    },
    release: () => {
      held = false;
      for (const open of gates.splice(0)) open();
    },
  };
}

function setUp(plan?: Parameters<typeof plannedStore>[0], more: Partial<SpanSinkDeps> = {}) {
  const store = plannedStore(plan);
  const told: TraceId[][] = [];
  let n = 0;
  const sink = createSpanSink({
    store: store.store,
    prices: noPrices,
    random: { bytes: (count) => new Uint8Array(count).fill(n++) },
    log: { error: () => {} },
    onStored: (ids) => told.push(ids),
    limits: { gatherMs: 1, retryMs: 1 },
    ...more,
  });
  return { sink, store, told };
}

const span = (n: number, more: Partial<Span> = {}) => bareSpan('1'.repeat(32) as TraceId, spanIdOf(n), more);
const ids = (spans: Span[]) => spans.map((s) => s.spanId).sort();

describe('append', () => {
  it('resolves only when the spans are durable, and tells which traces are', async () => {
    const { sink, store, told } = setUp();
    store.hold();
    let resolved = false;
    const appended = sink.append([span(1), span(2)]).then(() => {
      resolved = true;
    });
    await Promise.resolve();
    expect([resolved, told, sink.counts().stored]).toEqual([false, [], 0]);
    store.release();
    await appended;
    expect(told).toEqual([['1'.repeat(32)]]);
    expect(sink.counts()).toEqual({ stored: 2, dropped: 0 });
  });

  it('gathers what comes while a batch is written into the next one', async () => {
    const { sink, store } = setUp();
    store.hold();
    const all = [1, 2, 3, 4].map((n) => sink.append([span(n)]));
    store.release();
    await Promise.all(all);
    expect(store.attempts.map(({ spans }) => spans.length)).toEqual([1, 3]);
    expect(new Set(store.attempts.map(({ token }) => token)).size).toBe(2);
  });

  it('rejects at once while the store is away, for the exporter to send again', async () => {
    const { sink, store } = setUp(() => away());
    await expect(sink.append([span(1)])).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(store.attempts).toHaveLength(1);
    expect(sink.counts()).toEqual({ stored: 0, dropped: 0 });
  });

  it('lets one request that the store refuses fail alone', async () => {
    const refused = new Error('bad span');
    const { sink, store } = setUp((spans) => (spans.some((s) => s.name === 'bad') ? refused : 'ok'));
    store.hold();
    const first = sink.append([span(0)]);
    const rest = [sink.append([span(1)]), sink.append([span(2, { name: 'bad' })]), sink.append([span(3)])];
    store.release();
    await first;
    expect(await Promise.allSettled(rest)).toEqual([
      { status: 'fulfilled', value: undefined },
      { status: 'rejected', reason: refused },
      { status: 'fulfilled', value: undefined },
    ]);
    expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(3)]));
  });

  it('refuses what does not fit into memory, and still takes one large request when nothing waits', async () => {
    const { sink, store } = setUp(undefined, { limits: { bufferSpans: 2 } });
    store.hold();
    const large = sink.append([span(1), span(2), span(3)]);
    await expect(sink.append([span(4)])).rejects.toMatchObject({ code: 'store_unavailable' });
    store.release();
    await large;
    await sink.append([span(5)]);
    expect(sink.counts().stored).toBe(4);
  });
});

describe('record', () => {
  it('tries the same batch again with the same token until the store is back', async () => {
    const { sink, store } = setUp((_, attempt) => (attempt <= 3 ? away() : 'ok'));
    sink.record(span(1));
    sink.record(span(2));
    await sink.flush();
    expect(store.attempts.map((a) => a.spans.length)).toEqual([2, 2, 2, 2]);
    expect(new Set(store.attempts.map((a) => a.token)).size).toBe(1);
    expect(sink.counts()).toEqual({ stored: 2, dropped: 0 });
  });

  it('keeps up to the bound while the store is away, and counts what it drops', async () => {
    let gone = true;
    const { sink, store } = setUp(() => (gone ? away() : 'ok'), {
      limits: { bufferSpans: 3, gatherMs: 1, retryMs: 1 },
    });
    for (let n = 0; n < 5; n++) sink.record(span(n));
    expect(sink.counts()).toEqual({ stored: 0, dropped: 2 });
    gone = false;
    await sink.flush();
    expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(2)]));
    expect(sink.counts()).toEqual({ stored: 3, dropped: 2 });
    sink.record(span(9));
    await sink.flush();
    expect(sink.counts().stored).toBe(4);
  });

  it('is bounded by bytes too', () => {
    const { sink } = setUp(() => away(), { limits: { bufferBytes: 10_000, gatherMs: 1, retryMs: 60_000 } });
    sink.record(span(1));
    sink.record(span(2, { name: 'x'.repeat(10_000) }));
    expect(sink.counts().dropped).toBe(1);
  });

  it('does not keep an exporter waiting behind what the gateway could not store', async () => {
    const { sink } = setUp((spans) => (spans[0]?.name === 'recorded' ? away() : 'ok'));
    sink.record(span(1, { name: 'recorded' }));
    await sink.append([span(2)]);
    expect(sink.counts().stored).toBe(1);
    await sink.close();
  });

  it('drops what the store refuses for good', async () => {
    const { sink } = setUp((spans) => (spans.some((s) => s.name === 'bad') ? new Error('bad') : 'ok'));
    for (const name of ['a', 'bad', 'b']) sink.record(span(name.length + name.charCodeAt(0), { name }));
    await sink.flush();
    expect(sink.counts()).toEqual({ stored: 2, dropped: 1 });
  });
});

it('close stores what it can, gives up on a store that stays away, and takes no more', async () => {
  const { sink } = setUp(() => away());
  for (let n = 0; n < 3; n++) sink.record(span(n));
  await sink.close();
  expect(sink.counts()).toEqual({ stored: 0, dropped: 3 });
  sink.record(span(9));
  expect(sink.counts().dropped).toBe(4);
  await expect(sink.append([span(9)])).rejects.toMatchObject({ code: 'store_unavailable' });
});

it('prices spans with usage by the response model, else by the requested one, and leaves a known cost alone', async () => {
  const prices: PriceReader = {
    find: (provider, model) =>
      provider === 'p' && model === 'm'
        ? { id: 'row', provider, model, validFrom: null, perMillion: { inputUncached: 2_000_000n } }
        : null,
  };
  const { sink, store } = setUp(undefined, { prices });
  const usage: Span['usage'] = { counts: { inputUncached: 5 }, source: 'emitter' };
  const own = { totalNanoUsd: 1n, byBucket: {}, priceId: 'own' };
  await sink.append([
    span(1, { usage, provider: 'p', responseModel: 'm-2026', requestModel: 'm' }),
    span(2, { usage, provider: 'p', responseModel: 'm', requestModel: 'alias' }),
    span(3, { usage, provider: 'p', requestModel: 'other' }),
    span(4, { usage, provider: 'p', requestModel: 'm', cost: own }),
    span(5, { provider: 'p', requestModel: 'm' }),
  ]);
  const cost = { totalNanoUsd: 10n, byBucket: { inputUncached: 10n }, priceId: 'row' };
  expect(store.spans().map((s) => s.cost)).toEqual([cost, cost, null, own, null]);
});

it('takes secrets out before anything is stored', async () => {
  const { sink, store } = setUp();
  await sink.append([span(1, { attributes: { authorization: 'Bearer x' } })]);
  expect(store.spans()[0]?.attributes).toEqual({ authorization: '[redacted]' });
});

it('survives a listener that fails', async () => {
  const { sink } = setUp(undefined, {
    onStored: () => {
      throw new Error('listener');
    },
  });
  await sink.append([span(1)]);
  expect(sink.counts().stored).toBe(1);
});

it('keeps every span, and the recorded ones once, whatever fails in between', async () => {
  const step = fc.record({ record: fc.boolean(), size: fc.integer({ min: 1, max: 4 }) });
  const outcome = fc.constantFrom('ok' as const, 'away' as const, 'lost' as const);
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 20 }),
      fc.array(outcome, { maxLength: 5 }),
      async (steps, outcomes) => {
        const { sink, store } = setUp((_, attempt) => {
          const planned = outcomes[attempt - 1] ?? 'ok';
          return planned === 'away' ? away() : planned;
        });
        const trace = freshTraceId();
        let n = 0;
        const send = async (spans: Span[]): Promise<void> => {
          for (let tries = 0; tries < 10; tries++)
            if (
              await sink.append(spans).then(
                () => true,
                () => false,
              )
            )
              return;
          throw new Error('never stored');
        };
        const waits: Promise<void>[] = [];
        for (const { record, size } of steps) {
          const spans = Array.from({ length: size }, () =>
            bareSpan(trace, spanIdOf(n++), { name: record ? 'recorded' : 'sent' }),
          );
          if (record) for (const one of spans) sink.record(one);
          else waits.push(send(spans));
        }
        await Promise.all(waits);
        await sink.flush();
        const stored = store.spans();
        expect([...new Set(ids(stored))]).toEqual(Array.from({ length: n }, (_, i) => spanIdOf(i)).sort());
        const recorded = ids(stored.filter((s) => s.name === 'recorded'));
        expect(recorded).toEqual([...new Set(recorded)]);
        expect(sink.counts()).toEqual({ stored: n, dropped: 0 });
      },
    ),
    { numRuns: 25 },
  );
});
