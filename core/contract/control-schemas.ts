import { z } from 'zod';
import { budgetPeriods, controlScopes } from '../records/index.ts';
import { isoTime, nanoUsd } from './schemas.ts';

const scope = z.enum(controlScopes).describe('`user`: an end user, as requests name one');
const subject = z
  .string()
  .trim()
  .min(1)
  .max(500)
  .optional()
  .describe('An id of the scope; `*`: each that has no row of its own. Not for `project`, which is the one asked for');

/** A sum beyond this is not counted exactly. */
const mostDollars = 9_000_000;
export const dollars = z
  .union([z.number(), z.string()])
  .transform((value) => (typeof value === 'number' ? value.toFixed(9) : value.trim()))
  .pipe(z.string().regex(/^\d{1,7}(\.\d{1,9})?$/, 'dollars, such as 25 or 0.50'))
  .refine((text) => Number(text) <= mostDollars, `at most ${mostDollars} dollars`);

export const budget = z.object({
  id: z.string(),
  scope,
  subject: z.string(),
  period: z.enum(budgetPeriods).describe('Begins at midnight UTC; a week on Monday'),
  amountNanoUsd: nanoUsd,
  hard: z.boolean().describe('true: a call that could pass it is refused; false: it only raises an alert'),
  alertAt: z.number().describe('From which share of the amount on it is marked'),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const budgetList = z.object({ data: z.array(budget) });
export const newBudget = z.object({
  scope,
  subject,
  period: z.enum(budgetPeriods).default('month'),
  usd: dollars,
  hard: z.boolean().default(true),
  alertAt: z.number().gt(0).max(1).default(0.8),
});

const most = z.number().int().min(0).max(1_000_000_000_000).nullable().default(null);
export const limit = z.object({
  id: z.string(),
  scope,
  subject: z.string(),
  requestsPerMinute: z.number().nullable().describe('null: not limited'),
  tokensPerMinute: z.number().nullable().describe('Of requests and answers together; null: not limited'),
  parallelCalls: z.number().nullable().describe('Calls that run at the same time; null: not limited'),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const limitList = z.object({ data: z.array(limit) });
export const newLimit = z
  .object({ scope, subject, requestsPerMinute: most, tokensPerMinute: most, parallelCalls: most })
  .refine(
    (body) => body.requestsPerMinute !== null || body.tokensPerMinute !== null || body.parallelCalls !== null,
    'name at least one of requestsPerMinute, tokensPerMinute and parallelCalls',
  );

export const gatewayUsage = z.object({
  budgets: z
    .array(
      budget.extend({
        usedBy: z
          .array(
            z.object({
              subject: z.string(),
              spentNanoUsd: nanoUsd,
              reservedNanoUsd: nanoUsd.describe('By calls that run, and kept at hand by servers'),
              state: z.enum(['ok', 'alert', 'used']).describe('`used`: nothing is left'),
            }),
          )
          .describe('Who spent most, first; those who spent nothing are not in it'),
        periodStart: isoTime,
        periodEnd: isoTime.nullable().describe('null: it has none'),
      }),
    )
    .describe('Of the period that runs'),
  limits: z.array(
    limit.extend({
      usedBy: z
        .array(z.object({ subject: z.string(), requests: z.number(), tokens: z.number(), parallel: z.number() }))
        .describe('In the last minute, and calls that run; those who take most, first'),
    }),
  ),
  cache: z
    .object({
      hits: z.number(),
      semanticHits: z.number().describe('Of the hits: for another question that asks the same'),
      misses: z.number(),
      entries: z.number().describe('In the memory of the server that answers'),
      bytes: z.number(),
    })
    .describe('Since that server started, of all projects'),
});
