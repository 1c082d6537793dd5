import type { MonitorDefinition, MonitorLook } from '../../records/index.ts';
import { type Judgement, windowsBeforeAlert, windowsBeforeEnd } from './judge-window.ts';

/** What follows for the alert of a monitor. */
export type AlertStep = { kind: 'open'; of: 'alert' | 'no_data' } | { kind: 'close' } | null;

type Seen = Judgement & { at: string; until: string; value: number | null; rows: number };

/**
 * From one look to the next: an alert opens when enough windows in a row were bad, and ends when enough in a row were not.
 * A window that tells nothing neither opens nor ends it, unless the monitor is to tell of such windows.
 * @param isOpen whether an alert is open
 */
export function nextLook(
  { rule, alertOnNoData }: Pick<MonitorDefinition, 'rule' | 'alertOnNoData'>,
  before: MonitorLook,
  { seen, isOpen }: { seen: Seen; isOpen: boolean },
): { look: MonitorLook; step: AlertStep } {
  const isNothing = seen.found === 'nothing';
  const isBad = seen.found === 'bad' || (isNothing && alertOnNoData);
  const bad = isBad ? before.bad + 1 : isNothing ? before.bad : 0;
  const good = seen.found === 'good' ? before.good + 1 : isNothing && !isBad ? before.good : 0;
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
