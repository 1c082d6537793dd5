import type { ComparisonBody, ComparisonRowBody } from '@wheelhouse/core/contract';
import type { Cell, Comparison, NanoUsd, Run } from '@wheelhouse/core/records';
import type { ReadRow } from './comparison-rows.ts';

const moneyBody = (amount: NanoUsd | null) => (amount === null ? null : String(amount));
const runBody = ({ id, ref, model, version }: Run) => ({ id, ref, model, version });

export const comparisonBody = (comparison: Comparison): ComparisonBody => ({
  id: comparison.id,
  dataset: comparison.dataset,
  datasetVersion: comparison.datasetVersion,
  a: runBody(comparison.a),
  b: runBody(comparison.b),
  scorers: comparison.scorers,
  repetitions: comparison.repetitions,
  status: comparison.status,
  error: comparison.error,
  done: comparison.done,
  total: comparison.total,
  erased: comparison.erased,
  costNanoUsd: moneyBody(comparison.costNanoUsd),
  results: comparison.results,
  createdAt: comparison.createdAt,
  finishedAt: comparison.finishedAt,
});

const cellBody = ({ repetition, output, error, scores, latencyNs, costNanoUsd, traceId }: Cell) => ({
  repetition,
  output,
  error,
  scores,
  latencyNs: String(latencyNs),
  costNanoUsd: moneyBody(costNanoUsd),
  traceId,
});

/** A row with the cells of each side that are there so far, by repetition. */
export function rowBody(
  row: ReadRow,
  cells: readonly Cell[],
  { a, b }: Pick<Comparison, 'a' | 'b'>,
): ComparisonRowBody {
  const of = (run: Run) =>
    cells
      .filter((cell) => cell.runId === run.id)
      .sort((x, y) => x.repetition - y.repetition)
      .map(cellBody);
  const { exampleId, input, expected, erasedAt } = row;
  return { exampleId, input, expected, erasedAt, a: of(a), b: of(b) };
}
