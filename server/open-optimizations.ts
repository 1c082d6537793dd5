import { type Handlers, modelSchemas, type OptimizationRouteId } from '@wheelhouse/core/contract';
import { type Caller, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { datasetVersionOf, estimateJudges, nodeTimer, patient, priceOfCall } from './evals/index.ts';
import type { Foundation } from './open-foundation.ts';
import {
  createOptimizationHandlers,
  type Publish,
  startOptimizationWorker,
  type WorldOf,
} from './optimizations/index.ts';

type Registry = Pick<Handlers, 'getModel' | 'createModel' | 'createVersion' | 'moveAlias' | 'diffVersions'>;

/** Why callers of an alias may fail with a version. */
async function breakingMove(
  registry: Registry,
  by: Caller,
  { name, alias, to }: { name: string; alias: string; to: number },
): Promise<string[]> {
  const query = { from: alias, to: String(to) };
  const { changes } = await registry.diffVersions({ by, params: { name }, query, body: undefined });
  return changes.flatMap(({ breaking, text }) => (breaking ? [text] : []));
}

/** Publishes through the registry, so that its checks and the rules of aliases hold here as well. */
const publishThrough =
  (registry: Registry): Publish =>
  async (by, { name, definition, madeFrom, message, alias, breaking }) => {
    const read = modelSchemas.newVersion.safeParse({ definition, madeFrom, message });
    if (!read.success)
      throw new WheelhouseError('invalid_request', 'What was found is no definition of a model.', {
        hint: read.error.issues[0]?.message ?? '',
      });
    const params = { name };
    const ask = { by, params, query: undefined };
    const isKnown = await registry.getModel({ ...ask, body: undefined }).then(
      () => true,
      (error: unknown) => {
        if (error instanceof WheelhouseError && (error.code === 'not_found' || error.code === 'model_not_found'))
          return false;
        throw error;
      },
    );
    if (!isKnown) {
      const body = modelSchemas.newModel.parse({ name });
      await registry.createModel({ by, params: {}, query: undefined, body });
    }
    const { number } = await registry.createVersion({ ...ask, body: read.data });
    const published = { name, version: number, alias: null };
    if (alias === null) return { published, heldBack: null };
    try {
      await registry.moveAlias({ ...ask, params: { name, alias }, body: { version: number, breaking, message } });
      return { published: { ...published, alias }, heldBack: null };
    } catch (error) {
      if (!(error instanceof WheelhouseError)) throw error;
      const { code, message: why, hint, param } = error;
      const breaks = param === 'breaking' ? await breakingMove(registry, by, { name, alias, to: number }) : [];
      return { published, heldBack: { code, message: why, hint, breaking: breaks } };
    }
  };

/** Optimizations as records; starts the worker that runs those of the server. */
export async function openOptimizations(
  base: Foundation,
  { scoringOf, registry }: { scoringOf: WorldOf; registry: Registry },
): Promise<Handlers<OptimizationRouteId>> {
  const { records, telemetry, feed, clock, random, jobs, log, checker, prices } = base;
  const { optimizations, models, datasets } = records;
  const shared = { optimizations, models, datasets, examples: telemetry.examples, jobs, feed, clock, checker };
  const routes = (project: ProjectId) => base.routing.table(project);
  const priced = { routes, clock, checker, prices };
  await startOptimizationWorker({ ...shared, timer: nodeTimer, scoringOf, patient, log });
  return createOptimizationHandlers({
    ...{ ...shared, random, routes },
    datasetVersion: (by, ask) => datasetVersionOf({ datasets, feed }, by, ask),
    priceOfCall: (project, ask) => priceOfCall(priced, project, ask).callNanoUsd,
    estimateJudges: async (project, ask) =>
      (await estimateJudges(priced, project, ask)).map(({ nanoUsd, ...judge }) => ({
        ...judge,
        nanoUsd: nanoUsd === null ? null : String(nanoUsd),
      })),
    publish: publishThrough(registry),
  });
}
