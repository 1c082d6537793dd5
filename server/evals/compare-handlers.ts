import type { Handlers } from '@wheelhouse/core/contract';
import { findComparedRuns } from './compared-runs.ts';
import { gatesOf } from './create-evaluation.ts';
import type { EvalDeps } from './find-evaluation.ts';
import { computeOutcome } from './outcome.ts';

/** Compares runs of whatever evaluations, when asked. */
export function createCompareHandlers(deps: Pick<EvalDeps, 'evaluations' | 'cells'>): Handlers<'compareRuns'> {
  return {
    async compareRuns({ by, query }) {
      const { project } = by;
      const { all, scorers } = await findComparedRuns(deps, project, query);
      const gates = (query.gates ?? '').split(';').filter((text) => text.trim() !== '');
      const outcome = await computeOutcome(
        { ...deps, project },
        { runs: all.map(({ run }) => run.id), scorers, gates: gatesOf(gates, scorers, all.length - 1) },
      );
      const body = ({ run, evaluation }: (typeof all)[number]) => ({ ...run, evaluationId: evaluation.id });
      const [baseline, ...runs] = all;
      const { dataset, datasetVersion } = baseline.evaluation;
      const repetitions = Math.max(...all.map(({ evaluation }) => evaluation.repetitions));
      const isFinal = all.every(({ evaluation }) => evaluation.status === 'completed');
      return {
        ...{ dataset, datasetVersion, baseline: body(baseline), runs: runs.map(body), scorers, repetitions, isFinal },
        ...outcome,
      };
    },
  };
}
