import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, LedgerStore } from '@wheelhouse/core/ports';
import { type LedgerAccount, type LedgerBook, nanosToMs, type ProjectId } from '@wheelhouse/core/records';
import type { DeadLetters } from './dead-letters.ts';
import { createLedger, everySource, type Ledger } from './ledger.ts';
import { openAccount, toRecord } from './ledger-account.ts';

export type LedgerDeps = {
  store: LedgerStore;
  /** This server, in {@link LedgerStore}. */
  server: string;
  clock: Clock;
  letters: Pick<DeadLetters, 'keep' | 'flush'>;
  log: { warn(details: object, message: string): void };
  saveEveryMs?: number;
  /** Projects that are saved at a time. */
  atOnce?: number;
};

export type ReadLedger = Pick<Awaited<ReturnType<Handlers['getLedger']>>, 'since' | 'partial' | 'sources'>;

export type KeptLedger = Ledger & {
  /** What all servers counted, of one project or of all: each source that was ever used, the gateway and OTLP in any case. */
  readAll(of: ProjectId | 'all'): Promise<ReadLedger>;
  /** Saves now; rejects when the store does not take it. */
  save(): Promise<void>;
  /** Saves the last time, and everything. */
  close(): Promise<void>;
};

/** A server that has spans in memory saves at least this often; one that does not was killed. */
const silentMs = 60_000;
const defaultSaveMs = 500;
/** Keeps a save short where thousands of projects are at work; those that were saved longest ago come first. */
const defaultAtOnce = 100;
/** Whoever asks for the ledger while the store hangs hears of this server alone. */
const patienceMs = 1_000;

/** null when there is no answer in time, or none at all. */
async function inTime<T>(answer: Promise<T>): Promise<T | null> {
  const answered = new AbortController();
  const late = sleep(patienceMs, null, { signal: answered.signal }).catch(() => null);
  return Promise.race([answer.catch(() => null), late]).finally(() => answered.abort());
}

/** Who counts: the data directory, which one process at a time uses. */
export async function serverOf(dir: string, newToken: () => string): Promise<string> {
  const file = join(dir, 'server-id');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (/^[0-9a-f]{32}$/.test(known.trim())) return known.trim();
  const made = newToken();
  await mkdir(dir, { recursive: true });
  await writeFile(file, `${made}\n`);
  return made;
}

/** What a server that was killed had in memory is lost; exporters send theirs again. */
function closeLost(account: LedgerAccount): LedgerAccount {
  const lost = account.waiting - account.spilled;
  if (lost === 0) return account;
  const reason = 'server_killed';
  const before = account.rejections.find((rejection) => rejection.reason === reason);
  const lastAt = account.oldestWaitingAt ?? account.since;
  const sample = 'They were in memory of a server that has not been heard of since.';
  return {
    ...account,
    waiting: account.spilled,
    rejected: account.rejected + lost,
    rejections: [
      ...account.rejections.filter((rejection) => rejection.reason !== reason),
      { reason, spans: lost + (before?.spans ?? 0), lastAt, sample },
    ],
  };
}

function mergeBy<T>(items: T[], keyOf: (item: T) => string, merge: (a: T, b: T) => T): T[] {
  const merged = new Map<string, T>();
  for (const item of items) {
    const before = merged.get(keyOf(item));
    merged.set(keyOf(item), before === undefined ? item : merge(before, item));
  }
  return [...merged.values()];
}

const earlier = (a: string | null, b: string | null) => (a === null || (b !== null && b < a) ? b : a);

/** The sum of what several servers counted of one source. */
function addAccounts(a: LedgerAccount, b: LedgerAccount): LedgerAccount {
  return {
    source: a.source,
    since: [a.since, b.since].sort()[0] ?? a.since,
    received: a.received + b.received,
    stored: a.stored + b.stored,
    rejected: a.rejected + b.rejected,
    waiting: a.waiting + b.waiting,
    spilled: a.spilled + b.spilled,
    oldestWaitingAt: earlier(a.oldestWaitingAt, b.oldestWaitingAt),
    rejections: mergeBy(
      [...a.rejections, ...b.rejections],
      ({ reason }) => reason,
      (x, y) => ({ ...(x.lastAt < y.lastAt ? y : x), spans: x.spans + y.spans }),
    ),
    days: mergeBy(
      [...a.days, ...b.days],
      ({ day }) => day,
      (x, y) => ({
        day: x.day,
        received: x.received + y.received,
        stored: x.stored + y.stored,
        rejected: x.rejected + y.rejected,
      }),
    ).sort((x, y) => (x.day < y.day ? -1 : 1)),
  };
}

type Written = { changes: number; turn: number; inMemory: boolean };

/** Saves what changed since it was saved last, book by book, so that each is whole. */
function createSaves({ store, server }: Pick<LedgerDeps, 'store' | 'server'>, ledger: Ledger) {
  const written = new Map<ProjectId, Written>();
  let turn = 0;

  /** @param most so many books; the others have their turn the next time */
  return async function write(most: number): Promise<void> {
    turn += 1;
    const due = [...ledger.changes()]
      .map(([project, changes]) => ({ project, changes, last: written.get(project) }))
      // The repeated save says that this server is alive, and what is in its memory not lost.
      .filter(({ changes, last }) => changes !== (last?.changes ?? 0) || last?.inMemory === true)
      .sort((a, b) => (a.last?.turn ?? 0) - (b.last?.turn ?? 0))
      .slice(0, most);
    if (due.length === 0) return;
    const books = due.map(({ project }) => ({ project, accounts: ledger.read(project) }));
    await store.save(server, books);
    for (const [i, { project, changes }] of due.entries()) {
      const inMemory = books[i]?.accounts.some(({ waiting, spilled }) => waiting > spilled) === true;
      written.set(project, { changes, turn, inMemory });
    }
  };
}

/**
 * The ledger across restarts: it goes on with what this server saved last, and saves twice a second while something
 * changes. A book is saved whole, so that a kill takes back at most the last half second on both sides of the balance.
 */
export async function openLedger(deps: LedgerDeps): Promise<KeptLedger> {
  const { store, server, clock, letters, log } = deps;
  const before: LedgerBook[] = await store.load({ server });
  const ledger = createLedger({ clock, before, keepLetter: letters.keep });
  const write = createSaves(deps, ledger);
  const openedAt = new Date(nanosToMs(clock.now())).toISOString();
  let saving: Promise<void> = Promise.resolve();
  let closed = false;

  const save = (most = deps.atOnce ?? defaultAtOnce) => {
    const next = saving.then(() => write(most));
    saving = next.catch(() => {});
    return next;
  };

  let failures = 0;
  let timer: NodeJS.Timeout;
  const tick = async () => {
    await Promise.all([save(), letters.flush()]).then(
      () => {
        failures = 0;
      },
      (err: unknown) => {
        if (failures++ === 0) log.warn({ err }, 'the ledger is not saved; it is tried again');
      },
    );
    if (!closed) schedule();
  };
  const schedule = () => {
    timer = setTimeout(tick, deps.saveEveryMs ?? defaultSaveMs).unref();
  };
  schedule();

  return {
    ...ledger,
    save: () => save(),
    async readAll(of) {
      const mine = of === 'all' ? [...ledger.changes().keys()].flatMap(ledger.read) : ledger.read(of);
      const all = await inTime(store.load(of === 'all' ? {} : { project: of }));
      const nowMs = nanosToMs(clock.now());
      const others = (all ?? [])
        .filter((one) => one.server !== server)
        .flatMap(({ savedAt, accounts }) =>
          nowMs - Date.parse(savedAt) > silentMs ? accounts.map(closeLost) : accounts,
        );
      const used = [...mine, ...others];
      const since = used.map((account) => account.since).sort()[0] ?? openedAt;
      const unused = everySource.map((source) => toRecord(source, openAccount(since)));
      const sources = mergeBy([...unused, ...used], ({ source }) => source, addAccounts);
      return { since, partial: all === null, sources };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.allSettled([save(Number.POSITIVE_INFINITY), letters.flush()]);
    },
  };
}
