import {
  type CancelSignal,
  type Clock,
  type DueMonitor,
  type LookResult,
  type MonitorStore,
  type Random,
  workOnDue,
} from '@wheelhouse/core/ports';
import { idRandomBytes, newId, wholeMs } from '@wheelhouse/core/records';
import { groupName, nextGroups, nextLook, summaryOfGroups } from '@wheelhouse/core/watch';
import { type Found, type Looker, nextDueMs } from './look.ts';

export type MonitorLookDeps = {
  monitors: Pick<MonitorStore, 'claim' | 'record'>;
  looker: Looker;
  clock: Clock;
  random: Random;
  log: { error(details: object, message: string): void };
};

const holdMs = 60_000;
const looksAtOnce = 20;
/** What opens or ends within it goes to a channel as one message. */
const groupMs = 3_000;
const retryMs = 60_000;

const isoOf = (ms: number) => new Date(ms).toISOString();

type World = { clock: Clock; random: Random };
type Due = Pick<DueMonitor, 'monitor'>;
type Opened = LookResult['opened'][number];
/** What an alert says, of all as one or of a group. */
type Said = Pick<Found, 'sentence' | 'value' | 'expected' | 'q'> & { group: string | null };

/** An alert and the messages that tell of it. */
function alertOf(
  { monitor }: Due,
  said: Said,
  { of, nowMs, random }: { of: Opened['alert']['kind']; nowMs: number; random: Random },
): Opened {
  const id = (prefix: 'al' | 'dv') => newId(prefix, nowMs, random.bytes(idRandomBytes));
  const at = isoOf(nowMs);
  const isSilent = monitor.silencedUntil !== null && monitor.silencedUntil > at;
  return {
    alert: { id: id('al'), kind: of, ...said, openedAt: at, untold: isSilent ? 'silenced' : null },
    messages: isSilent ? [] : monitor.channels.map((channel) => ({ id: id('dv'), channel })),
  };
}

const saidOf = ({ sentence, value, expected, q }: Pick<Found, 'sentence' | 'value' | 'expected' | 'q'>) => ({
  ...{ sentence, value, expected, q },
});

type Next = Pick<LookResult, 'look' | 'opened' | 'closed' | 'alertId'>;

function nextOfAll(due: Due, found: Found, { nowMs, random }: { nowMs: number; random: Random }): Next {
  const { monitor } = due;
  const at = isoOf(nowMs);
  const seen = { ...found, at, until: isoOf(found.untilMs) };
  const { look, step } = nextLook(monitor, monitor.look, { seen, isOpen: monitor.alertId !== null });
  const opened =
    step?.kind === 'open' ? [alertOf(due, { ...saidOf(found), group: null }, { of: step.of, nowMs, random })] : [];
  const closed = step?.kind === 'close' && monitor.alertId !== null ? [{ alertId: monitor.alertId, at }] : [];
  const stays = closed.length > 0 ? null : monitor.alertId;
  return { look, opened, closed, alertId: opened[0]?.alert.id ?? stays };
}

/** Each group has alerts of its own; what the monitor says is of all of them. */
function nextOfGroups(
  due: Due,
  { groups: seen, ...found }: Found & { groups: NonNullable<Found['groups']> },
  { nowMs, random }: { nowMs: number; random: Random },
): Next {
  const { monitor } = due;
  const at = isoOf(nowMs);
  const [until, { windowMs }] = [isoOf(found.untilMs), found];
  const { groups, steps, forgotten } = nextGroups(monitor, monitor.look, { seen, at, until, windowMs });
  const ids = new Map<string | null, string | null>();
  const opened: Opened[] = [];
  const closed = forgotten.map((alertId) => ({ alertId, at }));
  for (const { group, alertId, step } of steps) {
    if (step.kind === 'close') {
      if (alertId !== null) closed.push({ alertId, at });
      ids.set(group.name, null);
      continue;
    }
    const name = groupName(group.name);
    const said = { ...saidOf(group), sentence: `${name}: ${group.sentence}`, group: name };
    const one = alertOf(due, said, { of: step.of, nowMs, random });
    opened.push(one);
    ids.set(group.name, one.alert.id);
  }
  const after = groups.map((group) => ({
    ...group,
    alertId: ids.has(group.name) ? (ids.get(group.name) ?? null) : group.alertId,
  }));
  const status = (['alert', 'ok', 'no_data'] as const).find((one) => after.some((group) => group.status === one));
  const alerts = after.flatMap(({ alertId }) => alertId ?? []).sort();
  const is = { alert: 'bad', ok: 'good', no_data: 'nothing' } as const;
  const sentence = summaryOfGroups(
    after.map((group) => ({ ...group, is: is[group.status] })),
    monitor.by ?? '',
  );
  const now = status ?? 'no_data';
  const look = {
    ...{ ...monitor.look, status: now, since: now === monitor.look.status ? monitor.look.since : at, until },
    ...{ value: null, expected: null, rows: found.rows, sentence, problem: null, groups: after },
  };
  return { look, opened, closed, alertId: alerts[0] ?? null };
}

/** What is written after a look. */
function resultOf(due: Due, found: Found, { clock, random }: World): LookResult {
  const nowMs = wholeMs(clock.now());
  const { groups } = found;
  const { look, ...next } =
    groups === null
      ? nextOfAll(due, found, { nowMs, random })
      : nextOfGroups(due, { ...found, groups }, { nowMs, random });
  return {
    ...{
      look: {
        ...look,
        ...(found.probe ? { probe: found.probe } : {}),
        ...(found.spent ? { spent: found.spent } : {}),
      },
      ...next,
    },
    ...{ lookedMs: nowMs, dueMs: nextDueMs(due.monitor, nowMs), messagesDueMs: nowMs + groupMs },
  };
}

/** What is written when nothing could be seen: the state stays, and says why. */
function failedResult({ monitor: { look, alertId } }: Due, error: unknown, nowMs: number): LookResult {
  const problem = error instanceof Error ? error.message : String(error);
  return {
    ...{ look: { ...look, problem }, lookedMs: nowMs, dueMs: nowMs + retryMs, opened: [], closed: [], alertId },
    messagesDueMs: nowMs,
  };
}

/**
 * Looks at monitors that are due. Servers share this by holds in the store; what a look led to is written at once with its
 * messages, so that a server that is killed has told of it wholly or will look again.
 */
export function lookAtDueMonitors(deps: MonitorLookDeps, stopping: CancelSignal): Promise<void> {
  const { monitors, looker, clock, random, log } = deps;
  const nowMs = () => wholeMs(clock.now());
  return workOnDue(
    {
      clock,
      claim: (atMs) => monitors.claim(atMs, { holdMs, limit: looksAtOnce }),
      async work(due) {
        const result = await looker.look(due.project, due.monitor, nowMs()).then(
          (found) => resultOf(due, found, { clock, random }),
          (error: unknown) => failedResult(due, error, nowMs()),
        );
        await monitors.record(due, result);
      },
      failed: ({ project, monitor: { name } }, err) =>
        log.error(
          { err, project, monitor: name },
          'a look at a monitor was not kept; looked again when its hold is over',
        ),
    },
    stopping,
  );
}
