import type { CellStore, DatasetStore } from '@wheelhouse/core/ports';
import { type Evaluation, type EvaluationId, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { EstimateDeps } from './estimate.ts';
import type { JudgeDeps } from './judge-cells.ts';

export type EvalDeps = Omit<EstimateDeps, 'datasets'> & JudgeDeps & { cells: CellStore; datasets: DatasetStore };

export async function findEvaluation(
  { evaluations }: Pick<EvalDeps, 'evaluations'>,
  project: ProjectId,
  id: string,
): Promise<Evaluation> {
  const found = await evaluations.get(project, id as EvaluationId);
  if (!found)
    throw new WheelhouseError('not_found', `There is no evaluation \`${id}\`.`, {
      hint: 'GET /api/v1/evaluations lists them.',
    });
  return found;
}
