import type { Selection, SessionSummary, UserSummary } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { bigintOrNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { pageOf, parsePlace, selectionSql } from './list.ts';

type Page = { limit: number; cursor?: string };

type ActivityRow = {
  id: string;
  first_ns: string;
  last_ns: string;
  traces: string;
  errors: string;
  input: string;
  output: string;
  cost: string | null;
  unpriced: string;
};
type SessionRow = ActivityRow & { users: string[]; all_models: string[]; first_input: string; last_output: string };
type UserRow = ActivityRow & { sessions: string };

const measures = `min(start_ns) AS first_ns, max(start_ns) AS last_ns, count() AS traces,
  countIf(status = 'error') AS errors, sum(input_tokens) AS input, sum(output_tokens) AS output,
  sum(cost_nano_usd) AS cost, sum(unpriced_calls) AS unpriced`;
const ofSession = `arraySort(groupUniqArrayIf(100)(user_id, user_id != '')) AS users,
  arraySort(groupUniqArrayArray(100)(models)) AS all_models,
  argMin(input_preview, (start_ns, trace_id)) AS first_input,
  argMax(output_preview, (start_ns, trace_id)) AS last_output`;
const ofUser = "uniqExactIf(session_id, session_id != '') AS sessions";

const activityOf = (row: ActivityRow) => ({
  firstNs: BigInt(row.first_ns),
  lastNs: BigInt(row.last_ns),
  traces: Number(row.traces),
  errors: Number(row.errors),
  inputTokens: Number(row.input),
  outputTokens: Number(row.output),
  costNanoUsd: bigintOrNull(row.cost),
  unpriced: Number(row.unpriced),
});
const toSession = (row: SessionRow): SessionSummary => ({
  sessionId: row.id,
  ...activityOf(row),
  users: row.users,
  models: row.all_models,
  inputPreview: row.first_input,
  outputPreview: row.last_output,
});
const toUser = (row: UserRow): UserSummary => ({ userId: row.id, ...activityOf(row), sessions: Number(row.sessions) });

/** Groups of traces by a column: those with a trace that fits, over all their traces, newest first. */
async function readGroups<Row extends ActivityRow>(
  database: Database,
  project: ProjectId,
  ask: Selection & Page & { column: 'session_id' | 'user_id'; more: string },
): Promise<{ page: Row[]; next: string | null }> {
  const { column, more, limit, cursor } = ask;
  const after = cursor === undefined ? null : parsePlace(cursor);
  const { where, params } = selectionSql(ask);
  const rows = await database.query<Row>(
    `SELECT ${column} AS id, ${measures}, ${more}
     FROM trace_summaries FINAL
     WHERE project_id = {project:String} AND ${column} IN (
       SELECT ${column} FROM trace_summaries FINAL WHERE ${where} AND ${column} != '')
     GROUP BY id
     ${after === null ? '' : 'HAVING (last_ns, id) < ({ns:UInt64}, {id:String})'}
     ORDER BY last_ns DESC, id DESC
     LIMIT {count:UInt32}`,
    { ...params, project, ns: after?.ns ?? '0', id: after?.id ?? '', count: limit + 1 },
  );
  return pageOf(rows, limit, (row) => ({ ns: row.last_ns, id: row.id }));
}

export async function listSessions(
  database: Database,
  project: ProjectId,
  ask: Selection & Page,
): Promise<{ data: SessionSummary[]; next: string | null }> {
  const asked = { ...ask, column: 'session_id', more: ofSession } as const;
  const { page, next } = await readGroups<SessionRow>(database, project, asked);
  return { data: page.map(toSession), next };
}

export async function listUsers(
  database: Database,
  project: ProjectId,
  ask: Selection & Page,
): Promise<{ data: UserSummary[]; next: string | null }> {
  const asked = { ...ask, column: 'user_id', more: ofUser } as const;
  const { page, next } = await readGroups<UserRow>(database, project, asked);
  return { data: page.map(toUser), next };
}

export async function readSession(database: Database, project: ProjectId, id: string): Promise<SessionSummary | null> {
  const [row] = await database.query<SessionRow>(
    `SELECT session_id AS id, ${measures}, ${ofSession}
     FROM trace_summaries FINAL
     WHERE project_id = {project:String} AND session_id = {session:String}
     GROUP BY id`,
    { project, session: id },
  );
  return row ? toSession(row) : null;
}
