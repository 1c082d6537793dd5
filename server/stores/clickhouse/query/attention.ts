import type { AttentionReads, CallLatency, FailureField, FailureGroup, ModelCalls } from '@wheelhouse/core/ports';
import type { Nanos, ProjectId } from '@wheelhouse/core/records';
import type { Database } from '../database.ts';
import { hourOf } from './filter-sql.ts';

const mostGroups = 100;
const dayNs = 86_400_000_000_000n;
const hourSeconds = 3600n;

const at = (seconds: bigint) => `toDateTime(${seconds}, 'UTC')`;
const secondsOf = (ns: Nanos) => ns / 1_000_000_000n;

type FailureRow = {
  field: FailureField | 'all';
  value: string;
  now_count: string;
  now_errors: string;
  before_count: string;
  before_errors: string;
};

/** Every trace stands under each of its models and tools, under its name, and once under all. */
const groupsOfTrace = `arrayConcat(
  [('all', ''), ('name', toString(name))],
  arrayMap(one -> ('model', toString(one)), models),
  arrayMap(one -> ('tool', toString(one)), tools))`;

async function readFailures(
  database: Database,
  project: ProjectId,
  { fromNs, untilNs, least }: Parameters<AttentionReads['failures']>[1],
): Promise<{ traces: number; groups: FailureGroup[] }> {
  const beforeNs = fromNs - (untilNs - fromNs);
  const isNow = 'start_ns >= {from:UInt64}';
  const rows = await database.query<FailureRow>(
    // Summed by what traces have in common first, because few differ in that, and each stands in several groups.
    `SELECT one.1 AS field, one.2 AS value, sum(k.now_count) AS now_count, sum(k.now_errors) AS now_errors,
       sum(k.before_count) AS before_count, sum(k.before_errors) AS before_errors
     FROM (
       SELECT ${groupsOfTrace} AS groups, countIf(${isNow}) AS now_count,
         countIf(${isNow} AND status = 'error') AS now_errors, countIf(NOT ${isNow}) AS before_count,
         countIf(NOT ${isNow} AND status = 'error') AS before_errors
       FROM trace_summaries FINAL
       WHERE project_id = {project:String} AND hour >= ${at(hourOf(beforeNs))} AND hour <= ${at(hourOf(untilNs))}
         AND start_ns >= {before:UInt64} AND start_ns < {until:UInt64} AND run_id = ''
       GROUP BY name, models, tools) AS k
     ARRAY JOIN groups AS one
     GROUP BY field, value
     HAVING field = 'all' OR value != '' AND now_count >= {least:UInt32} AND before_count >= {least:UInt32}
     ORDER BY now_count DESC, field, value
     LIMIT ${mostGroups} BY field`,
    { project, from: String(fromNs), before: String(beforeNs), until: String(untilNs), least },
  );
  const groups = rows.flatMap(({ field, value, ...row }): FailureGroup[] => {
    if (field === 'all') return [];
    const now = { count: Number(row.now_count), errors: Number(row.now_errors) };
    return [{ field, value, now, before: { count: Number(row.before_count), errors: Number(row.before_errors) } }];
  });
  return { traces: Number(rows.find(({ field }) => field === 'all')?.now_count ?? 0), groups };
}

/** Hours where they lie whole in the time, or whole before it; minutes at its edges. */
function callsBetween(firstNs: Nanos, fromNs: Nanos, untilNs: Nanos): string {
  const [first, from, until] = [secondsOf(firstNs), secondsOf(fromNs), secondsOf(untilNs)];
  const down = (seconds: bigint) => (seconds / hourSeconds) * hourSeconds;
  const up = (seconds: bigint) => down(seconds + hourSeconds - 1n);
  const whole = `(minute >= ${at(up(first))} AND minute < ${at(down(from))}
    OR minute >= ${at(up(from))} AND minute < ${at(down(until))})`;
  const columns = 'model, minute, calls, unpriced, latency_ns';
  const mine = `project_id = {project:String} AND NOT is_run AND minute >= ${at(first)} AND minute < ${at(until)}`;
  return `(SELECT ${columns} FROM call_hours FINAL WHERE ${mine} AND ${whole}
    UNION ALL SELECT ${columns} FROM call_minutes FINAL WHERE ${mine} AND NOT ${whole})`;
}

const tail = Array.from({ length: 20 }, (_, i) => ((80 + i) / 100).toFixed(2));

type CallsRow = {
  model: string;
  calls: string;
  usual_calls: string;
  unpriced: string;
  now: (number | null)[];
  usual: (number | null)[];
};

function latencyOf(calls: string, quantiles: readonly (number | null)[]): CallLatency | null {
  const known = quantiles.flatMap((value) => (value === null ? [] : [BigInt(Math.round(value))]));
  const p95 = known[15];
  return p95 === undefined || known.length < tail.length ? null : { calls: Number(calls), p95, tail: known };
}

async function readCalls(
  database: Database,
  project: ProjectId,
  { fromNs, untilNs }: Parameters<AttentionReads['calls']>[1],
): Promise<ModelCalls[]> {
  const isNow = `minute >= ${at(secondsOf(fromNs))}`;
  const sketch = `quantilesDDMergeIf(0.01, ${tail.join(', ')})`;
  const rows = await database.query<CallsRow>(
    `SELECT toString(model) AS model, sumIf(c.calls, ${isNow}) AS calls, sumIf(c.calls, NOT ${isNow}) AS usual_calls,
       sumIf(c.unpriced, ${isNow}) AS unpriced, ${sketch}(latency_ns, ${isNow}) AS now,
       ${sketch}(latency_ns, NOT ${isNow}) AS usual
     FROM ${callsBetween(fromNs - 7n * dayNs, fromNs, untilNs)} AS c
     GROUP BY model
     HAVING calls > 0
     ORDER BY calls DESC, model
     LIMIT ${mostGroups}`,
    { project },
  );
  return rows.map(({ model, calls, unpriced, usual_calls, now, usual }) => ({
    model,
    calls: Number(calls),
    unpriced: Number(unpriced),
    now: latencyOf(calls, now),
    usual: latencyOf(usual_calls, usual),
  }));
}

export function createAttentionReads(database: Database): AttentionReads {
  return {
    failures: (project, ask) => readFailures(database, project, ask),
    calls: (project, ask) => readCalls(database, project, ask),
  };
}
