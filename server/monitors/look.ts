import { allOf, printFilter } from '@wheelhouse/core/query';
import type {
  Filter,
  MonitorDefinition,
  MonitorGroup,
  MonitorRule,
  MonitorSpending,
  ProbeState,
  ProjectId,
} from '@wheelhouse/core/records';
import { createLanguageDetector } from '@wheelhouse/core/text';
import {
  burnPairs,
  type DriftFeature,
  type GroupSeen,
  type Judgement,
  monthSpendFromMs,
  summaryOfGroups,
} from '@wheelhouse/core/watch';
import { type Baselines, createBaselines } from './baselines.ts';
import { type BudgetsOf, lookAtBudget } from './look-at-budget.ts';
import { type DriftDeps, lookAtDrift } from './look-at-drift.ts';
import { lookAtBurnRate, lookAtLimit, lookAtMonth, lookAtUsual, type RuleFound } from './look-at-rules.ts';
import {
  type Between,
  type GroupMeasured,
  kindOf,
  type MeasureDeps,
  ofGroup,
  readMeasure,
  type Selected,
  within,
} from './measures.ts';
import { type ProbeDeps, probe } from './probe.ts';

/** What one look found. */
export type Found = Judgement & {
  untilMs: number;
  /** Of rules that look at each window once. */
  windowMs: number | null;
  value: number | null;
  rows: number;
  earlier?: Judgement['found'] | undefined;
  /** The traces behind it, in the filter language. */
  q: string;
  /** Of the rule drift: every feature, those that drifted first. */
  drift: DriftFeature[];
  /** Where it looks group by group; null: it looks at all as one. */
  groups: GroupSeen[] | null;
  /** Of the rule probe: what it remembers from now on. */
  probe?: ProbeState | undefined;
  /** Of what asks models: what it spent of its budget. */
  spent?: MonitorSpending | undefined;
};

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** Spans of calls that have ended are on their way for so long. */
const settleMs = 5_000;
/** Of windows that are looked at once, what comes late would be missed for good. */
const longSettleMs = minuteMs;
const burnStepMinutes = 5;

/** Whose windows are looked at once each. */
const isByWindow = ({ rule: { kind } }: MonitorDefinition) =>
  kind === 'unusual' || kind === 'drift' || kind === 'probe';

/** When a monitor that was looked at now is due again: where windows are looked at once, when the next one has ended. */
export function nextDueMs(definition: MonitorDefinition, nowMs: number): number {
  const windowMs = definition.windowMinutes * minuteMs;
  if (isByWindow(definition)) return (Math.floor((nowMs - longSettleMs) / windowMs) + 1) * windowMs + longSettleMs;
  if (definition.rule.kind === 'burn_rate') return nowMs + 2 * minuteMs;
  return nowMs + Math.min(5 * minuteMs, Math.max(15_000, windowMs / 12));
}

/** Its calls, which are traces of runs. */
const probeQ = 'run:probe';

/** The rows that a person wants to see: of a share, those that are counted. */
function behind({ measure }: MonitorDefinition, filter: Filter, readFilter: MeasureDeps['readFilter']): Filter {
  if (measure.kind === 'error_rate') return allOf([filter, { type: 'is', field: 'status', patterns: [['error']] }]);
  return measure.kind === 'share' ? allOf([filter, readFilter(measure.q)]) : filter;
}

type LookDeps = MeasureDeps & ProbeDeps & DriftDeps & { budgetsOf: BudgetsOf };

/** What a monitor saw before; none where it is only tried. */
type Remembered = {
  alertId?: string | null;
  look?: { probe?: ProbeState | undefined; spent?: MonitorSpending | undefined; groups?: MonitorGroup[] | undefined };
};
type Watched = MonitorDefinition & Remembered;

/** What was measured of each group, and how a group is judged by it. */
type Reading = {
  between: Between;
  measured: GroupMeasured[];
  judge(group: GroupMeasured, groups: number): RuleFound;
};

async function readBurnRate(deps: LookDeps, selected: Selected, definition: Watched, nowMs: number): Promise<Reading> {
  const stepMs = burnStepMinutes * minuteMs;
  const untilMs = Math.floor((nowMs - settleMs) / stepMs) * stepMs;
  const minutes = burnPairs.flatMap(({ long, short }) => [long, short]);
  const between = { fromMs: untilMs - Math.max(...minutes) * minuteMs, untilMs };
  const { measure, by } = definition;
  return {
    between,
    measured: await readMeasure(deps, selected, { ...between, measure, by, stepMinutes: burnStepMinutes }),
    judge: (group, groups) => lookAtBurnRate(definition, group, { untilMs, minutes, groups }),
  };
}

async function readLimit(deps: LookDeps, selected: Selected, definition: Watched, nowMs: number): Promise<Reading> {
  const { measure, by, windowMinutes } = definition;
  const untilMs = nowMs - settleMs;
  if (measure.kind === 'month_spend') {
    const between = { fromMs: monthSpendFromMs(nowMs), untilMs };
    return {
      between,
      measured: await readMeasure(deps, selected, { ...between, measure, by, stepMinutes: dayMs / minuteMs }),
      judge: (group) => lookAtMonth(definition, group, nowMs),
    };
  }
  const between = { fromMs: untilMs - windowMinutes * minuteMs, untilMs };
  return {
    between,
    measured: await readMeasure(deps, selected, { ...between, measure, by, stepMinutes: windowMinutes, bounded: true }),
    judge: (group) => lookAtLimit(definition, group.total),
  };
}

async function readUsual(
  deps: LookDeps & { baselines: Baselines },
  selected: Selected,
  definition: Watched,
  nowMs: number,
): Promise<Reading> {
  const { measure, by, windowMinutes } = definition;
  const windowMs = windowMinutes * minuteMs;
  const untilMs = Math.floor((nowMs - longSettleMs) / windowMs) * windowMs;
  const fromMs = untilMs - windowMs;
  const recentMs = Math.max(dayMs, windowMs) + windowMs;
  const ask = { measure, by, stepMinutes: windowMinutes, untilMs };
  const measured = await readMeasure(deps, selected, { ...ask, fromMs: fromMs - recentMs });
  const baselines = await deps.baselines.of(deps, selected, { ...ask, untilMs: fromMs });
  return {
    between: { fromMs, untilMs },
    measured,
    judge: (group, groups) => {
      const baseline = baselines.get(group.name) ?? null;
      const known = definition.look?.groups?.find(({ name }) => name === group.name);
      const isOpen = (by === null ? definition.alertId : known?.alertId) != null;
      return lookAtUsual(definition, group, { baseline, groups, fromMs, windowMs, isOpen });
    },
  };
}

/** Groups that were there before and have no traces now are as quiet as that. */
function withQuiet({ measure, by, look }: Watched, measured: readonly GroupMeasured[]): GroupMeasured[] {
  if (by === null) return [...measured];
  const quiet = (look?.groups ?? []).filter(({ name }) => !measured.some((one) => one.name === name));
  const total = { value: kindOf(measure) === 'total' ? 0 : null, rows: 0 };
  return [...measured, ...quiet.map(({ name }) => ({ name, total, windows: [] }))];
}

export type Looker = {
  look(project: ProjectId, definition: Watched, nowMs: number): Promise<Found>;
};

/** Looks at what monitors are to look at. Baselines are learned once a day and remembered. */
export function createLooker(deps: LookDeps): Looker {
  const baselines = createBaselines();
  let detect: ReturnType<typeof createLanguageDetector> | null = null;
  function languageOf(text: string): string | null {
    detect ??= createLanguageDetector();
    return detect(text)?.code ?? null;
  }

  async function lookAtTraces(selected: Selected, definition: Watched, nowMs: number): Promise<Found> {
    const { rule, by } = definition;
    const { between, measured, judge } =
      rule.kind === 'unusual'
        ? await readUsual({ ...deps, baselines }, selected, definition, nowMs)
        : rule.kind === 'burn_rate'
          ? await readBurnRate(deps, selected, definition, nowMs)
          : await readLimit(deps, selected, definition, nowMs);
    const filter = behind(definition, selected.filter, deps.readFilter);
    const shown = (name: string | null) =>
      printFilter(within(by === null ? filter : ofGroup(filter, by, name), between));
    const all = withQuiet(definition, measured);
    const windowMs = isByWindow(definition) ? definition.windowMinutes * minuteMs : null;
    const judged = all.map((group) => ({ name: group.name, q: shown(group.name), ...judge(group, all.length) }));
    const told = { untilMs: between.untilMs, windowMs, drift: [] };
    if (by === null) {
      const { name: _, ...one } = judged[0] ?? { name: null, q: shown(null), ...judge(emptyGroup, 1) };
      return { ...told, ...one, groups: null };
    }
    const is = (found: Judgement['found']) => judged.some((one) => one.found === found);
    const rank = { bad: 0, good: 1, nothing: 2 } as const;
    return {
      ...{ ...told, found: is('bad') ? 'bad' : is('good') ? 'good' : 'nothing', expected: null, value: null },
      rows: judged.reduce((sum, { rows }) => sum + rows, 0),
      sentence: summaryOfGroups(
        judged.map((one) => ({ ...one, is: one.found })),
        by,
      ),
      q: printFilter(within(filter, between)),
      groups: judged.toSorted((a, b) => rank[a.found] - rank[b.found] || b.rows - a.rows),
    };
  }

  async function drifting(
    selected: Selected,
    definition: Watched,
    rule: Extract<MonitorRule, { kind: 'drift' }>,
    nowMs: number,
  ): Promise<Found> {
    const windowMs = definition.windowMinutes * minuteMs;
    const untilMs = Math.floor((nowMs - longSettleMs) / windowMs) * windowMs;
    const between = { fromMs: untilMs - windowMs, untilMs };
    const spent = definition.look?.spent;
    const { leastRows } = definition;
    const found = await lookAtDrift({ ...deps, languageOf }, selected, { rule, leastRows, between, nowMs, spent });
    return { ...found, untilMs, windowMs, groups: null, q: printFilter(within(selected.filter, between)) };
  }

  return {
    async look(project, definition, nowMs) {
      const { rule, measure, look } = definition;
      const none = { untilMs: nowMs, windowMs: null, drift: [], groups: null };
      if (rule.kind === 'probe') {
        const found = await probe(deps, project, { rule, before: look?.probe, spent: look?.spent, nowMs });
        return { ...found, ...none, q: probeQ };
      }
      if (measure.kind === 'budget')
        return { ...(await lookAtBudget(deps, project, { measure, rule })), ...none, q: '' };
      const selected = { project, filter: deps.readFilter(definition.q) };
      return rule.kind === 'drift'
        ? drifting(selected, definition, rule, nowMs)
        : lookAtTraces(selected, definition, nowMs);
    },
  };
}

const emptyGroup: GroupMeasured = { name: null, total: { value: null, rows: 0 }, windows: [] };
