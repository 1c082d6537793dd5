import { z } from 'zod';
import { rowProblem } from './dataset-schemas.ts';
import { isoTime } from './schemas.ts';

export const newHealth = z.object({
  version: z
    .union([z.number().int().positive(), z.string().min(1).max(100)])
    .optional()
    .describe('Left out: the draft'),
  near: z.number().min(0.3).max(1).default(0.8).describe('How alike inputs are that count as nearly the same'),
});

const found = z.object({ rows: z.number(), ids: z.array(z.string()) });
const histogram = z
  .object({
    from: z.array(z.number()).describe('Least values of the bars'),
    counts: z.array(z.number()),
    least: z.number(),
    most: z.number(),
    median: z.number(),
  })
  .nullable();

export const datasetHealth = z.object({
  jobId: z.string(),
  checkedAt: isoTime,
  version: z.number().nullable().describe('null: the draft, as it was then'),
  rows: z.number(),
  looked: z.number().describe('Rows of a sample that all else is about; all rows where they are few'),
  misfits: z.object({ rows: z.number(), problems: z.array(rowProblem) }).describe('Rows that do not fit the schema'),
  duplicates: z.object({
    near: z.number(),
    exactRows: z.number().describe('Rows whose input an earlier row has'),
    nearRows: z.number().describe('With those whose input is nearly that of an earlier row'),
    clusters: z.array(
      z.object({ ids: z.array(z.string()), size: z.number(), similarity: z.number(), text: z.string() }),
    ),
  }),
  leakage: z.object({
    splits: z.array(
      z.object({
        splits: z.tuple([z.string(), z.string()]),
        rows: z.number(),
        pairs: z.array(z.tuple([z.string(), z.string()])),
      }),
    ),
    prompts: z.array(z.object({ prompt: z.string(), rows: z.number(), ids: z.array(z.string()) })),
  }),
  conflicts: z.object({
    inputs: z.number(),
    list: z.array(z.object({ text: z.string(), ids: z.array(z.string()), expected: z.array(z.string()) })),
  }),
  outliers: z.object({ short: found, long: found, unlike: found }),
  personal: z.object({ rows: z.number(), kinds: z.record(z.string(), z.number()), ids: z.array(z.string()) }),
  languages: z.array(z.object({ language: z.string(), rows: z.number() })),
  coverage: z
    .object({
      traces: z.number(),
      covered: z.number().describe('Share of recent inputs that are as near to a row as rows are to each other'),
      gaps: z.array(
        z.object({ words: z.array(z.string()), size: z.number(), traceIds: z.array(z.string()), text: z.string() }),
      ),
    })
    .nullable(),
  lengths: z.object({ input: histogram, expected: histogram }).describe('In characters'),
  expected: z.array(z.object({ value: z.string(), rows: z.number() })),
  map: z.object({
    explained: z.tuple([z.number(), z.number()]).describe('Shares of all differences that the two directions show'),
    clusters: z.array(z.object({ words: z.array(z.string()), size: z.number() })),
    points: z.array(z.object({ id: z.string(), x: z.number(), y: z.number(), cluster: z.number() })),
  }),
});
