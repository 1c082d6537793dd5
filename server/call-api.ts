import { type ApiCall, allows, type Handlers, type RouteId, routeNeeds, routes } from '@wheelhouse/core/contract';
import { WheelhouseError } from '@wheelhouse/core/records';

type Schema = { parse(of: unknown): unknown };
type AnyHandler = (request: object) => Promise<never>;

/** The API without the way to it: the role that a route needs, then what it takes, checked as if it had come by HTTP. */
export const callOf =
  <Asked extends RouteId>(handlers: Pick<Handlers, Asked>): ApiCall<Asked> =>
  async (by, id, { params = {}, query, body }) => {
    if (!allows(by.role, routeNeeds[id]))
      throw new WheelhouseError('forbidden', `${by.actor} may not do this: it takes the role ${routeNeeds[id]}.`);
    const route = routes[id] as { query?: Schema; body?: Schema };
    const parsed = { query: route.query?.parse(query ?? {}), body: route.body?.parse(body ?? {}) };
    return (handlers[id] as unknown as AnyHandler)({ by, params, ...parsed });
  };
