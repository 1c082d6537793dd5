import type { SearchedTrace, TraceSummary } from '@wheelhouse/core/ports';
import type { ProjectId, Score, SpanKind, SpanStatus, TraceId } from '@wheelhouse/core/records';
import { bigintOrNull, chunksOf, orNull } from '../columns.ts';
import type { Database } from '../database.ts';
import { newestScores } from './filter-sql.ts';

/** What a list reads of `trace_summaries`. */
export const summaryColumns = [
  'trace_id',
  'name',
  'kind',
  'start_ns',
  'end_ns',
  'status',
  'status_message',
  'model',
  'models',
  'providers',
  'kinds',
  'tools',
  'service',
  'environment',
  'release',
  'tags',
  'session_id',
  'user_id',
  'input_preview',
  'output_preview',
  'input_tokens',
  'output_tokens',
  'cost_nano_usd',
  'unpriced_calls',
  'span_count',
  'error_count',
  'first_token_ns_min',
  'run_id',
  'dialect',
] as const;

export type SummaryRow = {
  trace_id: string;
  name: string;
  kind: string;
  start_ns: string;
  end_ns: string | null;
  status: string;
  status_message: string;
  model: string;
  models: string[];
  providers: string[];
  kinds: string[];
  tools: string[];
  service: string;
  environment: string;
  release: string;
  tags: string[];
  session_id: string;
  user_id: string;
  input_preview: string;
  output_preview: string;
  input_tokens: string;
  output_tokens: string;
  cost_nano_usd: string | null;
  unpriced_calls: number;
  span_count: number;
  error_count: number;
  first_token_ns_min: string | null;
  run_id: string;
  dialect: string;
};

type Scores = ReadonlyMap<string, TraceSummary['scores']>;

function toSummary(row: SummaryRow, scores: Scores): TraceSummary {
  return {
    traceId: row.trace_id as TraceId,
    name: row.name,
    kind: row.kind as SpanKind,
    startNs: BigInt(row.start_ns),
    endNs: bigintOrNull(row.end_ns),
    status: row.status as SpanStatus,
    statusMessage: orNull(row.status_message),
    model: orNull(row.model),
    inputPreview: row.input_preview,
    outputPreview: row.output_preview,
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    costNanoUsd: bigintOrNull(row.cost_nano_usd),
    unpricedCalls: row.unpriced_calls,
    spanCount: row.span_count,
    errorCount: row.error_count,
    sessionId: orNull(row.session_id),
    userId: orNull(row.user_id),
    service: orNull(row.service),
    environment: orNull(row.environment),
    release: orNull(row.release),
    tags: row.tags,
    models: row.models,
    providers: row.providers,
    kinds: row.kinds,
    tools: row.tools,
    firstTokenNs: bigintOrNull(row.first_token_ns_min),
    runId: orNull(row.run_id),
    dialect: row.dialect,
    scores: scores.get(row.trace_id) ?? [],
  };
}

/** Ids travel in a URL. */
const idsPerQuery = 500;

/** The newest score of each name, by trace; names in order. */
async function scoresOf(database: Database, project: ProjectId, ids: readonly string[]): Promise<Scores> {
  const byTrace = new Map<string, TraceSummary['scores']>();
  for (const traces of chunksOf(ids, idsPerQuery)) {
    const rows = await database.query<{ trace_id: string; name: string; value: string }>(
      `${newestScores('s.trace_id IN {traces:Array(String)}')} ORDER BY trace_id, name`,
      { project, traces },
    );
    for (const { trace_id, name, value } of rows) {
      const scores = byTrace.get(trace_id) ?? [];
      scores.push({ name, value: JSON.parse(value) as Score['value'] });
      byTrace.set(trace_id, scores);
    }
  }
  return byTrace;
}

/** Parameters: `project`, `traces`. */
const ofTraces = `project_id = {project:String} AND (hour, trace_id) IN (
  SELECT arrayJoin(t.hours), t.trace_id FROM traces AS t
  WHERE t.project_id = {project:String} AND t.trace_id IN {traces:Array(String)})`;

/** Rows of `trace_summaries`, in their order, with their scores. */
export async function toSummaries(
  database: Database,
  project: ProjectId,
  rows: readonly SummaryRow[],
): Promise<TraceSummary[]> {
  const scores = await scoresOf(
    database,
    project,
    rows.map(({ trace_id }) => trace_id),
  );
  return rows.map((row) => toSummary(row, scores));
}

/** Lines of these traces, in no promised order. */
export async function readSummaries(
  database: Database,
  project: ProjectId,
  ids: readonly TraceId[],
): Promise<TraceSummary[]> {
  const found: TraceSummary[] = [];
  for (const traces of chunksOf(ids, idsPerQuery)) {
    const rows = await database.query<SummaryRow>(
      `SELECT ${summaryColumns.join(', ')} FROM trace_summaries FINAL WHERE ${ofTraces}`,
      { project, traces },
    );
    found.push(...(await toSummaries(database, project, rows)));
  }
  return found;
}

/** Lines of these traces, with their searched text. */
export async function readSearched(
  database: Database,
  project: ProjectId,
  ids: readonly TraceId[],
): Promise<SearchedTrace[]> {
  const found: SearchedTrace[] = [];
  for (const traces of chunksOf(ids, idsPerQuery)) {
    const rows = await database.query<SummaryRow & { services: string[]; text: string }>(
      `SELECT ${summaryColumns.join(', ')}, services, text
       FROM trace_summaries FINAL WHERE ${ofTraces}`,
      { project, traces },
    );
    const summaries = await toSummaries(database, project, rows);
    summaries.forEach((summary, at) => {
      const { services = [], text = '' } = rows[at] ?? {};
      found.push({ ...summary, services, text });
    });
  }
  return found;
}
