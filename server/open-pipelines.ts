import type { Handlers, PipelineRouteId } from '@wheelhouse/core/contract';
import type { ActingCaller } from '@wheelhouse/core/ports';
import { lesserRole, type ProjectId } from '@wheelhouse/core/records';
import { callOf } from './call-api.ts';
import type { Foundation } from './open-foundation.ts';
import { type AskedRoute, createPipelineHandlers, goOnWithPipelines } from './pipelines/index.ts';

type Asked = Pick<Handlers, AskedRoute>;

/** What somebody may do now who may have lost a role, a key or a seat since; null: nothing any more. */
function rightsOf({ access, records, clock }: Foundation) {
  return async (project: ProjectId, acting: ActingCaller): Promise<ActingCaller | null> => {
    if (acting.key !== null) {
      const key = (await records.access.keys(project)).find(({ id }) => id === acting.key);
      const nowMs = Number(clock.now() / 1_000_000n);
      if (!key || (key.expiresAt !== null && Date.parse(key.expiresAt) <= nowMs)) return null;
    }
    if (acting.person === null) return acting;
    const seat = access.reader.seats(acting.person).find((one) => one.project.id === project);
    return seat === undefined ? null : { ...acting, role: lesserRole(acting.role, seat.role) };
  };
}

/** Pipelines: their routes, and what carries them out by the routes of the others. */
export function openPipelines(
  base: Foundation,
  handlers: Asked,
): { handlers: Handlers<PipelineRouteId>; stop(): Promise<void> } {
  const { records, feed, clock, random, log, catalogue } = base;
  const call = callOf<AskedRoute>(handlers);
  const shared = {
    ...{ pipelines: records.pipelines, call, feed, clock, random, log },
    isDeprecated(baseModel: string) {
      const [provider = '', ...model] = baseModel.split('/');
      return catalogue.isDeprecated({ provider, model: model.join('/') });
    },
  };
  const deps = { ...shared, rightsOf: rightsOf(base) };
  const worker = base.heartbeat.on('pipelines', (stopping) => goOnWithPipelines(deps, stopping), {
    onError: (err) => log.error({ err }, 'pipelines cannot be looked after; trying again'),
  });
  return { handlers: createPipelineHandlers({ ...shared, wake: () => void worker.run() }), stop: worker.stop };
}
