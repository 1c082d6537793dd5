import type { EvaluationBody, EvaluationCellBody, EvaluationRowBody, RunBody } from '@wheelhouse/sdk';
import { isLessBetter } from '../../data/measures.ts';

export type Cell = EvaluationCellBody;

/** The candidate that is looked at: the one that is asked for, else the first; null where there is only a baseline. */
export const candidateOf = (
  { runs: [, ...candidates] }: Pick<EvaluationBody, 'runs'>,
  asked: string | undefined,
): RunBody | null => candidates.find(({ id }) => id === asked) ?? candidates[0] ?? null;

const mean = (values: number[]): number | null =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** What a cell says of a measure; null where the call or the scorer failed, which is not a zero. */
function scoreOf(cell: Cell, measure: string): number | null {
  if (measure === 'errors') return cell.error === null ? 0 : 1;
  if (cell.error !== null) return null;
  if (measure === 'latency') return cell.latencyNs === '0' ? null : Number(cell.latencyNs) / 1e9;
  if (measure === 'cost') return cell.costNanoUsd === null ? null : Number(cell.costNanoUsd) / 1e9;
  const result = cell.scores[measure];
  return result?.ok ? result.score : null;
}

const meanOf = (cells: Cell[], measure: string) => mean(cells.flatMap((cell) => scoreOf(cell, measure) ?? []));

/** B − A by the means of the repetitions; null when a side has no value. */
export function changeOf(a: Cell[], b: Cell[], measure: string): number | null {
  const [before, after] = [meanOf(a, measure), meanOf(b, measure)];
  return before === null || after === null ? null : after - before;
}

export const isWorse = (change: number, measure: string): boolean => (isLessBetter(measure) ? change > 0 : change < 0);

/** What the repetitions of one side say of a scorer: how many passed where it says yes and no, else their mean. */
export type Said =
  | { kind: 'none' | 'failed' }
  | { kind: 'passes'; passed: number; of: number }
  | { kind: 'mean'; mean: number }
  | { kind: 'label'; label: string };

export function saidOf(cells: Cell[], scorer: string, isYesNo: boolean): Said {
  const results = cells.flatMap((cell) => cell.scores[scorer] ?? []);
  const passed = results.flatMap((result) => (result.ok && result.score !== null ? [result.score] : []));
  if (results.length === 0) return { kind: 'none' };
  if (passed.length > 0)
    return isYesNo
      ? { kind: 'passes', passed: passed.filter((score) => score === 1).length, of: passed.length }
      : { kind: 'mean', mean: mean(passed) ?? 0 };
  const labels = [...new Set(results.flatMap((result) => (result.ok && result.label !== null ? [result.label] : [])))];
  return labels.length === 0 ? { kind: 'failed' } : { kind: 'label', label: labels.join(', ') };
}

/** The scorers that said nothing but 0 and 1 on these rows. */
export function yesNoScorers(rows: readonly Pick<EvaluationRowBody, 'cells'>[], scorers: string[]): Set<string> {
  const isYesNo = (scorer: string) =>
    rows.every(({ cells }) =>
      Object.values(cells)
        .flat()
        .every((cell) => [null, 0, 1].includes(scoreOf(cell, scorer))),
    );
  return new Set(scorers.filter(isYesNo));
}
