import { z } from 'zod';
import { json, template } from '../json-form.ts';

/**
 * JSON in which text is a template, and `{ "$from": "/a/b" }`, an object of that one member, stands for the value at that
 * place (RFC 6901).
 */
export const mapping = json.describe(
  'JSON. Text in it is a Mustache template; `{"$from": "/input/question"}` is the value at that place (a JSON Pointer)',
);

/** A request over HTTP, made of an input, and what its answer means. */
export const httpCall = z
  .object({
    url: template.describe('Absolute, or a path where `provider` is named; values are percent-encoded'),
    provider: z
      .string()
      .min(1)
      .max(100)
      .optional()
      .describe('A provider of the project: its address and key are taken'),
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    headers: z.record(z.string().regex(/^[\w-]{1,100}$/), template).default({}),
    body: mapping.optional().describe('Left out: the input itself, but for GET and DELETE'),
    output: mapping.optional().describe('Of `{status, headers, body}`. Left out: the body'),
    stream: z
      .object({
        format: z.enum(['sse', 'ndjson', 'text']),
        text: z.string().max(500).default('').describe('Where the piece of text is in each event, as a JSON Pointer'),
      })
      .strict()
      .optional()
      .describe('How it answers piece by piece; the text of all pieces is the answer'),
    timeoutMs: z.number().int().min(1).max(600_000).default(60_000),
  })
  .strict();
export type HttpCall = z.output<typeof httpCall>;

export const endpointDefinition = z
  .object({ flavor: z.literal('endpoint'), ...httpCall.shape })
  .strict()
  .describe('Any HTTP API');
export type EndpointDefinition = z.output<typeof endpointDefinition>;
