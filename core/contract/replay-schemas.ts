import { z } from 'zod';
import { dollars } from './control-schemas.ts';
import { evaluationStatus } from './evaluation-schemas.ts';
import { aliasName } from './model-schemas.ts';
import { isoTime, json, limit, nanos, nanoUsd, page, pageQuery } from './schemas.ts';
import { scorer } from './scorer-schemas.ts';

/** What an alias was asked last, asked again of two versions. */

export const newReplay = z.object({
  model: z.string().min(1),
  alias: aliasName.default('production'),
  candidate: z.number().int().positive().describe('Its version itself shows how stable that one is'),
  last: z.number().int().min(1).max(500).default(50).describe('So many of the newest different inputs'),
  repetitions: z.number().int().min(1).max(10).default(2).describe('How often each version is asked each'),
  scorers: z
    .array(scorer)
    .min(1)
    .max(20)
    .default(['pii', 'toxicity'])
    .describe('Of those that need no expected value, because nobody has said what is right'),
  cap: dollars.nullable().default(null).describe('Dollars at which it stops'),
});

export const plannedReplay = z.object({
  incumbent: z.number(),
  candidate: z.number(),
  inputs: z.number().describe('Different ones that traces show'),
  without: z.array(z.string()).describe('Traces that show none, and why; the first few'),
  calls: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('null: no price is known'),
  seconds: z.number().nullable(),
  breaking: z.array(z.string()).describe('Why callers of the incumbent may fail with the candidate'),
});

export const replay = z.object({
  id: z.string().describe('Of its evaluation as well'),
  model: z.string(),
  alias: z.string(),
  incumbent: z.number(),
  candidate: z.number(),
  dataset: z.string().describe('The inputs'),
  inputs: z.number(),
  repetitions: z.number(),
  status: evaluationStatus,
  error: z.string().nullable().describe('Why it failed, or was stopped by the server'),
  done: z.number().describe('Answers that are there'),
  total: z.number(),
  failed: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('So far'),
  estimateNanoUsd: nanoUsd.nullable(),
  capNanoUsd: nanoUsd.nullable(),
  createdAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const replayPage = page(replay);
export const replayQuery = pageQuery.extend({ model: z.string().optional() });

const share = z.number().nullable().describe('From 0 to 1; null: nothing says');
const side = z.object({
  stable: share.describe('Of inputs that were answered twice or more: whose answers are all equal'),
  alike: share.describe('How alike the words of those answers are'),
  length: z.number().nullable().describe('Characters of an answer, in the mean'),
  latencyNs: z.number().nullable(),
  costNanoUsd: z.number().nullable(),
});
const inputKinds = ['same', 'changed', 'fails', 'recovers', 'both_fail'] as const;
const toolKinds = ['same', 'arguments', 'order', 'tools'] as const;
const field = z.object({
  share: z.number().describe('Of the answers that are JSON'),
  types: z.array(z.string()),
});

const behaviour = z.object({
  inputs: z.number().describe('Answered by both versions as often as was asked'),
  counts: z.record(z.enum(inputKinds), z.number()).describe('`fails`: it answered before'),
  alike: share.describe('How alike the words of changed answers are, in the mean'),
  before: side,
  after: side,
  keys: z
    .object({ gone: z.array(z.string()), added: z.array(z.string()) })
    .describe('Members of answers that are JSON objects, which one version has in some answer and the other in none'),
  tools: z.object({
    counts: z
      .record(z.enum(toolKinds), z.number())
      .describe('Inputs; `arguments`: called otherwise; `order`: the same calls in another one; `tools`: others'),
    tools: z
      .array(z.object({ name: z.string(), before: z.number(), after: z.number() }))
      .describe('Calls for an answer, in the mean'),
  }),
  fields: z
    .array(
      z.object({
        path: z.string().describe('`items[].sku`: all items of a list are one place'),
        before: field,
        after: field,
        changed: z.number().describe('Inputs in which no new answer has there what an old one had'),
      }),
    )
    .describe('Of answers that are JSON, place by place'),
});
export const replayDetail = z.object({
  replay,
  behaviour: behaviour.describe('Of what is answered so far'),
  isSettled: z.boolean().describe('false: answers, or traces that say which tools were called, are still to come'),
});

const answer = z.object({
  output: z.string().nullable(),
  error: z.string().nullable(),
  latencyNs: nanos,
  costNanoUsd: nanoUsd.nullable(),
  traceId: z.string().nullable(),
});
export const replayInput = z.object({
  exampleId: z.string(),
  input: json,
  kind: z.enum(inputKinds),
  alike: share.describe('How alike the words of both versions are'),
  tools: z.enum(toolKinds).nullable().describe('null: none is called, or one version did not answer'),
  before: z.array(answer),
  after: z.array(answer),
  calls: z
    .array(z.object({ name: z.string(), before: json, after: json }))
    .describe('Tools that the first answers of both called, beside each other, with arguments; null: not called there'),
});
export const replayInputPage = page(replayInput);
export const replayInputQuery = z.object({
  limit,
  cursor: z.string().optional(),
  kind: z
    .enum([...inputKinds, 'tools'])
    .optional()
    .describe('`tools`: whose calls of tools changed'),
});
