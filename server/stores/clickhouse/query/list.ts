import type { Selection, TraceSummary } from '@wheelhouse/core/ports';
import { type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { uint64 } from '../columns.ts';
import type { Database } from '../database.ts';
import { filterSql, hourOf, hourSql, type SqlParams, timeBounds } from './filter-sql.ts';
import { fittingHours } from './rolled-hours.ts';
import { type SummaryRow, summaryColumns, toSummaries } from './summary-row.ts';

type Page = { limit: number; cursor?: string };
/** A place in a list that is ordered by a time and then an id. */
export type Place = { ns: string; id: string };

/** Reads a `next`: a time, a dot, and an id. */
export function parsePlace(cursor: string): Place {
  const match = /^(\d{1,20})\.(.+)$/s.exec(cursor);
  if (!match?.[1] || !match[2])
    throw new WheelhouseError('invalid_request', 'The cursor is not one that a page gave as `next`.', {
      param: 'cursor',
    });
  return { ns: uint64(BigInt(match[1])), id: match[2] };
}
export const printPlace = ({ ns, id }: Place): string => `${ns}.${id}`;

/** Rows that were read with one to spare, as a page. */
export function pageOf<Row>(rows: Row[], limit: number, placeOf: (row: Row) => Place) {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last !== undefined ? printPlace(placeOf(last)) : null };
}

const hourNs = 3_600_000_000_000n;
/** The first window is an hour; each next one is so many times as wide, so that a rare trace costs few queries. */
const widening = 24n;
/** Wider ones read everything that is left. */
const widest = 24n * 24n;

async function newestHour(database: Database, project: ProjectId): Promise<bigint | null> {
  const [row] = await database.query<{ seconds: string }>(
    `SELECT toString(toUnixTimestamp(hour)) AS seconds FROM trace_summaries
     WHERE project_id = {project:String} ORDER BY project_id DESC, hour DESC LIMIT 1`,
    { project },
  );
  return row ? BigInt(row.seconds) * 1_000_000_000n : null;
}

/** Reads one window of hours, its ends included; null for the lower end reads to the beginning. */
type Window = { fromNs: bigint | null; untilNs: bigint };

function windowSql({ fromNs, untilNs }: Window): string {
  const lower = fromNs === null ? '' : `AND hour >= toDateTime(${hourOf(fromNs)}, 'UTC')`;
  return `${lower} AND hour <= toDateTime(${hourOf(untilNs)}, 'UTC')`;
}

const belowSql = (below: Place | null): string =>
  below === null ? '' : 'AND (start_ns, trace_id) < ({ns:UInt64}, {id:String})';
const belowParams = (below: Place | null): SqlParams => (below === null ? {} : { ...below });
const comesBefore = (a: Place, b: Place): boolean => (a.ns === b.ns ? a.id > b.id : BigInt(a.ns) > BigInt(b.ns));

/** Where-clause of a filter, and its parameters with `project`. */
type Clause = { where: string; params: SqlParams };
type Candidate = Place & { seconds: string };

/** The newest places of a window at which a version of a line fits; reads only what the filter asks for, by every index. */
const candidatesIn = (
  database: Database,
  { where, params }: Clause,
  { window, below, count }: { window: Window; below: Place | null; count: number },
) =>
  database.query<Candidate>(
    `SELECT toString(start_ns) AS ns, trace_id AS id, toString(toUnixTimestamp(hour)) AS seconds
     FROM trace_summaries
     WHERE project_id = {project:String} ${windowSql(window)} AND is_deleted = 0 AND ${where} ${belowSql(below)}
     ORDER BY start_ns DESC, trace_id DESC
     LIMIT {count:UInt32}`,
    { ...params, ...belowParams(below), count },
  );

/** Those of the lines that fit in their newest version, which has the last word, and are below a place. */
function newestVersions(
  database: Database,
  { where, params }: Clause,
  { candidates, below }: { candidates: Candidate[]; below: Place | null },
): Promise<SummaryRow[]> {
  const hours = [...new Set(candidates.map(({ seconds }) => seconds))];
  // FINAL, which does the same, takes half as long again.
  return database.query<SummaryRow>(
    `SELECT ${summaryColumns.join(', ')}
     FROM (
       SELECT * FROM trace_summaries
       WHERE project_id = {project:String} AND hour IN (${hours.map((at) => `toDateTime(${at}, 'UTC')`).join(', ')})
         AND trace_id IN {ids:Array(String)}
       ORDER BY version DESC
       LIMIT 1 BY hour, trace_id)
     WHERE is_deleted = 0 AND ${where} ${belowSql(below)}
     ORDER BY start_ns DESC, trace_id DESC`,
    { ...params, ...belowParams(below), ids: [...new Set(candidates.map(({ id }) => id))] },
  );
}

type Asked = Selection & { count: number; after: Place | null };

/**
 * Gives so many of the next candidates each time; fewer when there are no more. Reads backwards in widening windows of
 * time, because most lists end in the first.
 */
function walkBack(database: Database, project: ProjectId, ask: Asked & { newest: bigint; clause: Clause }) {
  const bounds = timeBounds(ask.filter, ask.nowNs);
  let { clause, after: below } = ask;
  let untilNs = bounds.until !== null && bounds.until < ask.newest ? bounds.until : ask.newest;
  let hours = 1n;
  return async (count: number): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    while (untilNs >= 0n) {
      // What is not found in a day may be rare.
      const fitting = hours === widening * widening ? await fittingHours(database, project, ask) : null;
      if (fitting !== null)
        clause = { where: `${fitting.where} AND ${clause.where}`, params: { ...clause.params, ...fitting.params } };
      const wanted = hours > widest ? -1n : untilNs - (hours - 1n) * hourNs;
      const isLast = wanted <= 0n || (bounds.from !== null && wanted <= bounds.from);
      const window = { fromNs: isLast ? bounds.from : wanted, untilNs };
      found.push(...(await candidatesIn(database, clause, { window, below, count: count - found.length })));
      below = found.at(-1) ?? below;
      if (found.length >= count) break;
      untilNs = isLast ? -1n : (wanted / hourNs) * hourNs - 1n;
      hours *= widening;
    }
    return found;
  };
}

/**
 * The newest rows that fit, below a place. First they are looked for among all versions of all lines; then those few lines
 * are read whole, in their newest version. To have the table merge its versions while it is searched would read every
 * column of every line.
 */
async function newestRows(database: Database, project: ProjectId, ask: Asked): Promise<SummaryRow[]> {
  const newest = ask.after === null ? await newestHour(database, project) : BigInt(ask.after.ns);
  if (newest === null) return [];
  const { where, params } = filterSql(ask.filter, { nowNs: ask.nowNs });
  const clause = { where, params: { ...params, project } };
  const next = walkBack(database, project, { ...ask, newest, clause });
  const found: SummaryRow[] = [];
  for (let below = ask.after; ; ) {
    const wanted = ask.count - found.length;
    const candidates = await next(wanted);
    const last = candidates.at(-1);
    if (last === undefined) return found;
    const rows = await newestVersions(database, clause, { candidates, below });
    const isWhole = candidates.length < wanted;
    // A line that moved down since is met again further down.
    found.push(...rows.filter((row) => isWhole || !comesBefore(last, { ns: row.start_ns, id: row.trace_id })));
    if (isWhole || found.length >= ask.count) return found;
    below = { ns: last.ns, id: last.id };
  }
}

/** One page, newest first; a place in time, so that what comes meanwhile moves nothing. */
export async function listTraces(
  database: Database,
  project: ProjectId,
  { filter, nowNs, limit, cursor }: Selection & Page,
): Promise<{ data: TraceSummary[]; next: string | null }> {
  const after = cursor === undefined ? null : parsePlace(cursor);
  const rows = await newestRows(database, project, { filter, nowNs, count: limit + 1, after });
  const { page, next } = pageOf(rows, limit, (row) => ({ ns: row.start_ns, id: row.trace_id }));
  return { data: await toSummaries(database, project, page), next };
}

/** The traces of a session, oldest first. */
export async function tracesOfSession(
  database: Database,
  project: ProjectId,
  ask: Page & { session: string },
): Promise<{ data: TraceSummary[]; next: string | null }> {
  const after = ask.cursor === undefined ? null : parsePlace(ask.cursor);
  const rows = await database.query<SummaryRow>(
    `SELECT ${summaryColumns.join(', ')}
     FROM trace_summaries FINAL
     WHERE project_id = {project:String} AND session_id = {session:String}
       ${after === null ? '' : 'AND (start_ns, trace_id) > ({ns:UInt64}, {id:String})'}
     ORDER BY start_ns, trace_id
     LIMIT {count:UInt32}`,
    { project, session: ask.session, ns: after?.ns ?? '0', id: after?.id ?? '', count: ask.limit + 1 },
  );
  const { page, next } = pageOf(rows, ask.limit, (row) => ({ ns: row.start_ns, id: row.trace_id }));
  return { data: await toSummaries(database, project, page), next };
}

/** Where-clause over `trace_summaries`, with the part of the key that the filter bounds. Parameters: `project` and these. */
export function selectionSql({ filter, nowNs }: Selection): { where: string; params: SqlParams } {
  const { where, params } = filterSql(filter, { nowNs });
  return { where: `project_id = {project:String} AND ${hourSql(filter, nowNs)} AND ${where}`, params };
}
