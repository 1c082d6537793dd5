import { z } from 'zod';
import { modelDefinition } from '../model/index.ts';
import { isoTime, json, jsonObject, limit, nameText, page } from './schemas.ts';

export const modelName = nameText('A model name');
export const aliasName = z
  .string()
  .regex(
    /^[a-z][a-z0-9._-]{0,62}$/,
    'An alias starts with a letter (never a number) and takes up to 63 of a-z 0-9 . _ -',
  );
const tag = z.string().min(1).max(100);

export const signature = z.object({
  input: jsonObject.describe('JSON Schema of the input'),
  output: jsonObject.describe('JSON Schema of the output'),
  parameters: jsonObject.optional().describe('JSON Schema of what may be said of how to answer'),
});

export const newVersion = z.object({
  definition: modelDefinition,
  signature: z
    .object({ input: jsonObject.optional(), output: jsonObject.optional(), parameters: jsonObject.optional() })
    .optional()
    .describe(
      'What is left out is inferred; of a prompt, each variable that its templates write out is a required string',
    ),
  example: json.optional().describe('An input that it takes, to show and to try'),
  message: z.string().max(1000).default('').describe('Why this version was made'),
  madeFrom: z
    .array(z.string().max(320))
    .max(100)
    .default([])
    .describe('What it was made from: `span:<trace>/<span>`, `version:<model>@<number>`, `dataset:<name>@<version>` …'),
});
export const newModel = z.object({
  name: modelName,
  description: z.string().max(2000).default(''),
  tags: z.array(tag).max(50).default([]),
  owner: z.string().max(200).nullable().default(null),
  version: newVersion.optional().describe('The first version'),
});

export const alias = z.object({
  alias: z.string(),
  version: z.number(),
  before: z.number().nullable().describe('The version that a rollback leads to; null: there is none'),
  movedAt: isoTime,
  release: z
    .object({
      id: z.string(),
      candidate: z.number(),
      share: z.number(),
      sticky: z.enum(['user', 'session', 'request']),
      isShadow: z
        .literal(true)
        .optional()
        .describe('The version answers nobody; `share` is of the calls that it is asked as well'),
      before: z
        .object({ share: z.number(), untilMs: z.number() })
        .optional()
        .describe('Until then, so that every server knows the new share before it holds'),
    })
    .optional()
    .describe('A version that is on its way to the alias, and answers a share of its calls'),
});
export const model = z.object({
  name: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  owner: z.string().nullable(),
  latest: z.number(),
  aliases: z.array(alias),
  createdAt: isoTime,
  changedAt: isoTime,
});
export const modelVersion = z.object({
  number: z.number(),
  hash: z.string(),
  definition: modelDefinition,
  signature,
  example: json,
  message: z.string(),
  author: z.string(),
  madeFrom: z.array(z.string()),
  createdAt: isoTime,
});
export const modelDetail = z.object({ model, versions: z.array(modelVersion) });
export const aliasTarget = z.object({
  version: z.number().int().positive(),
  breaking: z
    .boolean()
    .default(false)
    .describe('Move it although callers of the version that it is at may fail; else that is refused'),
  message: z.string().trim().max(2000).default('').describe('Why it is moved, for the audit log'),
});

export const modelQuery = z.object({
  limit,
  cursor: z.string().optional(),
  q: z.string().max(200).optional().describe('Part of the name or the description'),
  tag: z.string().max(100).optional(),
  owner: z.string().max(200).optional(),
});
export const modelPage = page(model);
