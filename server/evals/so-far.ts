import type { Handlers } from '@wheelhouse/core/contract';
import { compareSoFar, familySize, measureNamed, measureNamesOf, measuresOf } from '@wheelhouse/core/eval';
import { type RunId, WheelhouseError } from '@wheelhouse/core/records';
import { type EvalDeps, findEvaluation } from './find-evaluation.ts';

/** More rows would narrow the interval by little, and make whoever looks wait. */
const rowsLookedAt = 3_000;

/** What is known before an evaluation is completed, said so that looking often does no harm. */
export function createSoFarHandlers(deps: Pick<EvalDeps, 'evaluations' | 'cells'>): Handlers<'getEvaluationSoFar'> {
  return {
    async getEvaluationSoFar({ by, params, query }) {
      const { runs, scorers, repetitions, total, id } = await findEvaluation(deps, by.project, params.evaluationId);
      const name = query.measure ?? scorers[0] ?? 'errors';
      if (!measureNamesOf(scorers).includes(name))
        throw new WheelhouseError('invalid_request', `Evaluation ${id} does not measure \`${name.slice(0, 80)}\`.`, {
          param: 'measure',
        });
      const measure = measureNamed(name);
      const ids: RunId[] = runs.map((run) => run.id);
      const cells = ids.length * repetitions;
      const rows = await deps.cells.finishedRows(by.project, { runs: ids, measure: name, cells, limit: rowsLookedAt });
      const family = Math.max(1, familySize(measuresOf(scorers), measure, ids.length - 1));
      const expected = Math.min(rowsLookedAt, total / cells);
      const results = ids.flatMap((runId, run) =>
        run === 0 ? [] : [compareSoFar(measure, rows, { runId, run, family, expected })],
      );
      return { measure: name, rows: rows.length, results };
    },
  };
}
