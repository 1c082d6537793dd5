import { z } from 'zod';
import { livePath, paths, type RouteId } from './paths.ts';
import { routes } from './routes.ts';
import { errorBody, liveMessage } from './schemas.ts';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};
const content = (schema: z.ZodType, io: 'input' | 'output') => ({
  'application/json': { schema: schemaOf(schema, io) },
});

function operation(id: RouteId) {
  const route: { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number } =
    routes[id];
  const pathParameters = [...paths[id].path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const query = route.query ? (schemaOf(route.query, 'input') as { properties?: object; required?: string[] }) : {};
  const queryParameters = Object.entries(query.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: (query.required ?? []).includes(name),
    schema,
  }));
  return {
    operationId: id,
    summary: route.summary,
    parameters: [...pathParameters, ...queryParameters],
    ...(route.body ? { requestBody: { required: true, content: content(route.body, 'input') } } : {}),
    responses: {
      [String(route.status ?? 200)]: { description: 'Done', content: content(route.response, 'output') },
      default: { description: 'An error, with a hint that says what to do', content: content(errorBody, 'output') },
    },
  };
}

/** The OpenAPI 3.1 document of the API, made from the same schemas that check each request. */
export function openapiDocument(version: string): object {
  const documented: Record<string, Record<string, object>> = {};
  for (const id of Object.keys(paths) as RouteId[]) {
    const { method, path } = paths[id];
    documented[path] = { ...documented[path], [method.toLowerCase()]: operation(id) };
  }
  documented[livePath] = {
    get: {
      operationId: 'live',
      summary: 'What changes, as server-sent events; Last-Event-ID resumes',
      parameters: [],
      responses: {
        200: { description: 'A stream', content: { 'text/event-stream': { schema: schemaOf(liveMessage, 'output') } } },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: { title: 'Wheelhouse', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths: documented,
  };
}
