import type { EvaluationRouteId, Handlers } from '@wheelhouse/core/contract';
import type { EvaluationFilter } from '@wheelhouse/core/ports';
import { type EvaluationId, parseUsd } from '@wheelhouse/core/records';
import { evaluationBody } from './bodies.ts';
import { createCellHandlers } from './cell-handlers.ts';
import { createCompareHandlers } from './compare-handlers.ts';
import { createEvaluation, planEvaluation } from './create-evaluation.ts';
import { estimateEvaluation, estimateOf } from './estimate.ts';
import { enqueueSeats } from './evaluation-queue.ts';
import { type EvalDeps, findEvaluation } from './find-evaluation.ts';
import { tell } from './live-event.ts';
import { createRowHandlers } from './row-handlers.ts';
import { createSoFarHandlers } from './so-far.ts';

/** Starts evaluations and shows them; {@link startEvalWorker} runs them. */
export function createEvalHandlers(deps: EvalDeps): Handlers<EvaluationRouteId> {
  const { evaluations, cells, feed } = deps;
  return {
    async listEvaluations({ by, query: { limit, cursor, dataset, model, status } }) {
      const filter: EvaluationFilter = {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
        ...(dataset === undefined ? {} : { dataset }),
        ...(model === undefined ? {} : { model }),
        ...(status === undefined ? {} : { status }),
      };
      const found = await evaluations.list(by.project, filter);
      const data = found.slice(0, limit);
      return { data: data.map(evaluationBody), next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },

    async createEvaluation({ by, body }) {
      const planned = await planEvaluation(deps, by, body);
      const estimateNanoUsd = estimateOf(await estimateEvaluation(deps, by.project, planned));
      return evaluationBody(await createEvaluation(deps, by, { ...planned, estimateNanoUsd }));
    },

    async estimateEvaluation({ by, body }) {
      const planned = await planEvaluation(deps, by, body, { freezes: false });
      return estimateEvaluation(deps, by.project, planned);
    },

    getEvaluation: async ({ by, params }) =>
      evaluationBody(await findEvaluation(deps, by.project, params.evaluationId)),

    async stopEvaluation({ by, params }) {
      const stopped = await evaluations.stop(by, params.evaluationId as EvaluationId);
      tell(feed, by.project, stopped);
      return evaluationBody(stopped);
    },

    async resumeEvaluation({ by, params, body: { cap } }) {
      const change = cap === undefined ? undefined : { capNanoUsd: cap === null ? null : parseUsd(cap) };
      const resumed = await evaluations.resume(by, params.evaluationId as EvaluationId, change);
      if (resumed.place === 'server') await enqueueSeats(deps.jobs, by.project, resumed);
      tell(feed, by.project, resumed);
      return evaluationBody(resumed);
    },

    async removeEvaluation({ by, params }) {
      const { id, runs } = await findEvaluation(deps, by.project, params.evaluationId);
      await evaluations.remove(by, id);
      await cells.removeRuns(
        by.project,
        runs.map((run) => run.id),
      );
      feed.publish({ type: 'evaluation_removed', project: by.project, id });
      return { removed: true };
    },

    ...createSoFarHandlers(deps),
    ...createRowHandlers(deps),
    ...createCellHandlers(deps),
    ...createCompareHandlers(deps),
  };
}
