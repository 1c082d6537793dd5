import type { Clock } from '@wheelhouse/core/ports';
import { type LedgerAccount, type LedgerBook, nanosToMs, type ProjectId } from '@wheelhouse/core/records';
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

type Counted = { project: ProjectId; source: SpanSource; spans: number };

/** What can happen to spans. A span waits in memory first; the gateway's may wait on disk after that. */
export type LedgerEvent =
  | (Counted & { type: 'received' })
  /** Found on disk at the start, left by a process before this one; a project that is not named has none. */
  | { type: 'recovered'; found: ReadonlyMap<ProjectId, number> }
  /** The gateway's. */
  | { type: 'spilled'; project: ProjectId; spans: number }
  | (Counted & { type: 'stored'; from: 'memory' | 'disk' })
  /** From the `door`: they never waited, and are received and rejected in one. */
  | (Counted & { type: 'rejected'; from: 'door' | 'memory' | 'disk' } & Rejection);

/** How many of all are each project's. */
export function countByProject(all: readonly { projectId: ProjectId }[]): Map<ProjectId, number> {
  const counts = new Map<ProjectId, number>();
  for (const { projectId } of all) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  return counts;
}

export type SourceTotals = Pick<LedgerAccount, 'source' | 'received' | 'stored' | 'rejected' | 'waiting'>;

export type Ledger = {
  add(event: LedgerEvent): void;
  /** Spans that a door refused: counted as `add` does, and what was refused is kept as a dead letter. */
  reject(item: RejectedItem): void;
  /** Is called before the accounts are read, for who counts in groups. */
  beforeRead(count: () => void): void;
  /** An account for each source that was ever used. */
  read(project: ProjectId): LedgerAccount[];
  /** How often something happened in each project; those of before in which nothing did stand at 0. */
  changes(): ReadonlyMap<ProjectId, number>;
  /** Of all projects together. */
  totals(): SourceTotals[];
};

export type LedgerOptions = {
  clock: Clock;
  /** What the process before this one, on the same data directory, saved last. */
  before?: readonly LedgerBook[];
  /** Keeps what a door refused. */
  keepLetter?: (item: RejectedItem) => void;
};

/** They have an account whatever else comes, and are shown when nothing came. */
export const everySource: readonly SpanSource[] = ['gateway', 'otlp'];
/** Sources are few by construction; this keeps a mistake in that from filling memory. */
const maxSources = 32;

type Book = {
  accounts: Map<SpanSource, Account>;
  changes: number;
  /** Of the gateway, in the memory of the server before this one; until it is known what is on disk. */
  orphans: number;
};

function openBook(books: Map<ProjectId, Book>, project: ProjectId): Book {
  const known = books.get(project);
  if (known) return known;
  const opened: Book = { accounts: new Map(), changes: 0, orphans: 0 };
  books.set(project, opened);
  return opened;
}

function accountIn({ accounts }: Book, source: SpanSource, now: () => string): Account {
  const isOwn = accounts.has(source) || accounts.size < maxSources || everySource.includes(source);
  const name = isOwn ? source : other;
  const known = accounts.get(name);
  if (known) return known;
  const opened = openAccount(now());
  accounts.set(name, opened);
  return opened;
}

function totalsOf(books: Iterable<Book>): SourceTotals[] {
  const totals = new Map<SpanSource, SourceTotals>();
  for (const { accounts } of books)
    for (const [source, account] of accounts) {
      const sum = totals.get(source) ?? { source, received: 0, stored: 0, rejected: 0, waiting: 0 };
      sum.received += account.received;
      sum.stored += account.stored;
      sum.rejected += account.rejected;
      sum.waiting += waitingIn(account, 'memory') + waitingIn(account, 'disk');
      totals.set(source, sum);
    }
  return [...totals.values()];
}

/**
 * What became of every span, by project and source: received = stored + rejected + waiting, after each event. An export
 * that could not be read at all counts as one span, because nobody knows how many it held; one that was answered 503
 * counts as rejected, and again when the exporter sends it again. What a killed process had in memory, and nobody put on
 * disk, counts as rejected, `server_killed`.
 */
export function createLedger({ clock, before = [], keepLetter }: LedgerOptions): Ledger {
  const books = new Map<ProjectId, Book>();
  const bookOf = (project: ProjectId) => openBook(books, project);
  const accountOf = (book: Book, source: SpanSource) => accountIn(book, source, now);
  let beforeRead = () => {};
  const nowMs = () => nanosToMs(clock.now());
  const now = () => new Date(nowMs()).toISOString();
  const dayOf = createCalendar(nowMs);
  const count = (account: Account, what: keyof DayCounts, spans: number) =>
    countSpans(account, { what, spans, day: dayOf });
  const note = (account: Account, spans: number, why: Rejection) =>
    noteRejection(account, { ...why, spans, lastAt: now() });

  /**
   * What was on disk when last seen and is not any more was stored in between: only then a file is removed. What is there
   * and was not came out of the memory of a server that was killed, or was never heard of.
   */
  function recover(book: Book, found: number): void {
    const account = accountOf(book, 'gateway');
    const { orphans } = book;
    const known = waitingIn(account, 'disk');
    if (found === known && orphans === 0) return;
    book.changes += 1;
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
    book.orphans = 0;
  }

  function lose(account: Account, spans: number): void {
    if (spans === 0) return;
    count(account, 'rejected', spans);
    const sample = 'They were in memory when the server was killed; exporters send theirs again.';
    note(account, spans, { reason: 'server_killed', sample });
  }

  function add(event: LedgerEvent): void {
    if (event.type === 'recovered') {
      for (const project of event.found.keys()) accountOf(bookOf(project), 'gateway');
      for (const [project, book] of books)
        if (book.accounts.has('gateway')) recover(book, event.found.get(project) ?? 0);
      return;
    }
    const { spans } = event;
    const book = bookOf(event.project);
    book.changes += 1;
    const account = accountOf(book, event.type === 'spilled' ? 'gateway' : event.source);
    switch (event.type) {
      case 'received':
        count(account, 'received', spans);
        if (spans > 0) enter(account, 'memory', { spans, sinceMs: nowMs() });
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

  function resume(book: Book, saved: LedgerAccount): void {
    const account = openAccount(now(), saved);
    book.accounts.set(saved.source, account);
    if (saved.waiting > 0) book.changes += 1;
    const sinceMs = saved.oldestWaitingAt === null ? nowMs() : Date.parse(saved.oldestWaitingAt);
    if (saved.spilled > 0) enter(account, 'disk', { spans: saved.spilled, sinceMs });
    const lost = saved.waiting - saved.spilled;
    if (saved.source !== 'gateway') lose(account, lost);
    else if (lost > 0) {
      // The process that records outlives the server by a moment, in which it puts on disk what it has.
      book.orphans = lost;
      enter(account, 'memory', { spans: lost, sinceMs });
    }
  }

  for (const { project, accounts } of before) for (const account of accounts) resume(bookOf(project), account);

  return {
    add,
    reject(item) {
      const { project, source, reason, sample, spans = 1 } = item;
      add({ type: 'rejected', project, source, spans, from: 'door', reason, sample });
      keepLetter?.(item);
    },
    beforeRead(count) {
      beforeRead = count;
    },
    read(project) {
      beforeRead();
      return [...(books.get(project)?.accounts ?? [])].map(([source, account]) => toRecord(source, account));
    },
    changes() {
      beforeRead();
      return new Map([...books].map(([project, { changes }]) => [project, changes]));
    },
    totals() {
      beforeRead();
      return totalsOf(books.values());
    },
  };
}
