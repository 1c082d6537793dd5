import type { WholeSpans } from '@wheelhouse/core/ports';
import type { ProjectId, Span, TraceId } from '@wheelhouse/core/records';
import { chunksOf } from '../columns.ts';
import type { Database } from '../database.ts';
import { foldSql, ofTraces } from '../fold-spans.ts';
import type { PayloadStore } from '../payload-store.ts';
import { type FullRow, piecesOf, toSpan } from '../read-span.ts';

const tracesAtOnce = 100;
/** A span may hold megabytes. */
const spansAtOnce = 50;

type Place = { trace_id: string; span_id: string; start: string };

export function createWholeSpans(deps: { database: Database; payloads: Pick<PayloadStore, 'get'> }): WholeSpans {
  const { database, payloads } = deps;

  async function placesOf(project: ProjectId, traces: readonly TraceId[]): Promise<Place[]> {
    const rank = new Map<string, number>(traces.map((id, at) => [id, at]));
    const places = await database.query<Place>(
      `SELECT f.trace_id AS trace_id, f.span_id AS span_id, min(f.start_ns) AS start
       FROM spans AS f
       WHERE f.project_id = {project:String} AND ${ofTraces}
       GROUP BY f.trace_id, f.span_id
       ORDER BY start, span_id`,
      { project, traces },
    );
    return places.sort((a, b) => (rank.get(a.trace_id) ?? 0) - (rank.get(b.trace_id) ?? 0));
  }

  async function readSpans(project: ProjectId, places: readonly Place[]): Promise<Span[]> {
    const rows = await database.query<FullRow>(foldSql(`${ofTraces} AND f.span_id IN {spans:Array(String)}`, 'full'), {
      project,
      traces: [...new Set(places.map(({ trace_id }) => trace_id))],
      spans: places.map(({ span_id }) => span_id),
    });
    const contents = await payloads.get(project, rows.flatMap(piecesOf));
    const keyOf = ({ trace_id, span_id }: { trace_id: string; span_id: string }) => `${trace_id}${span_id}`;
    const byKey = new Map(rows.map((row) => [keyOf(row), row]));
    return places.flatMap((place) => {
      const row = byKey.get(keyOf(place));
      return row ? [toSpan(row, project, contents)] : [];
    });
  }

  return {
    async *ofTraces(project, ids) {
      for (const traces of chunksOf(ids, tracesAtOnce)) {
        const places = await placesOf(project, traces);
        for (const chunk of chunksOf(places, spansAtOnce)) yield* await readSpans(project, chunk);
      }
    },
  };
}
