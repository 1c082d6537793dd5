import type { SpanBatches, SpanStore } from '@wheelhouse/core/ports';
import type { Database } from './database.ts';
import { foldSql, ofTraces } from './fold-spans.ts';
import type { PayloadStore } from './payload-store.ts';
import { readSummaries } from './query/index.ts';
import { type FullRow, type LightRow, piecesOf, toSpan, toSpanSummary } from './read-span.ts';
import { createAppend, createSpanBatches, type PackedRows, type SpanBatchesDeps } from './span-batches.ts';
import type { Summaries } from './summaries.ts';

export type SpanStoreDeps = SpanBatchesDeps & {
  database: Database;
  payloads: PayloadStore;
  summaries: Pick<Summaries, 'follow' | 'settle'>;
};

export function createSpanStore(deps: SpanStoreDeps): SpanStore & SpanBatches<PackedRows> {
  const { database, payloads, summaries } = deps;
  const batches = createSpanBatches(deps);
  return {
    ...batches,
    append: createAppend(batches),
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
