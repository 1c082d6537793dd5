import {
  createScorer,
  isScorerLabel,
  type JudgingWorld,
  judgeCost,
  judgesOf,
  type Scorer,
  scoreAnswer,
} from '@wheelhouse/core/eval';
import type { SchemaChecker, Timer } from '@wheelhouse/core/ports';
import type { Cell, Evaluation, ExampleRow, ProjectId, ScorerResult } from '@wheelhouse/core/records';

export type JudgeDeps = {
  timer: Timer;
  checker: SchemaChecker;
  scoringOf(project: ProjectId): JudgingWorld;
};

const unsaid: ScorerResult = {
  ...{ ok: false, error: 'the client handed in nothing of this scorer', metadata: {}, calls: null },
};

/** By label; null: a scorer of the client. */
const scorersOf = (deps: JudgeDeps, labels: readonly string[]): Map<string, Scorer | null> =>
  new Map(labels.map((label) => [label, isScorerLabel(label, deps) ? createScorer(label, deps) : null]));

/** Adds what the evaluation's named scorers say of cells that a client made; what came with a cell stays. */
export async function judgeCells(
  deps: JudgeDeps,
  { project, evaluation, rows }: { project: ProjectId; evaluation: Evaluation; rows: ReadonlyMap<string, ExampleRow> },
  cells: readonly Cell[],
): Promise<Cell[]> {
  const scorers = scorersOf(deps, evaluation.scorers);
  const signal = new AbortController().signal;
  const world = deps.scoringOf(project);
  return Promise.all(
    cells.map(async (cell) => {
      const row = rows.get(cell.exampleId);
      if (cell.output === null || row === undefined) return cell;
      const wanted = [...scorers].filter(([label]) => cell.scores[label] === undefined);
      const named = wanted.flatMap(([label, scorer]) => (scorer ? [[label, scorer] as const] : []));
      const { input, expected, metadata } = row;
      const { output, latencyNs, costNanoUsd, traceId } = cell;
      const target = { input, output, expected, metadata, latencyNs, costNanoUsd, traceId };
      const said = await scoreAnswer(deps, judgesOf(named, world), { target, signal });
      const missing = Object.fromEntries(wanted.flatMap(([label, scorer]) => (scorer ? [] : [[label, unsaid]])));
      return {
        ...cell,
        scores: { ...cell.scores, ...said, ...missing },
        judgeNanoUsd: cell.judgeNanoUsd + judgeCost(said),
      };
    }),
  );
}
