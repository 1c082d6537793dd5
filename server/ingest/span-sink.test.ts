import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PriceReader, SpanStore } from '@wheelhouse/core/ports';
import { type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { createLedger, type Ledger, type SpanSource } from './ledger.ts';
import { createSpanSink, newToken, type SpanSinkDeps } from './span-sink.ts';
import { openSpill, type Spill } from './spill.ts';

const away = () => new WheelhouseError('store_unavailable', 'The store is away.');
const noPrices: PriceReader = { find: () => null };
const clock = { now: () => 1_800_000_000_000_000_000n };

let root = '';
let dirs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wheelhouse-sink-'));
});
afterAll(() => rm(root, { recursive: true }));

type Attempt = { spans: Span[]; token: string };

/**
 * A store that writes when it is told to, and as its plan says: `ok`, `lost` (written, but nobody heard of it), `dead`
 * (written, and the writer never hears anything again), or what it throws.
 */
function plannedStore(plan: (spans: Span[], attempt: number) => unknown = () => 'ok') {
  const attempts: Attempt[] = [];
  const stored = new Map<string, Span[]>();
  const gates: (() => void)[] = [];
  let held = false;
  const store: Pick<SpanStore, 'append'> = {
    async append(spans, token) {
      attempts.push({ spans, token });
      const outcome = plan(spans, attempts.length);
      if (held) await new Promise<void>((resolve) => gates.push(resolve));
      if (typeof outcome !== 'string') throw outcome;
      if (!stored.has(token)) stored.set(token, spans);
      if (outcome === 'lost') throw away();
      if (outcome === 'dead') await new Promise(() => {});
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

let draws = 0;
const random = {
  bytes: (count: number) => Buffer.from((++draws).toString(16).padStart(2 * count, '0'), 'hex'),
};

const openDir = (dir: string, maxBytes?: number) =>
  openSpill({ dir, newToken: () => newToken(random), log: { warn: () => {} }, ...(maxBytes && { maxBytes }) });

/** Reads one account; fails when an account does not balance after an event. */
function watchedLedger() {
  const ledger = createLedger({ clock });
  const read = (source: SpanSource) => {
    const found = ledger.read().sources.find((one) => one.source === source);
    if (!found) throw new Error(`no account of ${source}`);
    const { received, stored, rejected, waiting, spilled } = found;
    return { received, stored, rejected, waiting, spilled };
  };
  const add: Ledger['add'] = (event) => {
    ledger.add(event);
    for (const { received, stored, rejected, waiting, spilled } of ledger.read().sources) {
      expect(stored + rejected + waiting).toBe(received);
      expect(waiting).toBeGreaterThanOrEqual(spilled);
      expect(Math.min(stored, rejected, spilled)).toBeGreaterThanOrEqual(0);
    }
  };
  const reasons = (source: SpanSource) =>
    ledger.read().sources.flatMap((one) => (one.source === source ? one.rejections.map(({ reason }) => reason) : []));
  return { add, read, reasons };
}

/** What the gateway hands over. */
const recording = (one: Span) => ({ bytes: JSON.stringify(one.name).length + 1_000, read: () => one });

type Given = Partial<Omit<SpanSinkDeps, 'store'>> & { dir?: string; store?: ReturnType<typeof plannedStore> };

async function setUp(plan?: Parameters<typeof plannedStore>[0], { dir, store: given, ...more }: Given = {}) {
  const store = given ?? plannedStore(plan);
  const ledger = watchedLedger();
  const folder = dir ?? join(root, String(dirs++));
  const spill: Spill = more.spill ?? (await openDir(folder));
  const sink = createSpanSink({
    store: store.store,
    prices: noPrices,
    random,
    ledger,
    log: { error: () => {}, warn: () => {} },
    ...more,
    spill,
    limits: { gatherMs: 1, retryMs: 1, ...more.limits },
  });
  return { sink, store, ledger, spill, dir: folder };
}

const span = (n: number, more: Partial<Span> = {}) => bareSpan('1'.repeat(32) as TraceId, spanIdOf(n), more);
const ids = (spans: Span[]) => spans.map((s) => s.spanId).sort();
const account = (received: number, stored: number, rejected = 0, spilled = 0) => ({
  received,
  stored,
  rejected,
  waiting: received - stored - rejected,
  spilled,
});

describe('append', () => {
  it('resolves only when the spans are durable', async () => {
    const { sink, store, ledger } = await setUp();
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
    const { sink, store } = await setUp();
    store.hold();
    const all = [1, 2, 3, 4].map((n) => sink.append([span(n)]));
    store.release();
    await Promise.all(all);
    expect(store.attempts.map(({ spans }) => spans.length)).toEqual([1, 3]);
    expect(new Set(store.attempts.map(({ token }) => token)).size).toBe(2);
  });

  it('rejects at once while the store is away, for the exporter to send again', async () => {
    const { sink, store, ledger } = await setUp(() => away());
    await expect(sink.append([span(1)])).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(store.attempts).toHaveLength(1);
    expect(ledger.read('otlp')).toEqual(account(1, 0, 1));
    expect(ledger.reasons('otlp')).toEqual(['store_unavailable']);
  });

  it('lets one request that the store refuses fail alone', async () => {
    const refused = new Error('bad span');
    const { sink, store, ledger } = await setUp((spans) => (spans.some((s) => s.name === 'bad') ? refused : 'ok'));
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
    const { sink, store, ledger } = await setUp(undefined, { limits: { bufferSpans: 2 } });
    store.hold();
    const large = sink.append([span(1), span(2), span(3)]);
    await expect(sink.append([span(4)])).rejects.toMatchObject({ code: 'store_unavailable' });
    store.release();
    await large;
    await sink.append([span(5)]);
    expect(ledger.read('otlp')).toEqual(account(5, 4, 1));
    expect(ledger.reasons('otlp')).toEqual(['buffer_full']);
  });
});

describe('record', () => {
  it('stores in groups, without touching the disk', async () => {
    const { sink, store, ledger, dir } = await setUp();
    for (let n = 0; n < 5; n++) sink.record(recording(span(n)));
    expect(ledger.read('gateway')).toEqual(account(5, 0));
    await sink.flush();
    expect(store.attempts.map(({ spans }) => spans.length)).toEqual([5]);
    expect(ledger.read('gateway')).toEqual(account(5, 5));
    expect(await readdir(dir)).toEqual([]);
  });

  it('goes to disk when the store is away, and is stored in order with the token it had', async () => {
    const { sink, store, ledger, dir } = await setUp((_, attempt) => (attempt <= 3 ? away() : 'ok'));
    sink.record(recording(span(1)));
    sink.record(recording(span(2)));
    await sink.flush();
    expect(store.attempts.map((a) => a.spans.length)).toEqual([2, 2, 2, 2]);
    expect(new Set(store.attempts.map((a) => a.token)).size).toBe(1);
    expect(ledger.read('gateway')).toEqual(account(2, 2));
    expect(await readdir(dir)).toEqual([]);
  });

  it('waits on disk behind what waits there already, so that the order holds', async () => {
    let gone = true;
    const { sink, store, ledger, spill } = await setUp(() => (gone ? away() : 'ok'));
    const order = Array.from({ length: 6 }, (_, n) => span(n));
    for (const one of order) {
      sink.record(recording(one));
      const { spilled } = ledger.read('gateway');
      await expect.poll(() => ledger.read('gateway').spilled).toBe(spilled + 1);
    }
    expect(spill.spans()).toBe(6);
    expect(ledger.read('gateway')).toEqual(account(6, 0, 0, 6));
    gone = false;
    await sink.flush();
    expect(store.spans().map((s) => s.spanId)).toEqual(order.map((s) => s.spanId));
    expect(ledger.read('gateway')).toEqual(account(6, 6));
  });

  it('goes to disk when the store does not answer, and is not stored twice when it had written all the same', async () => {
    const { sink, store, ledger } = await setUp((_, attempt) => (attempt === 1 ? 'dead' : 'ok'), {
      limits: { patienceMs: 1 },
    });
    sink.record(recording(span(1)));
    await sink.flush();
    expect(ids(store.spans())).toEqual(ids([span(1)]));
    expect(ledger.read('gateway')).toEqual(account(1, 1));
  });

  it('waits in memory up to the bound when the disk fails too, and counts what it cannot keep', async () => {
    let gone = true;
    const broken = { append: () => Promise.reject(new Error('no space')), spans: () => 0 };
    const spill = { ...(await openDir(join(root, String(dirs++)))), ...broken } as Spill;
    const { sink, store, ledger } = await setUp(() => (gone ? away() : 'ok'), { spill, limits: { bufferSpans: 3 } });
    for (let n = 0; n < 5; n++) sink.record(recording(span(n)));
    expect(ledger.read('gateway')).toEqual(account(5, 0, 2));
    expect(ledger.reasons('gateway')).toEqual(['buffer_full']);
    gone = false;
    await sink.flush();
    expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(2)]));
    sink.record(recording(span(9)));
    await sink.flush();
    expect(ledger.read('gateway')).toEqual(account(6, 4, 2));
  });

  it('goes to disk while it comes faster than the store takes it, rather than fill memory', async () => {
    const disk = await openDir(join(root, String(dirs++)));
    let onDisk = 0;
    const append: Spill['append'] = (spans, token) => {
      onDisk += spans.length;
      return disk.append(spans, token);
    };
    const { sink, store, ledger } = await setUp(undefined, {
      spill: { ...disk, append },
      limits: { bufferSpans: 10 },
    });
    store.hold();
    sink.record(recording(span(0)));
    await vi.waitFor(() => expect(store.attempts).toHaveLength(1));
    for (let n = 1; n < 8; n++) sink.record(recording(span(n)));
    store.release();
    await sink.flush();
    expect(onDisk).toBe(7);
    expect(ids(store.spans())).toEqual(ids(Array.from({ length: 8 }, (_, n) => span(n))));
    expect(ledger.read('gateway')).toEqual(account(8, 8, 0));
  });

  it('is bounded by bytes too', async () => {
    const { sink, ledger } = await setUp(() => away(), { limits: { bufferBytes: 10_000 } });
    sink.record(recording(span(1)));
    sink.record(recording(span(2, { name: 'x'.repeat(10_000) })));
    expect(ledger.read('gateway').rejected).toBe(1);
    await sink.close();
  });

  it('does not keep an exporter waiting behind what the gateway could not store', async () => {
    const { sink, ledger } = await setUp((spans) => (spans[0]?.name === 'recorded' ? away() : 'ok'));
    sink.record(recording(span(1, { name: 'recorded' })));
    await sink.append([span(2)]);
    expect(ledger.read('otlp').stored).toBe(1);
    await sink.close();
  });

  it.each([
    ['at once', 0],
    ['after a stay on disk', 2],
  ])('loses only what the store refuses for good, %s', async (_, failures) => {
    const { sink, store, ledger } = await setUp((spans, attempt) =>
      attempt <= failures ? away() : spans.some((s) => s.name === 'bad') ? new Error('bad') : 'ok',
    );
    for (const name of ['a', 'bad', 'b']) sink.record(recording(span(name.length + name.charCodeAt(0), { name })));
    await sink.flush();
    expect(store.spans().map(({ name }) => name)).toEqual(['a', 'b']);
    expect(ledger.read('gateway')).toEqual(account(3, 2, 1));
    expect(ledger.reasons('gateway')).toEqual(['store_refused']);
  });

  it('takes secrets out before anything goes to disk', async () => {
    const { sink, spill } = await setUp(() => away());
    sink.record(recording(span(1, { attributes: { authorization: 'Bearer x' } })));
    await expect.poll(() => spill.spans()).toBe(1);
    const segment = await spill.oldest();
    expect(segment && (await spill.read(segment))[0]?.attributes).toEqual({ authorization: '[redacted]' });
    await sink.close();
  });
});

describe('close', () => {
  it('puts what the store does not take on disk, where the next process finds it before anything new', async () => {
    const first = await setUp(() => away());
    for (let n = 0; n < 3; n++) first.sink.record(recording(span(n)));
    await first.sink.close();
    expect(first.ledger.read('gateway')).toEqual(account(3, 0, 0, 3));
    first.sink.record(recording(span(9)));
    expect(first.ledger.read('gateway')).toEqual(account(4, 0, 1, 3));
    expect(first.ledger.reasons('gateway')).toEqual(['stopping']);
    await expect(first.sink.append([span(9)])).rejects.toMatchObject({ code: 'store_unavailable' });

    const next = await setUp(undefined, { dir: first.dir });
    next.sink.record(recording(span(4)));
    await next.sink.flush();
    expect(next.store.spans().map((s) => s.spanId)).toEqual([0, 1, 2, 4].map(spanIdOf));
    expect(next.ledger.read('gateway')).toEqual(account(4, 4));
  });

  it('stores what it can', async () => {
    const { sink, store } = await setUp();
    sink.record(recording(span(1)));
    await sink.close();
    expect(store.spans()).toHaveLength(1);
  });
});

it('stores nothing twice when it is cut off in the middle of a replay', async () => {
  const store = plannedStore((_, attempt) => (attempt <= 2 ? away() : attempt === 3 ? 'dead' : 'ok'));
  const killed = await setUp(undefined, { store });
  for (let n = 0; n < 3; n++) killed.sink.record(recording(span(n)));
  await expect.poll(() => store.attempts.length).toBe(3);
  expect(store.spans()).toHaveLength(3);

  const next = await setUp(undefined, { store, dir: killed.dir });
  await next.sink.flush();
  expect(store.attempts).toHaveLength(4);
  expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(2)]));
  expect(next.ledger.read('gateway')).toEqual(account(3, 3));
});

it('prices spans with usage by the response model, else by the requested one, and leaves a known cost alone', async () => {
  const prices: PriceReader = {
    find: ({ provider, models }) =>
      provider === 'p' && models.includes('m')
        ? { id: 'row', provider, model: 'm', validFrom: null, perMillion: { inputUncached: 2_000_000n } }
        : null,
  };
  const { sink, store } = await setUp(undefined, { prices });
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
  const { sink, store } = await setUp();
  await sink.append([span(1, { attributes: { authorization: 'Bearer x' } })]);
  expect(store.spans()[0]?.attributes).toEqual({ authorization: '[redacted]' });
});

it('keeps every span, the recorded ones once, and the ledger right, whatever fails in between and however often it starts anew', async () => {
  const step = fc.record({ record: fc.boolean(), size: fc.integer({ min: 1, max: 4 }), restart: fc.boolean() });
  const outcome = fc.constantFrom<'ok' | 'away' | 'lost' | 'dead'>('ok', 'away', 'lost', 'dead');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 16 }),
      fc.array(outcome, { maxLength: 12 }),
      async (steps, outcomes) => {
        const store = plannedStore((spans, attempt) => {
          const planned = outcomes[attempt - 1] ?? 'ok';
          // Nobody waits longer than the store's own client, whose patience ends in `store_unavailable`.
          const given = planned === 'dead' && spans[0]?.name === 'sent' ? 'lost' : planned;
          return given === 'away' ? away() : given;
        });
        const limits = { patienceMs: 5 };
        let current = await setUp(undefined, { store, limits });
        const trace = freshTraceId();
        let n = 0;
        const send = async (spans: Span[]): Promise<void> => {
          for (let tries = 0; tries < 50; tries++)
            if (
              await current.sink.append(spans).then(
                () => true,
                () => false,
              )
            )
              return;
          throw new Error('never stored');
        };
        let received = 0;
        for (const { record, size, restart } of steps) {
          const spans = Array.from({ length: size }, () =>
            bareSpan(trace, spanIdOf(n++), { name: record ? 'recorded' : 'sent' }),
          );
          if (record) for (const one of spans) current.sink.record(recording(one));
          else await send(spans);
          received += record ? size : 0;
          if (!restart) continue;
          await current.sink.close();
          const before = current.ledger.read('gateway');
          expect(before).toEqual(account(received, before.stored, 0, current.spill.spans()));
          current = await setUp(undefined, { store, dir: current.dir, limits });
          received = current.ledger.read('gateway').received;
          expect(received).toBe(before.received - before.stored);
        }
        // A replay that the store leaves without an answer ends with its process.
        await current.sink.close();
        while (current.spill.spans() > 0) {
          const attempts = store.attempts.length;
          current = await setUp(undefined, { store, dir: current.dir, limits });
          await expect.poll(() => store.attempts.length, { interval: 1 }).toBeGreaterThan(attempts);
          await current.sink.close();
        }
        const stored = store.spans();
        expect([...new Set(ids(stored))]).toEqual(Array.from({ length: n }, (_, i) => spanIdOf(i)).sort());
        const recorded = ids(stored.filter((s) => s.name === 'recorded'));
        expect(recorded).toEqual([...new Set(recorded)]);
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
}, 30_000);
