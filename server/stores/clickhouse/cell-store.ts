import type { CellStore } from '@wheelhouse/core/ports';
import { type Cell, canonicalJson, type ExampleId, type RunId, type TraceId } from '@wheelhouse/core/records';
import { bigintOrNull, int64, text, uint64 } from './columns.ts';
import type { Database } from './database.ts';

type CellRow = {
  run_id: string;
  example_id: string;
  repetition: number;
  output: string | null;
  error: string | null;
  scores: string;
  latency_ns: string;
  cost_nano_usd: string | null;
  trace_id: string;
};

const toCell = (row: CellRow): Cell => ({
  runId: row.run_id as RunId,
  exampleId: row.example_id as ExampleId,
  repetition: row.repetition,
  output: row.output,
  error: row.error,
  scores: JSON.parse(row.scores) as Cell['scores'],
  latencyNs: BigInt(row.latency_ns),
  costNanoUsd: bigintOrNull(row.cost_nano_usd),
  traceId: row.trace_id as TraceId,
});

/** The first of each place; within one insert the table could not tell which that was. */
function firstOfEach(cells: readonly Cell[]): Cell[] {
  const byPlace = new Map<string, Cell>();
  for (const cell of cells) {
    const place = JSON.stringify([cell.runId, cell.exampleId, cell.repetition]);
    if (!byPlace.has(place)) byPlace.set(place, cell);
  }
  return [...byPlace.values()];
}

export function createCellStore(database: Database): CellStore {
  return {
    put: (project, cells) =>
      database.insert(
        'eval_cells',
        firstOfEach(cells).map((cell) => ({
          project_id: project,
          run_id: cell.runId,
          example_id: cell.exampleId,
          repetition: cell.repetition,
          output: cell.output === null ? null : text(cell.output),
          error: cell.error === null ? null : text(cell.error),
          scores: canonicalJson(cell.scores),
          latency_ns: uint64(cell.latencyNs),
          cost_nano_usd: cell.costNanoUsd === null ? null : int64(cell.costNanoUsd),
          trace_id: cell.traceId,
        })),
      ),
    ofRuns: async (project, runIds) => {
      const rows = await database.query<CellRow>(
        `SELECT run_id, example_id, repetition, output, error, scores, latency_ns, cost_nano_usd, trace_id
         FROM eval_cells FINAL
         WHERE project_id = {project:String} AND run_id IN {runs:Array(String)}
         ORDER BY run_id, example_id, repetition`,
        { project, runs: runIds },
      );
      return rows.map(toCell);
    },
  };
}
