import type { Actor, Caller } from '../records/index.ts';
import type { AccessRouteId } from './access-paths.ts';
import type { paths, RouteId } from './paths.ts';
import type { ReplayRouteId } from './replay-paths.ts';
import type { ParsedBody, ParsedQuery, RequestBody, RequestQuery, ResponseBody } from './routes.ts';

type PathParams<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Name | PathParams<Rest>
  : never;

/** Routes whose answer hangs on who asks: aliases may be moved by some alone, not every owner owns all. */
type RouteOfCaller =
  | AccessRouteId
  | 'getServerLedger'
  | 'moveAlias'
  | 'removeAlias'
  | 'rollBackAlias'
  | 'startRelease'
  | ReplayRouteId
  | 'startCanary'
  | 'promoteRelease'
  | 'rollBackRelease'
  | 'setPipeline'
  | 'planPipeline'
  | 'runPipeline'
  | 'listPipelineRuns'
  | 'getPipelineRun'
  | 'decidePipelineRun'
  | 'stopPipelineRun'
  | 'retryPipelineRun'
  | 'listPipelines'
  | 'getPipeline'
  | 'getAliasRequest'
  | 'decideAliasRequest'
  | 'importLangfusePrompts'
  | 'removeComment'
  | 'publishOptimization'
  | 'testMonitor';

/**
 * A checked request: who asks, and path, query and body as the contract describes them. Roles are checked before, so that
 * few routes hear of them.
 */
export type HandlerRequest<Id extends RouteId> = {
  by: Id extends RouteOfCaller ? Caller : Actor;
  params: Record<PathParams<(typeof paths)[Id]['path']>, string>;
  query: ParsedQuery<Id>;
  body: ParsedBody<Id>;
};

/** A feature serves some routes; `http` checks the request against the contract before and turns errors into answers after. */
export type Handlers<Id extends RouteId = RouteId> = {
  [K in Id]: (request: HandlerRequest<K>) => Promise<ResponseBody<K>>;
};

/** The API for features that ask others as a person would: the role that a route needs is checked, then query and body. */
export type ApiCall<Asked extends RouteId> = <Id extends Asked>(
  by: Caller,
  id: Id,
  ask: { params?: Record<string, string>; query?: RequestQuery<Id>; body?: RequestBody<Id> },
) => Promise<ResponseBody<Id>>;
