import type {
  Facet,
  SearchedTrace,
  Selection,
  Series,
  SeriesAsk,
  SeriesGrouping,
  SessionSummary,
  TraceQueries,
  TraceSummary,
  UserSummary,
} from '@wheelhouse/core/ports';
import { allOf, selects, withoutField } from '@wheelhouse/core/query';
import {
  boundLevels,
  type Filter,
  type Measures,
  type Moments,
  type ProjectId,
  type Quantiles,
  type Spread,
  type TextField,
  WheelhouseError,
} from '@wheelhouse/core/records';

export type FakeTraceQueries = TraceQueries & {
  /** Puts these lines in place of older ones. */
  put(project: ProjectId, traces: SearchedTrace[]): Promise<void>;
};

type Place = { ns: bigint; id: string };
const above = (a: Place, b: Place) => a.ns > b.ns || (a.ns === b.ns && a.id > b.id);
const newestFirst = (a: Place, b: Place) => (above(a, b) ? -1 : 1);
const inOrder = (values: readonly bigint[]) => values.toSorted((a, b) => (a < b ? -1 : 1));
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
const refuse = (message: string, param: string) => new WheelhouseError('invalid_request', message, { param });

function parsePlace(cursor: string): Place {
  const match = /^(\d{1,20})\.(.+)$/s.exec(cursor);
  if (!match?.[1] || !match[2]) throw refuse('The cursor is not one that a page gave as `next`.', 'cursor');
  return { ns: BigInt(match[1]), id: match[2] };
}

function pageOf<T>(items: readonly { place: Place; item: T }[], limit: number) {
  const last = items.slice(0, limit).at(-1)?.place;
  return {
    data: items.slice(0, limit).map(({ item }) => item),
    next: items.length > limit && last ? `${last.ns}.${last.id}` : null,
  };
}

function toSummary({ services: _, text: __, ...summary }: SearchedTrace): TraceSummary {
  return summary;
}

const listed: Partial<Record<TextField, (trace: SearchedTrace) => (string | null)[]>> = {
  status: (trace) => [trace.status],
  name: (trace) => [trace.name],
  kind: (trace) => trace.kinds,
  model: (trace) => trace.models,
  provider: (trace) => trace.providers,
  tool: (trace) => trace.tools,
  service: (trace) => trace.services,
  environment: (trace) => [trace.environment],
  release: (trace) => [trace.release],
  tag: (trace) => trace.tags,
  session: (trace) => [trace.sessionId],
  user: (trace) => [trace.userId],
  run: (trace) => [trace.runId],
  dialect: (trace) => [trace.dialect],
  trace: (trace) => [trace.traceId],
};
function valuesOf(trace: SearchedTrace, field: TextField): string[] {
  const values = listed[field]?.(trace) ?? [];
  return values.length === 0 ? [''] : values.map((value) => value ?? '');
}

const groupsOf = (trace: SearchedTrace, by: SeriesGrouping): string[] =>
  typeof by === 'string'
    ? valuesOf(trace, by)
    : [String(trace.scores.find(({ name }) => name === by.score)?.value ?? '')];

/** Values and how often they come, most frequent first. */
function countValues(traces: readonly SearchedTrace[], by: SeriesGrouping) {
  const counts = new Map<string, number>();
  for (const trace of traces) for (const value of groupsOf(trace, by)) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}

function quantilesOf(values: readonly (bigint | null)[]): Quantiles {
  const known = values.filter((value) => value !== null).sort((a, b) => (a < b ? -1 : 1));
  const at = (share: number) => known[Math.floor(share * (known.length - 1))] ?? 0n;
  return known.length === 0 ? null : { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}

const costOf = (traces: readonly SearchedTrace[]): bigint | null =>
  traces.reduce<bigint | null>(
    (all, { costNanoUsd }) => (costNanoUsd === null ? all : (all ?? 0n) + costNanoUsd),
    null,
  );

const latencyOf = ({ startNs, endNs }: SearchedTrace) => (endNs === null || endNs < startNs ? null : endNs - startNs);
const known = (values: readonly (bigint | number | null)[]) =>
  values.flatMap((value) => (value === null ? [] : [Number(value)]));

function momentsOf(values: readonly number[]): Moments | null {
  const { length } = values;
  if (length === 0) return null;
  const mean = sum(values) / length;
  const variance = sum(values.map((value) => (value - mean) ** 2)) / (length - 1);
  return { mean, sd: length < 2 ? null : Math.sqrt(variance), count: length };
}

function levelsOf(values: readonly number[]): number[] | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.length === 0
    ? null
    : boundLevels.map((level) => sorted[Math.floor(level * (sorted.length - 1))] as number);
}

function spreadOf(traces: readonly SearchedTrace[], scores: readonly number[]): Spread {
  const [latency, firstToken] = [known(traces.map(latencyOf)), known(traces.map((one) => one.firstTokenNs))];
  return {
    latency: momentsOf(latency),
    firstToken: momentsOf(firstToken),
    inputTokens: momentsOf(traces.map(({ inputTokens }) => inputTokens)),
    outputTokens: momentsOf(traces.map(({ outputTokens }) => outputTokens)),
    cost: momentsOf(known(traces.map(({ costNanoUsd }) => costNanoUsd))),
    score: momentsOf(scores),
    users: new Set(traces.flatMap(({ userId }) => userId || [])).size,
    latencyAt: levelsOf(latency),
    firstTokenAt: levelsOf(firstToken),
  };
}

const bothOf = ({ filter, counted }: SeriesAsk) => (counted ? allOf([filter, counted]) : filter);

function measuresOf(traces: readonly SearchedTrace[], ask: SeriesAsk): Measures {
  const values = traces.flatMap(({ scores }) =>
    scores.flatMap(({ name, value }) => (name === ask.score && typeof value !== 'string' ? [Number(value)] : [])),
  );
  return {
    count: traces.length,
    errors: traces.filter(({ status }) => status === 'error').length,
    inputTokens: sum(traces.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(traces.map(({ outputTokens }) => outputTokens)),
    costNanoUsd: costOf(traces),
    unpriced: sum(traces.map(({ unpricedCalls }) => unpricedCalls)),
    latency: quantilesOf(traces.map(latencyOf)),
    firstToken: quantilesOf(traces.map(({ firstTokenNs }) => firstTokenNs)),
    score: values.length === 0 ? null : { mean: sum(values) / values.length, count: values.length },
    ...(ask.spread ? { spread: spreadOf(traces, values) } : {}),
    ...(ask.counted === undefined
      ? {}
      : { counted: traces.filter((one) => selects(one, bothOf(ask), ask.nowNs)).length }),
  };
}

const niceSteps = [60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400, 604_800, 2_592_000];

function timeOf(filter: Filter, nowNs: bigint): { from?: bigint; until?: bigint } {
  if (filter.type === 'last') return { from: nowNs - filter.ns };
  if (filter.type === 'since') return { from: filter.ns };
  if (filter.type === 'until') return { until: filter.ns };
  return filter.type === 'all' ? Object.assign({}, ...filter.of.map((inner) => timeOf(inner, nowNs))) : {};
}

function seriesOf(fit: readonly SearchedTrace[], ask: SeriesAsk): Series {
  const starts = fit.map(({ startNs }) => startNs);
  const bounds = timeOf(ask.filter, ask.nowNs);
  const from = bounds.from ?? inOrder(starts)[0] ?? ask.nowNs;
  const until = bounds.until ?? (bounds.from === undefined ? (inOrder(starts).at(-1) ?? ask.nowNs) + 1n : ask.nowNs);
  const step =
    ask.step ?? niceSteps.find((nice) => (until - from) / (BigInt(nice) * 1_000_000_000n) <= 60n) ?? 31_536_000;
  const stepNs = BigInt(step) * 1_000_000_000n;
  if ((until - from) / stepNs > 2000n) throw refuse('There are too many buckets.', 'step');
  const { by } = ask;
  const top = by === undefined ? [] : countValues(fit, by).slice(0, ask.groups);
  const group = (value: string | null, rest: boolean, own: readonly SearchedTrace[]): Series['groups'] => {
    const buckets = [...new Set(own.map(({ startNs }) => startNs / stepNs))].sort((a, b) => (a < b ? -1 : 1));
    if (own.length === 0) return [];
    return [
      {
        ...{ value, rest, total: measuresOf(own, ask) },
        buckets: buckets.map((bucket) => ({
          startNs: bucket * stepNs,
          ...measuresOf(
            own.filter(({ startNs }) => startNs / stepNs === bucket),
            ask,
          ),
        })),
      },
    ];
  };
  const tops = top.map(({ value }) => value);
  const groups =
    by === undefined
      ? group(null, false, fit)
      : [
          ...tops.flatMap((value) =>
            group(
              value,
              false,
              fit.filter((trace) => groupsOf(trace, by).includes(value)),
            ),
          ),
          ...group(
            null,
            true,
            fit.flatMap((trace) => groupsOf(trace, by).flatMap((value) => (tops.includes(value) ? [] : [trace]))),
          ),
        ];
  return { of: ask.of, step, fromNs: (from / stepNs) * stepNs, untilNs: (until / stepNs + 1n) * stepNs, groups };
}

function activityOf(own: readonly SearchedTrace[]) {
  const starts = inOrder(own.map(({ startNs }) => startNs));
  return {
    firstNs: starts[0] ?? 0n,
    lastNs: starts.at(-1) ?? 0n,
    traces: own.length,
    errors: own.filter(({ status }) => status === 'error').length,
    inputTokens: sum(own.map(({ inputTokens }) => inputTokens)),
    outputTokens: sum(own.map(({ outputTokens }) => outputTokens)),
    costNanoUsd: costOf(own),
    unpriced: sum(own.map(({ unpricedCalls }) => unpricedCalls)),
  };
}

const placeOf = ({ startNs, traceId }: SearchedTrace): Place => ({ ns: startNs, id: traceId });

/** What minutes of calls keep; everything else is refused, as by the real store. */
const callFields = ['kind', 'provider', 'model', 'service', 'environment', 'run'];
function refuseForCalls(filter: Filter): void {
  if (filter.type === 'all' || filter.type === 'any') for (const inner of filter.of) refuseForCalls(inner);
  else if (filter.type === 'not') refuseForCalls(filter.of);
  else if (!('ns' in filter) && !('field' in filter && callFields.includes(filter.field)))
    throw new WheelhouseError('filter_invalid', 'That cannot be asked of calls over time.', { param: 'q' });
}

/** Lines in memory, chosen by `matches`; of calls there are none. */
export function fakeTraceQueries(): FakeTraceQueries {
  const projects = new Map<ProjectId, Map<string, SearchedTrace>>();
  const all = (project: ProjectId) => [...(projects.get(project)?.values() ?? [])];
  const chosen = (project: ProjectId, { filter, nowNs }: Selection) =>
    all(project).filter((trace) => selects(trace, filter, nowNs));

  const sessionOf = (project: ProjectId, id: string): SessionSummary => {
    const own = all(project)
      .filter(({ sessionId }) => sessionId === id)
      .sort((a, b) => newestFirst(placeOf(a), placeOf(b)));
    return {
      sessionId: id,
      ...activityOf(own),
      users: [...new Set(own.flatMap(({ userId }) => userId ?? []))].sort(),
      models: [...new Set(own.flatMap(({ models }) => models))].sort(),
      inputPreview: own.at(-1)?.inputPreview ?? '',
      outputPreview: own[0]?.outputPreview ?? '',
    };
  };
  const userOf = (project: ProjectId, id: string): UserSummary => {
    const own = all(project).filter(({ userId }) => userId === id);
    const sessions = new Set(own.flatMap(({ sessionId }) => sessionId ?? [])).size;
    return { userId: id, ...activityOf(own), sessions };
  };

  return {
    put: async (project, traces) => {
      const kept = projects.get(project) ?? new Map<string, SearchedTrace>();
      for (const trace of traces) kept.set(trace.traceId, trace);
      projects.set(project, kept);
    },
    list: async (project, ask) => {
      const after = ask.cursor === undefined ? null : parsePlace(ask.cursor);
      const rest = chosen(project, ask)
        .map((trace) => ({ place: placeOf(trace), item: toSummary(trace) }))
        .filter(({ place }) => after === null || above(after, place))
        .sort((a, b) => newestFirst(a.place, b.place));
      return pageOf(rest, ask.limit);
    },
    searched: async (project, ids) => all(project).filter(({ traceId }) => ids.includes(traceId)),
    facets: async (project, ask) => ({
      total: chosen(project, ask).length,
      facets: ask.fields.map((field): Facet => {
        const values = countValues(chosen(project, { ...ask, filter: withoutField(ask.filter, field) }), field);
        return { field, values: values.slice(0, ask.limit), more: values.length > ask.limit };
      }),
    }),
    series: async (project, ask) => {
      if (ask.of === 'traces') return seriesOf(chosen(project, ask), ask);
      refuseForCalls(ask.filter);
      if (ask.score !== undefined) throw refuse('Calls have no scores.', 'score');
      if (ask.spread || ask.counted || typeof ask.by === 'object') throw refuse('Calls are kept as sums.', 'of');
      if (ask.by !== undefined && !callFields.slice(0, -1).includes(ask.by))
        throw refuse(`Calls are not kept by ${ask.by}.`, 'by');
      return seriesOf([], ask);
    },
    sessions: async (project, ask) => {
      const ids = new Set(chosen(project, ask).flatMap(({ sessionId }) => sessionId ?? []));
      const after = ask.cursor === undefined ? null : parsePlace(ask.cursor);
      const found = [...ids]
        .map((id) => sessionOf(project, id))
        .map((item) => ({ place: { ns: item.lastNs, id: item.sessionId }, item }))
        .filter(({ place }) => after === null || above(after, place))
        .sort((a, b) => newestFirst(a.place, b.place));
      return pageOf(found, ask.limit);
    },
    session: async (project, id) =>
      all(project).some(({ sessionId }) => sessionId === id) ? sessionOf(project, id) : null,
    tracesOfSession: async (project, id, page) => {
      const after = page.cursor === undefined ? null : parsePlace(page.cursor);
      const rest = all(project)
        .filter(({ sessionId }) => sessionId === id)
        .map((trace) => ({ place: placeOf(trace), item: toSummary(trace) }))
        .filter(({ place }) => after === null || above(place, after))
        .sort((a, b) => newestFirst(b.place, a.place));
      return pageOf(rest, page.limit);
    },
    users: async (project, ask) => {
      const ids = new Set(chosen(project, ask).flatMap(({ userId }) => userId ?? []));
      const after = ask.cursor === undefined ? null : parsePlace(ask.cursor);
      const found = [...ids]
        .map((id) => userOf(project, id))
        .map((item) => ({ place: { ns: item.lastNs, id: item.userId }, item }))
        .filter(({ place }) => after === null || above(after, place))
        .sort((a, b) => newestFirst(a.place, b.place));
      return pageOf(found, ask.limit);
    },
  };
}
