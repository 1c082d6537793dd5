import type { PanelAskBody, PanelDataBody } from '@wheelhouse/core/contract';
import type {
  Selection,
  Series,
  SeriesAsk,
  SeriesGrouping,
  SqlReader,
  TraceQueries,
  ViewStore,
} from '@wheelhouse/core/ports';
import { allOf, anyOf, conditionsOf, notOf, printFilter } from '@wheelhouse/core/query';
import {
  everyTrace,
  type Filter,
  type MeasurePanel,
  type Measures,
  type Nanos,
  nanosToMs,
  type PanelMeasure,
  type ProjectId,
  type TextField,
  type TextPattern,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { needsSpread, panelChange, panelPoints, panelValue } from '@wheelhouse/core/watch';

type MeasureData = Extract<PanelDataBody, { kind: 'measure' }>;
type Group = Series['groups'][number];
const nothing: Measures = {
  ...{ count: 0, errors: 0, inputTokens: 0, outputTokens: 0, costNanoUsd: null, unpriced: 0 },
  ...{ latency: null, firstToken: null, score: null },
};
const noTraces: Group = { value: null, rest: false, total: nothing, buckets: [] };

export type PanelDeps = {
  queries: Pick<TraceQueries, 'series'>;
  views: Pick<ViewStore, 'list'>;
  sql: SqlReader;
  readFilter(q: string): Filter;
  /** The same of the time before; null where the filter does not say where its time begins. */
  selectionBefore(selection: Selection): Selection | null;
};

/** What is asked of the whole dashboard. */
type DashboardAsk = { filter: Filter; nowNs: Nanos };

const sqlRows = 1000;
/** What is frequent now may have been rare. */
const mostGroupsBefore = 200;

const isTime = ({ type }: Filter) => type === 'last' || type === 'since' || type === 'until';
const withoutTime = (filter: Filter): Filter => allOf(conditionsOf(filter).filter((one) => !isTime(one)));

function namesTime(filter: Filter): boolean {
  if (filter.type === 'all' || filter.type === 'any') return filter.of.some(namesTime);
  return filter.type === 'not' ? namesTime(filter.of) : isTime(filter);
}

/** @throws WheelhouseError `filter_invalid`, `invalid_request` where a panel names a time, which is the dashboard's */
export function checkPanelFilters(readFilter: (q: string) => Filter, { q, measure }: MeasurePanel): void {
  for (const text of [q, ...(measure.kind === 'share' ? [measure.q] : [])])
    if (namesTime(readFilter(text)))
      throw new WheelhouseError('invalid_request', `\`${text.slice(0, 80)}\` names a time.`, {
        ...{ param: 'q', hint: 'Leave it out: the dashboard says which time is shown.' },
      });
}

/** The filter of a saved view of traces; its time gives way to that of the dashboard. */
async function filterOfView({ views, readFilter }: PanelDeps, project: ProjectId, name: string): Promise<Filter> {
  const view = (await views.list(project)).find((one) => one.name === name);
  if (!view)
    throw new WheelhouseError('not_found', `There is no saved view \`${name}\` any more.`, {
      hint: 'Change the panel: choose another view, or write its filter into the panel itself.',
    });
  const q = new URLSearchParams(view.url.split('?')[1] ?? '').get('q') ?? '';
  return withoutTime(readFilter(q));
}

const groupingOf = (by: NonNullable<MeasurePanel['by']>): SeriesGrouping =>
  by.startsWith('score.') ? { score: by.slice('score.'.length) } : (by as TextField);

/** What narrows the traces to those that a measure is about. */
function narrowedBy(measure: PanelMeasure, readFilter: PanelDeps['readFilter']): Filter {
  if (measure.kind === 'error_rate') return { type: 'is', field: 'status', patterns: [['error']] };
  if (measure.kind === 'share') return readFilter(measure.q);
  if (measure.kind === 'first_token') return { type: 'has', field: 'first_token' };
  if (measure.kind === 'users') return { type: 'has', field: 'user' };
  return measure.kind === 'score' ? { type: 'scored', name: measure.name, patterns: [] } : everyTrace;
}

/** Fields of which a trace may have several values: those of all others are no filter then. */
const several: ReadonlySet<string> = new Set(['model', 'kind', 'provider', 'service', 'tag', 'tool']);

const patternsOf = (values: readonly string[]): TextPattern[] => values.map((value) => [value]);

/** Those whose score has one of these values. */
function scoredAs(name: string, values: readonly string[]): Filter {
  const without = notOf({ type: 'scored', name, patterns: [] });
  const said = values.filter((value) => value !== '');
  if (said.length === 0) return without;
  const named: Filter = { type: 'scored', name, patterns: patternsOf(said) };
  return said.length < values.length ? anyOf([named, without]) : named;
}

/** Those of one group; null where no filter says that. */
function filterOfGroup(by: MeasurePanel['by'], group: Group, groups: readonly Group[]): Filter | null {
  if (by === null) return everyTrace;
  const of = (values: readonly string[]): Filter =>
    by.startsWith('score.')
      ? scoredAs(by.slice('score.'.length), values)
      : { type: 'is', field: by as TextField, patterns: patternsOf(values) };
  if (group.value !== null) return of([group.value]);
  return several.has(by) ? null : notOf(of(groups.flatMap(({ value }) => value ?? [])));
}

/** Of the same group; null: it may be among all others. */
function totalBefore(before: Series, { value, rest }: Group): Measures | null {
  if (rest) return null;
  const same = before.groups.find((one) => !one.rest && one.value === value);
  if (same) return same.total;
  return before.groups.some((one) => one.rest) ? null : nothing;
}

const literalOf = (ns: Nanos) =>
  `toDateTime64('${new Date(nanosToMs(ns < 0n ? 0n : ns)).toISOString().slice(0, 23).replace('T', ' ')}', 3, 'UTC')`;

/** The time that a filter says; without a beginning it is from 1970 on. */
function boundsOf({ filter, nowNs }: DashboardAsk): { from: Nanos; until: Nanos } {
  const bounds = { from: 0n, until: nowNs };
  for (const one of conditionsOf(filter)) {
    const from = one.type === 'last' ? nowNs - one.ns : one.type === 'since' ? one.ns : 0n;
    if (from > bounds.from) bounds.from = from;
    if (one.type === 'until' && one.ns < bounds.until) bounds.until = one.ns;
  }
  return bounds;
}

/** Reads what panels show; panels that ask the same of the same moment are one read. */
export function createPanelReader(deps: PanelDeps) {
  const reading = new Map<string, Promise<Series>>();

  /** As long as it goes on, which is when the panels of a page ask. */
  function readOnce(project: ProjectId, ask: SeriesAsk): Promise<Series> {
    const { filter, nowNs, counted, ...rest } = ask;
    const said = { ...rest, q: printFilter(filter), counted: counted && printFilter(counted), at: String(nowNs) };
    const key = JSON.stringify([project, said]);
    const known = reading.get(key);
    if (known) return known;
    const read = deps.queries.series(project, ask).finally(() => reading.delete(key));
    reading.set(key, read);
    return read;
  }

  async function readMeasure(project: ProjectId, panel: MeasurePanel, asked: DashboardAsk): Promise<MeasureData> {
    checkPanelFilters(deps.readFilter, panel);
    const { measure, by } = panel;
    const own = deps.readFilter(panel.q);
    const viewed = panel.view === null ? everyTrace : await filterOfView(deps, project, panel.view);
    const filter = allOf([own, viewed, asked.filter]);
    const selection = { filter, nowNs: asked.nowNs };
    // Lines and bars show how it went by themselves.
    const compares = panel.shape === 'number' || panel.shape === 'table';
    const earlier = compares ? deps.selectionBefore(selection) : null;
    const ask = {
      of: 'traces' as const,
      ...(by === null ? {} : { by: groupingOf(by) }),
      ...(measure.kind === 'score' ? { score: measure.name } : {}),
      ...(needsSpread(measure) ? { spread: true } : {}),
      ...(measure.kind === 'share' ? { counted: deps.readFilter(measure.q) } : {}),
    };
    const [series, before] = await Promise.all([
      readOnce(project, { ...selection, ...ask, groups: panel.top }),
      earlier && readOnce(project, { ...earlier, ...ask, groups: mostGroupsBefore }),
    ]);
    const behind = allOf([withoutTime(filter), narrowedBy(measure, deps.readFilter)]);
    const shown = by === null && series.groups.length === 0 ? [noTraces] : series.groups;
    const groups = shown.map((group) => {
      const now = panelValue(measure, group.total);
      const earlierTotal = before && totalBefore(before, group);
      const was = earlierTotal && panelValue(measure, earlierTotal);
      const narrower = filterOfGroup(by, group, series.groups);
      return {
        ...{ value: group.value, rest: group.rest, total: now, before: was },
        q: narrower && printFilter(allOf([behind, narrower])),
        change: was && panelChange(measure, now, was),
        points: panelPoints(measure, series, group.buckets),
      };
    });
    return {
      ...{ kind: 'measure', step: series.step, q: printFilter(behind), groups },
      ...{ fromNs: String(series.fromNs), untilNs: String(series.untilNs) },
      unpriced: series.groups.reduce((all, { total }) => all + total.unpriced, 0),
    };
  }

  return async (
    project: ProjectId,
    panel: PanelAskBody['panel'],
    asked: DashboardAsk,
  ): Promise<MeasureData | ({ kind: 'sql' } & Awaited<ReturnType<SqlReader['query']>>)> => {
    if (panel.kind === 'measure') return readMeasure(project, panel, asked);
    if (panel.kind === 'text')
      throw new WheelhouseError('invalid_request', 'There is nothing to read of a text.', { param: 'panel' });
    const { from, until } = boundsOf(asked);
    const sql = panel.sql.replaceAll('{{from}}', literalOf(from)).replaceAll('{{until}}', literalOf(until));
    return { kind: 'sql', ...(await deps.sql.query(project, sql, { limit: sqlRows })) };
  };
}
