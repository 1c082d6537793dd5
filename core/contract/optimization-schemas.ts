import { z } from 'zod';
import { dollars } from './control-schemas.ts';
import { pairedResult } from './evaluation-schemas.ts';
import { aliasName, modelName } from './model-schemas.ts';
import { isoTime, json, jsonObject, nanoUsd, page, pageQuery } from './schemas.ts';
import { scorer } from './scorer-schemas.ts';

export const optimizationState = z
  .enum(['queued', 'running', 'stopped', 'done', 'failed'])
  .describe('`done`: also where the budget was spent; `stopped` and `failed`: resume goes on, and asks nothing twice');
export const optimizationVerdict = z.enum(['gain', 'no_gain', 'not_compared']);
const share = z.number().min(0).max(1);

const effort = z.enum(['light', 'medium', 'heavy']).optional();
const count = (most: number) => z.number().int().min(1).max(most).optional();
const bootstrapped = {
  maxBootstrapped: z.number().int().min(0).max(64).optional().describe('Demonstrations of accepted runs; 4'),
  maxLabeled: z.number().int().min(0).max(64).optional().describe('Demonstrations in all, the rest of rows; 16'),
  maxRounds: count(10),
  threshold: share.optional().describe('A run shows something from this score on; any above 0 unless said'),
};
/** What an optimizer is told, by its name; what is left out is as docs/guides/optimizers.md says. */
export const optimizer = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('labeled-few-shot'), k: z.number().int().min(0).max(64).optional() }),
  z.strictObject({ name: z.literal('bootstrap-few-shot'), ...bootstrapped }),
  z.strictObject({
    name: z.literal('random-search'),
    ...bootstrapped,
    candidates: count(200),
    stopAt: share.optional(),
  }),
  z.strictObject({
    name: z.literal('mipro'),
    ...bootstrapped,
    effort,
    demos: z.boolean().optional().describe('false: only instructions are tuned'),
    minibatch: count(1000),
    fullEvery: count(100),
  }),
  z.strictObject({
    name: z.literal('gepa'),
    effort,
    runs: count(1_000_000).describe('Runs on rows, in place of the effort'),
    minibatch: count(100),
    maxMerges: z.number().int().min(0).max(100).optional(),
  }),
  z.strictObject({
    name: z.literal('copro'),
    breadth: count(50),
    depth: count(50),
    temperature: z.number().min(0).max(2).optional(),
  }),
  z.strictObject({
    name: z.literal('simba'),
    batch: count(500),
    candidates: count(50),
    steps: count(100),
    maxDemos: z.number().int().min(0).max(64).optional(),
    temperature: z.number().min(0).max(2).optional(),
  }),
]);

const someLimit = ({ dollars: money, calls, minutes }: { dollars?: unknown; calls?: unknown; minutes?: unknown }) =>
  money !== undefined || calls !== undefined || minutes !== undefined;
export const newBudget = z
  .object({
    dollars: dollars.optional(),
    calls: z.number().int().min(0).max(100_000_000).optional().describe('Of models'),
    minutes: z.number().min(0).max(1_000_000).optional(),
  })
  .refine(someLimit, 'at least one of dollars, calls and minutes')
  .describe('For search and comparison together; it ends at the first that is spent');
export const optimizationBudget = z.object({
  costNanoUsd: nanoUsd.nullable(),
  calls: z.number().nullable(),
  minutes: z.number().nullable(),
});

const seed = z.number().int().min(-2_147_483_648).max(2_147_483_647).default(0);
const concurrency = z.number().int().min(1).max(64).default(8).describe('Runs under way at one time');
const name = z.string().trim().max(200).default('').describe('Left out: that of the program');

export const newOptimization = z.object({
  name,
  program: z.string().min(1).max(300).describe('A registered program or prompt: `name@alias` or `name@version`'),
  model: z.string().min(1).max(300).optional().describe('What is asked; left out: as the program says'),
  proposer: z.string().min(1).max(300).optional().describe('Writes instructions; left out: `model`'),
  dataset: z
    .string()
    .min(1)
    .describe('Rows of the split `validation` choose, those of `test` are held out, all others train'),
  version: z
    .union([z.number().int().positive(), z.string().min(1).max(100)])
    .optional()
    .describe('Its number or its name; left out: the head, a changed draft is frozen first'),
  scorers: z.array(scorer).min(1).max(20).default(['exact']).describe('Their mean is what is made larger'),
  optimizer: optimizer.default({ name: 'random-search' }),
  budget: newBudget,
  seed,
  concurrency,
});

export const optimizationEstimate = z.object({
  program: z.string(),
  model: z.string(),
  rows: z.object({ train: z.number(), validation: z.number(), heldOut: z.number() }),
  calls: z.number().nullable().describe('That the budget comes to at most; null: no price is known to tell it by'),
  costNanoUsd: nanoUsd.nullable().describe('That the budget comes to at most; null: no price is known'),
  callNanoUsd: nanoUsd.nullable().describe('Of one call of the model, by list price'),
  judges: z.array(
    z.object({
      scorer: z.string(),
      calls: z.number().describe('Calls of models that it makes for one answer'),
      nanoUsd: nanoUsd.nullable().describe('What these cost; they stand beside the budget'),
    }),
  ),
});

const spend = z.object({
  costNanoUsd: nanoUsd.nullable().describe('null: the price of some calls is not known'),
  calls: z.number(),
});
const headlineScore = z.object({
  start: z.number().nullable().describe('Of the program as it was, on the rows that candidates are chosen by'),
  best: z.number().nullable().describe('Of the best candidate, on the same rows'),
  heldOutStart: z.number().nullable().describe('Of the program as it was, on rows that no search has seen'),
  heldOut: z.number().nullable().describe('Of the best candidate, on the same'),
});
export const publishedVersion = z.object({
  name: z.string(),
  version: z.number(),
  alias: z.string().nullable().describe('That leads to it now'),
});

export const optimizationRow = z.object({
  id: z.string(),
  name: z.string(),
  place: z.enum(['server', 'client']).describe('`client`: it runs where its code is, and tells how far it is'),
  program: z.string().describe('`name@version`; of code what it is called there'),
  registered: z.object({ name: z.string(), version: z.number() }).nullable().describe('null: code'),
  model: z.string(),
  dataset: z.string().nullable(),
  datasetVersion: z.number().nullable(),
  optimizer: z.object({ name: z.string(), options: jsonObject }),
  state: optimizationState,
  error: z.string().nullable().describe('Why it failed'),
  createdAt: isoTime,
  startedAt: isoTime.nullable(),
  finishedAt: isoTime.nullable(),
  heardAt: isoTime
    .nullable()
    .describe('When the client that runs it last told of it, every few seconds; null: a server does'),
  author: z.string(),
  score: headlineScore,
  spend,
  verdict: optimizationVerdict.nullable().describe('null: it has not ended'),
  published: publishedVersion.nullable(),
});
export const optimizationPage = page(optimizationRow);
export const optimizationQuery = pageQuery.extend({
  state: optimizationState.optional(),
  program: z.string().optional().describe('A registered name, of any version'),
  dataset: z.string().optional(),
});

const spent = spend.extend({
  tokens: z.object({ input: z.number(), output: z.number() }).nullable().describe('null: those of some are not known'),
  minutes: z.number(),
});
const measured = z.object({
  value: z.number().describe('The mean score, 0 to 1'),
  low: z.number().nullable().describe('95 % interval; null: too few rows'),
  high: z.number().nullable(),
  rows: z.number(),
});

/** What a search says of a candidate; what is tuned in it is asked for by its id. */
export const optimizationCandidate = z.object({
  id: z.string(),
  n: z.number().describe('0: the program as it was; the others in the order in which they came'),
  by: z.string().describe('What made it, for example `bootstrap` or `merge`'),
  parents: z.array(z.string()).describe('Candidates, by id'),
  changed: z.array(z.string()).describe('What differs from its first parent: `path instructions`, `path demos`'),
  score: measured.nullable().describe('On all rows that candidates are chosen by'),
  minibatch: measured.nullable().describe('On a part of them, the last time'),
  calls: z.number().describe('That scoring it took'),
  costNanoUsd: nanoUsd.nullable(),
  latencyMs: z.number().nullable().describe('Mean of a run'),
});

const demo = z.object({
  values: jsonObject.describe('Of its fields by name'),
  augmented: z.boolean().optional().describe('Made by running the program'),
  traceId: z.string().optional().describe('The trace that it came from'),
});
const tunables = z.object({
  instructions: z.string().optional(),
  fields: z
    .record(z.string(), z.object({ description: z.string().optional(), prefix: z.string().optional() }))
    .optional(),
  demos: z.array(demo).optional(),
  model: z.string().nullable().optional(),
  parameters: jsonObject.optional(),
  thresholds: z.record(z.string(), z.number()).optional(),
});
const instances = z.record(z.string(), tunables).describe('By the path of the predictor; an empty one: the only one');
export const optimizationCandidateDetail = optimizationCandidate.extend({
  instances,
  parent: instances.nullable().describe('Its first parent; null: it is the program as it was'),
  start: instances.describe('The program as it was'),
});

const side = z.object({
  id: z.string(),
  rows: z.number(),
  failures: z.number(),
  spent,
});
export const optimizationReport = z.object({
  verdict: optimizationVerdict,
  sentence: z.string().describe('For people'),
  stopped: z.object({
    reason: z.enum(['done', 'budget', 'price_unknown', 'failing', 'called_off']),
    message: z.string(),
  }),
  rows: z.object({
    train: z.number(),
    validation: z.number(),
    heldOut: z.number(),
    compared: z.number(),
    overlapping: z.number().describe('Left out of the search, since one with the same input is held out'),
  }),
  before: side.describe('The program as it was, on rows held out'),
  after: side.nullable().describe('The best candidate; null: nothing else was found, or it was not compared'),
  comparison: z
    .array(pairedResult.omit({ runId: true }))
    .nullable()
    .describe('B, the best candidate, against A, the program as it was: `score`, `latency` (s), `cost` (dollars)'),
  spent: z.object({ search: spent, comparison: spent, total: spent }),
  failures: z.object({ answer: z.number(), call: z.number(), metric: z.number(), first: z.string().nullable() }),
});

export const optimizationPhase = z
  .enum(['measuring', 'searching', 'comparing'])
  .describe('`measuring`: the program as it was runs on rows held out; `comparing`: the best candidate does');
const point = z.object({
  calls: z.number(),
  costNanoUsd: nanoUsd.nullable(),
  minutes: z.number(),
  score: z.number().describe('Of the candidate that was scored then'),
  best: z.number().describe('The best so far'),
  candidateId: z.string(),
});

export const optimization = optimizationRow.extend({
  proposer: z.string().nullable(),
  scorers: z.array(z.string()).describe('Labels; none: a function of the client'),
  seed: z.number(),
  concurrency: z.number(),
  turn: z.number().describe('How often it was resumed'),
  budget: optimizationBudget,
  share: share.describe('Of the budget that is spent'),
  etaSeconds: z.number().nullable().describe('At most so long at the rate so far; null: not known, or ended'),
  phase: optimizationPhase.nullable().describe('null: it does not run'),
  rows: z.object({ train: z.number(), validation: z.number(), heldOut: z.number() }).nullable(),
  spend: spent,
  points: z.array(point).describe('Score against spend, in the order in which it was; at most 400'),
  candidates: z.array(optimizationCandidate).describe('The program as it was first; at most 1000'),
  bestId: z.string().nullable().describe('The candidate with the best score'),
  front: z
    .object({
      rows: z.number().describe('How many rows there are'),
      members: z.array(
        z.object({
          id: z.string(),
          score: z.number(),
          leads: z.array(z.number()).describe('The rows that none is better on, by their places from 0'),
        }),
      ),
    })
    .nullable()
    .describe('Candidates that are the best on some row (GEPA); null: the optimizer keeps none'),
  failures: z.object({ answer: z.number(), call: z.number(), metric: z.number(), first: z.string().nullable() }),
  report: optimizationReport.nullable(),
  isPublishable: z.boolean().describe('Whether there is a gain, and it is data that the server can run'),
  madeFrom: z.array(z.string()),
});

export const resumeOptimization = z.object({
  budget: newBudget.optional().describe('Another budget, for all of it; left out: as it was'),
  here: z.boolean().default(false).describe('The caller runs it: of one that runs where its code is'),
});
export const publishOptimization = z.object({
  name: modelName.optional().describe('Of the model; left out: that of the program'),
  alias: aliasName.nullable().default(null).describe('To be led to the version'),
  breaking: z.boolean().default(false).describe('Lead it there although callers may fail, because they are ready'),
  message: z.string().max(1000).optional().describe('Left out: what the comparison says'),
});
export const publishedOptimization = z.object({
  published: publishedVersion,
  heldBack: z
    .object({
      code: z.string(),
      message: z.string(),
      hint: z.string(),
      breaking: z.array(z.string()).describe('Why its callers may fail; then asking again with `breaking` moves it'),
    })
    .nullable()
    .describe('Why the alias was not moved, by its rule or for its callers; the version is published'),
});

/** An optimization that runs where its code is. */
export const recordedOptimization = z.object({
  name,
  program: z.string().min(1).max(300).describe('`name@version`, or what the code is called'),
  registered: z
    .object({ name: z.string().min(1).max(100), version: z.number().int().positive() })
    .nullable()
    .default(null),
  model: z.string().min(1).max(300),
  proposer: z.string().min(1).max(300).nullable().default(null),
  dataset: z.string().max(100).nullable().default(null),
  datasetVersion: z.number().int().positive().nullable().default(null),
  scorers: z.array(z.string().min(1).max(20_000)).max(50).default([]),
  optimizer: z.object({ name: z.string().min(1).max(100), options: jsonObject }),
  budget: newBudget,
  seed,
  concurrency,
});

const entry = { turn: z.number().int().min(0) };
const progress = z.object({
  phase: optimizationPhase.nullable(),
  rows: z.object({ train: z.number(), validation: z.number(), heldOut: z.number() }).nullable(),
  spend: spent,
  points: z.array(point).max(400),
  scores: z
    .record(
      z.string(),
      optimizationCandidate.pick({ score: true, minibatch: true, calls: true, costNanoUsd: true, latencyMs: true }),
    )
    .describe('By candidate'),
  front: optimization.shape.front,
  failures: optimization.shape.failures,
  startId: z.string().nullable(),
  bestId: z.string().nullable(),
});
export const optimizationProgress = z.object({
  ...entry,
  progress,
  candidates: z
    .array(optimizationCandidate.pick({ id: true, by: true, parents: true, changed: true }).extend({ instances }))
    .max(1000)
    .describe('Those that were not told before; one that was is left as it is'),
});
export const acceptedProgress = z.object({
  goesOn: z.boolean().describe('false: it was stopped, resumed elsewhere or removed'),
  state: optimizationState.nullable(),
});
export const finishedOptimization = z.object({
  ...entry,
  state: z.enum(['done', 'stopped', 'failed']),
  error: z.string().max(2000).nullable().default(null),
  report: optimizationReport.nullable(),
  definition: z
    .record(z.string(), json)
    .nullable()
    .default(null)
    .describe('What a version of the result would be; null: it holds code'),
  madeFrom: z.array(z.string().max(300)).max(100).default([]),
});
