import { z } from 'zod';
import { errorBody, json, jsonObject, nanoUsd } from './schemas.ts';

const input = json.describe(
  'The variables of the model as an object; text stands for the one text that it needs, or for a user message',
);

export const predictBody = z
  .object({
    version: z
      .union([z.number().int().positive(), z.string().min(1).max(100)])
      .optional()
      .describe('A number or an alias, where the name has none; `production` unless said'),
    input: input.optional(),
    inputs: z.array(input).min(1).max(1000).optional().describe('Many inputs, each answered for itself'),
    messages: z.array(jsonObject).max(10_000).default([]).describe("A conversation, in the form of OpenAI's chat"),
    parameters: jsonObject.default({}).describe('What is said of how to answer, such as `temperature`'),
    concurrency: z.number().int().min(1).max(32).default(8).describe('Of many inputs, how many at one time'),
    stream: z.boolean().default(false).describe('Answer as server-sent events, text as it comes'),
    resume: z
      .string()
      .regex(/^[0-9a-f]{32}$/)
      .optional()
      .describe('Trace id of a run that failed: the steps that it finished are not done again'),
  })
  .strict();

const modelRef = z.object({ name: z.string(), version: z.number(), alias: z.string().nullable() });
const taken = {
  model: modelRef.nullable().describe('null: a base model'),
  traceId: z.string().nullable().describe('null: it was refused before anything was called'),
  latencyMs: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('Of all calls in it; null: no known price'),
  usage: z.object({ inputTokens: z.number(), outputTokens: z.number() }).nullable(),
};

export const prediction = z.object({
  output: json,
  text: z.string().describe('The output as a chat client reads it'),
  ...taken,
});
export const failedPrediction = z.object({ error: errorBody.shape.error, ...taken });
export const predictions = z.object({
  data: z.array(z.union([prediction, failedPrediction])).describe('In the order of the inputs'),
});
export const predictResult = z.union([prediction, predictions]);
/** The last event is `output` or `error`. */
export const predictEvent = z.union([
  z.object({ event: z.literal('text'), data: z.object({ text: z.string() }) }),
  z.object({ event: z.literal('output'), data: prediction }),
  z.object({ event: z.literal('error'), data: failedPrediction }),
]);

export const codeRun = z
  .object({
    code: z.string().min(1).max(200_000).describe('A JavaScript module with `export function main(input)`'),
    input: json.default(null).describe('What `main` is given'),
  })
  .strict();
export const codeOutput = z.object({ output: json.describe('What `main` returned') });
