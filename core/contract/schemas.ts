import { z } from 'zod';
import { spanKinds, usageBuckets } from '../records/index.ts';

/** Wire forms. Nanoseconds and nano-dollars are decimal strings, so that no JSON parser rounds them. */
const integer = z
  .string()
  .regex(/^-?\d+$/)
  .describe('A 64-bit integer as a decimal string');
export const nanos = integer.describe('Nanoseconds, as a decimal string');
export const nanoUsd = integer.describe('Nano-dollars (1e-9 USD), as a decimal string');
export const isoTime = z.string().describe('ISO 8601, UTC');
/** A time that somebody says. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], { error: 'Say 2026-01-31 or 2026-01-31T09:00:00Z' })
  .transform((text) => new Date(text).toISOString());
export const json: z.ZodType<unknown> = z.unknown().describe('Any JSON value');
export const jsonObject = z.record(z.string(), z.unknown());

export const nameText = (what: string) =>
  z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/,
      `${what} takes 1 to 100 of a-z 0-9 . _ - and starts and ends with a letter or digit`,
    );

export const scoreValue = z.union([z.number(), z.string().max(1000), z.boolean()]);

export const usage = z.object({
  counts: z.partialRecord(z.enum(usageBuckets), z.number()),
  source: z.enum(['provider', 'emitter', 'gateway', 'estimated']),
});

export const traceSummary = z.object({
  traceId: z.string(),
  name: z.string(),
  kind: z.enum(spanKinds),
  startNs: nanos,
  endNs: nanos.nullable().describe('null while a span of the trace is unfinished'),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string().nullable(),
  model: z.string().nullable().describe('`name@version` of the registered model that answered, else the base model'),
  inputPreview: z.string(),
  outputPreview: z.string(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  costNanoUsd: nanoUsd.nullable().describe('null: no known price'),
  unpricedCalls: z.number(),
  spanCount: z.number(),
  errorCount: z.number(),
  sessionId: z.string().nullable(),
  userId: z.string().nullable(),
  service: z.string().nullable(),
  environment: z.string().nullable(),
  release: z.string().nullable(),
  tags: z.array(z.string()),
  models: z.array(z.string()).describe('Every model in it, registered and base'),
  providers: z.array(z.string()),
  kinds: z.array(z.string()).describe('Kinds of its spans'),
  tools: z.array(z.string()).describe('Tools that it called'),
  firstTokenNs: nanos.nullable().describe('From the start of its first streamed call to the first token'),
  runId: z.string().nullable().describe('The evaluation that made it'),
  dialect: z.string(),
  scores: z.array(z.object({ name: z.string(), value: scoreValue })).describe('The newest of each name'),
});

export const spanSummary = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  kind: z.enum(spanKinds),
  name: z.string(),
  startNs: nanos,
  endNs: nanos.nullable(),
  firstTokenNs: nanos.nullable(),
  status: z.enum(['unset', 'ok', 'error']),
  statusMessage: z.string().nullable(),
  provider: z.string().nullable(),
  requestModel: z.string().nullable(),
  responseModel: z.string().nullable(),
  model: z.string().nullable(),
  usage: usage.nullable(),
  costNanoUsd: nanoUsd.nullable(),
});

const part = z.union([
  z.object({ type: z.literal('text'), content: z.string() }),
  z.object({ type: z.literal('reasoning'), content: z.string() }),
  z.object({ type: z.literal('tool_call'), id: z.string().nullable(), name: z.string(), arguments: json }),
  z.object({ type: z.literal('tool_call_response'), id: z.string().nullable(), response: json }),
  z.object({ type: z.literal('other'), value: jsonObject }),
]);
export const message = z.object({
  role: z.string(),
  parts: z.array(part),
  name: z.string().optional(),
  finishReason: z.string().optional(),
});
export const content = z.union([
  z.object({ type: z.literal('messages'), messages: z.array(message) }),
  z.object({ type: z.literal('json'), value: json }),
]);

export const score = z.object({
  id: z.string(),
  traceId: z.string().nullable().describe('null: on a whole session'),
  spanId: z.string().nullable(),
  sessionId: z.string().nullable(),
  name: z.string(),
  value: scoreValue,
  comment: z.string().nullable(),
  metadata: jsonObject,
  source: z.enum(['api', 'code', 'judge', 'human', 'user']),
  createdAt: isoTime,
});

export const spanDetail = spanSummary.extend({
  responseId: z.string().nullable(),
  alias: z.string().nullable().describe('The alias that the caller named, when it named one'),
  params: jsonObject.nullable(),
  finishReasons: z.array(z.string()),
  input: content.nullable(),
  output: content.nullable(),
  toolDefinitions: json,
  toolCall: z.object({ id: z.string().nullable(), name: z.string(), arguments: json, result: json }).nullable(),
  documents: z.array(
    z.object({
      id: z.string().nullable(),
      content: z.string().nullable(),
      score: z.number().nullable(),
      metadata: json,
    }),
  ),
  cost: z.object({ totalNanoUsd: nanoUsd, byBucket: z.record(z.string(), nanoUsd), priceId: z.string() }).nullable(),
  emitterCostNanoUsd: nanoUsd.nullable(),
  sessionId: z.string().nullable(),
  userId: z.string().nullable(),
  environment: z.string().nullable(),
  release: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: jsonObject,
  run: z.object({ runId: z.string(), exampleId: z.string(), repetition: z.number() }).nullable(),
  dialect: z.string(),
  normalizer: z.number(),
  service: z.string().nullable(),
  attributes: jsonObject.describe('As they came'),
  events: z.array(z.object({ name: z.string(), timeNs: nanos, attributes: jsonObject })),
  leftOut: z.number().optional().describe('Characters beyond `cap`, when some were left out'),
});

export const spanQuery = z.object({
  cap: z.coerce
    .number()
    .int()
    .min(100)
    .optional()
    .describe('Most characters of the input, of the output, and of all else; no base64 is among them'),
});

export const traceDetail = z.object({ trace: traceSummary, spans: z.array(spanSummary), scores: z.array(score) });

export const auditEntry = z.object({
  id: z.string(),
  at: isoTime,
  actor: z.string(),
  action: z.string(),
  subject: z.string(),
  detail: jsonObject.describe('`before` and `after` of what changed; of what was made or removed, what it was'),
});

export const serverInfo = z.object({
  version: z.string(),
  project: z.string(),
  dataDir: z.string(),
  openaiUrl: z.string(),
  otlpUrl: z.string(),
  stores: z.object({ records: z.enum(['embedded', 'server']), telemetry: z.enum(['embedded', 'server']) }),
  authentication: z.enum(['loopback', 'admin key']),
  providers: z.array(
    z.object({
      name: z.string(),
      baseUrl: z.string().nullable(),
      key: z.enum(['set', 'missing', 'not needed']),
      keyVariable: z.string().nullable(),
    }),
  ),
  spans: z.object({ stored: z.number(), dropped: z.number() }).describe('Since the ledger began'),
});

export const page = <T extends z.ZodType>(item: T) => z.object({ data: z.array(item), next: z.string().nullable() });
export const limit = z.coerce.number().int().min(1).max(500).default(50);

export const pageQuery = z.object({ limit, cursor: z.string().optional() });

export const tracePage = page(traceSummary);
export const auditPage = page(auditEntry);
export const removed = z.object({ removed: z.boolean() });

/** One message of the live stream: what changed, with the new summaries where a list needs them. */
export const liveMessage = z.union([
  z.object({ type: z.literal('traces'), traces: z.array(traceSummary) }),
  z.object({ type: z.literal('removed'), traceIds: z.array(z.string()) }).describe('Traces that were deleted'),
  z.object({ type: z.literal('models'), name: z.string() }),
  z.object({ type: z.literal('datasets'), name: z.string() }),
  z.object({
    type: z.literal('evaluations'),
    id: z.string(),
    done: z.number(),
    total: z.number(),
    failed: z.number(),
    costNanoUsd: nanoUsd.nullable(),
    status: z.enum(['queued', 'running', 'completed', 'stopped', 'failed']),
  }),
  z.object({ type: z.literal('evaluation_removed'), id: z.string() }),
  z.object({
    type: z.literal('optimizations'),
    id: z.string(),
    state: z.enum(['queued', 'running', 'stopped', 'done', 'failed']),
    start: z.number().nullable().describe('The score of the program as it was'),
    best: z.number().nullable(),
    calls: z.number(),
    costNanoUsd: nanoUsd.nullable(),
  }),
  z.object({ type: z.literal('optimization_removed'), id: z.string() }),
  z.object({ type: z.literal('releases'), id: z.string(), model: z.string() }),
  z.object({ type: z.literal('abuse') }).describe('Users are at risk, or something is done about them'),
  z.object({ type: z.literal('issues') }).describe('Issues changed, or came'),
  z.object({ type: z.literal('pipelines'), pipeline: z.string(), run: z.string() }),
  z.object({ type: z.literal('dashboards'), name: z.string() }).describe('A dashboard was changed, or removed'),
  z.object({ type: z.literal('review'), name: z.string() }).describe('A review queue changed'),
]);

export const errorBody = z.object({
  error: z.object({
    message: z.string(),
    type: z.string(),
    param: z.string().nullable(),
    code: z.string(),
    hint: z.string(),
  }),
});
