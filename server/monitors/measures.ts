import type { Series, TraceQueries } from '@wheelhouse/core/ports';
import { allOf } from '@wheelhouse/core/query';
import {
  type Filter,
  formatDuration,
  formatUsd,
  type Measures,
  type MonitorGrouping,
  type MonitorMeasure,
  mostMonitorGroups,
  msToNanos,
  nanosToMs,
  type ProjectId,
} from '@wheelhouse/core/records';
import { wilsonInterval } from '@wheelhouse/core/stats';
import { type MeasuredWindow, type MeasureKind, panelValue } from '@wheelhouse/core/watch';

export type Selected = { project: ProjectId; filter: Filter };
export type Between = { fromMs: number; untilMs: number };

/** `bounds`: its 95 % interval, where it was asked for. */
type Measured = { value: number | null; rows: number; bounds?: { low: number; high: number } | undefined };

const secondsOf = (minutes: number) => minutes * 60;

/** The filter and a time. */
export const within = (filter: Filter, { fromMs, untilMs }: Between): Filter =>
  allOf([filter, { type: 'since', ns: msToNanos(fromMs) }, { type: 'until', ns: msToNanos(untilMs) }]);

export const kindOf = ({ kind }: MonitorMeasure): MeasureKind => {
  if (kind === 'traces' || kind === 'cost' || kind === 'month_spend') return 'total';
  if (kind === 'error_rate' || kind === 'share' || kind === 'budget') return 'share';
  return kind === 'score' ? 'mean' : 'amount';
};

/** Learned on a scale on which one more is little; dollars are none. */
export const learningScale = ({ kind }: MonitorMeasure): number => (kind === 'cost' ? 1e6 : 1);

const names: Record<MonitorMeasure['kind'], string> = {
  ...{ traces: 'The number of traces', cost: 'The cost', error_rate: 'The failing share', share: 'The share' },
  ...{ latency: 'The latency', first_token: 'The time to the first token', score: 'The score' },
  ...{ input_tokens: 'The input of a trace', output_tokens: 'The output of a trace' },
  ...{ month_spend: 'The cost of this month at its end', budget: 'What is used of the budget' },
};

/** What a measure is called where a sentence begins. */
export function nameOf(measure: MonitorMeasure): string {
  const name = names[measure.kind];
  if (measure.kind === 'latency' || measure.kind === 'first_token') return `${name} (${measure.quantile})`;
  if (measure.kind === 'share') return `${name} that fits ${measure.q}`;
  return measure.kind === 'score' ? `${name} ${measure.name}` : name;
}

export function showValue({ kind }: MonitorMeasure, value: number): string {
  if (kind === 'cost' || kind === 'month_spend') return formatUsd(BigInt(Math.round(value * 1e9)));
  if (kind === 'error_rate' || kind === 'share' || kind === 'budget')
    return `${Number((100 * value).toPrecision(3))} %`;
  if (kind === 'latency' || kind === 'first_token') return formatDuration(msToNanos(value));
  if (kind === 'score') return String(Number(value.toPrecision(3)));
  const number = Number(value.toPrecision(4)).toLocaleString('en');
  return kind === 'traces' ? number : `${number} tokens`;
}

const confidence = 0.95;

/** Of how many a measure is, and its 95 % interval where that is known: shares by Wilson, scores as panels have them. */
export function doubtOf(measure: MonitorMeasure, { value, rows, bounds }: Measured): string {
  if (value === null || kindOf(measure) === 'total' || measure.kind === 'budget') return '';
  const share = kindOf(measure) === 'share';
  const found = share ? wilsonInterval({ count: Math.round(value * rows), of: rows }, confidence) : bounds;
  const interval = found ? `${showValue(measure, found.low)} … ${showValue(measure, found.high)}, ` : '';
  const what = measure.kind === 'score' ? 'score' : 'trace';
  return ` (${interval}${rows.toLocaleString('en')} ${what}${rows === 1 ? '' : 's'})`;
}

function boundsOf(measure: MonitorMeasure, of: Measures): Measured['bounds'] {
  if (measure.kind !== 'score' || !of.spread) return undefined;
  const { low, high } = panelValue(measure, of);
  return low === null || high === null ? undefined : { low, high };
}

function measured(measure: MonitorMeasure, of: Measures): Measured {
  const rows = of.count;
  const each = (sum: number) => (rows === 0 ? null : sum / rows);
  const quantile = (all: Measures['latency'], name: 'p50' | 'p90' | 'p99') => all && nanosToMs(all[name]);
  switch (measure.kind) {
    case 'traces':
      return { value: rows, rows };
    case 'cost':
      return { value: Number(of.costNanoUsd ?? 0n) / 1e9, rows };
    case 'error_rate':
      return { value: each(of.errors), rows };
    case 'input_tokens':
      return { value: each(of.inputTokens), rows };
    case 'output_tokens':
      return { value: each(of.outputTokens), rows };
    case 'latency':
      return { value: quantile(of.latency, measure.quantile), rows };
    case 'first_token':
      return { value: quantile(of.firstToken, measure.quantile), rows };
    case 'score':
      return { value: of.score?.mean ?? null, rows: of.score?.count ?? 0, bounds: boundsOf(measure, of) };
    case 'share':
      return { value: of.counted === undefined ? null : each(of.counted), rows };
    case 'month_spend':
      return { value: Number(of.costNanoUsd ?? 0n) / 1e9, rows };
    case 'budget':
      return { value: null, rows };
  }
}

const nothing: Measures = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};

export type MeasureDeps = {
  queries: Pick<TraceQueries, 'series'>;
  readFilter(q: string): Filter;
};

type Ask = Between & {
  measure: MonitorMeasure;
  by: MonitorGrouping | null;
  /** Times begin and end on whole steps. */
  stepMinutes: number;
  /** Of scores: with their bounds, for which each one is read. */
  bounded?: boolean;
};

/** A measure of the traces of one group, over the whole time and window after window from the first that has anything. */
export type GroupMeasured = {
  /** Its value of the field; null: those that have none, or all where there are no groups. */
  name: string | null;
  total: Measured;
  windows: MeasuredWindow[];
};

async function readSeries({ queries, readFilter }: MeasureDeps, { project, filter }: Selected, ask: Ask) {
  const { measure, by, stepMinutes, bounded = false } = ask;
  const { groups } = await queries.series(project, {
    ...{ of: 'traces', filter: within(filter, ask), nowNs: msToNanos(ask.untilMs), step: secondsOf(stepMinutes) },
    ...(by === null ? { groups: 1 } : { by, groups: mostMonitorGroups }),
    ...(measure.kind === 'score' ? { score: measure.name, spread: bounded } : {}),
    // Sums of hours know how many fit a filter, and not how many of a group fit another.
    ...(measure.kind === 'share' && by !== null ? { counted: readFilter(measure.q) } : {}),
  });
  return groups.filter(({ rest }) => !rest);
}

type OneSeries = Pick<Series['groups'][number], 'value' | 'total' | 'buckets'>;
const silent: OneSeries = { value: null, total: nothing, buckets: [] };

/** How many also fit, beside how many there are. */
function withCounted(all: OneSeries, narrower: OneSeries): OneSeries {
  const counted = new Map(narrower.buckets.map(({ startNs, count }) => [startNs, count]));
  return {
    ...all,
    total: { ...all.total, counted: narrower.total.count },
    buckets: all.buckets.map((bucket) => ({ ...bucket, counted: counted.get(bucket.startNs) ?? 0 })),
  };
}

function toMeasured({ value, total, buckets }: OneSeries, { measure, stepMinutes, untilMs }: Ask): GroupMeasured {
  const byStart = new Map(buckets.map((bucket) => [nanosToMs(bucket.startNs), bucket]));
  const windows: MeasuredWindow[] = [];
  const [first] = byStart.keys();
  for (let startMs = first ?? untilMs; startMs < untilMs; startMs += 1000 * secondsOf(stepMinutes))
    windows.push({ startMs, ...measured(measure, byStart.get(startMs) ?? nothing) });
  return { name: value || null, total: measured(measure, total), windows };
}

/** The measure of a time, by group where there are groups: then the ones with the most traces. */
export async function readMeasure(deps: MeasureDeps, selected: Selected, ask: Ask): Promise<GroupMeasured[]> {
  const series: OneSeries[] = await readSeries(deps, selected, ask);
  if (ask.by !== null) return series.map((one) => toMeasured(one, ask));
  const [all = silent] = series;
  if (ask.measure.kind !== 'share') return [toMeasured(all, ask)];
  const filter = allOf([selected.filter, deps.readFilter(ask.measure.q)]);
  const [narrower = silent] = await readSeries(deps, { ...selected, filter }, ask);
  return [toMeasured(withCounted(all, narrower), ask)];
}

/** The traces of a group. */
export const ofGroup = (filter: Filter, by: MonitorGrouping, name: string | null): Filter =>
  allOf([
    filter,
    name === null ? { type: 'not', of: { type: 'has', field: by } } : { type: 'is', field: by, patterns: [[name]] },
  ]);
