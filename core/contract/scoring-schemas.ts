import { z } from 'zod';
import { spanKinds } from '../records/index.ts';
import { dollars } from './control-schemas.ts';
import { isoTime, nanoUsd, page } from './schemas.ts';
import { scorer } from './scorer-schemas.ts';

const scoringOf = z.enum(['traces', 'spans', 'sessions']);

export const spanChoice = z.strictObject({
  kind: z.enum(spanKinds).nullable().default(null).describe('null: any'),
  name: z.string().trim().min(1).max(200).nullable().default(null).describe('`*` stands for anything; null: any'),
});

export const scorers = z
  .array(z.union([scorer, z.object({ scorer, as: z.string().trim().min(1).max(100) })]))
  .min(1)
  .max(20)
  .describe('`as`: the name of its scores; left out, the name of the scorer');

export const newScoring = z.object({
  of: scoringOf.default('traces').describe('Of a session the last answer is judged, with what was said before'),
  span: spanChoice.prefault({}).describe('Of `spans`: which of the traces that fit'),
  q: z.string().max(4000).default('').describe('Which, in the filter language'),
  scorers,
  sample: z.number().gt(0).max(1).default(1).describe('Share of those that fit; the same ones each time'),
  most: z.number().int().min(1).max(100_000).default(1_000).describe('So many at most, newest first'),
  cap: dollars.nullable().default(null).describe('Dollars of judges at which it stops'),
});

export const scoringEstimate = z.object({
  total: z.number().describe('Traces, spans or sessions that would be looked at; of the last two about'),
  scorers: z.array(z.object({ name: z.string(), label: z.string() })),
  judges: z.array(
    z.object({
      scorer: z.string(),
      calls: z.number().describe('Calls of models that it makes for one of them'),
      nanoUsd: nanoUsd.nullable().describe('What these cost by list prices; null: no price is known'),
    }),
  ),
  costNanoUsd: nanoUsd.nullable().describe('Of all; null: a price is not known'),
});

export const scoring = z.object({
  id: z.string(),
  of: scoringOf,
  span: z.object({ kind: z.enum(spanKinds).nullable(), name: z.string().nullable() }),
  q: z.string(),
  scorers: z.array(z.object({ name: z.string(), label: z.string() })),
  sample: z.number(),
  most: z.number(),
  capNanoUsd: nanoUsd.nullable(),
  status: z.enum(['queued', 'running', 'completed', 'failed', 'cancelled']),
  error: z.string().nullable(),
  total: z.number(),
  done: z.number().describe('Traces, spans or sessions that were looked at'),
  scored: z.number().describe('Scores that were given'),
  kept: z.number().describe('Scores that were there already, of the same scorer'),
  failed: z.number().describe('Scores that could not be given'),
  costNanoUsd: nanoUsd.describe('What judges cost'),
  problems: z
    .array(z.object({ target: z.string(), scorer: z.string(), error: z.string() }))
    .describe('Some of what could not be given, and why'),
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const scoringPage = page(scoring);
