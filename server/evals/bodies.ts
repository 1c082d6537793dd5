import type { EvaluationBody, EvaluationCellBody, EvaluationRowBody } from '@wheelhouse/core/contract';
import type { Cell, Evaluation, NanoUsd } from '@wheelhouse/core/records';
import type { ReadRow } from './evaluation-rows.ts';

const moneyBody = (amount: NanoUsd | null) => (amount === null ? null : String(amount));

export function evaluationBody({ datasetId: _, turn: __, ...evaluation }: Evaluation): EvaluationBody {
  const { costNanoUsd, estimateNanoUsd, capNanoUsd } = evaluation;
  return {
    ...{ ...evaluation, costNanoUsd: moneyBody(costNanoUsd) },
    ...{ estimateNanoUsd: moneyBody(estimateNanoUsd), capNanoUsd: moneyBody(capNanoUsd) },
  };
}

const cellBody = ({ runId: _, exampleId: __, ...cell }: Cell): EvaluationCellBody => ({
  ...cell,
  latencyNs: String(cell.latencyNs),
  costNanoUsd: moneyBody(cell.costNanoUsd),
  judgeNanoUsd: String(cell.judgeNanoUsd),
});

/** A row with the cells of each run that are there so far, by repetition. */
export function rowBody(
  { place: _, ...row }: ReadRow,
  cells: readonly Cell[],
  { runs, change }: Pick<Evaluation, 'runs'> & { change: number | null },
): EvaluationRowBody {
  const of = (runId: string) =>
    cells
      .filter((cell) => cell.runId === runId)
      .sort((x, y) => x.repetition - y.repetition)
      .map(cellBody);
  return { ...row, cells: Object.fromEntries(runs.map(({ id }) => [id, of(id)])), change };
}
