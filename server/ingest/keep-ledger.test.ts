import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerSchemas } from '@wheelhouse/core/contract';
import type { LedgerStore } from '@wheelhouse/core/ports';
import { defaultProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { fakeAuditStore, fakeDeadLetterStore, fakeLedgerStore } from '@wheelhouse/testing/fakes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger, serverOf } from './keep-ledger.ts';
import { createLedgerHandlers } from './ledger-handlers.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const noon = Date.UTC(2026, 5, 1, 12);
const letters = { keep: () => {}, flush: async () => {} };
const log = { warn: () => {} };

/** `saveEveryMs` is long, so that tests save when they say so. */
const open = (store: LedgerStore, server: string, nowMs = () => noon) =>
  openLedger({
    ...{ store, project, server, letters, log, saveEveryMs: 1_000_000 },
    clock: { now: () => BigInt(nowMs()) * 1_000_000n },
  });

const totals = ({ sources }: { sources: { source: string; received: number; stored: number; rejected: number }[] }) =>
  Object.fromEntries(
    sources.flatMap(({ source, received, stored, rejected }) =>
      received > 0 ? [[source, [received, stored, rejected]]] : [],
    ),
  );

it('goes on after a restart with what was counted before', async () => {
  const store = fakeLedgerStore(fakeAuditStore());
  const first = await open(store, 'a');
  first.add({ type: 'received', source: 'otlp', spans: 3 });
  first.add({ type: 'stored', source: 'otlp', spans: 3, from: 'memory' });
  first.reject({ source: 'langfuse', reason: 'bad', sample: 'why' });
  await first.close();
  const second = await open(store, 'a');
  second.reject({ source: 'langfuse', reason: 'bad', sample: 'why' });
  expect(totals(await second.readAll())).toEqual({ otlp: [3, 3, 0], langfuse: [2, 0, 2] });
  await second.close();
});

it('balances after a kill: the last snapshot is whole, and what waited in memory is rejected', async () => {
  const store = fakeLedgerStore(fakeAuditStore());
  const killed = await open(store, 'a');
  killed.add({ type: 'received', source: 'otlp', spans: 5 });
  killed.add({ type: 'stored', source: 'otlp', spans: 2, from: 'memory' });
  await killed.save();
  killed.add({ type: 'received', source: 'otlp', spans: 9 });
  const next = await open(store, 'a');
  const { sources } = await next.readAll();
  expect(totals({ sources })).toEqual({ otlp: [5, 2, 3] });
  expect(sources.find(({ source }) => source === 'otlp')?.rejections).toMatchObject([
    { reason: 'server_killed', spans: 3 },
  ]);
  await next.close();
});

it('sums what several servers counted, and what one that is gone had in memory', async () => {
  const audit = fakeAuditStore();
  const store = fakeLedgerStore(audit);
  const other = await open(store, 'b');
  other.reject({ source: 'otlp', reason: 'bad', sample: 'older' });
  other.add({ type: 'received', source: 'otlp', spans: 2 });
  await other.save();
  const savedMs = Date.parse((await store.load(project))[0]?.savedAt ?? '');
  let nowMs = savedMs + 1_000;
  const mine = await open(store, 'a', () => nowMs);
  mine.reject({ source: 'otlp', reason: 'bad', sample: 'newer', spans: 2 });
  const alive = await mine.readAll();
  expect(totals(alive)).toEqual({ otlp: [5, 0, 3] });
  expect(alive.sources.find(({ source }) => source === 'otlp')).toMatchObject({ waiting: 2 });
  nowMs = savedMs + 61_000;
  const gone = (await mine.readAll()).sources.find(({ source }) => source === 'otlp');
  expect(gone).toMatchObject({ received: 5, rejected: 5, waiting: 0 });
  expect(gone?.rejections.map(({ reason, spans }) => [reason, spans])).toEqual([
    ['bad', 3],
    ['server_killed', 2],
  ]);
  await Promise.all([mine.close(), other.close()]);
});

it('saves only what changed, but says that it lives while spans are in its memory', async () => {
  const inner = fakeLedgerStore(fakeAuditStore());
  let saves = 0;
  const store: LedgerStore = {
    ...inner,
    async save(...args) {
      saves++;
      await inner.save(...args);
    },
  };
  const ledger = await open(store, 'a');
  ledger.add({ type: 'received', source: 'otlp', spans: 1 });
  await ledger.save();
  await ledger.save();
  expect(saves).toBe(2);
  ledger.add({ type: 'stored', source: 'otlp', spans: 1, from: 'memory' });
  await ledger.save();
  await ledger.save();
  expect(saves).toBe(3);
  await ledger.close();
});

it('is served as the contract describes it, and without the other servers while the store is away', async () => {
  const audit = fakeAuditStore();
  const inner = fakeLedgerStore(audit);
  let away = false;
  const guarded =
    <A extends unknown[], R>(method: (...args: A) => Promise<R>) =>
    async (...args: A) => {
      if (away) throw new WheelhouseError('store_unavailable', 'away');
      return method(...args);
    };
  const deadLetters = fakeDeadLetterStore(audit);
  const ledger = await open({ save: guarded(inner.save), load: guarded(inner.load) }, 'a');
  const handlers = createLedgerHandlers({
    ledger,
    letters: { dropped: () => 4, flush: async () => {}, replay: async () => ({ replayed: 0, refused: [] }) },
    store: { ...deadLetters, counts: guarded(deadLetters.counts) },
  });
  ledger.reject({ source: 'otlp', reason: 'bad', sample: 's' });
  const read = () => handlers.getLedger({ by, params: {}, query: undefined, body: undefined });
  const answer = await read();
  expect(ledgerSchemas.ledger.parse(answer)).toEqual(answer);
  expect(answer).toMatchObject({ partial: false, deadLetters: { kept: 0, bytes: 0, dropped: 4 } });
  away = true;
  expect(await read()).toMatchObject({ partial: true, deadLetters: null, sources: answer.sources });
  away = false;
  await ledger.close();
});

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'wheelhouse-ledger-'));
});
afterAll(() => rm(dir, { recursive: true }));

it('knows a server by its data directory', async () => {
  const folder = join(dir, 'new');
  const made = await serverOf(folder, () => 'a'.repeat(32));
  expect(made).toBe('a'.repeat(32));
  expect(await serverOf(folder, () => 'b'.repeat(32))).toBe(made);
});
