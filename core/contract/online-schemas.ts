import { z } from 'zod';
import { onlineTargets, spanKinds } from '../records/index.ts';
import { dollars } from './control-schemas.ts';
import { corrected } from './review-schemas.ts';
import { instant, isoTime, nameText, nanoUsd, page } from './schemas.ts';
import { scorerResult } from './scorer-schemas.ts';
import { scorers, spanChoice } from './scoring-schemas.ts';

/** Names are of paths, so that handlers ask for them. */
export const onlineName = nameText('The name of an online evaluation');

const of = z
  .enum(onlineTargets)
  .default('traces')
  .describe(
    '`sessions`: their last answer, with what was said before, when they have been quiet for a while; `follow_ups`: whether the same was asked again soon after, as the scores `regenerated` and `rephrased`',
  );

const usualWait = 300;

export const newOnlineEvaluation = z
  .strictObject({
    of,
    q: z.string().max(4000).default('').describe('Which traces, in the filter language, without a time or a score'),
    span: spanChoice.prefault({}).describe('Of `spans`: which of them'),
    scorers: z.union([scorers, z.array(z.never()).length(0)]).default([]),
    sample: z.number().gt(0).max(1).default(1).describe('Share of those that fit; on every server the same ones'),
    budget: dollars
      .nullable()
      .default(null)
      .describe('Dollars of judges a day of UTC; what comes when they are spent is not scored'),
    waitSeconds: z
      .number()
      .int()
      .min(2)
      .max(86_400)
      .default(usualWait)
      .describe('Of `sessions`: so long they have to be quiet; of `follow_ups`: so soon after the same is asked again'),
  })
  .superRefine(({ of: target, scorers: given, span: { kind, name } }, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    if (target === 'follow_ups' && given.length > 0) refuse('scorers', 'follow_ups brings its own');
    if (target !== 'follow_ups' && given.length === 0) refuse('scorers', 'at least one scorer is needed');
    if (target !== 'spans' && (kind !== null || name !== null)) refuse('span', 'only spans are chosen by it');
  });

const counts = z.object({
  looked: z.number().describe('Traces, spans or sessions'),
  scored: z.number().describe('Scores that were given'),
  kept: z.number().describe('Scores that were there already'),
  failed: z.number().describe('Scores that could not be given, however often it was tried'),
  skipped: z.number().describe('Traces, spans or sessions that came when the budget was spent'),
  costNanoUsd: nanoUsd.describe('What judges cost'),
  unpriced: z.number().describe('Scores whose judge has no known price; the budget does not hold these'),
});

export const onlineEvaluation = z.object({
  id: z.string(),
  name: z.string(),
  version: z.number().describe('Grows with each change; scores say by which they were given'),
  of: z.enum(onlineTargets),
  q: z.string(),
  span: z.object({ kind: z.enum(spanKinds).nullable(), name: z.string().nullable() }),
  scorers: z.array(z.object({ name: z.string(), label: z.string() })),
  sample: z.number(),
  budgetNanoUsd: nanoUsd.nullable(),
  waitSeconds: z.number(),
  state: z
    .enum(['on', 'paused', 'spent', 'failing'])
    .describe('`spent`: until the next day; `failing`: no judge answers, and what arrives waits'),
  sentence: z.string().describe('The state in words'),
  lookedAt: isoTime.nullable().describe('null: not yet'),
  seenUntil: isoTime.describe('What arrived until then was looked at'),
  lastScoreAt: isoTime.nullable(),
  failingSince: isoTime.nullable(),
  problem: z.string().nullable().describe('Why the last look failed'),
  day: z.string().describe('The day of UTC that `today` counts'),
  today: counts,
  total: counts,
  waiting: z.number().describe('Some that could not be scored, and are tried again'),
  problems: z
    .array(z.object({ target: z.string(), scorer: z.string(), error: z.string(), at: isoTime }))
    .describe('Some of what could not be scored, and why'),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const onlineEvaluationPage = page(onlineEvaluation);

export const onlineTry = z.object({
  looked: z.number().describe('Of the newest that fit, so many were scored'),
  perDay: z.number().describe('So many of the last 24 hours fit, the sample taken'),
  costNanoUsd: nanoUsd.nullable().describe('What trying cost; null: no price is known'),
  perDayNanoUsd: nanoUsd.nullable().describe('What a day like the last would cost; null: no price is known'),
  rows: z.array(
    z.object({
      traceId: z.string().nullable(),
      spanId: z.string().nullable(),
      sessionId: z.string().nullable(),
      input: z.string().describe('Its beginning'),
      output: z.string().describe('Its beginning'),
      scores: z.array(z.object({ name: z.string(), result: scorerResult })),
    }),
  ),
});

export const onlineBackfill = z.strictObject({
  since: instant.optional().describe('Left out: all that is there'),
  most: z.number().int().min(1).max(100_000).default(1_000).describe('So many at most, newest first'),
  cap: dollars.nullable().default(null).describe('Dollars of judges at which it stops'),
});

const days = z.coerce.number().int().min(1).max(365).default(30);
const chosen = {
  scorer: z.string().max(100).optional().describe('The name of its scores; left out: the first judge’s'),
  queue: z.string().max(100).optional().describe('Where people label; left out: `check-` and the name'),
};
export const onlineCheckQuery = z.object({
  ...chosen,
  days: days.describe('Scores of so many days'),
  field: z.string().optional().describe('Of the queue’s form; left out: the first that can be compared'),
  within: z.coerce.number().gt(0).max(0.5).default(0.05).describe('Half the width that the interval should have'),
});
const suggestion = z.object({
  traceId: z.string(),
  value: z.number().describe('What the scorer said'),
  isQueued: z.boolean(),
});
export const onlineCheck = z.object({
  scorer: z.string(),
  queue: z.string(),
  field: z.string().nullable().describe('null: there is no such queue yet'),
  isDrawn: z.boolean().describe('Whether traces were drawn; until then these are the scores of the last days'),
  since: isoTime.describe('Scores that were given from then'),
  until: isoTime,
  score: corrected.extend({
    labelsWanted: z
      .number()
      .nullable()
      .describe('Labels in all for an interval of ± `within`; null: not with these traces, or too few to tell'),
  }),
  suggestions: z
    .array(suggestion)
    .describe('The next to label: drawn by chance, those more often of which the scorer is in doubt'),
});

export const newOnlineLabels = z.strictObject({
  ...chosen,
  days: z.number().int().min(1).max(365).default(30).describe('Of scores of so many days'),
  count: z.number().int().min(1).max(500).default(30).describe('So many more'),
  anew: z
    .boolean()
    .default(false)
    .describe('From the scores of the last days, in the place of those that were drawn from before'),
});
export const onlineLabels = z.object({ queue: z.string(), added: z.number() });
