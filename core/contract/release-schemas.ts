import { z } from 'zod';
import { releaseStates, stickyKinds, verdicts } from '../records/index.ts';
import { aliasName } from './model-schemas.ts';
import { isoTime, json, page, pageQuery } from './schemas.ts';

/** Versions on their way to an alias. */

const share = z.number().gt(0).lt(1);
const integer = z.string().regex(/^\d{1,18}$/, 'Takes a whole number as text');
const railName = z.string().trim().min(1).max(100);
const effect = z
  .number()
  .gt(0)
  .max(0.5)
  .describe('The smallest loss that matters, as a part of the whole range: 0.05 are 5 percentage points');

const rail = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('quality'),
    name: railName,
    score: railName.describe('The name of the scores'),
    low: z.number().default(0).describe('The worst score; lower ones count as much'),
    high: z.number().default(1).describe('The best'),
    effect,
  }),
  z.object({
    kind: z.literal('latency'),
    name: railName,
    slowNs: integer.describe('Calls that take longer are slow, in nanoseconds'),
    effect,
  }),
  z.object({
    kind: z.literal('cost'),
    name: railName,
    capNanoUsd: integer.describe('Calls that cost more count as much, in nano-dollars'),
    effect,
  }),
  z.object({ kind: z.literal('errors'), name: railName, effect }),
  z.object({ kind: z.literal('refusals'), name: railName, effect }),
]);

const risk = z.number().gt(0).max(0.5);
const risks = z.object({
  falseRollback: risk.default(0.05).describe('How often one is rolled back that loses nothing'),
  missedRegression: risk.default(0.05).describe('How often one is promoted that loses an effect or more'),
});

const releaseExamples = z.object({
  dataset: z
    .string()
    .min(1)
    .describe('A dataset that is there: rows go to its draft when the candidate is rolled back'),
});

export const newRelease = z.object({
  model: z.string(),
  alias: aliasName.default('production'),
  candidate: z.number().int().positive().describe('The version that is to take the alias over'),
  share: share.default(0.1).describe('Of the traffic, when `steps` are left out'),
  steps: z
    .array(z.object({ share, after: z.number().int().min(0) }))
    .min(1)
    .max(10)
    .optional()
    .describe('Shares that grow: each from so many calls, users or sessions of the candidate on; the first from 0'),
  sticky: z
    .enum(stickyKinds)
    .default('user')
    .describe('Who keeps the version that they got, and counts once; a call that names nobody stands for itself'),
  rails: z.array(rail).max(10).optional().describe('What must not become worse; left out: by what the incumbent did'),
  risks: risks.prefault({}),
  minimum: z.number().int().min(10).max(100_000).default(50).describe('Values of each rail before a promotion'),
  promotesItself: z.boolean().default(false).describe('Move the alias when nothing is worse, without asking'),
  message: z.string().max(1_000).default(''),
  examples: releaseExamples.nullable().default(null).describe('Where calls that failed become draft examples'),
});

export const plannedRelease = z.object({
  incumbent: z.number(),
  candidate: z.number(),
  steps: z.array(z.object({ share: z.number(), after: z.number() })),
  rails: z.array(rail),
  without: z.array(z.string()).describe('What is not watched, and why'),
  breaking: z.array(z.string()).describe('Why callers of the incumbent may fail with the candidate'),
});

const seen = z.object({ count: z.number(), mean: z.number().nullable() });
const interval = z
  .object({ low: z.number().nullable(), high: z.number().nullable() })
  .describe('Of the difference, whenever one looks; null: nothing is ruled out on that side');
const railReading = z.object({
  name: z.string(),
  kind: z.enum(['quality', 'latency', 'cost', 'errors', 'refusals']),
  state: z
    .enum(['too_few', 'open', 'held', 'broken'])
    .describe('`broken`: worse, beyond chance; `held`: not worse by the effect, beyond chance'),
  unit: z.enum(['share', 'score', 'nano_usd']),
  better: z.enum(['higher', 'lower']),
  incumbent: seen,
  candidate: seen,
  difference: z.number().nullable().describe('Candidate less incumbent'),
  interval,
  effect: z.number().describe('The smallest loss that matters, in the same unit'),
});

export const release = z.object({
  id: z.string(),
  model: z.string(),
  alias: z.string(),
  incumbent: z.number(),
  candidate: z.number(),
  state: z.enum(releaseStates).describe('`stopped`: somebody moved the alias while it ran'),
  share: z.number(),
  sticky: z.enum(stickyKinds),
  steps: z.array(z.object({ share: z.number(), after: z.number() })),
  rails: z.array(rail),
  risks: z.object({ falseRollback: z.number(), missedRegression: z.number() }),
  minimum: z.number(),
  promotesItself: z.boolean(),
  verdict: z
    .object({ verdict: z.enum(verdicts), sentence: z.string(), rails: z.array(railReading) })
    .nullable()
    .describe('The newest; null: nothing was looked at yet'),
  seenUntil: isoTime.describe('What arrived until then was looked at'),
  message: z.string(),
  startedBy: z.string(),
  startedAt: isoTime,
  endedBy: z.string().nullable(),
  endedAt: isoTime.nullable(),
  reason: z.string().nullable(),
  examples: releaseExamples.nullable(),
  drafts: z
    .object({
      dataset: z.string(),
      rows: z.number().describe('Rows that are in its draft by this release, tagged with its id'),
      refused: z.array(z.string()).describe('What did not become a row, and why; the first few'),
      at: isoTime,
    })
    .nullable()
    .describe('Calls that failed, as draft examples; null: none were asked for, or they are on their way'),
});
export const releasePage = page(release);
export const releaseQuery = pageQuery.extend({ model: z.string().optional(), state: z.enum(releaseStates).optional() });

export const releaseDetail = z.object({
  release,
  events: z
    .array(
      z.object({
        id: z.string(),
        at: isoTime,
        by: z.string(),
        kind: z.enum(['started', 'verdict', 'share', 'promoted', 'rolled_back', 'stopped', 'examples']),
        detail: z.record(z.string(), json),
      }),
    )
    .describe('What became of it, newest first'),
  track: z
    .array(
      z.object({
        at: isoTime,
        calls: z.object({ incumbent: z.number(), candidate: z.number() }),
        rails: z
          .array(
            z.object({
              count: z.number().describe('Values of the candidate'),
              difference: z.number().nullable(),
              interval,
            }),
          )
          .describe('In the order of the rails'),
      }),
    )
    .describe('How it stood at looks, evenly by how much was seen, oldest first; the newest look is the last'),
});

export const releaseEnd = z.object({ reason: z.string().max(1_000).default('') });
