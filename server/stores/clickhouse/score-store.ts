import type { ScoreStore } from '@wheelhouse/core/ports';
import type { Score, ScoreId, ScoreSource, SpanId, TraceId } from '@wheelhouse/core/records';
import { orNull, text } from './columns.ts';
import type { Database } from './database.ts';

type ScoreRow = {
  id: string;
  trace_id: string;
  span_id: string;
  name: string;
  value: string;
  comment: string | null;
  source: string;
  created_at: string;
};

/** ClickHouse writes `2026-01-02 03:04:05.678`, always UTC here. */
const toSqlTime = (iso: string): string => new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
const toIsoTime = (sql: string): string => `${sql.replace(' ', 'T')}Z`;

const toScore = (row: ScoreRow): Score => ({
  id: row.id as ScoreId,
  traceId: row.trace_id as TraceId,
  spanId: orNull(row.span_id) as SpanId | null,
  name: row.name,
  value: JSON.parse(row.value) as Score['value'],
  comment: row.comment,
  source: row.source as ScoreSource,
  createdAt: toIsoTime(row.created_at),
});

export function createScoreStore(database: Database): ScoreStore {
  return {
    put: (project, scores) =>
      database.insert(
        'scores',
        scores.map((score) => ({
          project_id: project,
          trace_id: score.traceId,
          id: score.id,
          span_id: score.spanId ?? '',
          name: text(score.name),
          value: JSON.stringify(score.value),
          comment: score.comment === null ? null : text(score.comment),
          source: score.source,
          created_at: toSqlTime(score.createdAt),
        })),
      ),
    ofTrace: async (project, id) => {
      const rows = await database.query<ScoreRow>(
        `SELECT id, trace_id, span_id, name, value, comment, source, created_at
         FROM scores FINAL
         WHERE project_id = {project:String} AND trace_id = {trace:String}
         ORDER BY created_at, id`,
        { project, trace: id },
      );
      return rows.map(toScore);
    },
  };
}
