import type { Database } from './database.ts';
import { coarseGrain, everyGrain, fineGrain, grainFields } from './hour-grains.ts';

/**
 * Hours in which a line was written more recently are left to the lines. A write that takes no longer than this, of another
 * server too, is seen, or known not to be in the sums.
 */
export const quietMs = 60_000;
/** What is summed up in one go, unless one hour has more. */
const linesAtOnce = 50_000;
const hoursAtOnce = 200;
/** A grain is kept where it is much smaller than the lines that it stands for. */
const isSmall = 'groups <= 64 + lines / 8';

const shared = ['project_id', 'hour', ...Object.values(everyGrain), 'is_run'];
const own = grainFields.map(([, column]) => column);
const all = [...shared, ...own];
const sums = ['traces', 'input_tokens', 'output_tokens', 'cost_nano_usd', 'unpriced', 'duration_ns', 'first_token_ns'];

const sketch = (column: string): string =>
  `quantilesDDStateIf(0.01, 0.5, 0.9, 0.99)(toFloat64(assumeNotNull(${column})), isNotNull(${column}))`;
const merged = (column: string): string => `quantilesDDMergeState(0.01, 0.5, 0.9, 0.99)(l.${column})`;
const cost = (column: string): string =>
  `if(count(${column}) = 0, NULL, toInt64(least(greatest(sum(toInt128(${column})), -9223372036854775807), 9223372036854775807)))`;

type Hour = { project_id: string; at: string };

/** The hours that are summed up, as rows. */
const given = `(
  SELECT p.1 AS project_id, toDateTime(p.2, 'UTC') AS hour
  FROM (SELECT arrayJoin(arrayZip({projects:Array(String)}, {hours:Array(UInt32)})) AS p))`;
const isOneOf = `(project_id, hour) IN ${given}`;

/** The lines of these hours with everything told apart. */
const finest = `
  SELECT ${all.map((column) => (column === 'is_run' ? "run_id != '' AS is_run" : column)).join(', ')},
    count() AS traces, sum(input_tokens) AS tokens_in, sum(output_tokens) AS tokens_out,
    ${cost('cost_nano_usd')} AS spent, sum(unpriced_calls) AS unknown,
    ${sketch('duration_ns')} AS slow, ${sketch('first_token_ns_min')} AS late
  FROM trace_summaries FINAL
  WHERE ${isOneOf}
  GROUP BY ${all.join(', ')}`;

const sets = [[], ...own.map((column) => [column]), own].map((columns) => `(${[...shared, ...columns].join(', ')})`);
const isIn = (column: string) => `grouping(${column}) = 0`;
const grain = `multiIf(${own.map(isIn).join(' AND ')}, ${fineGrain},
  ${own.map((column, at) => `${isIn(column)}, ${at + 1}`).join(', ')}, ${coarseGrain})`;

const insertSql = `
INSERT INTO trace_hours (project_id, grain, hour, place, version, is_deleted, ${all.slice(2).join(', ')}, ${sums.join(', ')})
SELECT project_id, grain, hour, reinterpretAsUInt128(sipHash128(${all.slice(2).join(', ')})), {version:UInt64}, 0,
  ${all.slice(2).join(', ')}, traces, tokens_in, tokens_out, spent, unknown, slow, late
FROM (
  SELECT *, count() OVER (PARTITION BY project_id, hour, grain) AS groups,
    sum(traces) OVER (PARTITION BY project_id, hour, grain) AS lines
  FROM (
    SELECT ${all.map((column) => `l.${column} AS ${column}`).join(', ')}, toUInt8(${grain}) AS grain, sum(l.traces) AS traces,
      sum(l.tokens_in) AS tokens_in, sum(l.tokens_out) AS tokens_out, ${cost('l.spent')} AS spent,
      sum(l.unknown) AS unknown, ${merged('slow')} AS slow, ${merged('late')} AS late
    FROM (${finest}) AS l
    GROUP BY GROUPING SETS (${sets.join(', ')})))
WHERE grain = ${coarseGrain} OR ${isSmall}`;

/** What stood there before; readers have gone to the lines already. */
const clearSql = `
INSERT INTO trace_hours (project_id, grain, hour, place, version, is_deleted)
SELECT project_id, grain, hour, place, {version:UInt64} - 1, 1 FROM trace_hours FINAL WHERE ${isOneOf}`;

/** Last, so that after a kill all of it is made again; as of when every write is seen. An hour without lines has every grain. */
const markSql = `
INSERT INTO hour_marks (project_id, hour, version, grains)
SELECT project_id, hour, {until:UInt64}, if(max(held) = 0, 4294967295, groupBitOr(bit))
FROM (
  SELECT project_id, hour, bitShiftLeft(toUInt32(1), grain) AS bit, 1 AS held FROM trace_hours
  WHERE ${isOneOf} AND version = {version:UInt64}
  UNION ALL
  SELECT project_id, hour, 0, 0 FROM ${given})
GROUP BY project_id, hour`;

const changed = '(project_id, hour) IN (SELECT project_id, hour FROM line_hours WHERE version > {done:UInt64})';
/** Hours with a line that is newer than their sums, newest first, as many as are summed up in one go. */
const dueSql = `
SELECT project_id, toString(toUnixTimestamp(hour)) AS at
FROM (
  SELECT *, sum(lines) OVER (ORDER BY hour DESC, project_id ROWS UNBOUNDED PRECEDING) - lines AS before
  FROM (
    SELECT project_id, hour, max(version) AS newest, sum(lines) AS lines FROM line_hours
    WHERE ${changed}
    GROUP BY project_id, hour) AS l
  LEFT JOIN (SELECT project_id, hour, max(version) AS made FROM hour_marks WHERE ${changed} GROUP BY project_id, hour) AS m
    USING (project_id, hour)
  WHERE newest > made AND newest <= {until:UInt64})
WHERE before < ${linesAtOnce}
ORDER BY hour DESC, project_id
LIMIT ${hoursAtOnce}`;

export type HourRollUp = {
  /** Something other than new lines changed what sums are made of, or which there are. */
  forget(): void;
  /** Does a part; whether something is left to be done now. */
  step(): Promise<boolean>;
};

/** Sums up hours of lines in which nothing has changed for so long. */
export function createHourRollUp(database: Database, quiet = quietMs): HourRollUp {
  /** Lines up to this version are summed up; null: not known. */
  let done: bigint | null = null;
  return {
    forget() {
      done = null;
    },
    async step() {
      const [row] = await database.query<{ version: string }>('SELECT toUnixTimestamp64Nano(now64(9)) AS version');
      const version = row?.version ?? '0';
      const until = BigInt(version) - BigInt(quiet) * 1_000_000n;
      const due = await database.query<Hour>(dueSql, { done: String(done ?? 0n), until: String(until) });
      if (due.length === 0) {
        done = until;
        return false;
      }
      const projects = due.map(({ project_id }) => project_id);
      const params = { version, until: String(until), projects, hours: due.map(({ at }) => Number(at)) };
      await database.command(clearSql, params);
      await database.command(insertSql, params);
      await database.command(markSql, params);
      return true;
    },
  };
}
