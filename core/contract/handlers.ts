import type { Actor, Caller } from '../records/index.ts';
import type { AccessRouteId } from './access-paths.ts';
import type { paths, RouteId } from './paths.ts';
import type { ParsedBody, ParsedQuery, ResponseBody } from './routes.ts';

type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

/**
 * A checked request: who asks, and path, query and body as the contract describes them. Roles are checked before, so that
 * only routes about access hear of them.
 */
export type HandlerRequest<Id extends RouteId> = {
  by: Id extends AccessRouteId ? Caller : Actor;
  params: Record<PathParams<(typeof paths)[Id]['path']>, string>;
  query: ParsedQuery<Id>;
  body: ParsedBody<Id>;
};

/** A feature serves some routes; `http` checks the request against the contract before and turns errors into answers after. */
export type Handlers<Id extends RouteId = RouteId> = {
  [K in Id]: (request: HandlerRequest<K>) => Promise<ResponseBody<K>>;
};
