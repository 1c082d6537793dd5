import type { SpanStore, SpanSummary } from '@wheelhouse/core/ports';
import type { Database } from './database.ts';
import { foldSql } from './fold-spans.ts';
import { listTraces } from './list-traces.ts';
import { ofTraces, readTraces, toFoldedSpan } from './read-traces.ts';
import { type FullRow, type LightRow, toSpan, toSpanRow } from './span-row.ts';
import type { FoldedSpan } from './summarize-trace.ts';

function toSpanSummary(span: FoldedSpan): SpanSummary {
  const { responseId, dialect, inputPreview, outputPreview, sessionId, userId, service, ...summary } = span;
  return summary;
}

export function createSpanStore(database: Database): SpanStore {
  return {
    append: (spans, token) =>
      database.insert('spans', spans.map(toSpanRow), {
        insert_deduplication_token: token,
        // A repeat after a crash between table and view must still reach the view.
        deduplicate_blocks_in_dependent_materialized_views: 1,
      }),
    listTraces: (project, filter) => listTraces(database, project, filter),
    traceSummaries: (project, ids) => readTraces(database, project, ids),
    spansOfTrace: async (project, id) => {
      const rows = await database.query<LightRow>(`${foldSql(ofTraces, 'light')} ORDER BY start_ns, span_id`, {
        project,
        traces: [id],
      });
      return rows.map((row) => toSpanSummary(toFoldedSpan(row)));
    },
    span: async (project, trace, span) => {
      const [row] = await database.query<FullRow>(foldSql(`${ofTraces} AND f.span_id = {span:String}`, 'full'), {
        project,
        traces: [trace],
        span,
      });
      return row ? toSpan(row, project) : null;
    },
  };
}
