import type { Facet, Selection } from '@wheelhouse/core/ports';
import { printFilter, withoutField } from '@wheelhouse/core/query';
import type { ProjectId, TextField } from '@wheelhouse/core/records';
import type { Database } from '../database.ts';
import { coarseGrain } from '../hour-grains.ts';
import type { SqlParams } from './filter-sql.ts';
import { selectionSql } from './list.ts';
import { grainFor, rolledHours, rolledSql } from './rolled-hours.ts';

/** Columns that hold several values; sums of hours have them, too. */
export const listed: Partial<Record<TextField, string>> = {
  kind: 'kinds',
  model: 'models',
  provider: 'providers',
  tool: 'tools',
  service: 'services',
  tag: 'tags',
};
const single: Partial<Record<TextField, string>> = {
  session: 'session_id',
  user: 'user_id',
  run: 'run_id',
  trace: 'trace_id',
};
/** So many values that they are grouped instead of kept in one map. */
const many: ReadonlySet<TextField> = new Set(['name', 'session', 'user', 'run', 'trace']);

const columnOf = (field: TextField): string => single[field] ?? field;

/** An expression that gives a row for each value that a trace has for the field. */
export function valuesOf(field: TextField): string {
  const list = listed[field];
  return list === undefined ? `toString(${columnOf(field)})` : `toString(arrayJoin(emptyArrayToSingle(${list})))`;
}

type Counted = { value: string; count: string };
type Ask = Selection & { limit: number };

const toFacet = (field: TextField, rows: readonly Counted[], limit: number): Facet => ({
  field,
  values: rows.slice(0, limit).map(({ value, count }) => ({ value, count: Number(count) })),
  more: rows.length > limit,
});

/** Hours that are summed up stand for their lines, if they know of all that is asked. */
type Rolled = {
  /** Condition on the lines that are read all the same. */
  outside: string;
  /** Condition on the sums in which a field can be told apart, or that know how many there are; null: there are none. */
  of: ((field: TextField | null) => string) | null;
  params: SqlParams;
};

async function findRolled(
  database: Database,
  project: ProjectId,
  { fields, ...ask }: Selection & { fields: readonly TextField[] },
): Promise<Rolled> {
  const grains = new Map(
    [null, ...fields].map((field) => [field, grainFor(ask.filter, field === null ? [] : [field])]),
  );
  const known = [...grains.values()].filter((grain) => grain !== null);
  const hours = known.length < grains.size ? null : await rolledHours(database, project, { ...ask, grains: known });
  if (hours === null) return { outside: '1', of: null, params: {} };
  const { inside, outside } = hours;
  const at = (grain: number) => rolledSql(ask, { grain, inside });
  const of = (field: TextField | null) => at(grains.get(field) ?? coarseGrain).where;
  return { outside, of, params: at(coarseGrain).params };
}

async function countMany(database: Database, project: ProjectId, { field, limit, ...ask }: Ask & { field: TextField }) {
  const { where, params } = selectionSql(ask);
  const { outside, of, params: more } = await findRolled(database, project, { ...ask, fields: [field] });
  const count = (what: string, from: string) =>
    `SELECT ${valuesOf(field)} AS value, ${what} AS one FROM ${from} GROUP BY value`;
  const parts = [
    count('count()', `trace_summaries FINAL WHERE ${where} AND ${outside}`),
    ...(of === null ? [] : [count('sum(traces)', `trace_hours FINAL WHERE ${of(field)}`)]),
  ];
  const rows = await database.query<Counted>(
    `SELECT value, sum(one) AS count FROM (${parts.join(' UNION ALL ')})
     GROUP BY value
     ORDER BY count DESC, value
     LIMIT {values:UInt32}`,
    { ...params, ...more, project, values: limit + 1 },
  );
  return toFacet(field, rows, limit);
}

/** Several fields in one read, each grouped by itself; lists as a whole first, because few differ. */
async function countFew(
  database: Database,
  project: ProjectId,
  { fields, limit, ...ask }: Ask & { fields: readonly TextField[] },
): Promise<{ total: number; facets: Facet[] }> {
  const { where, params } = selectionSql(ask);
  const { outside, of, params: more } = await findRolled(database, project, { ...ask, fields });
  const columns = fields.map((field) => listed[field] ?? columnOf(field));
  const choose = (give: (field: TextField, at: number) => string, otherwise: string) =>
    fields.length === 0
      ? otherwise
      : `multiIf(${fields.map((field, at) => `grouping(${columns[at]}) = 0, ${give(field, at)}`).join(', ')}, ${otherwise})`;
  const listOf = (field: TextField, at: number) =>
    listed[field] === undefined ? `[toString(${columns[at]})]` : `arrayMap(v -> toString(v), ${columns[at]})`;
  const lines = `
    SELECT toInt32(${choose((_, at) => String(at), '-1')}) AS at, ${choose(listOf, "['']")} AS list, count() AS one
    FROM trace_summaries FINAL
    WHERE ${where} AND ${outside}
    GROUP BY GROUPING SETS (${[...columns, ''].map((column) => `(${column})`).join(', ')})`;
  const sums = (field: TextField | null, at: number) => `
    SELECT toInt32(${at}) AS at, ${field === null ? "['']" : listOf(field, at)} AS list, sum(traces) AS one
    FROM trace_hours FINAL
    WHERE ${of?.(field)}
    GROUP BY list`;
  const parts = of === null ? [lines] : [lines, sums(null, -1), ...fields.map(sums)];
  const rows = await database.query<Counted & { at: number }>(
    `SELECT at, arrayJoin(emptyArrayToSingle(list)) AS value, sum(one) AS count
     FROM (${parts.join(' UNION ALL ')})
     GROUP BY at, value
     ORDER BY at, count DESC, value
     LIMIT {values:UInt32} BY at`,
    { ...params, ...more, project, values: limit + 1 },
  );
  const found = (at: number) => rows.filter((row) => row.at === at);
  return {
    total: Number(found(-1)[0]?.count ?? 0),
    facets: fields.map((field, at) => toFacet(field, found(at), limit)),
  };
}

/**
 * How many traces fit, and the most frequent values of each field under the conditions on all others. Fields that the
 * filter does not name are counted in one read.
 */
export async function readFacets(
  database: Database,
  project: ProjectId,
  ask: Ask & { fields: TextField[] },
): Promise<{ total: number; facets: Facet[] }> {
  const { filter, nowNs, limit } = ask;
  const whole = printFilter(filter);
  const fewOf = new Map<string, { filter: Selection['filter']; fields: TextField[] }>([
    [whole, { filter, fields: [] }],
  ]);
  const fields = [...new Set(ask.fields)];
  for (const field of fields.filter((one) => !many.has(one))) {
    const under = withoutField(filter, field);
    const text = printFilter(under);
    const found = fewOf.get(text) ?? { filter: under, fields: [] };
    fewOf.set(text, { ...found, fields: [...found.fields, field] });
  }
  const reads = [...fewOf].map(async ([text, one]) => ({
    text,
    ...(await countFew(database, project, { ...one, nowNs, limit })),
  }));
  const [few, counted] = await Promise.all([
    Promise.all(reads),
    Promise.all(
      fields
        .filter((field) => many.has(field))
        .map((field) => countMany(database, project, { filter: withoutField(filter, field), field, nowNs, limit })),
    ),
  ]);
  const all = [...few.flatMap(({ facets }) => facets), ...counted];
  return {
    total: few.find(({ text }) => text === whole)?.total ?? 0,
    facets: ask.fields.flatMap((field) => all.find((facet) => facet.field === field) ?? []),
  };
}
