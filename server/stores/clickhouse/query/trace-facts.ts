import type { TraceFactReads } from '@wheelhouse/core/ports';
import {
  type FactSpan,
  type ProjectId,
  type RetrievedDocument,
  refusalReasons,
  type SpanId,
  type SpanKind,
  type TraceFacts,
  type TraceId,
  traceFactsOf,
} from '@wheelhouse/core/records';
import { chunksOf, orNull, parseJson } from '../columns.ts';
import type { Database } from '../database.ts';
import { foldSql, ofTraces } from '../fold-spans.ts';
import { hashesIn, unpack } from '../pack-content.ts';
import type { PayloadStore } from '../payload-store.ts';

const tracesAtOnce = 200;
const reasons = `[${refusalReasons.map((reason) => `'${reason}'`).join(', ')}]`;
const tells = `(f.tool_name != '' OR f.kind IN ('retriever', 'reranker') OR f.documents != '' OR hasAny(f.finish_reasons, ${reasons}))`;

type Row = {
  trace_id: string;
  span_id: string;
  kind: string;
  start_ns: string;
  finish_reasons: string[];
  tool_name: string;
  documents: string;
};

/** Reads only fragments that tell something, and of their contents only what retrievers found. */
export function createTraceFacts({
  database,
  payloads,
}: {
  database: Database;
  payloads: Pick<PayloadStore, 'get'>;
}): TraceFactReads {
  async function read(project: ProjectId, traces: readonly TraceId[]): Promise<[TraceId, TraceFacts][]> {
    const [known, rows] = await Promise.all([
      database.query<{ trace_id: string }>(
        `SELECT DISTINCT f.trace_id AS trace_id FROM spans AS f WHERE f.project_id = {project:String} AND ${ofTraces}`,
        { project, traces },
      ),
      database.query<Row>(foldSql(`${ofTraces} AND ${tells}`, 'facts', ofTraces), { project, traces }),
    ]);
    const contents = await payloads.get(
      project,
      rows.flatMap(({ documents }) => hashesIn(documents)),
    );
    const spans = new Map<string, FactSpan[]>(known.map(({ trace_id }) => [trace_id, []]));
    for (const row of rows)
      spans.get(row.trace_id)?.push({
        ...{ spanId: row.span_id as SpanId, kind: row.kind as SpanKind, startNs: BigInt(row.start_ns) },
        ...{ finishReasons: row.finish_reasons, tool: orNull(row.tool_name) },
        documents: parseJson<RetrievedDocument[]>(unpack(row.documents, contents), []),
      });
    return [...spans].map(([id, own]) => [id as TraceId, traceFactsOf(own)]);
  }

  return {
    async ofTraces(project, ids) {
      const found: [TraceId, TraceFacts][] = [];
      for (const traces of chunksOf([...new Set(ids)], tracesAtOnce)) found.push(...(await read(project, traces)));
      return new Map(found);
    },
  };
}
