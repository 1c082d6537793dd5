import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { PriceReader, Recording } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type Span, type TraceId } from '@wheelhouse/core/records';
import { plannedStore, storeAway } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { watchedLedger } from '../../testing/fakes/watched-ledger.ts';
import { createFrameReader } from './call-frames.ts';
import { ChunkRecorder } from './call-recorder.ts';
import { createKeepCalls, type KeepCallsDeps } from './keep-calls.ts';
import { newToken } from './span-sink.ts';
import { openSpill, type Spill } from './spill.ts';

const noPrices: PriceReader = { find: () => null };
const clock = { now: () => 1_800_000_000_000_000_000n };

let root = '';
let dirs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'wheelhouse-calls-'));
});
// A property that ran out of time may still be writing.
afterAll(() => rm(root, { recursive: true, maxRetries: 20 }));

let draws = 0;
const random = {
  bytes: (count: number) => Buffer.from((++draws).toString(16).padStart(2 * count, '0'), 'hex'),
};

const openDir = (dir: string, maxBytes?: number) =>
  openSpill({ dir, newToken: () => newToken(random), log: { warn: () => {} }, ...(maxBytes && { maxBytes }) });

/** What the gateway hands over. */
const recording = (one: Span): Recording => ({
  project: one.projectId,
  facts: 'é',
  request: '{"ask":"ü"}',
  answer: serialize(one),
});

type Given = Partial<Pick<KeepCallsDeps, 'spill' | 'limits' | 'prices'>> & {
  dir?: string;
  store?: ReturnType<typeof plannedStore>;
  mostBytes?: number;
};

/** Both ends, without the process between them. */
async function setUp(plan?: Parameters<typeof plannedStore>[0], { dir, store: given, ...more }: Given = {}) {
  const store = given ?? plannedStore(plan);
  const ledger = watchedLedger(clock);
  const folder = dir ?? join(root, String(dirs++));
  const spill = more.spill ?? (await openDir(folder));
  const log = { error: () => {}, warn: () => {} };
  const { mostBytes } = more;
  const recorder = new ChunkRecorder({ ledger, log, ...(mostBytes === undefined ? {} : { mostBytes }) });
  ledger.beforeRead(() => recorder.flush());
  const calls = createKeepCalls({
    read({ project, facts, request, answer }) {
      const one = deserialize(answer) as Span;
      expect([project, facts, request]).toEqual([one.projectId, 'é', '{"ask":"ü"}']);
      if (one.name === 'unreadable') throw new Error('nobody can read this');
      return one;
    },
    prices: more.prices ?? noPrices,
    write: store.write,
    spill,
    newToken: () => newToken(random),
    tell: ledger.add,
    settled: (chunk) => recorder.settled(chunk),
    log,
    limits: { gatherMs: 1, retryMs: 1, ...more.limits },
  });
  const read = createFrameReader({
    call: calls.call,
    told: (message) => message.type === 'chunk' && calls.chunk(message.chunk),
  });
  // As a socket would: copied, and cut where it happens to be.
  const line = (bytes: Uint8Array) => {
    const cut = Math.floor(bytes.length / 3);
    for (const piece of [bytes.subarray(0, cut), bytes.subarray(cut)]) read(Buffer.from(piece));
  };
  recorder.connect(line);
  return {
    recorder,
    calls,
    store,
    ledger,
    spill,
    dir: folder,
    record(one: Span) {
      recorder.record(recording(one));
    },
    /** Sends each call by itself. */
    send(one: Span) {
      recorder.record(recording(one));
      recorder.flush();
    },
    async settled() {
      await recorder.drained();
      await expect.poll(() => ledger.read('gateway').waiting, { interval: 1 }).toBe(0);
    },
    async close() {
      recorder.close();
      await calls.close();
    },
  };
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

it('stores in groups, without touching the disk', async () => {
  const { record, settled, store, ledger, dir } = await setUp();
  for (let n = 0; n < 5; n++) record(span(n));
  expect(ledger.read('gateway')).toEqual(account(5, 0));
  await settled();
  expect(store.attempts.map(({ spans }) => spans.length)).toEqual([5]);
  expect(ledger.read('gateway')).toEqual(account(5, 5));
  expect(await readdir(dir)).toEqual([]);
});

it('hands over calls of every size', async () => {
  const { record, settled, store } = await setUp();
  const sizes = [1, 70_000, 10, 20_000, 20_000, 20_000, 300_000];
  for (const [n, size] of sizes.entries()) record(span(n, { name: 'ß'.repeat(size) }));
  await settled();
  expect(store.spans().map(({ name }) => name.length)).toEqual(sizes);
});

it('goes to disk when the store is away, and is stored in order with the token it had', async () => {
  const { record, settled, store, ledger, dir } = await setUp((_, attempt) => (attempt <= 3 ? storeAway() : 'ok'));
  record(span(1));
  record(span(2));
  await settled();
  expect(store.attempts.map((a) => a.spans.length)).toEqual([2, 2, 2, 2]);
  expect(new Set(store.attempts.map((a) => a.token)).size).toBe(1);
  expect(ledger.read('gateway')).toEqual(account(2, 2));
  await expect.poll(() => readdir(dir)).toEqual([]);
});

it('waits on disk behind what waits there already, so that the order holds', async () => {
  let gone = true;
  const { send, settled, store, ledger, spill } = await setUp(() => (gone ? storeAway() : 'ok'));
  const order = Array.from({ length: 6 }, (_, n) => span(n));
  for (const one of order) {
    send(one);
    const { spilled } = ledger.read('gateway');
    await expect.poll(() => ledger.read('gateway').spilled).toBe(spilled + 1);
  }
  expect(spill.spans()).toBe(6);
  expect(ledger.read('gateway')).toEqual(account(6, 0, 0, 6));
  gone = false;
  await settled();
  expect(store.spans().map((s) => s.spanId)).toEqual(order.map((s) => s.spanId));
  expect(ledger.read('gateway')).toEqual(account(6, 6));
});

it('goes to disk when the store does not answer, and is not stored twice when it had written all the same', async () => {
  const limits = { patienceMs: 1 };
  const { record, settled, store, ledger } = await setUp((_, attempt) => (attempt === 1 ? 'dead' : 'ok'), { limits });
  record(span(1));
  await settled();
  expect(ids(store.spans())).toEqual(ids([span(1)]));
  expect(ledger.read('gateway')).toEqual(account(1, 1));
});

it('waits in memory up to the bound when the disk fails too, and counts what it cannot keep', async () => {
  let gone = true;
  const broken = { append: () => Promise.reject(new Error('no space')), spans: () => 0 };
  const spill = { ...(await openDir(join(root, String(dirs++)))), ...broken } as Spill;
  const { send, settled, store, ledger } = await setUp(() => (gone ? storeAway() : 'ok'), {
    spill,
    mostBytes: 3 * 65_536,
  });
  for (let n = 0; n < 5; n++) send(span(n));
  expect(ledger.read('gateway')).toEqual(account(5, 0, 2));
  expect(ledger.reasons('gateway')).toEqual(['buffer_full']);
  gone = false;
  await settled();
  expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(2)]));
  send(span(9));
  await settled();
  expect(ledger.read('gateway')).toEqual(account(6, 4, 2));
});

it('goes to disk while it comes faster than the store takes it, rather than fill memory', async () => {
  const disk = await openDir(join(root, String(dirs++)));
  let onDisk = 0;
  const append: Spill['append'] = (spans, token) => {
    onDisk += spans.length;
    return disk.append(spans, token);
  };
  const given = { spill: { ...disk, append }, limits: { bufferSpans: 10 } };
  const { send, settled, store, ledger } = await setUp(undefined, given);
  store.hold();
  send(span(0));
  await expect.poll(() => store.attempts.length).toBe(1);
  for (let n = 1; n < 8; n++) send(span(n));
  store.release();
  await settled();
  expect(onDisk).toBe(7);
  expect(ids(store.spans())).toEqual(ids(Array.from({ length: 8 }, (_, n) => span(n))));
  expect(ledger.read('gateway')).toEqual(account(8, 8));
});

it.each([
  ['at once', 0],
  ['after a stay on disk', 2],
])('loses only what the store refuses for good, %s', async (_, failures) => {
  const { record, settled, store, ledger } = await setUp((spans, attempt) =>
    attempt <= failures ? storeAway() : spans.some((s) => s.name === 'bad') ? new Error('bad') : 'ok',
  );
  for (const [n, name] of ['a', 'bad', 'b'].entries()) record(span(n, { name }));
  await settled();
  expect(store.spans().map(({ name }) => name)).toEqual(['a', 'b']);
  expect(ledger.read('gateway')).toEqual(account(3, 2, 1));
  expect(ledger.reasons('gateway')).toEqual(['store_refused']);
});

it('loses only the call that cannot be read', async () => {
  const { record, settled, store, ledger } = await setUp();
  for (const [n, name] of ['a', 'unreadable', 'b'].entries()) record(span(n, { name }));
  await settled();
  expect(store.spans().map(({ name }) => name)).toEqual(['a', 'b']);
  expect(ledger.read('gateway')).toEqual(account(3, 2, 1));
  expect(ledger.reasons('gateway')).toEqual(['unreadable']);
});

it('counts the calls of each project in its own account, wherever they wait and whatever becomes of them', async () => {
  const other = 'other' as ProjectId;
  let gone = true;
  const { record, recorder, settled, close, ledger, spill } = await setUp(() => (gone ? storeAway() : 'ok'));
  const both = () => [ledger.read('gateway'), ledger.read('gateway', other)];
  record(span(0));
  for (const [n, name] of ['a', 'unreadable'].entries()) record(span(n + 1, { name, projectId: other }));
  recorder.flush();
  await expect.poll(both).toEqual([account(1, 0, 0, 1), account(2, 0, 1, 1)]);
  expect(spill.counts()).toEqual(new Map([defaultProjectId, other].map((project) => [project, 1])));
  expect(ledger.reasons('gateway', other)).toEqual(['unreadable']);
  gone = false;
  await settled();
  await expect.poll(both).toEqual([account(1, 1), account(2, 1, 1)]);
  await close();
  record(span(9, { projectId: other }));
  expect(both()).toEqual([account(1, 1), account(3, 1, 2)]);
});

it('takes secrets out before anything goes to disk', async () => {
  const { record, recorder, spill, close } = await setUp(() => storeAway());
  record(span(1, { attributes: { authorization: 'Bearer x' } }));
  recorder.flush();
  await expect.poll(() => spill.spans()).toBe(1);
  const segment = await spill.oldest();
  expect(segment && (await spill.read(segment))[0]?.attributes).toEqual({ authorization: '[redacted]' });
  await close();
});

it('sends to a process that comes after another what that had not settled, and counts it once', async () => {
  const ledger = watchedLedger(clock);
  const lost: object[] = [];
  const recorder = new ChunkRecorder({ ledger, log: { error: (fields) => void lost.push(fields) } });
  for (let n = 0; n < 3; n++) recorder.record(recording(span(n)));
  recorder.flush();
  const lives: string[][] = [];
  const live = () => {
    const seen: string[] = [];
    lives.push(seen);
    const read = createFrameReader({
      call: ({ answer }) => void seen.push((deserialize(answer) as Span).spanId),
      told: (message) => message.type === 'chunk' && seen.push(String(message.chunk)),
    });
    recorder.connect((bytes) => read(Buffer.from(bytes)));
  };
  live();
  recorder.disconnect();
  recorder.record(recording(span(3)));
  recorder.flush();
  live();
  expect(lives).toEqual([
    [...[0, 1, 2].map(spanIdOf), '0'],
    [...[0, 1, 2].map(spanIdOf), '0', spanIdOf(3), '1'],
  ]);
  ledger.add({ type: 'stored', project: defaultProjectId, source: 'gateway', spans: 1, from: 'memory' });
  recorder.settled(1);
  for (let n = 0; n < 3; n++) live();
  // Nobody survives it.
  live();
  expect(lives.slice(2).map((seen) => seen.length)).toEqual([4, 4, 4, 0]);
  expect(lost).toEqual([{ calls: 3 }]);
  expect(ledger.read('gateway')).toEqual(account(4, 1, 3));
  expect(ledger.reasons('gateway')).toEqual(['recording_failed']);
});

describe('at the end', () => {
  it('puts what the store does not take on disk, where the next process finds it before anything new', async () => {
    const first = await setUp(() => storeAway());
    for (let n = 0; n < 3; n++) first.record(span(n));
    await first.close();
    expect(first.ledger.read('gateway')).toEqual(account(3, 0, 0, 3));
    first.record(span(9));
    expect(first.ledger.read('gateway')).toEqual(account(4, 0, 1, 3));
    expect(first.ledger.reasons('gateway')).toEqual(['stopping']);

    const next = await setUp(undefined, { dir: first.dir });
    next.record(span(4));
    await next.settled();
    expect(next.store.spans().map((s) => s.spanId)).toEqual([0, 1, 2, 4].map(spanIdOf));
    expect(next.ledger.read('gateway')).toEqual(account(4, 4));
  });

  it('stores what it can', async () => {
    const { record, close, store } = await setUp();
    record(span(1));
    await close();
    expect(store.spans()).toHaveLength(1);
  });

  it('leaves everything on disk where nobody is there any more', async () => {
    const { record, recorder, calls, spill, store } = await setUp();
    record(span(1));
    recorder.flush();
    await calls.leave();
    expect([spill.spans(), store.attempts.length]).toEqual([1, 0]);
  });
});

it('stores nothing twice when it is cut off in the middle of a replay', async () => {
  const store = plannedStore((_, attempt) => (attempt <= 2 ? storeAway() : attempt === 3 ? 'dead' : 'ok'));
  const killed = await setUp(undefined, { store });
  for (let n = 0; n < 3; n++) killed.record(span(n));
  await expect.poll(() => store.attempts.length).toBe(3);
  expect(store.spans()).toHaveLength(3);

  const next = await setUp(undefined, { store, dir: killed.dir });
  await next.settled();
  expect(store.attempts).toHaveLength(4);
  expect(ids(store.spans())).toEqual(ids([span(0), span(1), span(2)]));
  expect(next.ledger.read('gateway')).toEqual(account(3, 3));
});

it('keeps every call once, and the ledger right, whatever fails in between and however often it starts anew', async () => {
  const projects = [defaultProjectId, 'second' as ProjectId, 'dritter ü' as ProjectId];
  const step = fc.record({ of: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }), restart: fc.boolean() });
  const outcome = fc.constantFrom<'ok' | 'away' | 'lost' | 'dead'>('ok', 'away', 'lost', 'dead');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 16 }),
      fc.array(outcome, { maxLength: 12 }),
      async (steps, outcomes) => {
        const store = plannedStore((_, attempt) => {
          const planned = outcomes[attempt - 1] ?? 'ok';
          return planned === 'away' ? storeAway() : planned;
        });
        const limits = { patienceMs: 5 };
        let current = await setUp(undefined, { store, limits });
        const trace = freshTraceId();
        let n = 0;
        const received = new Map(projects.map((project) => [project, 0]));
        for (const { of, restart } of steps) {
          for (const nth of of) {
            const projectId = projects[nth] ?? defaultProjectId;
            current.record(bareSpan(trace, spanIdOf(n++), { projectId }));
            received.set(projectId, (received.get(projectId) ?? 0) + 1);
          }
          if (!restart) continue;
          await current.close();
          const books = projects.map((project) => [project, current.ledger.read('gateway', project)] as const);
          for (const [project, before] of books) {
            const onDisk = current.spill.counts().get(project) ?? 0;
            expect(before).toEqual(account(received.get(project) ?? 0, before.stored, 0, onDisk));
          }
          current = await setUp(undefined, { store, dir: current.dir, limits });
          for (const [project, before] of books) {
            received.set(project, current.ledger.read('gateway', project).received);
            expect(received.get(project)).toBe(before.received - before.stored);
          }
        }
        // A replay that the store leaves without an answer ends with its process.
        await current.close();
        while (current.spill.spans() > 0) {
          const attempts = store.attempts.length;
          current = await setUp(undefined, { store, dir: current.dir, limits });
          await expect.poll(() => store.attempts.length, { interval: 1 }).toBeGreaterThan(attempts);
          await current.close();
        }
        expect(ids(store.spans())).toEqual(Array.from({ length: n }, (_, i) => spanIdOf(i)).sort());
      },
    ),
    { numRuns: 40, interruptAfterTimeLimit: 20_000 },
  );
}, 30_000);
