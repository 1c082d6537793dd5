import { z } from 'zod';
import { textFields } from '../records/index.ts';
import { content, instant, isoTime, json, limit, nanos, nanoUsd, page, traceSummary } from './schemas.ts';

const q = z.string().max(4000).default('').describe('Which traces, in the filter language: `status:error cost>0.01`');

export const traceQuery = z.object({ q, limit, cursor: z.string().max(500).optional() });

export const facetQuery = z.object({
  q,
  fields: z
    .string()
    .max(500)
    .default('status,model,kind,service,environment,tag')
    .transform((text) => text.split(',').map((field) => field.trim()))
    .pipe(z.array(z.enum(textFields)).min(1))
    .describe('Text fields, separated by commas'),
  limit: z.coerce.number().int().min(1).max(100).default(10).describe('Values a field'),
});
export const facets = z.object({
  total: z.number().describe('Traces that fit'),
  facets: z.array(
    z.object({
      field: z.enum(textFields),
      values: z
        .array(z.object({ value: z.string().describe('Empty: the trace does not say'), count: z.number() }))
        .describe('Most frequent first, counted under all conditions of `q` but those on this field itself'),
      more: z.boolean().describe('Whether there are values beyond these'),
    }),
  ),
});

export const seriesQuery = z.object({
  q,
  of: z.enum(['traces', 'calls']).default('traces').describe('Traces, or single calls of models'),
  by: z
    .enum(textFields)
    .exclude(['trace', 'session'])
    .optional()
    .describe('One series for each value; the most frequent ones, the rest as one'),
  step: z.coerce.number().int().min(60).max(31_536_000).optional().describe('Seconds; left out: about 60 buckets'),
  score: z.string().min(1).max(100).optional().describe('Also the mean of the scores of that name; traces only'),
  groups: z.coerce.number().int().min(1).max(20).default(8),
  compare: z.enum(['before']).optional().describe('Also the time that is as long and ends where this one begins'),
});
const quantiles = z.object({ p50: nanos, p90: nanos, p99: nanos }).nullable().describe('null: nothing was measured');
const measures = z.object({
  count: z.number(),
  errors: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('null: nothing in it has a known price'),
  unpriced: z.number().describe('Calls whose price is unknown'),
  latency: quantiles,
  firstToken: quantiles,
  score: z.object({ mean: z.number(), count: z.number() }).nullable(),
});
const overTime = z.object({
  step: z.number().describe('Seconds'),
  fromNs: nanos.describe('Start of the first bucket'),
  untilNs: nanos.describe('End of the last bucket'),
  groups: z.array(
    z.object({
      value: z.string().nullable().describe('Of the field `by`; null: all, or the rest'),
      rest: z.boolean().describe('Holds the values that are too rare for a series of their own'),
      total: measures.describe('Over the whole time'),
      buckets: z
        .array(measures.extend({ startNs: nanos }))
        .describe('In order; a bucket without anything in it is left out'),
    }),
  ),
});
export const series = overTime.extend({
  of: z.enum(['traces', 'calls']),
  before: overTime
    .nullable()
    .describe('In steps of the same length; null: not asked for, or the filter does not say where its time begins'),
});

const activity = z.object({
  firstNs: nanos.describe('Start of its first trace'),
  lastNs: nanos.describe('Start of its newest trace'),
  traces: z.number(),
  errors: z.number().describe('Traces that failed'),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costNanoUsd: nanoUsd.nullable(),
  unpriced: z.number(),
});
export const session = activity.extend({
  sessionId: z.string(),
  users: z.array(z.string()),
  models: z.array(z.string()),
  inputPreview: z.string().describe('Of its first trace'),
  outputPreview: z.string().describe('Of its newest trace'),
});
export const user = activity.extend({ userId: z.string(), sessions: z.number() });
export const sessionPage = page(session);
export const userPage = page(user);

export const sessionDetailQuery = z.object({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().max(500).optional(),
});
export const sessionDetail = z.object({
  session,
  turns: z
    .array(
      z.object({
        trace: traceSummary,
        input: content.nullable().describe('What was new: the messages after the last answer'),
        output: content.nullable(),
      }),
    )
    .describe('Oldest first'),
  next: z.string().nullable(),
});

export const sqlBody = z.object({
  sql: z.string().min(1).max(20_000).describe('One SELECT over the tables `traces`, `scores`, `spans`, `calls`'),
  limit: z.number().int().min(1).max(10_000).default(1000).describe('Rows of the answer'),
});
export const sqlResult = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.array(z.array(json)).describe('64-bit integers as decimal strings'),
  truncated: z.boolean().describe('Whether there are more rows than the limit'),
  elapsedMs: z.number(),
});

export const view = z.object({
  id: z.string(),
  name: z.string(),
  url: z.string(),
  createdBy: z.string(),
  createdAt: isoTime,
});
export const newView = z.object({
  name: z.string().trim().min(1).max(100),
  url: z
    .string()
    .max(4000)
    .regex(/^\/(?!\/)[^\s\\]*$/, 'A view is an address of this server: a path that starts with one /')
    .describe('Path and query of a page, for example `/traces?q=status%3Aerror`'),
});
export const viewList = z.object({ data: z.array(view) });

export const newDeletion = z
  .object({ trace: z.string().optional(), session: z.string().min(1).optional(), user: z.string().min(1).optional() })
  .strict()
  .refine((body) => Object.values(body).filter((value) => value !== undefined).length === 1, {
    message: 'name exactly one of `trace`, `session`, `user`',
  });
export const deletion = z.object({
  id: z.string(),
  subject: z.object({ type: z.enum(['trace', 'session', 'user']), id: z.string() }),
  status: z.enum(['queued', 'completed', 'failed']),
  error: z.string().nullable(),
  traces: z.number().nullable().describe('Removed traces, once completed'),
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const deletionPage = page(deletion);

export const newRenormalization = z
  .object({
    from: instant.optional().describe('Start of the spans; left out: the first one'),
    until: instant.optional().describe('Left out: now'),
  })
  .strict()
  .refine(({ from, until }) => from === undefined || until === undefined || from < until, {
    message: '`until` is after `from`',
    path: ['until'],
  });
export const renormalization = z.object({
  id: z.string(),
  from: isoTime,
  until: isoTime,
  normalizer: z.number().describe('The version of the normaliser that reads them'),
  status: z.enum(['queued', 'running', 'completed', 'cancelled', 'failed']),
  error: z.string().nullable(),
  done: z.number().describe('Reports of spans that were looked at'),
  total: z.number().describe('Reports that an older normaliser read, when it was asked for'),
  changed: z.number().describe('Reports that are read otherwise now'),
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const renormalizationPage = page(renormalization);

export const newTraceExport = z.object({ q }).strict();
export const traceExport = z.object({
  id: z.string().describe('`GET /api/v1/traces/export?export=` gives its file: a line a trace, with spans and scores'),
  q: z.string(),
  status: z.enum(['queued', 'running', 'completed', 'cancelled', 'failed']),
  error: z.string().nullable(),
  traces: z.number().describe('Written'),
  bytes: z.number(),
  total: z.number().describe('Traces that fitted when it was asked for'),
  requestedBy: z.string(),
  requestedAt: isoTime,
  finishedAt: isoTime.nullable(),
});
export const traceExportPage = page(traceExport);

const keepDays = z.union([z.number().int().min(1).max(36_500), z.literal('forever')]).describe('Days');
export const newRetention = z.object({ keepDays: keepDays.nullable().describe('null: as the server says') }).strict();
export const retention = z.object({
  keepDays: keepDays.describe('How long this project keeps traces; older ones are removed for good, once an hour'),
  own: z.boolean().describe('Whether the project says so, or the server'),
  serverDays: keepDays.describe('`traces.keepDays` of the server’s configuration'),
});

export const exportQuery = z.object({
  q,
  format: z.enum(['jsonl', 'parquet']).default('jsonl'),
});
export const liveQuery = z.object({ q });
