import { type Evaluation, type ProjectId, type Run, type RunId, WheelhouseError } from '@wheelhouse/core/records';
import type { EvalDeps } from './find-evaluation.ts';

type Found = { run: Run; evaluation: Evaluation };

/** Runs over the same version of a dataset, of whatever evaluations; the first is the baseline. */
export type ComparedRuns = { all: [Found, ...Found[]]; scorers: string[] };

const mostRuns = 10;

/**
 * @param asked.runs ids with commas between them
 * @throws WheelhouseError `not_found`; `invalid_request` where they cannot be paired
 */
export async function findComparedRuns(
  { evaluations }: Pick<EvalDeps, 'evaluations'>,
  project: ProjectId,
  asked: { baseline: string; runs: string },
): Promise<ComparedRuns> {
  async function find(id: string, param: string): Promise<Found> {
    const evaluation = await evaluations.ofRun(project, id as RunId);
    const run = evaluation?.runs.find((one) => one.id === id);
    if (evaluation && run) return { run, evaluation };
    throw new WheelhouseError('not_found', `There is no run \`${id.slice(0, 80)}\`.`, { param });
  }
  const ids = [...new Set(asked.runs.split(',').map((id) => id.trim()))].filter((id) => id !== '');
  const others = ids.filter((id) => id !== asked.baseline);
  if (others.length === 0 || others.length >= mostRuns)
    throw new WheelhouseError('invalid_request', `Name 1 to ${mostRuns - 1} runs to compare with the baseline.`, {
      param: 'runs',
    });
  const baseline = await find(asked.baseline, 'baseline');
  const runs: Found[] = [];
  for (const id of others) runs.push(await find(id, 'runs'));
  const { datasetId, dataset, datasetVersion } = baseline.evaluation;
  const stranger = runs.find(
    ({ evaluation: one }) => one.datasetId !== datasetId || one.datasetVersion !== datasetVersion,
  );
  if (stranger)
    throw new WheelhouseError('invalid_request', `\`${stranger.run.id}\` ran over other rows than the baseline.`, {
      param: 'runs',
      hint: `The baseline ran over version ${datasetVersion} of \`${dataset}\`; only runs over the same can be paired.`,
    });
  const scorers = baseline.evaluation.scorers.filter((label) =>
    runs.every(({ evaluation }) => evaluation.scorers.includes(label)),
  );
  return { all: [baseline, ...runs], scorers };
}
