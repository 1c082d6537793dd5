import { type LedgerAccount, preview } from '@wheelhouse/core/records';
import { redactText } from './redact.ts';

/** Why spans were not kept: `reason` is one of few, `sample` says it for the case at hand. */
export type Rejection = { reason: string; sample: string };

export type Place = 'memory' | 'disk';
export type DayCounts = { received: number; stored: number; rejected: number };
type Waiting = { sinceMs: number; spans: number };
/** What became of the spans of one source: received = stored + rejected + what waits. */
export type Account = DayCounts & {
  since: string;
  rejections: Map<string, LedgerAccount['rejections'][number]>;
  days: Map<string, DayCounts>;
  /** What waits, oldest first, gathered by second. */
  waiting: Record<Place, Waiting[]>;
};

/** Stands for sources and reasons beyond the number that is counted apart. */
export const other = 'other';
/** Reasons are few by construction; this keeps a mistake in that from filling memory. */
const maxReasons = 50;
const maxDays = 90;
const sampleLength = 200;
const dayMs = 86_400_000;

const sumOf = (waiting: Waiting[]) => waiting.reduce((sum, { spans }) => sum + spans, 0);
export const waitingIn = ({ waiting }: Account, place: Place): number => sumOf(waiting[place]);

/** @param before what was saved of it; what waited then has to be entered */
export function openAccount(since: string, before?: LedgerAccount): Account {
  return {
    since: before?.since ?? since,
    received: before?.received ?? 0,
    stored: before?.stored ?? 0,
    rejected: before?.rejected ?? 0,
    rejections: new Map(before?.rejections.map((rejection) => [rejection.reason, rejection])),
    days: new Map(before?.days.map(({ day, ...counts }) => [day, counts])),
    waiting: { memory: [], disk: [] },
  };
}

/** The account as it is saved and shown. */
export function toRecord(source: string, { waiting, rejections, days, ...totals }: Account): LedgerAccount {
  const spilled = sumOf(waiting.disk);
  const oldest = [waiting.memory[0], waiting.disk[0]].flatMap((first) => (first ? [first.sinceMs] : []));
  return {
    source,
    ...totals,
    waiting: sumOf(waiting.memory) + spilled,
    spilled,
    oldestWaitingAt: oldest.length === 0 ? null : new Date(Math.min(...oldest)).toISOString(),
    rejections: [...rejections.values()],
    days: [...days].map(([day, counts]) => ({ day, ...counts })),
  };
}

/** Tells the day, UTC; written out once a day, because this runs with each call of the gateway. */
export function createCalendar(nowMs: () => number): () => string {
  let today = { number: -1, text: '' };
  return () => {
    const number = Math.floor(nowMs() / dayMs);
    if (number !== today.number) today = { number, text: new Date(number * dayMs).toISOString().slice(0, 10) };
    return today.text;
  };
}

export type Count = { what: keyof DayCounts; spans: number; day(): string };

export function countSpans(account: Account, { what, spans, day }: Count): void {
  if (spans === 0) return;
  account[what] += spans;
  const { days } = account;
  const today = day();
  const counts = days.get(today) ?? { received: 0, stored: 0, rejected: 0 };
  counts[what] += spans;
  days.set(today, counts);
  for (const oldest of days.keys()) {
    if (days.size <= maxDays) break;
    days.delete(oldest);
  }
}

export function noteRejection({ rejections }: Account, given: Rejection & { spans: number; lastAt: string }): void {
  const known = rejections.has(given.reason) || rejections.size < maxReasons;
  const reason = known ? given.reason : other;
  const spans = (rejections.get(reason)?.spans ?? 0) + given.spans;
  const sample = preview(redactText(given.sample), sampleLength);
  rejections.set(reason, { reason, spans, lastAt: given.lastAt, sample });
}

export function enter(account: Account, place: Place, { spans, sinceMs }: Waiting): void {
  const last = account.waiting[place].at(-1);
  if (last && Math.floor(last.sinceMs / 1000) >= Math.floor(sinceMs / 1000)) last.spans += spans;
  else account.waiting[place].push({ sinceMs, spans });
}

/** The oldest go first, which is how the lanes work; tells since when they waited. */
export function leave(account: Account, place: Place, spans: number): Waiting[] {
  const left: Waiting[] = [];
  let missing = spans;
  for (let first = account.waiting[place][0]; first && missing > 0; first = account.waiting[place][0]) {
    const taken = Math.min(first.spans, missing);
    left.push({ sinceMs: first.sinceMs, spans: taken });
    first.spans -= taken;
    missing -= taken;
    if (first.spans === 0) account.waiting[place].shift();
  }
  return left;
}
