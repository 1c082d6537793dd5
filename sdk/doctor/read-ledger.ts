import type { LedgerBody } from '@wheelhouse/core/contract';
import { errorTable } from '@wheelhouse/core/records';
import { type Check, good, warn } from './check.ts';

type Source = LedgerBody['sources'][number];
type Rejection = Source['rejections'][number];

const doors = new Map([
  ['gateway', 'the gateway'],
  ['otlp', 'OTLP'],
]);
const many = (count: number, one: string) => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

/** The newest rejection of the newest day on which anything happened, with the door it came to; older ones are history. */
function lastRejection({ sources }: LedgerBody): (Rejection & { source: Source['source'] }) | null {
  const newest = sources.flatMap(({ days }) => days.map(({ day }) => day)).sort();
  const today = newest.at(-1) ?? '';
  const all = sources.flatMap(({ source, rejections }) => rejections.map((one) => ({ ...one, source })));
  const recent = all.filter(({ lastAt }) => lastAt >= today).sort((a, b) => (a.lastAt < b.lastAt ? -1 : 1));
  return recent.at(-1) ?? null;
}

const isCode = (reason: string): reason is keyof typeof errorTable => Object.hasOwn(errorTable, reason);

/** Reasons that are no code of the error table: what is wrong with a single span, or with our own storing. */
const todos: [RegExp, string][] = [
  [/trace ?id|span ?id/i, 'Ids are 16 and 8 bytes, not all zero; in JSON, 32 and 16 hex digits.'],
  [/time/i, 'Times are nanoseconds since 1970: startTimeUnixNano, and endTimeUnixNano once the span has ended.'],
  [/nested/i, 'Send deep values as JSON text.'],
  [/^(?:store|spill)_/, 'This is about the server’s own disk or database; its log says more.'],
];

/** What to do about a reason for which spans were refused. */
function todoFor({ reason }: Rejection): string {
  if (isCode(reason)) return errorTable[reason].hint;
  const known = todos.find(([pattern]) => pattern.test(reason))?.[1];
  return known ?? 'Correct this in whatever sends the spans, then send them again.';
}

/** What became of every span, one check a door that was used. */
export function readLedger(ledger: LedgerBody): Check[] {
  const used = ledger.sources.filter(({ received, rejections }) => received > 0 || rejections.length > 0);
  if (used.length === 0) return [good('spans', 'No span has arrived yet.')];
  const last = lastRejection(ledger);
  return used.map(({ source, received, stored, rejected, waiting, spilled }) => {
    const counts = `${many(received, 'span')} through ${doors.get(source) ?? source}: ${stored.toLocaleString('en')} stored`;
    if (last?.source === source)
      return warn(
        'spans',
        `${counts}, ${rejected.toLocaleString('en')} rejected. The last, at ${last.lastAt.slice(11, 19)} UTC: ${last.sample || last.reason}`,
        todoFor(last),
      );
    if (waiting > 0)
      return warn(
        'spans',
        `${counts}, ${waiting.toLocaleString('en')} waiting${spilled > 0 ? `, ${spilled.toLocaleString('en')} of them on disk` : ''}.`,
        'Nothing is lost; they are stored as soon as the database keeps up.',
      );
    return good('spans', `${counts}, ${rejected === 0 ? 'none' : rejected.toLocaleString('en')} rejected.`);
  });
}
