import { type MonitorDefinition, type MonitorGroup, type MonitorLook, mostMonitorGroups } from '../../records/index.ts';
import type { Judgement } from './judge-window.ts';
import { type AlertStep, nextLook, type Seen } from './next-look.ts';

/** What one look found of one group. */
export type GroupSeen = Judgement & {
  /** Its value; null: those that have none. */
  name: string | null;
  value: number | null;
  rows: number;
  /** The traces behind it, in the filter language. */
  q: string;
  earlier?: Judgement['found'] | undefined;
};

export type GroupStep = { group: GroupSeen; alertId: string | null; step: NonNullable<AlertStep> };

/** One that had no traces for so long is forgotten, and an alert of it ends. */
const forgottenMs = 28 * 86_400_000;

const asLook = (group: MonitorGroup, before: MonitorLook): MonitorLook => ({
  ...{ ...group, until: before.until, problem: null },
});
const fresh = (name: string | null, at: string): MonitorGroup => ({
  ...{ name, status: 'no_data', since: at, value: null, expected: null, rows: 0, sentence: '', bad: 0, good: 0 },
  ...{ alertId: null, seenAt: at },
});

const isNewest = (a: MonitorGroup, b: MonitorGroup) =>
  Number(b.alertId !== null) - Number(a.alertId !== null) ||
  Number(b.rows > 0) - Number(a.rows > 0) ||
  b.rows - a.rows ||
  Date.parse(b.seenAt) - Date.parse(a.seenAt);

/**
 * From one look to the next, group by group: each has a state and alerts of its own. Those that are not in what was seen
 * stay as they were, and after four weeks without traces they are forgotten.
 */
export function nextGroups(
  definition: Pick<MonitorDefinition, 'rule' | 'alertOnNoData'>,
  before: MonitorLook,
  { seen, at, until, windowMs }: Pick<Seen, 'at' | 'until' | 'windowMs'> & { seen: readonly GroupSeen[] },
): { groups: MonitorGroup[]; steps: GroupStep[]; forgotten: string[] } {
  const known = new Map((before.groups ?? []).map((group) => [group.name, group]));
  const steps: GroupStep[] = [];
  const looked = seen.map((group): MonitorGroup => {
    const was = known.get(group.name) ?? fresh(group.name, at);
    known.delete(group.name);
    const { look, step } = nextLook(definition, asLook(was, before), {
      seen: { ...group, at, until, windowMs: windowMs ?? null },
      isOpen: was.alertId !== null,
    });
    if (step !== null) steps.push({ group, alertId: was.alertId, step });
    const { status, since, value, expected, rows, sentence, bad, good } = look;
    return {
      ...{
        name: group.name,
        status: status === 'waiting' ? 'no_data' : status,
        since,
        value,
        expected,
        rows,
        sentence,
      },
      ...{ bad, good, alertId: was.alertId, seenAt: group.rows > 0 ? at : was.seenAt },
    };
  });
  const isForgotten = ({ seenAt }: MonitorGroup) => Date.parse(at) - Date.parse(seenAt) > forgottenMs;
  const all = [...looked, ...known.values()].toSorted(isNewest);
  const kept = all.filter(
    (group, place) => !isForgotten(group) && (place < mostMonitorGroups || group.alertId !== null),
  );
  const gone = new Set(all.filter((group) => !kept.includes(group)));
  return {
    groups: kept,
    steps: steps.filter(({ group }) => ![...gone].some(({ name }) => name === group.name)),
    forgotten: [...gone].flatMap(({ alertId }) => alertId ?? []),
  };
}

const shown = 3;
/** A group as sentences call it. */
export const groupName = (name: string | null): string => name ?? 'none';

/** What a look at all groups says: first what is bad. */
export function summaryOfGroups(
  groups: readonly (Pick<MonitorGroup, 'name' | 'sentence'> & { is: Judgement['found'] })[],
  by: string,
): string {
  const bad = groups.filter(({ is }) => is === 'bad');
  const known = groups.filter(({ is }) => is !== 'nothing').length;
  if (groups.length === 0) return `No ${by} had traces.`;
  if (bad.length === 0)
    return known === 0
      ? `None of ${groups.length} groups by ${by} has enough to tell.`
      : `None of ${known} groups by ${by} is worth a message.`;
  const named = bad.slice(0, shown).map(({ name, sentence }) => `${groupName(name)}: ${sentence}`);
  const more = bad.length > shown ? ` And ${bad.length - shown} more.` : '';
  return `${bad.length} of ${groups.length} groups by ${by}. ${named.join(' ')}${more}`;
}
