import type { Selection } from '@wheelhouse/core/ports';
import { conditionsOf, mentions } from '@wheelhouse/core/query';
import type { Filter, Nanos, ProjectId, TextField } from '@wheelhouse/core/records';
import type { Database } from '../database.ts';
import { grainOf, summedFields } from '../hour-grains.ts';
import { type FilterTable, filterSql, hourOf, type SqlParams, summaryTable, timeBounds } from './filter-sql.ts';

const hourNs = 3_600_000_000_000n;
/** Of more stretches than this, the shorter ones are left to the lines. */
const mostStretches = 100;

/** Sums of hours, which know of a trace's line what its grains tell apart. */
const hourTable: FilterTable = {
  name: 'sums of hours',
  text: {
    ...Object.fromEntries(summedFields.map((field) => [field, summaryTable.text[field]])),
    run: { text: "if(is_run, 'run', '')" },
  },
  number: {},
  time: 'hour',
};

const isSummed = (field: TextField): boolean => summedFields.includes(field);

/** The text fields that a condition asks for; null when it asks for anything else. */
function textFieldsOf(filter: Filter): TextField[] | null {
  switch (filter.type) {
    case 'all':
    case 'any': {
      const found = filter.of.map(textFieldsOf);
      return found.includes(null) ? null : found.flatMap((fields) => fields ?? []);
    }
    case 'not':
      return textFieldsOf(filter.of);
    case 'is':
      return [filter.field];
    case 'has':
      return isSummed(filter.field as TextField) ? [filter.field as TextField] : null;
    default:
      return null;
  }
}

const isTime = ({ type }: Filter): boolean => type === 'last' || type === 'since' || type === 'until';

/** The grain in which traces that fit can be told apart by these fields; null when lines have to be read. */
export function grainFor(filter: Filter, by: readonly TextField[]): number | null {
  if (mentions(filter, 'run')) return null;
  const asked = textFieldsOf({ type: 'all', of: conditionsOf(filter).filter((condition) => !isTime(condition)) });
  return asked === null ? null : grainOf([...asked, ...by]);
}

/** Hours whose sums hold, and all the rest: conditions on the column `hour`. */
export type RolledHours = { inside: string; outside: string };

/** Hours that lie as a whole in the filter's time, and whose sums at these grains are newer than their lines; null: none. */
export async function rolledHours(
  database: Database,
  project: ProjectId,
  { filter, nowNs, grains }: Selection & { grains: readonly number[] },
): Promise<RolledHours | null> {
  const { from, until } = timeBounds(filter, nowNs);
  const first = from === null ? 0n : hourOf(from + hourNs - 1n);
  // The last hour that a DateTime holds stands for all later ones, too.
  const last = hourOf(until ?? 1n << 64n);
  const wanted = grains.reduce((bits, grain) => bits | (1 << grain), 0);
  const rows = await database.query<{ first: string; last: string }>(
    `SELECT toString(toUnixTimestamp(min(hour))) AS first, toString(toUnixTimestamp(max(hour)) + 3600) AS last
     FROM (
       SELECT hour, holds, row_number() OVER (ORDER BY hour) - row_number() OVER (PARTITION BY holds ORDER BY hour) AS stretch
       FROM (
         SELECT hour, made >= newest AND bitAnd(grains, {wanted:UInt32}) = {wanted:UInt32} AS holds
         FROM (
           SELECT hour, max(version) AS newest FROM line_hours
           WHERE project_id = {project:String} AND hour >= toDateTime(${first}, 'UTC')
             AND hour < toDateTime(${last}, 'UTC')
           GROUP BY hour) AS l
         LEFT JOIN (
           SELECT hour, max(h.version) AS made, argMax(h.grains, h.version) AS grains FROM hour_marks AS h
           WHERE project_id = {project:String} GROUP BY hour) AS m USING (hour)))
     WHERE holds
     GROUP BY stretch
     ORDER BY max(hour) - min(hour) DESC
     LIMIT ${mostStretches}`,
    { project, wanted },
  );
  if (rows.length === 0) return null;
  const stretches = rows.map(
    (row) => `(hour >= toDateTime(${row.first}, 'UTC') AND hour < toDateTime(${row.last}, 'UTC'))`,
  );
  const inside = `(${stretches.join(' OR ')})`;
  return { inside, outside: `NOT ${inside}` };
}

/** A condition over `trace_hours` at one grain. Parameters: `project` and these, which differ from those over lines. */
export function rolledSql(
  { filter, nowNs }: { filter: Filter; nowNs: Nanos },
  { grain, inside }: { grain: number; inside: string },
): { where: string; params: SqlParams } {
  const timeless: Filter = { type: 'all', of: conditionsOf(filter).filter((condition) => !isTime(condition)) };
  const { where, params } = filterSql(timeless, { nowNs, table: hourTable, prefix: 'h' });
  return { where: `project_id = {project:String} AND grain = ${grain} AND ${inside} AND ${where}`, params };
}

/**
 * A condition on `hour` that leaves out hours of which the sums know that nothing in them fits; null when they know too
 * little. Saves a search for what is rare, or not there at all, from reading everything.
 */
export async function fittingHours(
  database: Database,
  project: ProjectId,
  { filter, nowNs }: Selection,
): Promise<{ where: string; params: SqlParams } | null> {
  const known = conditionsOf(filter).filter((condition) => textFieldsOf(condition)?.every(isSummed));
  const asked: Filter = { type: 'all', of: known };
  const grain = known.length === 0 || mentions(filter, 'run') ? null : grainFor(asked, []);
  const hours = grain === null ? null : await rolledHours(database, project, { filter, nowNs, grains: [grain] });
  if (grain === null || hours === null) return null;
  const { where, params } = rolledSql({ filter: asked, nowNs }, { grain, inside: hours.inside });
  return { where: `(${hours.outside} OR hour IN (SELECT hour FROM trace_hours WHERE ${where}))`, params };
}
