import type { TraceFilter, TraceSummary } from '@wheelhouse/core/ports';
import type { ProjectId, Score, SpanId, SpanKind, SpanStatus, TraceId } from '@wheelhouse/core/records';
import { bigintOrNull, chunksOf, orNull } from './columns.ts';
import type { Database } from './database.ts';
import { foldSql, type WordRow } from './fold-spans.ts';
import { type LightRow, usageOf } from './span-row.ts';
import { type FoldedSpan, type SummarizedTrace, summarizeTrace, usesModel } from './summarize-trace.ts';

/** What a page is filtered by, beside its place. */
export type TraceConditions = Pick<TraceFilter, 'status' | 'model'> & { words: string[] };

const idsPerQuery = 500;
export const ofTraces = 'f.trace_id IN {traces:Array(String)}';

export function toFoldedSpan(row: LightRow): FoldedSpan {
  return {
    traceId: row.trace_id as TraceId,
    spanId: row.span_id as SpanId,
    parentSpanId: orNull(row.parent_span_id) as SpanId | null,
    kind: row.kind as SpanKind,
    name: row.name,
    startNs: BigInt(row.start_ns),
    endNs: bigintOrNull(row.end_ns),
    firstTokenNs: bigintOrNull(row.first_token_ns),
    status: row.status as SpanStatus,
    statusMessage: orNull(row.status_message),
    provider: orNull(row.provider),
    requestModel: orNull(row.request_model),
    responseModel: orNull(row.response_model),
    model: row.model_name === '' ? null : `${row.model_name}@${row.model_version}`,
    usage: usageOf(row),
    costNanoUsd: bigintOrNull(row.cost_nano_usd),
    responseId: orNull(row.response_id),
    dialect: row.dialect,
    inputPreview: row.input_preview,
    outputPreview: row.output_preview,
    sessionId: orNull(row.session_id),
    userId: orNull(row.user_id),
    service: orNull(row.service),
  };
}

/** The newest value of each name, by trace. */
async function scoresByTrace(database: Database, project: ProjectId, ids: readonly string[]) {
  const byTrace = new Map<string, TraceSummary['scores']>();
  const rows = await database.query<{ trace_id: string; name: string; value: string }>(
    `SELECT s.trace_id AS trace_id, s.name AS name, argMax(s.value, (s.created_at, s.id)) AS value
     FROM scores AS s
     WHERE s.project_id = {project:String} AND s.trace_id IN {traces:Array(String)}
     GROUP BY s.trace_id, s.name
     ORDER BY s.name`,
    { project, traces: ids },
  );
  for (const { trace_id, name, value } of rows) {
    const scores = byTrace.get(trace_id) ?? [];
    scores.push({ name, value: JSON.parse(value) as Score['value'] });
    byTrace.set(trace_id, scores);
  }
  return byTrace;
}

type TraceRows = { spans: FoldedSpan[]; words: Map<FoldedSpan, WordRow> };

/** Whether each word stands in the trace's name, input or output. */
function hasWords({ summary, inputSpan, outputSpan }: SummarizedTrace, rows: TraceRows, words: string[]): boolean {
  const name = summary.name.toLowerCase();
  const inInput = rows.words.get(inputSpan)?.input_words ?? [];
  const inOutput = rows.words.get(outputSpan)?.output_words ?? [];
  return words.every((word, i) => name.includes(word.toLowerCase()) || inInput[i] || inOutput[i]);
}

function fits(trace: SummarizedTrace, rows: TraceRows, { status, model, words }: TraceConditions): boolean {
  if (status !== undefined && trace.summary.status !== status) return false;
  if (model !== undefined && !rows.spans.some((span) => usesModel(span, model))) return false;
  return words.length === 0 || hasWords(trace, rows, words);
}

/** Folds these traces and keeps those that fit, in no promised order. */
export async function readTraces(
  database: Database,
  project: ProjectId,
  ids: readonly string[],
  conditions: TraceConditions = { words: [] },
): Promise<TraceSummary[]> {
  const { words } = conditions;
  const found: TraceSummary[] = [];
  for (const traces of chunksOf(ids, idsPerQuery)) {
    const [rows, scores] = await Promise.all([
      database.query<WordRow>(foldSql(ofTraces, words.length > 0 ? 'words' : 'light'), { project, traces, words }),
      scoresByTrace(database, project, traces),
    ]);
    const byTrace = new Map<string, TraceRows>();
    for (const row of rows) {
      const trace: TraceRows = byTrace.get(row.trace_id) ?? { spans: [], words: new Map() };
      const span = toFoldedSpan(row);
      trace.spans.push(span);
      trace.words.set(span, row);
      byTrace.set(row.trace_id, trace);
    }
    for (const [id, trace] of byTrace) {
      const summarized = summarizeTrace(trace.spans);
      if (summarized && fits(summarized, trace, conditions))
        found.push({ ...summarized.summary, scores: scores.get(id) ?? [] });
    }
  }
  return found;
}
