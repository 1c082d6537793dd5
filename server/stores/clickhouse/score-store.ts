import type { ScoreFilter, ScoreStore } from '@wheelhouse/core/ports';
import {
  canonicalJson,
  type JsonObject,
  type Score,
  type ScoreId,
  type ScoreSource,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { orNull, parseJson, text } from './columns.ts';
import type { Database } from './database.ts';

type ScoreRow = {
  id: string;
  trace_id: string;
  span_id: string;
  session_id: string;
  name: string;
  value: string;
  comment: string | null;
  metadata: string;
  source: string;
  created_at: string;
};

/** ClickHouse writes `2026-01-02 03:04:05.678`, always UTC here. */
const toSqlTime = (iso: string): string => new Date(iso).toISOString().replace('T', ' ').replace('Z', '');
const toIsoTime = (sql: string): string => `${sql.replace(' ', 'T')}Z`;

const toScore = (row: ScoreRow): Score => ({
  id: row.id as ScoreId,
  traceId: orNull(row.trace_id) as TraceId | null,
  spanId: orNull(row.span_id) as SpanId | null,
  sessionId: orNull(row.session_id),
  name: row.name,
  value: JSON.parse(row.value) as Score['value'],
  comment: row.comment,
  metadata: parseJson<JsonObject>(row.metadata, {}),
  source: row.source as ScoreSource,
  createdAt: toIsoTime(row.created_at),
});

/** Place of a score in a list, newest first. */
const cursorOf = ({ createdAt, id }: Score): string =>
  Buffer.from(JSON.stringify([createdAt, id])).toString('base64url');

function placeOf(cursor: string): { time: string; id: string } {
  try {
    const [time, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as [string, string];
    return { time: toSqlTime(time), id: String(id) };
  } catch (cause) {
    throw new WheelhouseError('invalid_request', 'This cursor is not one that a page gave.', {
      param: 'cursor',
      cause,
    });
  }
}

const conditions: Record<Exclude<keyof ScoreFilter, 'limit' | 'cursor'>, string> = {
  ids: 'id IN {ids:Array(String)}',
  traceIds: 'trace_id IN {traceIds:Array(String)}',
  spanIds: 'span_id IN {spanIds:Array(String)}',
  sessionId: 'session_id = {sessionId:String}',
  name: 'name = {name:String}',
};

export function createScoreStore(database: Database): ScoreStore {
  const select = (where: string) =>
    `SELECT id, trace_id, span_id, session_id, name, value, comment, metadata, source, created_at
     FROM scores FINAL
     WHERE project_id = {project:String} AND ${where}`;
  return {
    put: (project, scores) =>
      database.insert(
        'scores',
        scores.map((score) => ({
          project_id: project,
          trace_id: score.traceId ?? '',
          id: score.id,
          span_id: score.spanId ?? '',
          session_id: text(score.sessionId),
          name: text(score.name),
          value: JSON.stringify(score.value),
          comment: score.comment === null ? null : text(score.comment),
          metadata: Object.keys(score.metadata).length === 0 ? '' : canonicalJson(score.metadata),
          source: score.source,
          created_at: toSqlTime(score.createdAt),
        })),
      ),
    async ofTrace(project, id) {
      const sql = `${select('trace_id = {trace:String}')} ORDER BY created_at, id`;
      return (await database.query<ScoreRow>(sql, { project, trace: id })).map(toScore);
    },
    async list(project, { limit, cursor, ...filter }) {
      const where = Object.keys(filter).map((field) => conditions[field as keyof typeof conditions]);
      if (cursor !== undefined) where.push("(created_at, id) < (toDateTime64({time:String}, 3, 'UTC'), {id:String})");
      const rows = await database.query<ScoreRow>(
        `${select(where.length > 0 ? where.join(' AND ') : 'true')}
         ORDER BY created_at DESC, id DESC
         LIMIT {limit:UInt32}`,
        { project, limit: limit + 1, ...filter, ...(cursor === undefined ? {} : placeOf(cursor)) },
      );
      const data = rows.slice(0, limit).map(toScore);
      const last = data.at(-1);
      return { data, next: rows.length > limit && last ? cursorOf(last) : null };
    },
    remove: (project, id, traceId) =>
      database.command(
        `DELETE FROM scores WHERE project_id = {project:String} AND id = {id:String}${
          traceId === undefined ? '' : ' AND trace_id = {traceId:String}'
        }`,
        { project, id, ...(traceId === undefined ? {} : { traceId }) },
      ),
  };
}
