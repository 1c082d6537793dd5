import type { Clock } from '@wheelhouse/core/ports';
import { type LedgerAccount, nanosToMs } from '@wheelhouse/core/records';
import type { RejectedItem } from './dead-letters.ts';
import {
  type Account,
  countSpans,
  createCalendar,
  type DayCounts,
  enter,
  leave,
  noteRejection,
  openAccount,
  other,
  type Rejection,
  toRecord,
  waitingIn,
} from './ledger-account.ts';

/** The door that spans came through: `gateway`, `otlp`, `langfuse` …; a constant of the door, never text of a client. */
export type SpanSource = string;

/** What can happen to spans. A span waits in memory first; the gateway's may wait on disk after that. */
export type LedgerEvent =
  | { type: 'received'; source: SpanSource; spans: number }
  /** Found on disk at the start, left by a process before this one; 0 says that there are none. */
  | { type: 'recovered'; spans: number }
  | { type: 'spilled'; spans: number }
  | { type: 'stored'; source: SpanSource; spans: number; from: 'memory' | 'disk' }
  /** From the `door`: they never waited, and are received and rejected in one. */
  | ({ type: 'rejected'; source: SpanSource; spans: number; from: 'door' | 'memory' | 'disk' } & Rejection);

export type Ledger = {
  add(event: LedgerEvent): void;
  /** Spans that a door refused: counted as `add` does, and what was refused is kept as a dead letter. */
  reject(item: RejectedItem): void;
  /** Is called before the accounts are read, for who counts in groups. */
  beforeRead(count: () => void): void;
  /** An account for each source that was ever used, and for the gateway and OTLP in any case. */
  read(): { since: string; sources: LedgerAccount[] };
};

export type LedgerOptions = {
  clock: Clock;
  /** What the process before this one, on the same data directory, saved last. */
  before?: LedgerAccount[];
  /** Keeps what a door refused. */
  keepLetter?: (item: RejectedItem) => void;
};

/** Sources are few by construction; this keeps a mistake in that from filling memory. */
const maxSources = 32;

/**
 * What became of every span: received = stored + rejected + waiting, after each event. An export that could not be read
 * at all counts as one span, because nobody knows how many it held; one that was answered 503 counts as rejected, and
 * again when the exporter sends it again. What a killed process had in memory, and nobody put on disk, counts as
 * rejected, `server_killed`.
 */
export function createLedger({ clock, before = [], keepLetter }: LedgerOptions): Ledger {
  const accounts = new Map<SpanSource, Account>();
  /** Of the gateway, in the memory of the server before this one; until it is known what is on disk. */
  let orphans = 0;
  let beforeRead = () => {};
  const nowMs = () => nanosToMs(clock.now());
  const now = () => new Date(nowMs()).toISOString();
  const dayOf = createCalendar(nowMs);
  const count = (account: Account, what: keyof DayCounts, spans: number) =>
    countSpans(account, { what, spans, day: dayOf });
  const note = (account: Account, spans: number, why: Rejection) =>
    noteRejection(account, { ...why, spans, lastAt: now() });

  function accountOf(source: SpanSource): Account {
    const known = accounts.get(source);
    if (known) return known;
    if (accounts.size >= maxSources && source !== other) return accountOf(other);
    const opened = openAccount(now());
    accounts.set(source, opened);
    return opened;
  }

  /**
   * What was on disk when last seen and is not any more was stored in between: only then a file is removed. What is there
   * and was not came out of the memory of a server that was killed, or was never heard of.
   */
  function recover(account: Account, found: number): void {
    const known = waitingIn(account, 'disk');
    if (found < known) {
      leave(account, 'disk', known - found);
      count(account, 'stored', known - found);
    }
    const saved = Math.max(0, Math.min(found - known, orphans));
    for (const moved of leave(account, 'memory', saved)) enter(account, 'disk', moved);
    const news = found - known - saved;
    if (news > 0) {
      count(account, 'received', news);
      enter(account, 'disk', { spans: news, sinceMs: nowMs() });
    }
    leave(account, 'memory', orphans - saved);
    lose(account, orphans - saved);
    orphans = 0;
  }

  function lose(account: Account, spans: number): void {
    if (spans === 0) return;
    count(account, 'rejected', spans);
    const sample = 'They were in memory when the server was killed; exporters send theirs again.';
    note(account, spans, { reason: 'server_killed', sample });
  }

  function add(event: LedgerEvent): void {
    const { spans } = event;
    const account = accountOf('source' in event ? event.source : 'gateway');
    switch (event.type) {
      case 'received':
        count(account, 'received', spans);
        if (spans > 0) enter(account, 'memory', { spans, sinceMs: nowMs() });
        break;
      case 'recovered':
        recover(account, spans);
        break;
      case 'spilled':
        for (const moved of leave(account, 'memory', spans)) enter(account, 'disk', moved);
        break;
      case 'stored':
        leave(account, event.from, spans);
        count(account, 'stored', spans);
        break;
      case 'rejected':
        if (event.from === 'door') count(account, 'received', spans);
        else leave(account, event.from, spans);
        count(account, 'rejected', spans);
        note(account, spans, event);
    }
  }

  function resume(saved: LedgerAccount): void {
    const account = openAccount(now(), saved);
    accounts.set(saved.source, account);
    const sinceMs = saved.oldestWaitingAt === null ? nowMs() : Date.parse(saved.oldestWaitingAt);
    if (saved.spilled > 0) enter(account, 'disk', { spans: saved.spilled, sinceMs });
    const lost = saved.waiting - saved.spilled;
    if (saved.source !== 'gateway') lose(account, lost);
    else if (lost > 0) {
      // The process that records outlives the server by a moment, in which it puts on disk what it has.
      orphans = lost;
      enter(account, 'memory', { spans: lost, sinceMs });
    }
  }

  for (const source of ['gateway', 'otlp']) accountOf(source);
  for (const account of before) resume(account);

  return {
    add,
    reject(item) {
      const { source, reason, sample, spans = 1 } = item;
      add({ type: 'rejected', source, spans, from: 'door', reason, sample });
      keepLetter?.(item);
    },
    beforeRead(count) {
      beforeRead = count;
    },
    read() {
      beforeRead();
      const sources = [...accounts].map(([source, account]) => toRecord(source, account));
      return { since: sources.map(({ since }) => since).sort()[0] ?? now(), sources };
    },
  };
}
