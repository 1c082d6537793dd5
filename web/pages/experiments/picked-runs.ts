import type { EvaluationBody } from '@wheelhouse/sdk';

const mostRuns = 10;

export type PickedEvaluation = Pick<EvaluationBody, 'dataset' | 'datasetVersion' | 'createdAt'> & {
  runs: Pick<EvaluationBody['runs'][number], 'id'>[];
};

/** Why they cannot be compared; null: they can. */
export function whyNot(picked: readonly PickedEvaluation[]): string | null {
  const [first] = picked;
  const runs = picked.flatMap((one) => one.runs).length;
  const isSame = (one: PickedEvaluation) =>
    one.dataset === first?.dataset && one.datasetVersion === first.datasetVersion;
  if (!picked.every(isSame)) return 'They ran over different rows; pick some of one version of a dataset.';
  if (runs < 2) return 'Pick one more: a comparison takes two runs.';
  return runs > mostRuns ? `These are ${runs} runs; at most ${mostRuns} are compared at a time.` : null;
}

/** The oldest comes first, and its baseline is the baseline of all. */
export function comparedRuns(picked: readonly PickedEvaluation[]): { baseline: string; runs: string } {
  const [baseline = '', ...runs] = picked
    .toSorted((a, b) => (a.createdAt < b.createdAt ? -1 : 1))
    .flatMap((one) => one.runs.map(({ id }) => id));
  return { baseline, runs: runs.join(',') };
}
