import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import {
  type HandlerRequest,
  type Handlers,
  openapiDocument,
  openapiPath,
  paths,
  type RouteId,
  routeNeeds,
  routes,
} from '@wheelhouse/core/contract';
import { type Caller, parseExactJson, WheelhouseError } from '@wheelhouse/core/records';
import { type Context, Hono } from 'hono';
import type { z } from 'zod';
import { permit } from './guard.ts';
import { readBody } from './read-body.ts';

type Bindings = { incoming: IncomingMessage; by: Caller };
type ApiContext = Context<{ Bindings: Bindings }>;

export type ApiOptions = {
  handlers: Handlers;
  bodyLimit: number;
  version: string;
  onError(error: unknown): WheelhouseError;
};

function parseWith(schema: z.ZodType, value: unknown, where: string) {
  try {
    return schema.safeParse(value);
  } catch (cause) {
    // Schemas that hold themselves are read by recursion.
    if (!(cause instanceof RangeError)) throw cause;
    throw new WheelhouseError('invalid_request', `The ${where} is nested too deeply.`, { param: where, cause });
  }
}

function checked(schema: z.ZodType, value: unknown, where: 'query' | 'body'): unknown {
  const result = parseWith(schema, value, where);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const place = issue?.path.join('.') ?? '';
  throw new WheelhouseError(
    'invalid_request',
    place === '' ? `The ${where} is not right: ${issue?.message}.` : `\`${place}\` is not right: ${issue?.message}.`,
    { param: place === '' ? where : place },
  );
}

async function readJson(c: ApiContext, limit: number): Promise<unknown> {
  const type = c.req.header('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new WheelhouseError('unsupported_media_type', `The body came as ${type === '' ? 'no type' : type}.`, {
      hint: 'Set Content-Type: application/json.',
    });
  const text = (await readBody(c.env.incoming, limit)).toString('utf8');
  try {
    return parseExactJson(text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unreadable';
    throw new WheelhouseError('invalid_json', `The request body is not JSON: ${reason}.`, { cause });
  }
}

type AnyRoute = { query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number };

/** Mounts every route of the contract: checks what comes against its schemas, calls the handler, answers in JSON. */
export function createApiRouter(
  options: ApiOptions,
): (req: IncomingMessage, res: ServerResponse, by: Caller) => Promise<void> {
  const app = new Hono<{ Bindings: Bindings }>();
  // Making it takes longer than anything else of a start, and few ask.
  let document: string | null = null;
  app.get(openapiPath, (c) => {
    document ??= JSON.stringify(openapiDocument(options.version));
    return c.body(document, 200, { 'content-type': 'application/json' });
  });

  for (const id of Object.keys(paths) as RouteId[]) {
    const { method, path } = paths[id];
    const route: AnyRoute = routes[id];
    const handler = options.handlers[id] as (request: HandlerRequest<RouteId>) => Promise<unknown>;
    app.on(method, path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
      permit(c.env.by, routeNeeds[id]);
      const request = {
        by: c.env.by,
        params: c.req.param(),
        query: route.query ? checked(route.query, c.req.query(), 'query') : undefined,
        body: route.body ? checked(route.body, await readJson(c, options.bodyLimit), 'body') : undefined,
      };
      const answer = await handler(request as unknown as HandlerRequest<RouteId>);
      return c.json(answer as object, (route.status ?? 200) as 200);
    });
  }
  for (const { path } of Object.values(paths))
    app.all(path.replace(/\{(\w+)\}/g, ':$1'), (c) => {
      throw new WheelhouseError('method_not_allowed', `${c.req.path} does not take ${c.req.method}.`);
    });
  app.notFound((c) => {
    throw new WheelhouseError('not_found', `There is no ${c.req.path} here.`, {
      hint: 'GET /api/v1/openapi.json lists all paths.',
    });
  });
  app.onError((cause, c) => {
    const error = options.onError(cause);
    return c.json(error.toBody(), error.status as 500);
  });

  const actors = new WeakMap<IncomingMessage, Caller>();
  const listener = getRequestListener(
    (request, env) => {
      const { incoming } = env as { incoming: IncomingMessage };
      return app.fetch(request, { incoming, by: actors.get(incoming) as Caller });
    },
    { overrideGlobalObjects: false },
  );
  return async (req, res, by) => {
    actors.set(req, by);
    await listener(req, res);
  };
}
