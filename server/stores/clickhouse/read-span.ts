import type { SpanSummary } from '@wheelhouse/core/ports';
import {
  type Content,
  type Cost,
  type Json,
  type JsonObject,
  type RetrievedDocument,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanKind,
  type SpanStatus,
  sortEvents,
  type ToolCall,
  type TraceId,
  type Usage,
  type UsageCounts,
  withMessageEvents,
} from '@wheelhouse/core/records';
import { bigintOrNull, mapValues, orNull, parseJson } from './columns.ts';
import { hashesIn, unpack } from './pack-content.ts';

/** What a folded span looks like in JSONEachRow, as a waterfall needs it. */
export type LightRow = {
  trace_id: string;
  span_id: string;
  parent_span_id: string;
  kind: string;
  name: string;
  start_ns: string;
  end_ns: string | null;
  first_token_ns: string | null;
  status: string;
  status_message: string;
  provider: string;
  request_model: string;
  response_model: string;
  model_name: string;
  model_version: number;
  usage_source: string;
  usage_counts: UsageCounts;
  cost_nano_usd: string | null;
};

/** The rest of it. */
export type FullRow = LightRow & {
  response_id: string;
  session_id: string;
  user_id: string;
  service: string;
  dialect: string;
  model_alias: string;
  params: string;
  finish_reasons: string[];
  input: string;
  output: string;
  tool_definitions: string;
  tool_call: string;
  documents: string;
  cost_by_bucket: Record<string, string>;
  cost_revision: number;
  price_id: string;
  emitter_cost_nano_usd: string | null;
  environment: string;
  release: string;
  tags: string[];
  metadata: string[];
  run_id: string;
  example_id: string;
  repetition: number;
  normalizer: number;
  attributes: string[];
  events: string[];
};

function usageOf(row: LightRow): Usage | null {
  return row.usage_source === '' ? null : { counts: row.usage_counts, source: row.usage_source as Usage['source'] };
}

function costOf(row: FullRow): Cost | null {
  if (row.cost_nano_usd === null) return null;
  return {
    totalNanoUsd: BigInt(row.cost_nano_usd),
    byBucket: mapValues(row.cost_by_bucket, BigInt),
    priceId: row.price_id,
    ...(row.cost_revision > 0 && { revision: row.cost_revision }),
  };
}

/** The last that has a member gives it; fromEntries makes even `__proto__` a plain member. */
const mergeObjects = (rows: string[]): JsonObject =>
  Object.fromEntries(rows.flatMap((row) => Object.entries(parseJson<JsonObject>(row, {}))));

const parseEvents = (rows: string[]): SpanEvent[] =>
  sortEvents(
    rows.map((row) => {
      const event = JSON.parse(row) as Omit<SpanEvent, 'timeNs'> & { timeNs: string };
      return { ...event, timeNs: BigInt(event.timeNs) };
    }),
  );

export function toSpanSummary(row: LightRow): SpanSummary {
  return {
    traceId: row.trace_id as TraceId,
    spanId: row.span_id as SpanId,
    parentSpanId: orNull(row.parent_span_id) as SpanId | null,
    kind: row.kind as SpanKind,
    name: row.name,
    startNs: BigInt(row.start_ns),
    endNs: bigintOrNull(row.end_ns),
    firstTokenNs: bigintOrNull(row.first_token_ns),
    status: row.status as SpanStatus,
    statusMessage: orNull(row.status_message),
    provider: orNull(row.provider),
    requestModel: orNull(row.request_model),
    responseModel: orNull(row.response_model),
    model: row.model_name === '' ? null : `${row.model_name}@${row.model_version}`,
    usage: usageOf(row),
    costNanoUsd: bigintOrNull(row.cost_nano_usd),
  };
}

const packedTexts = (row: FullRow): string[] => [
  row.input,
  row.output,
  row.tool_definitions,
  row.tool_call,
  row.documents,
  ...row.metadata,
  ...row.attributes,
  ...row.events,
];

/** The pieces that the row's texts were stored without. */
export const piecesOf = (row: FullRow): string[] => packedTexts(row).flatMap(hashesIn);

/** @param contents holds {@link piecesOf} the row */
export function toSpan(row: FullRow, projectId: Span['projectId'], contents: ReadonlyMap<string, string>): Span {
  const whole = (packed: string) => unpack(packed, contents);
  return withMessageEvents({
    projectId,
    traceId: row.trace_id as TraceId,
    spanId: row.span_id as SpanId,
    parentSpanId: orNull(row.parent_span_id) as SpanId | null,
    kind: row.kind as SpanKind,
    name: row.name,
    startNs: BigInt(row.start_ns),
    endNs: bigintOrNull(row.end_ns),
    firstTokenNs: bigintOrNull(row.first_token_ns),
    status: row.status as SpanStatus,
    statusMessage: orNull(row.status_message),
    provider: orNull(row.provider),
    requestModel: orNull(row.request_model),
    responseModel: orNull(row.response_model),
    responseId: orNull(row.response_id),
    model:
      row.model_name === ''
        ? null
        : { name: row.model_name, version: row.model_version, alias: orNull(row.model_alias) },
    params: parseJson<JsonObject | null>(row.params, null),
    finishReasons: row.finish_reasons,
    input: parseJson<Content | null>(whole(row.input), null),
    output: parseJson<Content | null>(whole(row.output), null),
    toolDefinitions: parseJson<Json>(whole(row.tool_definitions), null),
    toolCall: parseJson<ToolCall | null>(whole(row.tool_call), null),
    documents: parseJson<RetrievedDocument[]>(whole(row.documents), []),
    usage: usageOf(row),
    cost: costOf(row),
    emitterCostNanoUsd: bigintOrNull(row.emitter_cost_nano_usd),
    sessionId: orNull(row.session_id),
    userId: orNull(row.user_id),
    environment: orNull(row.environment),
    release: orNull(row.release),
    tags: row.tags,
    metadata: mergeObjects(row.metadata.map(whole)),
    run: row.run_id === '' ? null : { runId: row.run_id, exampleId: row.example_id, repetition: row.repetition },
    dialect: row.dialect,
    normalizer: row.normalizer,
    service: orNull(row.service),
    attributes: mergeObjects(row.attributes.map(whole)),
    events: parseEvents(row.events.map(whole)),
  });
}
