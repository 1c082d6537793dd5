import type { Measures, TraceQueries } from '@wheelhouse/core/ports';
import { allOf } from '@wheelhouse/core/query';
import {
  type Filter,
  formatDuration,
  formatUsd,
  type MonitorMeasure,
  msToNanos,
  nanosToMs,
  type ProjectId,
} from '@wheelhouse/core/records';
import type { MeasuredWindow, MeasureKind } from '@wheelhouse/core/watch';

export type Selected = { project: ProjectId; filter: Filter };
export type Between = { fromMs: number; untilMs: number };

const secondsOf = (minutes: number) => minutes * 60;

/** The filter and a time. */
export const within = (filter: Filter, { fromMs, untilMs }: Between): Filter =>
  allOf([filter, { type: 'since', ns: msToNanos(fromMs) }, { type: 'until', ns: msToNanos(untilMs) }]);

export const kindOf = ({ kind }: MonitorMeasure): MeasureKind => {
  if (kind === 'traces' || kind === 'cost') return 'total';
  if (kind === 'error_rate' || kind === 'share') return 'share';
  return kind === 'score' ? 'mean' : 'amount';
};

/** Learned on a scale on which one more is little; dollars are none. */
export const learningScale = ({ kind }: MonitorMeasure): number => (kind === 'cost' ? 1e6 : 1);

const names: Record<MonitorMeasure['kind'], string> = {
  ...{ traces: 'The number of traces', cost: 'The cost', error_rate: 'The failing share', share: 'The share' },
  ...{ latency: 'The latency', first_token: 'The time to the first token', score: 'The score' },
  ...{ input_tokens: 'The input of a trace', output_tokens: 'The output of a trace' },
};

/** What a measure is called where a sentence begins. */
export function nameOf(measure: MonitorMeasure): string {
  const name = names[measure.kind];
  if (measure.kind === 'latency' || measure.kind === 'first_token') return `${name} (${measure.quantile})`;
  if (measure.kind === 'share') return `${name} that fits ${measure.q}`;
  return measure.kind === 'score' ? `${name} ${measure.name}` : name;
}

export function showValue({ kind }: MonitorMeasure, value: number): string {
  if (kind === 'cost') return formatUsd(BigInt(Math.round(value * 1e9)));
  if (kind === 'error_rate' || kind === 'share') return `${Number((100 * value).toPrecision(3))} %`;
  if (kind === 'latency' || kind === 'first_token') return formatDuration(msToNanos(value));
  if (kind === 'score') return String(Number(value.toPrecision(3)));
  const number = Number(value.toPrecision(4)).toLocaleString('en');
  return kind === 'traces' ? number : `${number} tokens`;
}

function measured(measure: MonitorMeasure, of: Measures): { value: number | null; rows: number } {
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
      return { value: of.score?.mean ?? null, rows: of.score?.count ?? 0 };
    case 'share':
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

async function readSeries({ queries }: MeasureDeps, { project, filter }: Selected, between: Between, ask: Ask) {
  const { groups } = await queries.series(project, {
    ...{ of: 'traces', filter: within(filter, between), nowNs: msToNanos(between.untilMs), groups: 1 },
    ...{ step: secondsOf(ask.stepMinutes), ...(ask.measure.kind === 'score' ? { score: ask.measure.name } : {}) },
  });
  return groups[0];
}
type Ask = { measure: MonitorMeasure; stepMinutes: number };

/** Both sides of a share: all, and those that are counted. null: it is no share. */
const sidesOf = ({ readFilter }: MeasureDeps, selected: Selected, measure: MonitorMeasure): Selected | null =>
  measure.kind === 'share' ? { ...selected, filter: allOf([selected.filter, readFilter(measure.q)]) } : null;

/** The measure of one time. */
export async function measureWindow(
  deps: MeasureDeps,
  selected: Selected,
  { measure, ...between }: Between & { measure: MonitorMeasure },
): Promise<{ value: number | null; rows: number }> {
  const stepMinutes = Math.max(1, Math.ceil((between.untilMs - between.fromMs) / 60_000));
  const total = (await readSeries(deps, selected, between, { measure, stepMinutes }))?.total ?? nothing;
  const counted = sidesOf(deps, selected, measure);
  if (counted === null) return measured(measure, total);
  const part = (await readSeries(deps, counted, between, { measure, stepMinutes }))?.total.count ?? 0;
  return { value: total.count === 0 ? null : part / total.count, rows: total.count };
}

/**
 * The measure of one window after another, from the first that has anything in it.
 * @param between on whole windows
 */
export async function measureWindows(
  deps: MeasureDeps,
  selected: Selected,
  { measure, stepMinutes, ...between }: Between & Ask,
): Promise<MeasuredWindow[]> {
  const buckets = (await readSeries(deps, selected, between, { measure, stepMinutes }))?.buckets ?? [];
  const counted = sidesOf(deps, selected, measure);
  const parts =
    counted === null ? [] : ((await readSeries(deps, counted, between, { measure, stepMinutes }))?.buckets ?? []);
  const startOf = ({ startNs }: { startNs: bigint }) => nanosToMs(startNs);
  const byStart = new Map(buckets.map((bucket) => [startOf(bucket), bucket]));
  const partOf = new Map(parts.map((bucket) => [startOf(bucket), bucket.count]));
  const windows: MeasuredWindow[] = [];
  const stepMs = 1000 * secondsOf(stepMinutes);
  const first = buckets[0];
  for (let startMs = first ? startOf(first) : between.untilMs; startMs < between.untilMs; startMs += stepMs) {
    const bucket = byStart.get(startMs) ?? nothing;
    const value = counted === null ? measured(measure, bucket).value : (partOf.get(startMs) ?? 0) / bucket.count;
    const { rows } = measured(measure, bucket);
    windows.push({ startMs, value: value === null || Number.isNaN(value) ? null : value, rows });
  }
  return windows;
}
