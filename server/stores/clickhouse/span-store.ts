import type { Breathe, SpanStore } from '@wheelhouse/core/ports';
import type { Span } from '@wheelhouse/core/records';
import type { Database } from './database.ts';
import { foldSql, ofTraces } from './fold-spans.ts';
import type { Pieces } from './pack-content.ts';
import type { PayloadStore } from './payload-store.ts';
import { readSummaries } from './query/index.ts';
import { type FullRow, type LightRow, piecesOf, toSpan, toSpanSummary } from './read-span.ts';
import { toSpanRow } from './span-row.ts';
import type { Summaries } from './summaries.ts';

export type SpanStoreDeps = {
  database: Database;
  payloads: PayloadStore;
  summaries: Summaries;
  /** Not given: it is in nobody's way. */
  breathe?: Breathe;
};

export function createSpanStore({ database, payloads, summaries, breathe = () => null }: SpanStoreDeps): SpanStore {
  async function write(spans: readonly Span[], token: string): Promise<void> {
    const pieces = new Map<Span['projectId'], Pieces>();
    const rows: ReturnType<typeof toSpanRow>[] = [];
    for (const span of spans) {
      const own = pieces.get(span.projectId) ?? new Map<string, string>();
      pieces.set(span.projectId, own);
      rows.push(toSpanRow(span, own));
      const pause = breathe();
      if (pause !== null) await pause;
    }
    // A span on disk never names a piece that is not.
    for (const [project, own] of pieces) await payloads.put(project, own);
    await database.insert('spans', rows, {
      insert_deduplication_token: token,
      // A repeat after a crash between table and view must still reach the view.
      deduplicate_blocks_in_dependent_materialized_views: 1,
    });
  }

  return {
    append: (spans, token) =>
      spans.length === 0 ? Promise.resolve() : summaries.follow(spans, () => write(spans, token)),
    async traceSummaries(project, ids) {
      await summaries.settle(project, ids);
      return readSummaries(database, project, ids);
    },
    async spansOfTrace(project, id) {
      const sql = `${foldSql(ofTraces, 'light')} ORDER BY start_ns, span_id`;
      return (await database.query<LightRow>(sql, { project, traces: [id] })).map(toSpanSummary);
    },
    async span(project, trace, span) {
      const sql = foldSql(`${ofTraces} AND f.span_id = {span:String}`, 'full');
      const [row] = await database.query<FullRow>(sql, { project, traces: [trace], span });
      return row ? toSpan(row, project, await payloads.get(project, piecesOf(row))) : null;
    },
  };
}
