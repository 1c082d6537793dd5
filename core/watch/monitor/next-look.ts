import type { MonitorDefinition, MonitorLook } from '../../records/index.ts';
import { type Judgement, windowsBeforeAlert, windowsBeforeEnd } from './judge-window.ts';

/** What follows for the alert of a monitor. */
export type AlertStep = { kind: 'open'; of: 'alert' | 'no_data' } | { kind: 'close' } | null;

export type Seen = Judgement & {
  at: string;
  until: string;
  value: number | null;
  rows: number;
  /** Of rules that look at each window once; null: the same time may be looked at again and again. */
  windowMs?: number | null;
  /** What the window before it says now that more of it has come; left out: nobody looked again. */
  earlier?: Judgement['found'] | undefined;
};

/**
 * How many windows in a row were bad and good before this one. A clock that was wrong, or a server that was away, leaves
 * windows out or comes to them again: what is not next to each other is not in a row, and no window counts twice.
 */
function inARow({ bad, good, until: last }: Counted, { at, until, windowMs, earlier }: Seen): Counts | null {
  if (windowMs == null || last === null) return { bad, good };
  const [lastMs, untilMs] = [Date.parse(last), Date.parse(until)];
  // What was seen in a future that is none was the clock's; by less than a window it was that window.
  if (lastMs > Date.parse(at) + windowMs) return { bad: 0, good: 0 };
  if (untilMs <= lastMs) return null;
  const known = untilMs - lastMs < 1.5 * windowMs ? { bad, good } : { bad: 0, good: 0 };
  if (earlier === 'bad') return { bad: Math.max(1, known.bad), good: 0 };
  return earlier === 'good' ? { bad: 0, good: Math.max(known.good, known.bad > 0 ? 1 : 0) } : known;
}
type Counts = { bad: number; good: number };
type Counted = Counts & Pick<MonitorLook, 'until'>;

/**
 * From one look to the next: an alert opens when enough windows in a row were bad, and ends when enough in a row were not.
 * A window that tells nothing neither opens nor ends it, unless the monitor is to tell of such windows; one that was
 * looked at before changes nothing.
 * @param isOpen whether an alert is open
 */
export function nextLook(
  { rule, alertOnNoData }: Pick<MonitorDefinition, 'rule' | 'alertOnNoData'>,
  before: MonitorLook,
  { seen, isOpen }: { seen: Seen; isOpen: boolean },
): { look: MonitorLook; step: AlertStep } {
  const was = inARow(before, seen);
  if (was === null) return { look: { ...before, problem: null }, step: null };
  const isNothing = seen.found === 'nothing';
  const isBad = seen.found === 'bad' || (isNothing && alertOnNoData);
  const bad = isBad ? was.bad + 1 : isNothing ? was.bad : 0;
  const good = seen.found === 'good' ? was.good + 1 : isNothing && !isBad ? was.good : 0;
  const opens = !isOpen && isBad && bad >= windowsBeforeAlert[rule.kind];
  // An alert of no data says nothing of what is bad: it ends, and the next look opens one that does.
  const isOfNothing = isOpen && before.status === 'no_data';
  const turns = isOfNothing && seen.found === 'bad';
  const closes = isOpen && (good >= windowsBeforeEnd || turns);
  const stays = isOpen && !closes;
  const isAlert = opens || turns || stays;
  const ofNothing = isNothing ? !(stays && before.status === 'alert') : stays && isOfNothing;
  const status = ofNothing ? 'no_data' : isAlert ? 'alert' : 'ok';
  const { value, rows, sentence, expected, until, at } = seen;
  const since = status === before.status ? before.since : at;
  return {
    look: { status, since, until, value, expected, rows, sentence, bad, good, problem: null },
    step: opens ? { kind: 'open', of: isNothing ? 'no_data' : 'alert' } : closes ? { kind: 'close' } : null,
  };
}
