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

const breaking = z
  .boolean()
  .default(false)
  .describe('Start it although callers of the incumbent may fail with the candidate, because they are ready');

const releaseExamples = z.object({
  dataset: z
    .string()
    .min(1)
    .describe('A dataset that is there: rows go to its draft when the candidate is rolled back'),
});

const shadow = z
  .object({
    budgetNanoUsd: integer
      .nullable()
      .default(null)
      .describe('What its answers may cost in all; null: no bound of its own'),
    outside: z
      .boolean()
      .default(false)
      .describe('Ask it although it calls APIs or code, which do what they do once more for each call that is copied'),
  })
  .describe('The candidate answers nobody: it is asked the same, after the answer went out');

const releaseSteps = z
  .array(z.object({ share, after: z.number().int().min(0) }))
  .min(1)
  .max(10)
  .optional()
  .describe('Shares that grow: each from so many calls, users or sessions of the candidate on; the first from 0');

const allocation = z
  .object({ floor: share.default(0.1), ceiling: share.default(0.9) })
  .describe('The share moves between these by how likely it is that nothing is lost; `share` is where it begins');

export const newRelease = z.object({
  model: z.string(),
  alias: aliasName.default('production'),
  candidate: z.number().int().positive().describe('The version that is to take the alias over'),
  shadow: shadow.nullable().default(null).describe('Only listen; null: it answers its share of the calls'),
  share: share.default(0.1).describe('Of the traffic, when `steps` are left out'),
  steps: releaseSteps,
  allocation: allocation.nullable().default(null).describe('Left out: the share stays, or grows by `steps`'),
  sticky: z
    .enum(stickyKinds)
    .default('user')
    .describe('Who keeps the version that they got, and counts once; a call that names nobody stands for itself'),
  rails: z.array(rail).max(10).optional().describe('What must not become worse; left out: by what the incumbent did'),
  risks: risks.prefault({}),
  minimum: z.number().int().min(10).max(100_000).default(50).describe('Values of each rail before a promotion'),
  promotesItself: z.boolean().default(false).describe('Move the alias when nothing is worse, without asking'),
  breaking,
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
  state: z.enum(releaseStates).describe('`stopped`: somebody moved the alias while it ran, or it went on as another'),
  share: z.number(),
  shadow: z.object({ budgetNanoUsd: z.string().nullable(), outside: z.boolean() }).nullable(),
  copies: z
    .object({
      drawn: z.number().describe('Calls that were to be copied'),
      answered: z.number().describe('Copies that are compared, or will be; the others were let go'),
      costNanoUsd: z.string().describe('What all copies cost'),
    })
    .nullable()
    .describe('Of a release that only listens; null: it does not, or nothing was looked at yet'),
  sticky: z.enum(stickyKinds),
  steps: z.array(z.object({ share: z.number(), after: z.number() })),
  allocation: z.object({ floor: z.number(), ceiling: z.number() }).nullable(),
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
  shares: z
    .array(
      z.object({
        calls: z.number().describe('Calls, users or sessions of the candidate that had been seen'),
        share: z.number(),
        chance: z.number().describe('How likely it is that the rail loses less than half of what matters'),
        rail: z.string().nullable().describe('The one that loses likeliest; null: nothing is watched'),
      }),
    )
    .describe('Each time that a share which moves was decided, oldest first'),
  decidedNext: z
    .number()
    .nullable()
    .describe('At so many calls, users or sessions of the candidate it is decided again; null: it does not move'),
});

export const releaseCanary = z.object({
  share: share.default(0.1),
  steps: releaseSteps,
  allocation: allocation.nullable().default(null),
  promotesItself: z.boolean().default(false),
  breaking,
  examples: releaseExamples.nullable().default(null),
  message: z.string().max(1_000).default(''),
});

export const releaseAnswers = z.object({
  counts: z.object({
    same: z.number(),
    changed: z.number(),
    fails: z.number().describe('The incumbent answered, the candidate failed'),
    recovers: z.number(),
    both_fail: z.number(),
  }),
  alike: z
    .number()
    .nullable()
    .describe('How alike the words of both are, on average; null: no call was answered by both'),
  gone: z.array(z.string()).describe('Members of JSON answers that the candidate has in none'),
  added: z.array(z.string()),
  data: z
    .array(
      z.object({
        kind: z.enum(['same', 'changed', 'fails', 'recovers', 'both_fail']),
        alike: z.number().nullable(),
        input: json,
        incumbent: z.object({ traceId: z.string(), output: z.string().nullable() }),
        candidate: z.object({ traceId: z.string(), output: z.string().nullable() }),
      }),
    )
    .describe('What differs most first'),
});

export const releaseEnd = z.object({ reason: z.string().max(1_000).default('') });
