import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, LedgerStore } from '@wheelhouse/core/ports';
import { type LedgerAccount, nanosToMs, type ProjectId } from '@wheelhouse/core/records';
import type { DeadLetters } from './dead-letters.ts';
import { createLedger, type Ledger } from './ledger.ts';

export type LedgerDeps = {
  store: LedgerStore;
  project: ProjectId;
  /** This server, in {@link LedgerStore}. */
  server: string;
  clock: Clock;
  letters: Pick<DeadLetters, 'keep' | 'flush'>;
  log: { warn(details: object, message: string): void };
  saveEveryMs?: number;
};

export type LedgerBook = Pick<Awaited<ReturnType<Handlers['getLedger']>>, 'since' | 'partial' | 'sources'>;

export type KeptLedger = Ledger & {
  /** The accounts of all servers of the project. */
  readAll(): Promise<LedgerBook>;
  /** Saves now; rejects when the store does not take it. */
  save(): Promise<void>;
  /** Saves the last time. */
  close(): Promise<void>;
};

/** A server that has spans in memory saves at least this often; one that does not was killed. */
const silentMs = 60_000;
const defaultSaveMs = 500;
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

/**
 * The ledger across restarts: it goes on with what this server saved last, and saves twice a second while something
 * changes. A snapshot is whole, so that a kill takes back at most the last half second on both sides of the balance.
 */
export async function openLedger(deps: LedgerDeps): Promise<KeptLedger> {
  const { store, project, server, clock, letters, log } = deps;
  const saved = await store.load(project);
  const before = saved.find((one) => one.server === server)?.accounts ?? [];
  const ledger = createLedger({ clock, before, keepLetter: letters.keep });
  let written = JSON.stringify(before);
  let saving: Promise<void> = Promise.resolve();
  let closed = false;

  async function write(): Promise<void> {
    const { sources } = ledger.read();
    const snapshot = JSON.stringify(sources);
    const inMemory = sources.some(({ waiting, spilled }) => waiting > spilled);
    // The repeated save says that this server is alive, and what is in its memory not lost.
    if (snapshot === written && !inMemory) return;
    await store.save(project, server, sources);
    written = snapshot;
  }
  const save = () => {
    const next = saving.then(write);
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
    save,
    async readAll() {
      const mine = ledger.read();
      const all = await inTime(store.load(project));
      const nowMs = nanosToMs(clock.now());
      const others = (all ?? [])
        .filter((one) => one.server !== server)
        .flatMap(({ savedAt, accounts }) =>
          nowMs - Date.parse(savedAt) > silentMs ? accounts.map(closeLost) : accounts,
        );
      const sources = mergeBy([...mine.sources, ...others], ({ source }) => source, addAccounts);
      const since = sources.map((account) => account.since).sort()[0] ?? mine.since;
      return { since, partial: all === null, sources };
    },
    async close() {
      closed = true;
      clearTimeout(timer);
      await Promise.allSettled([save(), letters.flush()]);
    },
  };
}
