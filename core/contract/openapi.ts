import { z } from 'zod';
import { attachmentPath } from '../records/index.ts';
import { exportPath, livePath, paths, type RouteId } from './paths.ts';
import { predictBody, predictEvent, predictResult } from './predict-schemas.ts';
import { exportQuery, liveQuery } from './query-schemas.ts';
import { routes } from './routes.ts';
import { errorBody, liveMessage } from './schemas.ts';

const schemaOf = (schema: z.ZodType, io: 'input' | 'output') => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};
const content = (schema: z.ZodType, io: 'input' | 'output') => ({
  'application/json': { schema: schemaOf(schema, io) },
});

function queryParameters(query: z.ZodType) {
  const { properties = {}, required = [] } = schemaOf(query, 'input') as { properties?: object; required?: string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function operation(id: RouteId) {
  const route: { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number } =
    routes[id];
  const pathParameters = [...paths[id].path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: id,
    summary: route.summary,
    parameters: [...pathParameters, ...(route.query ? queryParameters(route.query) : [])],
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
  documented[exportPath] = {
    get: {
      operationId: 'exportTraces',
      summary: 'Traces that fit, whole; a connection that breaks says that the file is not',
      parameters: queryParameters(exportQuery),
      responses: {
        200: {
          description: 'A line a trace with its spans and scores, or a row a span',
          content: { 'application/x-ndjson': {}, 'application/vnd.apache.parquet': {} },
        },
        default: { description: 'An error, with a hint that says what to do', content: content(errorBody, 'output') },
      },
    },
  };
  documented[`${attachmentPath}{attachmentId}`] = {
    get: {
      operationId: 'readAttachment',
      summary: 'The bytes of a file that came with a trace; what browsers might run is `application/octet-stream`',
      parameters: [{ name: 'attachmentId', in: 'path', required: true, schema: { type: 'string' } }],
      responses: {
        200: { description: 'The bytes', content: { 'application/octet-stream': {} } },
        default: { description: 'An error, with a hint that says what to do', content: content(errorBody, 'output') },
      },
    },
  };
  documented[livePath] = {
    get: {
      operationId: 'live',
      summary: 'What changes, as server-sent events; Last-Event-ID resumes',
      parameters: queryParameters(liveQuery),
      responses: {
        200: { description: 'A stream', content: { 'text/event-stream': { schema: schemaOf(liveMessage, 'output') } } },
      },
    },
  };
  documented['/api/v1/models/{name}/predict'] = {
    post: {
      operationId: 'predict',
      summary: 'Ask any model, whatever it is inside',
      parameters: [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }],
      requestBody: { required: true, content: content(predictBody, 'input') },
      responses: {
        200: {
          description: 'An answer, many answers, or a stream of events',
          content: {
            ...content(predictResult, 'output'),
            'text/event-stream': { schema: schemaOf(predictEvent, 'output') },
          },
        },
        default: { description: 'An error, with a hint that says what to do', content: content(errorBody, 'output') },
      },
    },
  };
  return {
    openapi: '3.1.0',
    info: { title: 'Wheelhouse', version, license: { name: 'MIT', identifier: 'MIT' } },
    paths: documented,
  };
}
