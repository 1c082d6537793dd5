import { z } from 'zod';
import { pipelineRunStates, pipelineStepKinds, pipelineTriggerKinds } from '../records/index.ts';
import { dollars } from './control-schemas.ts';
import { datasetName } from './dataset-schemas.ts';
import { aliasName, modelName } from './model-schemas.ts';
import { newBudget, optimizer } from './optimization-schemas.ts';
import { newRelease } from './release-schemas.ts';
import { isoTime, limit, nameText, nanoUsd, page, pageQuery } from './schemas.ts';
import { scorer } from './scorer-schemas.ts';

/** How better versions are made and released, again and again. */

export const pipelineName = nameText('A pipeline name');
const text = (most: number) => z.string().trim().min(1).max(most);
const label = text(100);

const trigger = z.discriminatedUnion('on', [
  z.strictObject({ on: z.literal('schedule'), cron: text(100).describe('Five fields in UTC: `0 3 * * mon`') }),
  z.strictObject({ on: z.literal('alert'), monitor: label.describe('When an alert of it opens, of drift as well') }),
  z.strictObject({
    on: z.literal('labels'),
    queue: label,
    count: z
      .number()
      .int()
      .min(1)
      .max(1_000_000)
      .describe('Items of the review queue that were labelled since the last time'),
  }),
  z.strictObject({ on: z.literal('rolled_back') }).describe('When a release of the alias is rolled back'),
  z.strictObject({ on: z.literal('deprecated') }).describe('When the base model behind the alias is called deprecated'),
]);

const name = label
  .regex(/^[a-z0-9][a-z0-9_-]*$/, 'A name of a step takes a-z 0-9 _ -')
  .optional()
  .describe('Left out: what it does');
const dataset = datasetName.nullable().default(null).describe('Its newest version; left out: of the step before');
const concurrency = z.number().int().min(1).max(64).default(8);
const scorers = z.array(scorer).min(1).max(20).default(['exact']);
const rowFilter = z.strictObject({
  split: label.nullable().default(null),
  tag: label.nullable().default(null),
  first: z.number().int().positive().nullable().default(null),
});

const step = z.discriminatedUnion('do', [
  z
    .strictObject({
      do: z.literal('dataset'),
      name,
      dataset: datasetName,
      from: z.enum(['draft', 'recipe']).default('draft').describe('`draft`: it is frozen; `recipe`: it is made again'),
      queue: label
        .nullable()
        .default(null)
        .describe('What people corrected in this review queue goes into the draft before'),
      least: z.number().int().min(1).max(10_000_000).default(1).describe('With fewer rows the run is held back'),
    })
    .describe('The next version of a dataset'),
  z
    .strictObject({
      do: z.literal('optimize'),
      name,
      dataset,
      model: text(300).nullable().default(null).describe('What is asked; left out: as the program says'),
      proposer: text(300).nullable().default(null),
      scorers,
      optimizer: optimizer.default({ name: 'random-search' }),
      budget: newBudget,
      seed: z.number().int().min(-2_147_483_648).max(2_147_483_647).default(0),
      concurrency,
    })
    .describe('Search for better instructions and examples, compared on rows that are held out'),
  z
    .strictObject({
      do: z.literal('publish'),
      name,
      alias: aliasName.nullable().default(null).describe('To be led to the version besides, such as `staging`'),
      breaking: z.boolean().default(false).describe('Lead it there although its callers may fail'),
    })
    .describe('What the optimization found becomes a version, the candidate of the steps behind it'),
  z
    .strictObject({
      do: z.literal('evaluate'),
      name,
      dataset,
      rows: rowFilter.prefault({}),
      scorers,
      gates: z
        .array(text(500))
        .max(50)
        .default([])
        .describe('As of evaluations: `exact >= baseline - 2pp`; each has to hold'),
      repetitions: z.number().int().min(1).max(50).default(1),
      concurrency,
    })
    .describe('The candidate against the version that the alias was at when the run began'),
  z
    .strictObject({
      do: z.literal('approve'),
      name,
      role: z.enum(['editor', 'admin', 'owner']).default('admin').describe('Who may say yes'),
      hours: z.number().min(0.001).max(8_760).default(72).describe('No answer by then is a no'),
      note: z.string().max(1_000).default('').describe('What they are asked to look at'),
    })
    .describe('A person says yes'),
  z
    .strictObject({
      do: z.literal('release'),
      name,
      ...newRelease.pick({
        share: true,
        allocation: true,
        sticky: true,
        risks: true,
        minimum: true,
        promotesItself: true,
        breaking: true,
        examples: true,
      }).shape,
      steps: newRelease.shape.steps.unwrap().nullable().default(null),
      rails: newRelease.shape.rails.unwrap().nullable().default(null),
    })
    .describe('The candidate gets a share of the alias; done when it is promoted'),
]);

export const newPipeline = z
  .strictObject({
    description: z.string().max(2_000).default(''),
    model: modelName,
    alias: aliasName.default('production'),
    candidate: z
      .union([z.number().int().positive().transform(String), label])
      .nullable()
      .default(null)
      .describe('An alias or a version to be judged; left out: the one that is published on the way'),
    budget: dollars.nullable().default(null).describe('Dollars that a run may cost'),
    restHours: z
      .number()
      .min(0)
      .max(8_760)
      .default(1)
      .describe('Between the end of a run and the next one that nobody starts by hand'),
    triggers: z.array(trigger).max(20).default([]).describe('What starts a run besides people'),
    steps: z.array(step).min(1).max(20),
  })
  .describe('Each step takes what it needs of those before it');

const cause = z.object({ kind: z.enum([...pipelineTriggerKinds, 'hand']), sentence: z.string() });
const runState = z
  .enum(pipelineRunStates)
  .describe('`asks`: somebody has to say yes; `held_back`: a gate, a person or a release said no');

const stepRun = z.object({
  name: z.string(),
  do: z.enum(pipelineStepKinds),
  state: z.enum(['to_do', 'running', 'asks', 'done', 'held_back', 'failed', 'stopped']),
  attempts: z.number().describe('How often it was tried'),
  sentence: z.string().describe('What there is to say of it now'),
  output: z.object({
    dataset: z.object({ name: z.string(), version: z.number(), rows: z.number() }).optional(),
    job: z.string().optional(),
    optimization: z.string().optional(),
    evaluation: z.string().optional(),
    version: z.number().optional(),
    release: z.string().optional(),
    breaking: z
      .array(z.string())
      .optional()
      .describe('Of an approval: why callers may fail with what is released behind it; then a yes takes `breaking`'),
  }),
  progress: z.object({ done: z.number(), total: z.number() }).nullable(),
  etaSeconds: z.number().nullable(),
  costNanoUsd: nanoUsd,
  startedAt: isoTime.nullable(),
  endedAt: isoTime.nullable(),
  decision: z
    .object({ yes: z.boolean(), by: z.string(), note: z.string(), at: isoTime, breaking: z.boolean().optional() })
    .nullable(),
  until: isoTime.nullable().describe('Of an approval: when no answer is a no'),
});

const definition = newPipeline.extend({
  candidate: z.string().nullable(),
  budget: z.string().nullable(),
  steps: z.array(z.looseObject({ do: z.enum(pipelineStepKinds), name: z.string() })),
});

export const pipelineRun = z.object({
  id: z.string(),
  pipeline: z.string(),
  number: z.number().describe('Counts the runs of the pipeline'),
  state: runState,
  cause,
  definition: definition.describe('As it was when the run began'),
  actsAs: z.string().describe('In whose name it acts'),
  baseline: z.number().nullable().describe('The version that the alias was at when it began'),
  candidate: z.number().nullable().describe('The version that is judged; null: none yet'),
  steps: z.array(stepRun),
  sentence: z.string().describe('Why it ended, or what it does'),
  stopping: z.object({ by: z.string(), reason: z.string() }).nullable(),
  costNanoUsd: nanoUsd,
  mayDecide: z.boolean().describe('Whether whoever asks may say yes or no to what it asks'),
  startedAt: isoTime,
  endedAt: isoTime.nullable(),
});
export const pipelineRunPage = page(pipelineRun);
export const pipelineRunQuery = pageQuery.extend({
  pipeline: z.string().optional(),
  state: z.enum(pipelineRunStates).optional(),
});

export const pipeline = z.object({
  name: z.string(),
  definition,
  appliedBy: z.string().describe('In whose name runs act that nobody starts by hand'),
  createdAt: isoTime,
  changedAt: isoTime,
  pending: cause
    .nullable()
    .describe('What starts the next run, as soon as the one under way has ended and its rest is over'),
  nextAt: isoTime.nullable().describe('When its schedule starts one next'),
  newest: pipelineRun.nullable().describe('The newest run'),
});
export const pipelinePage = page(pipeline);
export const pipelineQuery = z.object({ limit, cursor: z.string().optional() });

export const setPipelineQuery = z.object({
  known: z
    .string()
    .max(40)
    .optional()
    .describe('Its `changedAt` as you know it, or `none`; where it is another by now, nothing is changed (`conflict`)'),
});

export const plannedPipeline = z.object({
  definition,
  baseline: z.number().nullable().describe('The version that the alias is at; null: a run would not begin'),
  steps: z.array(
    z.object({
      name: z.string(),
      do: z.enum(pipelineStepKinds),
      sentence: z.string().describe('What it would do now'),
      problem: z.string().nullable().describe('Why it would say no now; null: nothing is known to hold it back'),
    }),
  ),
  nextAt: isoTime.nullable().describe('When its schedule would start it next'),
});

export const pipelineReason = z.strictObject({ reason: z.string().max(1_000).default('') });
export const pipelineDecision = z.strictObject({
  yes: z.boolean(),
  step: label.describe('The step that asks, so that nobody decides about another one'),
  breaking: z.boolean().default(false).describe('Yes although callers may fail, because they are ready'),
  note: z.string().max(1_000).default(''),
});
