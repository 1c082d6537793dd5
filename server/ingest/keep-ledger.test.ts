import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerSchemas } from '@wheelhouse/core/contract';
import type { LedgerStore } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type KeyId,
  type PersonId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { fakeAuditStore, fakeDeadLetterStore, fakeLedgerStore } from '@wheelhouse/testing/fakes';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openLedger, serverOf } from './keep-ledger.ts';
import { createLedgerHandlers } from './ledger-handlers.ts';

const project = defaultProjectId;
const second = 'second' as ProjectId;
const by = { project, actor: 'ada' };
const noon = Date.UTC(2026, 5, 1, 12);
const letters = { keep: () => {}, flush: async () => {} };
const log = { warn: () => {} };

/** `saveEveryMs` is long, so that tests save when they say so. */
const open = (store: LedgerStore, server: string, nowMs = () => noon, atOnce = 100) =>
  openLedger({
    ...{ store, server, letters, log, saveEveryMs: 1_000_000, atOnce },
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
  first.add({ type: 'received', project, source: 'otlp', spans: 3 });
  first.add({ type: 'stored', project, source: 'otlp', spans: 3, from: 'memory' });
  first.reject({ project, source: 'langfuse', reason: 'bad', sample: 'why' });
  await first.close();
  const second = await open(store, 'a');
  second.reject({ project, source: 'langfuse', reason: 'bad', sample: 'why' });
  expect(totals(await second.readAll(project))).toEqual({ otlp: [3, 3, 0], langfuse: [2, 0, 2] });
  await second.close();
});

it('balances after a kill: the last snapshot is whole, and what waited in memory is rejected', async () => {
  const store = fakeLedgerStore(fakeAuditStore());
  const killed = await open(store, 'a');
  killed.add({ type: 'received', project, source: 'otlp', spans: 5 });
  killed.add({ type: 'stored', project, source: 'otlp', spans: 2, from: 'memory' });
  await killed.save();
  killed.add({ type: 'received', project, source: 'otlp', spans: 9 });
  const next = await open(store, 'a');
  const { sources } = await next.readAll(project);
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
  other.reject({ project, source: 'otlp', reason: 'bad', sample: 'older' });
  other.add({ type: 'received', project, source: 'otlp', spans: 2 });
  await other.save();
  const savedMs = Date.parse((await store.load({}))[0]?.savedAt ?? '');
  let nowMs = savedMs + 1_000;
  const mine = await open(store, 'a', () => nowMs);
  mine.reject({ project, source: 'otlp', reason: 'bad', sample: 'newer', spans: 2 });
  const alive = await mine.readAll(project);
  expect(totals(alive)).toEqual({ otlp: [5, 0, 3] });
  expect(alive.sources.find(({ source }) => source === 'otlp')).toMatchObject({ waiting: 2 });
  nowMs = savedMs + 61_000;
  const gone = (await mine.readAll(project)).sources.find(({ source }) => source === 'otlp');
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
  ledger.add({ type: 'received', project, source: 'otlp', spans: 1 });
  await ledger.save();
  await ledger.save();
  expect(saves).toBe(2);
  ledger.add({ type: 'stored', project, source: 'otlp', spans: 1, from: 'memory' });
  await ledger.save();
  await ledger.save();
  expect(saves).toBe(3);
  await ledger.close();
});

it('keeps projects apart, shows one that nothing came to as empty, and sums all for whoever owns all', async () => {
  const store = fakeLedgerStore(fakeAuditStore());
  const other = await open(store, 'b');
  other.reject({ project: second, source: 'otlp', reason: 'bad', sample: 'of another server' });
  await other.save();
  const mine = await open(store, 'a');
  mine.add({ type: 'received', project, source: 'otlp', spans: 3 });
  mine.reject({ project: second, source: 'langfuse', reason: 'bad', sample: 'here' });
  const of = async (what: ProjectId | 'all') => totals(await mine.readAll(what));
  expect(await of(project)).toEqual({ otlp: [3, 0, 0] });
  expect(await of(second)).toEqual({ otlp: [1, 0, 1], langfuse: [1, 0, 1] });
  expect(await of('all')).toEqual({ otlp: [4, 0, 1], langfuse: [1, 0, 1] });
  const none = await mine.readAll('nothing came' as ProjectId);
  expect(none.sources.map(({ source, received }) => [source, received])).toEqual([
    ['gateway', 0],
    ['otlp', 0],
  ]);
  await mine.close();
  const again = await open(store, 'a');
  expect(totals(await again.readAll(second))).toEqual({ otlp: [1, 0, 1], langfuse: [1, 0, 1] });
  const handlers = createLedgerHandlers({
    ledger: again,
    letters: { dropped: () => 0, flush: async () => {}, replay: async () => ({ replayed: 0, refused: [] }) },
    store: fakeDeadLetterStore(fakeAuditStore()),
  });
  const sum = (as: Partial<Caller>) =>
    handlers.getServerLedger({
      by: { ...by, role: 'owner', key: null, person: null, team: null, ...as },
      ...{ params: {}, query: undefined, body: undefined },
    });
  expect(totals(await sum({}))).toMatchObject({ langfuse: [1, 0, 1] });
  await expect(sum({ person: 'pn_1' as PersonId })).rejects.toMatchObject({ code: 'forbidden' });
  await expect(sum({ key: 'key_1' as KeyId })).rejects.toMatchObject({ code: 'forbidden' });
  await Promise.all([again.close(), other.close()]);
});

it('saves so many projects at a time, in turn, and all of them at the end', async () => {
  const inner = fakeLedgerStore(fakeAuditStore());
  const saved: string[][] = [];
  const save: LedgerStore['save'] = async (server, books) => {
    saved.push(books.map((one) => one.project));
    await inner.save(server, books);
  };
  const ledger = await open({ ...inner, save }, 'a', undefined, 2);
  const say = (name: string) =>
    ledger.reject({ project: name as ProjectId, source: 'otlp', reason: 'bad', sample: '' });
  for (const name of ['a', 'b', 'c']) say(name);
  await ledger.save();
  say('a');
  await ledger.save();
  await ledger.save();
  expect(saved).toEqual([
    ['a', 'b'],
    ['c', 'a'],
  ]);
  for (const name of ['a', 'b', 'c']) say(name);
  await ledger.close();
  expect(saved[2]?.toSorted()).toEqual(['a', 'b', 'c']);
  expect(await inner.load({ server: 'a', project: 'c' as ProjectId })).toMatchObject([{ accounts: [{ received: 2 }] }]);
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
  ledger.reject({ project, source: 'otlp', reason: 'bad', sample: 's' });
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
