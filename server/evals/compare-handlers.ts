import type { Handlers } from '@wheelhouse/core/contract';
import { type Evaluation, type ProjectId, type Run, type RunId, WheelhouseError } from '@wheelhouse/core/records';
import { gatesOf } from './create-evaluation.ts';
import type { EvalDeps } from './find-evaluation.ts';
import { computeOutcome } from './outcome.ts';

type Found = { run: Run; evaluation: Evaluation };

const mostRuns = 10;

/** Compares runs of whatever evaluations, when asked. */
export function createCompareHandlers(deps: Pick<EvalDeps, 'evaluations' | 'cells'>): Handlers<'compareRuns'> {
  async function find(project: ProjectId, id: string, param: string): Promise<Found> {
    const evaluation = await deps.evaluations.ofRun(project, id as RunId);
    const run = evaluation?.runs.find((one) => one.id === id);
    if (evaluation && run) return { run, evaluation };
    throw new WheelhouseError('not_found', `There is no run \`${id.slice(0, 80)}\`.`, { param });
  }

  return {
    async compareRuns({ by, query }) {
      const { project } = by;
      const ids = [...new Set(query.runs.split(',').map((id) => id.trim()))].filter((id) => id !== '');
      const others = ids.filter((id) => id !== query.baseline);
      if (others.length === 0 || others.length >= mostRuns)
        throw new WheelhouseError('invalid_request', `Name 1 to ${mostRuns - 1} runs to compare with the baseline.`, {
          param: 'runs',
        });
      const baseline = await find(project, query.baseline, 'baseline');
      const runs: Found[] = [];
      for (const id of others) runs.push(await find(project, id, 'runs'));
      const { datasetId, dataset, datasetVersion } = baseline.evaluation;
      const stranger = runs.find(
        ({ evaluation: one }) => one.datasetId !== datasetId || one.datasetVersion !== datasetVersion,
      );
      if (stranger)
        throw new WheelhouseError('invalid_request', `\`${stranger.run.id}\` ran over other rows than the baseline.`, {
          param: 'runs',
          hint: `The baseline ran over version ${datasetVersion} of \`${dataset}\`; only runs over the same can be paired.`,
        });
      const all = [baseline, ...runs];
      const scorers = baseline.evaluation.scorers.filter((label) =>
        all.every(({ evaluation }) => evaluation.scorers.includes(label)),
      );
      const gates = (query.gates ?? '').split(';').filter((text) => text.trim() !== '');
      const outcome = await computeOutcome(
        { ...deps, project },
        { runs: all.map(({ run }) => run.id), scorers, gates: gatesOf(gates, scorers, runs.length) },
      );
      const body = ({ run, evaluation }: Found) => ({ ...run, evaluationId: evaluation.id });
      return { dataset, datasetVersion, baseline: body(baseline), runs: runs.map(body), ...outcome };
    },
  };
}
