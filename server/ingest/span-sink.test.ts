import type { PriceReader } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type Span, type TraceId } from '@wheelhouse/core/records';
import { type PlainBatch, plannedStore, storeAway } from '@wheelhouse/testing/fakes';
import { describe, expect, it } from 'vitest';
import { bareSpan, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { watchedLedger } from '../../testing/fakes/watched-ledger.ts';
import { createSpanSink, type SpanSinkDeps } from './span-sink.ts';

const noPrices: PriceReader = { find: () => null };
const clock = { now: () => 1_800_000_000_000_000_000n };

let draws = 0;
const random = {
  bytes: (count: number) => Buffer.from((++draws).toString(16).padStart(2 * count, '0'), 'hex'),
};

type Given = Partial<Omit<SpanSinkDeps<PlainBatch>, 'store'>>;

function setUp(plan?: Parameters<typeof plannedStore>[0], given: Given = {}) {
  const store = plannedStore(plan);
  const ledger = watchedLedger(clock);
  const sink = createSpanSink({ store: store.batches, prices: noPrices, random, ledger, ...given });
  return { sink, store, ledger };
}

const span = (n: number, more: Partial<Span> = {}) => bareSpan('1'.repeat(32) as TraceId, spanIdOf(n), more);
const ids = (spans: Span[]) => spans.map((s) => s.spanId).sort();
const account = (received: number, stored: number, rejected = 0) => ({
  received,
  stored,
  rejected,
  waiting: received - stored - rejected,
  spilled: 0,
});

describe('append', () => {
  it('resolves only when the spans are durable', async () => {
    const { sink, store, ledger } = setUp();
    store.hold();
    let resolved = false;
    const appended = sink.append([span(1), span(2)]).then(() => {
      resolved = true;
    });
    await Promise.resolve();
    expect(resolved).toBe(false);
    expect(ledger.read('otlp')).toEqual(account(2, 0));
    store.release();
    await appended;
    expect(ledger.read('otlp')).toEqual(account(2, 2));
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
    const { sink, store, ledger } = setUp(() => storeAway());
    await expect(sink.append([span(1)])).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(store.attempts).toHaveLength(1);
    expect(ledger.read('otlp')).toEqual(account(1, 0, 1));
    expect(ledger.reasons('otlp')).toEqual(['store_unavailable']);
  });

  it('lets one request that the store refuses fail alone', async () => {
    const refused = new Error('bad span');
    const { sink, store, ledger } = setUp((spans) => (spans.some((s) => s.name === 'bad') ? refused : 'ok'));
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
    expect(ledger.read('otlp')).toEqual(account(4, 3, 1));
    expect(ledger.reasons('otlp')).toEqual(['store_refused']);
  });

  it('refuses what does not fit into memory, and still takes one large request when nothing waits', async () => {
    const { sink, store, ledger } = setUp(undefined, { limits: { bufferSpans: 2 } });
    store.hold();
    const large = sink.append([span(1), span(2), span(3)]);
    await expect(sink.append([span(4)])).rejects.toMatchObject({ code: 'store_unavailable' });
    store.release();
    await large;
    await sink.append([span(5)]);
    expect(ledger.read('otlp')).toEqual(account(5, 4, 1));
    expect(ledger.reasons('otlp')).toEqual(['buffer_full']);
  });

  it('never holds more bytes than it may, however many exporters send at once', async () => {
    const { sink, store, ledger } = setUp(undefined, { limits: { bufferBytes: 10_000 } });
    store.hold();
    const sent = Array.from({ length: 40 }, (_, n) => sink.append([span(n), span(100 + n)]));
    store.release();
    const outcomes = await Promise.allSettled(sent);
    const stored = outcomes.filter(({ status }) => status === 'fulfilled').length;
    expect(stored).toBe(5);
    expect(ledger.read('otlp')).toEqual(account(80, 10, 70));
    expect(ledger.reasons('otlp')).toEqual(['buffer_full']);
    await sink.append([span(300)]);
    expect(ledger.read('otlp')).toEqual(account(81, 11, 70));
  });

  it('counts the spans of each project in its own account', async () => {
    const other = 'other' as ProjectId;
    const { sink, store, ledger } = setUp((spans) => (spans.some((s) => s.name === 'bad') ? new Error('bad') : 'ok'));
    store.hold();
    const first = sink.append([span(0), span(1, { projectId: other }), span(2, { projectId: other })], 'langfuse');
    const bad = sink.append([span(3, { projectId: other, name: 'bad' })], 'langfuse');
    expect(ledger.read('langfuse', other)).toEqual(account(3, 0));
    store.release();
    await first;
    await expect(bad).rejects.toThrow('bad');
    expect(ledger.read('langfuse', defaultProjectId)).toEqual(account(1, 1));
    expect(ledger.read('langfuse', other)).toEqual(account(3, 2, 1));
    expect(ledger.reasons('langfuse', other)).toEqual(['store_refused']);
    expect(ledger.reasons('langfuse', defaultProjectId)).toEqual([]);
  });

  it('counts what cannot be packed as refused, and keeps the rest', async () => {
    const { sink, store, ledger } = setUp();
    const [bad, good] = [sink.append([span(1, { name: 'unpackable' })]), sink.append([span(2)])];
    await expect(bad).rejects.toThrow('cannot be packed');
    await good;
    expect(ids(store.spans())).toEqual(ids([span(2)]));
    expect(ledger.read('otlp')).toEqual(account(2, 1, 1));
    expect(ledger.reasons('otlp')).toEqual(['store_refused']);
  });

  it('sees what was begun through before it is closed', async () => {
    const { sink, store, ledger } = setUp();
    store.hold();
    const begun = sink.append([span(1)]);
    const closed = sink.close();
    await expect(sink.append([span(2)])).rejects.toMatchObject({ code: 'store_unavailable' });
    store.release();
    await Promise.all([begun, closed]);
    expect(ledger.read('otlp')).toEqual(account(2, 1, 1));
    expect(ledger.reasons('otlp')).toEqual(['stopping']);
  });
});

it('takes nothing once it is closed', async () => {
  const { sink, ledger } = setUp();
  await sink.close();
  await expect(sink.append([span(9)])).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(ledger.reasons('otlp')).toEqual(['stopping']);
});

it('prices spans with usage by the response model, else by the requested one, and leaves a known cost alone', async () => {
  const prices: PriceReader = {
    find: ({ provider, models }) =>
      provider === 'p' && models.includes('m')
        ? { id: 'row', provider, model: 'm', validFrom: null, perMillion: { inputUncached: 2_000_000n } }
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
