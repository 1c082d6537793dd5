import { printFilter } from '@wheelhouse/core/query';
import type { Filter, MonitorGrouping } from '@wheelhouse/core/records';
import type { MonitorBody, SeriesBody } from '@wheelhouse/sdk';

type Group = MonitorBody['groups'][number];
type OneSeries = SeriesBody['groups'][number];

/** So many have a line of their own until somebody chooses. */
const loudest = 4;
/** More lines are not told apart. */
export const mostLines = 6;

/** How a group is called in an address and a filter, which have no null. */
export const lineOf = ({ name }: Pick<Group, 'name'>): string => name ?? '';
export const lineName = (line: string): string => (line === '' ? 'none' : line);

/** Of an address: names may hold whatever an application sends. Left out, or no list of names: nothing was chosen. */
export function readLines(text: string | undefined): string[] | undefined {
  try {
    const read: unknown = JSON.parse(text ?? '');
    return Array.isArray(read) && read.every((one) => typeof one === 'string') ? read : undefined;
  } catch {
    return undefined;
  }
}
export const linesText = (shown: readonly string[]): string => JSON.stringify(shown);

/** The groups that have a line: those that were chosen, else those with an alert, then the largest. */
export function shownLines(groups: readonly Group[], chosen: readonly string[] | undefined): string[] {
  if (chosen !== undefined) return chosen.slice(0, mostLines);
  return groups.slice(0, loudest).map(lineOf);
}

/** With a line for it while there is room, or without where it has one. */
export function toggledLine(shown: readonly string[], line: string): string[] {
  if (shown.includes(line)) return shown.filter((one) => one !== line);
  return shown.length < mostLines ? [...shown, line] : [...shown];
}

/** The traces of those groups, in the filter language; the empty text fits where there is no value. */
export function ofLines(by: MonitorGrouping, shown: readonly string[]): string {
  const filter: Filter = { type: 'is', field: by, patterns: shown.map((line) => [line] as const) };
  return printFilter(filter);
}

const silent: OneSeries['total'] = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};

/** A series for each line, in their order, also where nothing was measured; a trace with two tags is of both. */
export function inLines(series: SeriesBody, shown: readonly string[]): SeriesBody {
  const own = new Map(series.groups.filter(({ rest }) => !rest).map((group) => [group.value ?? '', group]));
  const groups = shown.map((line) => {
    const group = own.get(line) ?? { rest: false, total: silent, buckets: [] };
    return { ...group, value: lineName(line) };
  });
  return { ...series, groups };
}

/** The series with those that also fit as its errors, so that the share of both is read alike. */
export function withNarrower(all: SeriesBody, narrower: SeriesBody): SeriesBody {
  const own = new Map(narrower.groups.map((group) => [group.value, group]));
  const groups = all.groups.map((group) => {
    const fits = new Map(own.get(group.value)?.buckets.map((bucket) => [bucket.startNs, bucket.count]));
    return {
      ...group,
      total: { ...group.total, errors: own.get(group.value)?.total.count ?? 0 },
      buckets: group.buckets.map((bucket) => ({ ...bucket, errors: fits.get(bucket.startNs) ?? 0 })),
    };
  });
  return { ...all, groups };
}
