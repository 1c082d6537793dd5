import { z } from 'zod';
import { usageBuckets } from '../records/index.ts';
import { instant, isoTime, limit, nanoUsd, page } from './schemas.ts';

const rates = z.partialRecord(z.enum(usageBuckets), nanoUsd).describe('Nano-dollars per million units of the bucket');

export const price = z.object({
  id: z.string().describe('Stands on every span that it priced'),
  origin: z.enum(['own', 'catalogue']),
  provider: z.string(),
  model: z.string().describe('A trailing * stands for any ending'),
  serviceTier: z.string().nullable().describe('`batch`, `flex`, `priority` …; null: ordinary calls'),
  validFrom: isoTime.nullable().describe('Inclusive; null: since ever'),
  validUntil: isoTime.nullable().describe('Exclusive; null: still in force'),
  perMillion: rates,
  tiers: z
    .array(z.object({ aboveInputTokens: z.number(), perMillion: rates }))
    .describe('Rates of a whole call with more input tokens than this'),
  source: z.string().describe('Where the figures are from'),
  createdBy: z.string(),
  createdAt: isoTime.nullable().describe('null: the catalogue does not say'),
  endedBy: z.string().nullable(),
});
export const pricePage = page(price);
export const priceQuery = z.object({
  limit,
  cursor: z.string().max(300).optional(),
  provider: z.string().max(100).optional(),
  model: z.string().max(200).optional().describe('A part of the name'),
  origin: z.enum(['own', 'catalogue']).optional(),
});

/** Decimal dollars with at most nine digits after the point, which is the resolution of money here. */
const dollars = z
  .union([z.number(), z.string()])
  .transform((value) => (typeof value === 'number' ? value.toFixed(9) : value.trim()))
  .pipe(z.string().regex(/^\d{1,9}(\.\d{1,9})?$/, 'dollars per million, from 0, such as 0.15'));
const newRates = z
  .partialRecord(z.enum(usageBuckets), dollars)
  .refine((given) => Object.keys(given).length > 0, 'name at least one rate')
  .describe('Dollars per million units of the bucket, for example {"inputUncached": 0.15, "outputText": 0.6}');
export const newPrice = z.object({
  provider: z.string().trim().min(1).max(100),
  model: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^*]+\*?$/, 'a name, with a * at its end for any ending'),
  serviceTier: z.string().trim().min(1).max(40).optional().describe('Left out: ordinary calls'),
  validFrom: instant.optional().describe('ISO 8601; left out: from now on'),
  usdPerMillion: newRates,
  tiers: z
    .array(z.object({ aboveInputTokens: z.number().int().min(0), usdPerMillion: newRates }))
    .max(10)
    .default([]),
  source: z.string().trim().max(500).default('').describe('Where the figures are from: a contract, an address'),
});
export const endPrice = z.object({ at: instant.optional().describe('ISO 8601; left out: now') });

export const period = z
  .object({
    from: instant,
    until: instant,
    provider: z.string().min(1).max(100).optional(),
    model: z.string().min(1).max(200).optional().describe('As requested or as answered; a trailing * for any ending'),
  })
  .refine((body) => body.from < body.until, { message: '`until` is after `from`', path: ['until'] });
export const repricingEstimate = z.object({
  calls: z.number().describe('Calls with usage that started in the period'),
  unpriced: z.number().describe('Of them, those without a price today'),
  beforeNanoUsd: nanoUsd.nullable().describe('What they cost by the figures that count now; null: none has one'),
  sampled: z.number().describe('Calls whose new figure was worked out for the estimate'),
  sampleBeforeNanoUsd: nanoUsd,
  sampleAfterNanoUsd: nanoUsd,
  sampleChanged: z.number(),
});
export const repricing = z.object({
  id: z.string(),
  revision: z.number().describe('Stands on the figures that it writes'),
  from: isoTime,
  until: isoTime,
  provider: z.string().nullable(),
  model: z.string().nullable(),
  status: z.enum(['queued', 'running', 'completed', 'cancelled', 'failed']),
  error: z.string().nullable(),
  done: z.number().describe('Calls looked at'),
  total: z.number().describe('Calls of the period when the job was asked for'),
  changed: z.number().describe('Calls that have a new figure'),
  unpriced: z.number().describe('Calls that have no price now either'),
  beforeNanoUsd: nanoUsd.describe('Of the calls looked at'),
  afterNanoUsd: nanoUsd,
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const repricingPage = page(repricing);

export const spanCosts = z.object({
  data: z
    .array(
      z.object({
        revision: z.number().describe('0: as it came; else the number of the re-pricing'),
        totalNanoUsd: nanoUsd,
        byBucket: z.record(z.string(), nanoUsd),
        priceId: z.string(),
        writtenAt: isoTime,
      }),
    )
    .describe('Every figure that the span has had, the one that counts first'),
});

export const bill = z.object({
  content: z
    .string()
    .min(1)
    .describe(
      'The bill as it was downloaded: OpenAI costs or Anthropic usage and cost, JSON or CSV, or a CSV with date, model, usd',
    ),
  provider: z.string().min(1).max(100).optional().describe('Whose bill it is; left out: as its form says'),
});
export const reconciliation = z.object({
  format: z.string().describe('What the bill was read as'),
  provider: z.string().nullable(),
  from: z.string().describe('First day, UTC'),
  until: z.string().describe('Last day, UTC'),
  rows: z.array(
    z.object({
      day: z.string(),
      model: z.string(),
      oursNanoUsd: nanoUsd.nullable().describe('null: no call of it has a price'),
      billNanoUsd: nanoUsd.nullable().describe('null: the bill does not name it'),
      residualNanoUsd: nanoUsd.describe('Bill minus ours'),
      calls: z.number(),
      unpriced: z.number().describe('Of the calls, those without a price'),
    }),
  ),
  oursNanoUsd: nanoUsd,
  billNanoUsd: nanoUsd,
  residualNanoUsd: nanoUsd,
  calls: z.number(),
  unpriced: z.number(),
  notes: z.array(z.string()).describe('What was left out of the bill, and why'),
});
