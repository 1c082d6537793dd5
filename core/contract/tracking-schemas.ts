import { z } from 'zod';
import { trackedRunStatuses } from '../records/index.ts';
import { limit } from './schemas.ts';

const stage = z.enum(['active', 'deleted']);
const tag = z.object({ key: z.string(), value: z.string() });
const ms = z.number().describe('Milliseconds since 1970');
/** JSON has no NaN. */
const value = z.number().nullable().describe('null: not a number');

export const trackedExperiment = z.object({
  id: z.string(),
  name: z.string(),
  stage,
  createdAtMs: ms,
  changedAtMs: ms,
  tags: z.array(tag),
});
export const trackedExperimentList = z.object({ data: z.array(trackedExperiment) });

const point = z.object({ value, timestampMs: ms, step: z.number() });

export const trackedRun = z.object({
  id: z.string(),
  experimentId: z.string(),
  name: z.string(),
  userId: z.string(),
  status: z.enum(trackedRunStatuses),
  startMs: ms.nullable(),
  endMs: ms.nullable().describe('null while it runs'),
  artifactUri: z.string(),
  stage,
  params: z.array(tag),
  tags: z.array(tag),
  metrics: z.array(point.extend({ key: z.string() })).describe('The latest point of each'),
  inputs: z.array(
    z.object({
      name: z.string(),
      digest: z.string(),
      sourceType: z.string(),
      source: z.string(),
      context: z.string().nullable().describe('What the dataset was for, such as `training`'),
    }),
  ),
});
export const trackedRunPage = z.object({ data: z.array(trackedRun), next: z.string().nullable() });

export const trackedRunQuery = z
  .object({
    experiment: z.string().max(20).optional().describe('The id of one; of all otherwise'),
    q: z.string().max(4_000).default('').describe("MLflow's filter: `metrics.loss < 0.3 AND params.kind = 'tree'`"),
    order: z.string().max(500).optional().describe('As `metrics.loss ASC`; the latest start first otherwise'),
    cursor: z.string().max(20).optional(),
    limit,
  })
  .strict();

export const trackedArtifactQuery = z.object({ path: z.string().max(1_000).default('') }).strict();
export const trackedArtifactList = z.object({
  data: z.array(
    z.object({
      path: z.string().describe('Below the run'),
      name: z.string(),
      bytes: z.number().nullable().describe('null: a folder'),
      href: z.string().nullable().describe('Where it is downloaded; null: a folder'),
    }),
  ),
});

const runIds = z
  .string()
  .max(700)
  .transform((text) => [...new Set(text.split(',').filter((id) => id !== ''))])
  .pipe(z.array(z.string()).min(1).max(10))
  .describe('Ids of up to 10 runs, with commas between');

export const trackedSeriesQuery = z
  .object({
    runs: runIds,
    key: z.string().min(1).max(250).describe('The name of the metric'),
    over: z.enum(['step', 'time']).default('step'),
    points: z.coerce.number().int().min(10).max(1_000).default(1_000).describe('Most of each run'),
  })
  .strict();
export const trackedSeriesList = z.object({
  data: z.array(
    z.object({
      runId: z.string(),
      key: z.string(),
      count: z.number().describe('Points that were recorded, but for those that are not a number'),
      points: z
        .array(z.object({ value: z.number(), timestampMs: ms, step: z.number() }))
        .describe('In order; of many, the first, last, lowest and highest of each stretch'),
    }),
  ),
});
