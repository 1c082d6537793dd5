import type { TraceQueries } from '@wheelhouse/core/ports';
import { allOf, printFilter } from '@wheelhouse/core/query';
import type { Filter, MonitorDefinition, ProbeState, ProjectId } from '@wheelhouse/core/records';
import { createLanguageDetector } from '@wheelhouse/core/text';
import {
  type Baseline,
  baselineMs,
  burnPairs,
  type DriftFeature,
  expectedOf,
  findDrift,
  type Judgement,
  judgeBurnRate,
  judgeDrift,
  judgeThreshold,
  judgeUnusual,
  learnBaseline,
  type MeasuredWindow,
  unusualReach,
} from '@wheelhouse/core/watch';
import { readDriftRows } from './drift-rows.ts';
import {
  type Between,
  kindOf,
  learningScale,
  type MeasureDeps,
  measureWindow,
  measureWindows,
  nameOf,
  type Selected,
  showValue,
  within,
} from './measures.ts';
import { type ProbeDeps, probe } from './probe.ts';
import { type ProbesOf, whatProbesSay } from './what-probes-say.ts';

/** What one look found. */
export type Found = Judgement & {
  untilMs: number;
  value: number | null;
  rows: number;
  /** The traces behind it, in the filter language. */
  q: string;
  /** Of the rule drift: every feature, those that drifted first. */
  drift: DriftFeature[];
  /** Of the rule probe: what it remembers from now on. */
  probe?: ProbeState | undefined;
};

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
/** Spans of calls that have ended are on their way for so long. */
const settleMs = 5_000;
/** Of windows that are looked at once, what comes late would be missed for good. */
const longSettleMs = minuteMs;
const relearnMs = dayMs;
const mostRemembered = 1_000;
/** The same rows give the same answer. */
const driftSeed = 1;

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

const nothing = (sentence: string): Judgement => ({ found: 'nothing', sentence, expected: null });

/** The rows that a person wants to see: of a share, those that are counted. */
function behind(definition: MonitorDefinition, filter: Filter, readFilter: MeasureDeps['readFilter']): Filter {
  const { measure } = definition;
  if (measure.kind === 'error_rate') return allOf([filter, { type: 'is', field: 'status', patterns: [['error']] }]);
  return measure.kind === 'share' ? allOf([filter, readFilter(measure.q)]) : filter;
}

type LookDeps = MeasureDeps & ProbeDeps & { queries: Pick<TraceQueries, 'list'>; probesOf: ProbesOf };

async function burning(deps: LookDeps, selected: Selected, { measure, rule }: MonitorDefinition, nowMs: number) {
  const stepMinutes = 5;
  const stepMs = stepMinutes * minuteMs;
  const untilMs = Math.floor((nowMs - settleMs) / stepMs) * stepMs;
  const longest = Math.max(...burnPairs.map(({ long }) => long)) * minuteMs;
  const fromMs = untilMs - longest;
  const windows = await measureWindows(deps, selected, { measure, stepMinutes, fromMs, untilMs });
  const sum = (minutes: number) => {
    const own = windows.filter(({ startMs }) => startMs >= untilMs - minutes * minuteMs);
    const all = own.reduce((rows, one) => rows + one.rows, 0);
    return { minutes, all, bad: Math.round(own.reduce((bad, one) => bad + (one.value ?? 0) * one.rows, 0)) };
  };
  const sums = burnPairs.flatMap(({ long, short }) => [sum(long), sum(short)]);
  const hour = sum(60);
  const value = hour.all === 0 ? null : hour.bad / hour.all;
  const judged = rule.kind === 'burn_rate' ? judgeBurnRate(rule, sums) : nothing('');
  return { fromMs, untilMs, value, rows: hour.all, ...judged };
}

async function threshold(
  deps: LookDeps,
  selected: Selected,
  { measure, rule, windowMinutes, leastRows }: MonitorDefinition,
  nowMs: number,
) {
  const untilMs = nowMs - settleMs;
  const fromMs = untilMs - windowMinutes * minuteMs;
  const { value, rows } = await measureWindow(deps, selected, { fromMs, untilMs, measure });
  const seen = { fromMs, untilMs, value, rows };
  const isTotal = kindOf(measure) === 'total';
  if (value === null || (!isTotal && rows < leastRows)) return { ...seen, ...nothing(fewSentence(rows, leastRows)) };
  if (rule.kind !== 'above' && rule.kind !== 'below') return { ...seen, ...nothing('') };
  const show = (one: number) => showValue(measure, one);
  return { ...seen, ...judgeThreshold(rule, { value, name: nameOf(measure), show }) };
}

async function drifting(
  deps: LookDeps & { languageOf(text: string): string | null },
  selected: Selected,
  { rule, windowMinutes, leastRows }: MonitorDefinition,
  nowMs: number,
) {
  const windowMs = windowMinutes * minuteMs;
  const untilMs = Math.floor((nowMs - longSettleMs) / windowMs) * windowMs;
  const between = { fromMs: untilMs - windowMs, untilMs };
  const against = rule.kind === 'drift' ? rule.against : null;
  const pinned = against?.kind === 'filter' ? deps.readFilter(against.q) : null;
  const before =
    pinned === null
      ? { of: selected, between: { fromMs: between.fromMs - weekMs, untilMs: untilMs - weekMs } }
      : { of: { ...selected, filter: pinned }, between: null };
  const now = await readDriftRows(deps.queries, selected, { between, nowMs, languageOf: deps.languageOf });
  const then = await readDriftRows(deps.queries, before.of, {
    between: before.between,
    nowMs,
    languageOf: deps.languageOf,
  });
  const rows = Math.min(now.length, then.length);
  const seen = { ...between, value: null, rows: now.length };
  if (rows < leastRows) return { ...seen, ...nothing(fewSentence(rows, leastRows)), drift: [] };
  const drift = findDrift(then, now, { seed: driftSeed });
  const judged = judgeDrift(drift);
  const told = { ...seen, value: drift.filter(({ drifted }) => drifted).length, drift, ...judged };
  if (judged.found !== 'bad') return told;
  const models = new Set(now.flatMap(({ labels }) => labels.model ?? []));
  const fromMs = before.between?.fromMs ?? between.fromMs;
  const said = await whatProbesSay(deps, selected.project, { models, fromMs, untilMs });
  return { ...told, sentence: `${judged.sentence}${said}` };
}

/** What a probe saw before; none where a monitor is only tried. */
type Remembered = { look?: { probe?: ProbeState | undefined } };

export type Looker = {
  look(project: ProjectId, definition: MonitorDefinition & Remembered, nowMs: number): Promise<Found>;
};

/** Looks at what monitors are to look at. Baselines are learned once a day and remembered. */
export function createLooker(deps: LookDeps): Looker {
  const learned = new Map<string, { baseline: Baseline | null; at: number }>();
  let detect: ReturnType<typeof createLanguageDetector> | null = null;
  function languageOf(text: string): string | null {
    detect ??= createLanguageDetector();
    return detect(text)?.code ?? null;
  }

  async function baselineOf(selected: Selected, definition: MonitorDefinition, untilMs: number) {
    const { q, measure, windowMinutes } = definition;
    const key = JSON.stringify([selected.project, q, measure, windowMinutes]);
    const known = learned.get(key);
    if (known && known.baseline !== null && untilMs - known.at < relearnMs && untilMs >= known.at)
      return known.baseline;
    const windowMs = windowMinutes * minuteMs;
    const past = await measureWindows(deps, selected, {
      ...{ measure, stepMinutes: windowMinutes, fromMs: untilMs - baselineMs, untilMs },
    });
    const scale = learningScale(measure);
    const scaled = past.map((one) => ({ ...one, value: one.value === null ? null : one.value * scale }));
    const baseline = learnBaseline(scaled, { kind: kindOf(measure), windowMs });
    if (learned.size >= mostRemembered) learned.clear();
    learned.set(key, { baseline, at: untilMs });
    return baseline;
  }

  async function unusual(selected: Selected, definition: MonitorDefinition, nowMs: number) {
    const { measure, rule, windowMinutes, leastRows } = definition;
    const windowMs = windowMinutes * minuteMs;
    const untilMs = Math.floor((nowMs - longSettleMs) / windowMs) * windowMs;
    const fromMs = untilMs - windowMs;
    const recentMs = Math.max(dayMs, windowMs);
    const windows = await measureWindows(deps, selected, {
      ...{ measure, stepMinutes: windowMinutes, fromMs: fromMs - recentMs, untilMs },
    });
    const isTotal = kindOf(measure) === 'total';
    const silent: MeasuredWindow = { startMs: fromMs, value: isTotal ? 0 : null, rows: 0 };
    const now = windows.find(({ startMs }) => startMs === fromMs) ?? silent;
    const seen = { ...{ fromMs, untilMs }, value: now.value, rows: now.rows };
    const baseline = await baselineOf(selected, definition, fromMs);
    if (baseline === null)
      return { ...seen, ...nothing('What is usual is learned from two weeks, and not as much is there yet.') };
    if (now.value === null || (!isTotal && now.rows < leastRows))
      return { ...seen, ...nothing(fewSentence(now.rows, leastRows)) };
    const scale = learningScale(measure);
    const scaled = (one: MeasuredWindow) => ({ ...one, value: one.value === null ? null : one.value * scale });
    const recent = windows.filter(({ startMs }) => startMs < fromMs).map(scaled);
    const expected = expectedOf(baseline, scaled(now), { recent, reach: unusualReach });
    if (expected === null || rule.kind !== 'unusual')
      return { ...seen, ...nothing('Nothing is known of this hour of the week.') };
    const [value, low, high] = [expected.value / scale, expected.low / scale, expected.high / scale];
    return {
      ...seen,
      ...judgeUnusual(rule, {
        ...{ value: now.value, expected: { ...expected, value, low, high }, name: nameOf(measure) },
        show: (one) => showValue(measure, one),
      }),
    };
  }

  return {
    async look(project, definition, nowMs) {
      const filter = deps.readFilter(definition.q);
      const selected = { project, filter };
      const { rule } = definition;
      const { kind } = rule;
      if (kind === 'probe') {
        const found = await probe(deps, project, { rule, before: definition.look?.probe, nowMs });
        return { ...found, untilMs: nowMs, drift: [], q: probeQ };
      }
      const ways = { burn_rate: burning, drift: drifting, above: threshold, below: threshold };
      const { fromMs, ...found } =
        kind === 'unusual'
          ? await unusual(selected, definition, nowMs)
          : await ways[kind]({ ...deps, languageOf }, selected, definition, nowMs);
      const between: Between = { fromMs, untilMs: found.untilMs };
      return { drift: [], ...found, q: printFilter(within(behind(definition, filter, deps.readFilter), between)) };
    },
  };
}

const fewSentence = (rows: number, least: number) => {
  const measured = rows === 0 ? 'Nothing was' : rows === 1 ? 'Only 1 was' : `Only ${rows.toLocaleString('en')} were`;
  return `${measured} measured; ${least.toLocaleString('en')} are asked for.`;
};
