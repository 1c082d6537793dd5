import type { Breathe, PackedSpans, SpanBatches, SpanStore } from '@wheelhouse/core/ports';
import type { ProjectId, Span, TraceId } from '@wheelhouse/core/records';
import type { Database } from './database.ts';
import type { Pieces } from './pack-content.ts';
import type { PayloadStore } from './payload-store.ts';
import { toSpanRow } from './span-row.ts';
import type { Summaries } from './summaries.ts';
import { createRowEncoder, type EncodedRows } from './tab-separated.ts';

/** What became of spans: rows of the table, and the texts that were taken out of them. */
export type PackedRows = PackedSpans & {
  rows: EncodedRows;
  pieces: ReadonlyMap<ProjectId, Pieces>;
  traces: readonly { projectId: ProjectId; traceId: TraceId }[];
};

export type SpanBatchesDeps = {
  database: Pick<Database, 'insertEncoded'>;
  payloads: Pick<PayloadStore, 'put'>;
  summaries: Pick<Summaries, 'follow'>;
  /** Not given: it is in nobody's way. */
  breathe?: Breathe;
};

/** What an entry of a map takes besides its text. */
const entryBytes = 150;

function bytesOf(rows: EncodedRows, pieces: Iterable<Pieces>): number {
  let bytes = 0;
  for (const chunk of rows.chunks) bytes += chunk.length;
  for (const own of pieces) for (const text of own.values()) bytes += text.length + entryBytes;
  return bytes;
}

function together(packed: readonly PackedRows[]): Omit<PackedRows, keyof PackedSpans> {
  const [first] = packed;
  if (first && packed.length === 1) return first;
  const pieces = new Map<ProjectId, Pieces>();
  for (const one of packed)
    for (const [project, own] of one.pieces) {
      const all = pieces.get(project) ?? new Map<string, string>();
      for (const [hash, text] of own) all.set(hash, text);
      pieces.set(project, all);
    }
  return {
    rows: { columns: first?.rows.columns ?? [], chunks: packed.flatMap(({ rows }) => rows.chunks) },
    pieces,
    traces: packed.flatMap(({ traces }) => traces),
  };
}

/**
 * Spans become bytes as soon as they are there, one after the other: what each is made of is gone before the next begins,
 * and what waits for the engine is nothing that a garbage collector has to look through.
 */
export function createSpanBatches(deps: SpanBatchesDeps): SpanBatches<PackedRows> {
  const { database, payloads, summaries, breathe = () => null } = deps;
  return {
    async pack(spans) {
      const encoder = createRowEncoder();
      let count = 0;
      const pieces = new Map<ProjectId, Pieces>();
      const traces = new Map<string, { projectId: ProjectId; traceId: TraceId }>();
      for (const span of spans) {
        const { projectId, traceId } = span;
        const own = pieces.get(projectId) ?? new Map<string, string>();
        pieces.set(projectId, own);
        encoder.add(toSpanRow(span, own));
        count++;
        const place = `${traceId}${projectId}`;
        if (!traces.has(place)) traces.set(place, { projectId, traceId });
        const pause = breathe();
        if (pause !== null) await pause;
      }
      const rows = encoder.done();
      return { count, bytes: bytesOf(rows, pieces.values()), rows, pieces, traces: [...traces.values()] };
    },
    appendPacked(packed, token) {
      const { rows, pieces, traces } = together(packed);
      return summaries.follow(traces, async () => {
        // A span on disk never names a piece that is not.
        for (const [project, own] of pieces) await payloads.put(project, own);
        await database.insertEncoded('spans', rows, {
          insert_deduplication_token: token,
          // A repeat after a crash between table and view must still reach the view.
          deduplicate_blocks_in_dependent_materialized_views: 1,
        });
      });
    },
  };
}

export function createAppend(batches: SpanBatches<PackedRows>): SpanStore['append'] {
  return async (spans: readonly Span[], token) => {
    if (spans.length > 0) await batches.appendPacked([await batches.pack(spans)], token);
  };
}
