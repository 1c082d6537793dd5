import { allows, type Handlers, type PipelineRouteId, routeNeeds, routes } from '@wheelhouse/core/contract';
import type { ActingCaller } from '@wheelhouse/core/ports';
import { lesserRole, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { Foundation } from './open-foundation.ts';
import { type AskedRoute, type Call, createPipelineHandlers, startPipelines } from './pipelines/index.ts';

type Asked = Pick<Handlers, AskedRoute>;
type Schema = { parse(of: unknown): unknown };
type AnyHandler = (request: object) => Promise<never>;

/** The API without the way to it: the role that a route needs, then what it takes, checked as if it had come by HTTP. */
const callOf =
  (handlers: Asked): Call =>
  async (by, id, { params = {}, query, body }) => {
    if (!allows(by.role, routeNeeds[id]))
      throw new WheelhouseError('forbidden', `${by.actor} may not do this: it takes the role ${routeNeeds[id]}.`);
    const route = routes[id] as { query?: Schema; body?: Schema };
    const parsed = { query: route.query?.parse(query ?? {}), body: route.body?.parse(body ?? {}) };
    return (handlers[id] as AnyHandler)({ by, params, ...parsed });
  };

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
  const call = callOf(handlers);
  const shared = {
    ...{ pipelines: records.pipelines, call, feed, clock, random, log },
    isDeprecated(baseModel: string) {
      const [provider = '', ...model] = baseModel.split('/');
      return catalogue.isDeprecated({ provider, model: model.join('/') });
    },
  };
  const worker = startPipelines({ ...shared, rightsOf: rightsOf(base) });
  return { handlers: createPipelineHandlers({ ...shared, wake: () => void worker.run() }), stop: () => worker.stop() };
}
