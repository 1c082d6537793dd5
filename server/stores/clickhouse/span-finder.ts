import type { SpanFinder } from '@wheelhouse/core/ports';
import type { SpanId, TraceId } from '@wheelhouse/core/records';
import type { Database } from './database.ts';

export function createSpanFinder(database: Database): SpanFinder {
  return {
    async hasTrace(project, id) {
      const sql =
        'SELECT 1 AS found FROM traces WHERE project_id = {project:String} AND trace_id = {trace:String} LIMIT 1';
      return (await database.query(sql, { project, trace: id })).length > 0;
    },
    async tracesOf(project, ids) {
      // Sorted, so that an id that stands in several traces names the same one each time.
      const rows = await database.query<{ span_id: string; trace_id: string }>(
        `SELECT DISTINCT span_id, trace_id FROM spans
         WHERE project_id = {project:String} AND span_id IN {ids:Array(String)}
         ORDER BY trace_id DESC`,
        { project, ids },
      );
      return new Map(rows.map((row) => [row.span_id as SpanId, row.trace_id as TraceId]));
    },
  };
}
