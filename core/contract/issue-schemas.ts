import { z } from 'zod';
import { issueSignals, issueStates } from '../records/index.ts';
import { isoTime, page, pageQuery } from './schemas.ts';

/** Days of the small chart. */
export const issueDays = 14;

const signal = z
  .enum(issueSignals)
  .describe(
    '`error`: the trace ended in one; `handled`: a step failed and the trace went on; `refusal`: the model would not answer; `score`: it is said to be bad',
  );

export const issueQuery = pageQuery.extend({
  state: z
    .enum(['open', ...issueStates])
    .optional()
    .describe('`open`: all that are not resolved'),
  signal: signal.optional(),
  model: z.string().optional().describe('The name of a registered model'),
  assignee: z.string().optional(),
});

const resolution = z.object({
  at: isoTime,
  by: z.string(),
  versions: z
    .record(z.string(), z.number())
    .nullable()
    .describe('Of these models only later versions bring it back; null: any call that began later'),
});

export const issue = z.object({
  id: z.string(),
  title: z.string().describe('The error and its message; of bad answers what was asked'),
  signal,
  state: z.enum(issueStates),
  isBlocker: z.boolean().describe('No alias of its models moves on, and no release of them starts, while it is open'),
  assignee: z.string().nullable(),
  models: z.array(z.string()).describe('Registered models that it was seen in'),
  firstSeen: isoTime,
  lastSeen: isoTime,
  resolution: resolution.nullable(),
  regressedAt: isoTime.nullable(),
  traces: z.number(),
  users: z.number(),
  days: z.array(z.number()).describe(`Traces of each of the last ${issueDays} days of UTC, the last is today`),
});
export const issuePage = page(issue);

const group = z.object({
  id: z.string(),
  signal,
  what: z.string().describe('The type of the error, why the model stopped, or the name of the score'),
  step: z.string().describe('The name of the span that failed first; empty: of the whole trace'),
  model: z.string(),
  text: z.string().describe('Of the first: the message of the error without what changes, or what was asked'),
  isFirst: z.boolean().describe('Whether the issue began with it; others were put into it, and can be taken out'),
});

export const issueDetail = issue.extend({
  q: z.string().describe('A filter that finds traces that fail in this way, and perhaps a few others'),
  groups: z.array(group).describe('Alike failures of one cause; the first 50'),
  versions: z.array(z.object({ model: z.string(), number: z.number(), traces: z.number() })),
  events: z
    .array(
      z.object({
        id: z.string(),
        at: isoTime,
        by: z.string().describe('`wheelhouse` where nobody did it'),
        kind: z.enum(['opened', 'regressed', 'state', 'assigned', 'blocker', 'note', 'merged', 'split']),
        text: z.string(),
      }),
    )
    .describe('Newest first; the latest 200'),
});

export const issueChange = z
  .strictObject({
    state: z.enum(['known', 'resolved']).optional(),
    from: z
      .enum(['later_version', 'now'])
      .optional()
      .describe(
        'Of `resolved`: what brings it back. Left out: a later version of its models where it was seen in registered ones, else any call that begins later',
      ),
    assignee: z.string().trim().min(1).max(200).nullable().optional(),
    isBlocker: z.boolean().optional(),
    note: z.string().trim().min(1).max(4000).optional(),
  })
  .superRefine(({ state, from }, context) => {
    if (from !== undefined && state !== 'resolved')
      context.addIssue({ code: 'custom', path: ['from'], message: 'from goes with the state resolved' });
  });

export const issueMerge = z.strictObject({ into: z.string().describe('The issue that takes it in') });
export const issueSplit = z.strictObject({ group: z.string().describe('Becomes an issue of its own again') });

export const issueTrace = z.object({
  traceId: z.string(),
  spanId: z.string().nullable().describe('The span that failed; null: the trace as a whole'),
  at: isoTime,
  user: z.string().nullable(),
  model: z.string().nullable().describe('`name@version` of the registered model'),
});
export const issueTracePage = page(issueTrace);

const badScoreRule = z.discriminatedUnion('bad', [
  z.strictObject({ bad: z.enum(['below', 'above']), value: z.number() }),
  z.strictObject({ bad: z.enum(['true', 'false', 'never']) }),
  z.strictObject({ bad: z.literal('one_of'), values: z.array(z.string().min(1).max(1000)).min(1).max(100) }),
]);
export const newBadScore = z.strictObject({ rule: badScoreRule });
export const badScoreList = z.object({
  data: z.array(
    z.object({
      name: z.string(),
      rule: badScoreRule.nullable().describe('What was said for the name; null: as is usual'),
      usual: badScoreRule.nullable().describe('What is bad unless somebody says otherwise; null: nothing is'),
      suggested: badScoreRule
        .nullable()
        .describe('What may be meant, by the values that came; null: nothing can be told, or it is usual'),
      seen: z
        .object({
          count: z.number(),
          least: z.number().nullable().describe('Of the numbers'),
          most: z.number().nullable(),
          labels: z.array(z.string()),
        })
        .describe('Of the last 30 days'),
      setBy: z.string().nullable(),
      setAt: isoTime.nullable(),
    }),
  ),
});
