import { z } from 'zod';
import { datasetJobKinds } from '../records/index.ts';
import { isoTime, json, jsonObject, limit, nameText, page } from './schemas.ts';

const text = (most: number) => z.string().max(most);
const jsonSchema = jsonObject.nullable().describe('JSON Schema (2020-12); null: anything');

export const datasetName = nameText('A dataset name');
const labelText = z.string().min(1).max(100);
const labels = {
  tags: z.array(labelText).max(50),
  split: labelText.nullable(),
  weight: z.number().min(0).max(1e9).describe('How much it counts'),
};

export const datasetSchema = z.object({ input: jsonSchema, expected: jsonSchema, metadata: jsonSchema });
export const splitRule = z.object({
  parts: z
    .record(labelText, z.number().positive())
    .refine((parts) => Object.keys(parts).length > 0, 'it takes at least one part')
    .describe('Names and their shares, in any unit'),
  by: text(200)
    .default('input')
    .describe('What is equal within a group, which stays together: `input`, or a path such as `metadata.customer`'),
  seed: text(100).default(''),
});

const rowCondition = {
  split: labelText.optional(),
  tag: labelText.optional(),
  text: text(500).optional().describe('Stands in the input or the expected value, in any case'),
  metadata: z.record(text(200), text(500)).optional().describe('By path'),
};
const path = text(200).regex(/^(?:input|expected|metadata)(?:\..+)?$/, 'it takes a path such as input.question');
const recipeStep = z.discriminatedUnion('do', [
  z.object({ do: z.literal('filter'), not: z.boolean().optional(), ...rowCondition }).strict(),
  z.object({ do: z.literal('map'), move: z.record(path, path).default({}), drop: z.array(path).default([]) }).strict(),
  z.object({ do: z.literal('balance'), by: text(200), most: z.number().int().positive().optional() }).strict(),
  z.object({ do: z.literal('deduplicate'), near: z.number().min(0.3).max(1).optional() }).strict(),
  z
    .object({
      do: z.literal('augment'),
      with: z.array(z.enum(['lowercase', 'typos', 'no_punctuation'])).min(1),
      copies: z.number().int().min(1).max(10).default(1),
    })
    .strict(),
  z
    .object({ do: z.literal('mask') })
    .strict()
    .describe('Marks such as <EMAIL> in the place of what tells people apart'),
  z.object({ do: z.literal('sample'), rows: z.number().int().positive(), seed: text(100).default('') }).strict(),
  z.object({ do: z.literal('split'), ...splitRule.shape }).strict(),
  z.object({ do: z.literal('tag'), add: z.array(labelText).min(1) }).strict(),
]);
export const recipe = z
  .object({
    from: datasetName,
    version: z.number().int().positive().nullable().default(null).describe('null: the newest at each run'),
    steps: z.array(recipeStep).max(50),
  })
  .strict();

const origin = {
  source: text(2000).describe('Where the data is from'),
  licence: text(200).describe('What may be done with it, for example an SPDX identifier'),
  consent: text(2000).describe('What the people whose data it is agreed to'),
};

export const dataset = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string(),
  ...origin,
  schema: datasetSchema.describe('What rows must be; checked when they are added or changed'),
  splits: splitRule.nullable().describe('Gives rows that come without a split theirs'),
  recipe: recipe.nullable().describe('How it is made from another one'),
  aliases: z.record(z.string(), z.number()).describe('Names of versions'),
  head: z.number(),
  draftCount: z.number(),
  changed: z.boolean(),
  createdAt: isoTime,
});
export const datasetVersion = z.object({
  number: z.number(),
  hash: z.string(),
  count: z.number(),
  madeFrom: z.array(z.string()).describe('Lineage references'),
  createdAt: isoTime,
});
export const datasetDetail = z.object({ dataset, versions: z.array(datasetVersion) });
export const newDataset = z.object({
  name: datasetName,
  description: text(2000).default(''),
  source: origin.source.default(''),
  licence: origin.licence.default(''),
  consent: origin.consent.default(''),
});
export const datasetChange = z
  .object({ description: text(2000), ...origin, schema: datasetSchema, splits: splitRule.nullable() })
  .partial()
  .strict();
export const inferredSchema = z.object({
  schema: datasetSchema,
  rows: z.number().describe('Of the draft, that it was read from'),
});

const spanSource = z.object({ traceId: z.string(), spanId: z.string() });
export const example = z.object({
  id: z.string(),
  hash: z.string(),
  input: json,
  expected: json,
  metadata: jsonObject,
  ...labels,
  source: spanSource.nullable(),
  erasedAt: isoTime
    .nullable()
    .describe('When the trace that it was made of was deleted; input, expected and metadata are empty from then on'),
});
const given = {
  expected: json.optional(),
  metadata: jsonObject.default({}),
  tags: labels.tags.optional(),
  split: labels.split.optional(),
  weight: labels.weight.optional(),
};
export const exampleContent = z.object({
  input: json.describe('Text, `{messages}`, or an object of variables; `{messages, variables}` for both'),
  ...given,
});
export const newExamples = z.object({
  examples: z
    .array(
      z.union([
        z
          .object({ from: spanSource, ...given })
          .strict()
          .describe("Takes the span's input, and its output as expected unless given"),
        exampleContent.strict(),
      ]),
    )
    .min(1)
    .max(10_000),
});
export const rowProblem = z.object({
  at: z.number().describe('Row from 1, or the line of a text file where it begins'),
  error: z.string(),
});
export const addedExamples = z.object({
  dataset,
  ids: z.array(z.string()).describe('Of those that were added, in their order'),
  refused: z.array(rowProblem).describe('Rows that do not fit the schema of the dataset'),
});
export const exampleIds = z.object({ ids: z.array(z.string()).min(1).max(10_000) });
export const exampleLabels = z.object({
  ids: exampleIds.shape.ids,
  addTags: labels.tags.default([]),
  removeTags: labels.tags.default([]),
  split: labels.split.optional(),
  weight: labels.weight.optional(),
});
export const labelCounts = z.object({
  splits: z.array(z.object({ split: z.string().nullable(), count: z.number() })),
  tags: z.array(z.object({ tag: z.string(), count: z.number() })),
});

const version = z
  .union([z.coerce.number().int().positive(), labelText])
  .optional()
  .describe('Its number or its name; left out: the draft');
export const exampleFilter = {
  split: labelText.optional(),
  tag: labelText.optional(),
  text: text(500).optional().describe('Stands in the input or the expected value, in any case'),
  metadata: text(500)
    .regex(/^[^:]+:/, 'it takes path:value')
    .optional()
    .describe('`path:value`, for example `customer.plan:pro`'),
};
export const exampleQuery = z.object({ limit, cursor: z.string().optional(), version, ...exampleFilter });
export const versionQuery = z.object({ version });
export const examplePage = page(example);
export const datasetPage = page(dataset);

export const datasetAlias = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,99}$/, 'A name of a version starts with a letter and takes a-z 0-9 . _ -');
export const versionNumber = z.object({ version: z.number().int().positive() });
export const diffQuery = z.object({
  limit,
  cursor: z.string().optional(),
  from: version.describe('Left out: the newest version'),
  to: version,
});
export const datasetDiff = z.object({
  counts: z.object({ added: z.number(), removed: z.number(), changed: z.number() }),
  data: z.array(
    z.object({
      id: z.string(),
      kind: z.enum(['added', 'removed', 'changed']),
      fields: z.array(z.string()).describe('Paths that changed, for example `expected.city`'),
      before: example.nullable(),
      after: example.nullable(),
    }),
  ),
  next: z.string().nullable(),
});

export const newTraces = z
  .object({
    q: text(4000).optional().describe('Filter of traces'),
    traceIds: z.array(z.string()).min(1).max(10_000).optional(),
    expected: z.boolean().default(true).describe('Whether the output becomes what is expected'),
    sample: z.number().gt(0).max(1).default(1).describe('Share of the traces that fit'),
    most: z.number().int().positive().max(1_000_000).default(10_000).describe('Rows that are added at most'),
    tags: labels.tags.default([]),
  })
  .refine((body) => (body.q === undefined) !== (body.traceIds === undefined), 'it takes one of `q` and `traceIds`');
export const datasetRule = z.object({
  id: z.string(),
  q: z.string(),
  sample: z.number(),
  expected: z.boolean(),
  tags: z.array(z.string()),
  paused: z.boolean().describe('Makes none for now'),
  added: z.number(),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const datasetRuleChange = z.object({ paused: z.boolean() }).strict();
export const datasetRuleList = z.object({ data: z.array(datasetRule) });
export const newDatasetRule = z.object({
  q: text(4000),
  sample: z.number().gt(0).max(1).default(1),
  expected: z.boolean().default(true),
  tags: labels.tags.default([]),
});

export const newSynthesis = z.object({
  model: text(200).min(1).describe('What an OpenAI client would name; its version is written to each row'),
  instruction: text(4000).min(1).describe('How variants are to differ from the rows that they are made of'),
  count: z.number().int().min(1).max(10_000).describe('Rows to make'),
  split: labelText.optional().describe('Only rows of this split are varied'),
  tag: labelText.optional(),
  capDollars: z.number().positive().max(10_000).default(1).describe('It ends when this is spent'),
});

export const datasetJob = z.object({
  id: z.string(),
  dataset: z.string(),
  kind: z.enum(datasetJobKinds),
  params: jsonObject,
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  error: z.string().nullable(),
  read: z.number().describe('Rows or traces that were looked at'),
  total: z.number().nullable(),
  added: z.number(),
  skipped: z.number().describe('Rows that were there already'),
  refused: z.number(),
  problems: z.array(rowProblem).describe('The first of those that were refused'),
  result: jsonObject.nullable(),
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const datasetJobPage = page(datasetJob);
export const datasetJobQuery = z.object({
  limit,
  cursor: z.string().optional(),
  kind: z.enum(datasetJobKinds).optional(),
});
