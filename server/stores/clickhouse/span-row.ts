import { createHash } from 'node:crypto';
import {
  type Content,
  type Cost,
  canonicalJson,
  contentText,
  type Json,
  type JsonObject,
  preview,
  type RetrievedDocument,
  type Span,
  type SpanEvent,
  type SpanId,
  type SpanKind,
  type SpanStatus,
  type ToolCall,
  type TraceId,
  type Usage,
  type UsageCounts,
} from '@wheelhouse/core/records';
import { bigintOrNull, int64, orNull, parseJson, text, uint64 } from './columns.ts';

/** A search looks so far into a text. */
const searchedLength = 32_768;

const jsonText = (value: Json, isEmpty: boolean): string => (isEmpty ? '' : canonicalJson(value));
const objectText = (value: JsonObject): string => jsonText(value, Object.keys(value).length === 0);
const listText = (value: Json[]): string => jsonText(value, value.length === 0);

function contentColumns<Side extends 'input' | 'output'>(side: Side, content: Content | null) {
  const json = content === null ? '' : canonicalJson(content);
  const plain = text(contentText(content, side));
  return {
    [side]: json,
    [`${side}_hash`]: json && createHash('sha256').update(json).digest('hex'),
    [`${side}_text`]: text(plain.slice(0, searchedLength)),
    [`${side}_preview`]: preview(plain),
  };
}

/** A fragment as the table `spans` takes it. */
export function toSpanRow(span: Span): object {
  return {
    project_id: span.projectId,
    trace_id: span.traceId,
    span_id: span.spanId,
    parent_span_id: text(span.parentSpanId),
    kind: span.kind,
    name: text(span.name),
    start_ns: uint64(span.startNs),
    end_ns: span.endNs === null ? null : uint64(span.endNs),
    first_token_ns: span.firstTokenNs === null ? null : uint64(span.firstTokenNs),
    status: span.status,
    status_message: text(span.statusMessage),
    provider: text(span.provider),
    request_model: text(span.requestModel),
    response_model: text(span.responseModel),
    response_id: text(span.responseId),
    model_name: text(span.model?.name ?? null),
    model_version: span.model?.version ?? 0,
    model_alias: text(span.model?.alias ?? null),
    params: span.params === null ? '' : canonicalJson(span.params),
    finish_reasons: span.finishReasons.map(text),
    ...contentColumns('input', span.input),
    ...contentColumns('output', span.output),
    tool_definitions: jsonText(span.toolDefinitions, span.toolDefinitions === null),
    tool_call: span.toolCall === null ? '' : canonicalJson(span.toolCall),
    documents: listText(span.documents),
    usage_source: span.usage?.source ?? '',
    usage_counts: sorted(span.usage?.counts ?? {}),
    cost_nano_usd: span.cost === null ? null : int64(span.cost.totalNanoUsd),
    cost_by_bucket: sorted(mapValues(span.cost?.byBucket ?? {}, (nano) => BigInt(int64(nano)))),
    price_id: text(span.cost?.priceId ?? null),
    emitter_cost_nano_usd: span.emitterCostNanoUsd === null ? null : int64(span.emitterCostNanoUsd),
    session_id: text(span.sessionId),
    user_id: text(span.userId),
    environment: text(span.environment),
    release: text(span.release),
    tags: span.tags.map(text),
    metadata: objectText(span.metadata),
    run_id: text(span.run?.runId ?? null),
    example_id: text(span.run?.exampleId ?? null),
    repetition: span.run?.repetition ?? 0,
    dialect: text(span.dialect),
    normalizer: span.normalizer,
    service: text(span.service),
    attributes: objectText(span.attributes),
    events: listText(span.events.map((event) => ({ ...event, timeNs: event.timeNs.toString() }))),
  };
}

function mapValues<A, B>(record: Partial<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  const entries = Object.entries(record).flatMap(([key, value]) => (value === undefined ? [] : [[key, change(value)]]));
  return Object.fromEntries(entries);
}

/** Equal maps have equal text, which the fold compares. */
function sorted<T>(record: Partial<Record<string, T>>): Record<string, T> {
  const entries = Object.entries(record).filter((entry): entry is [string, T] => entry[1] !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** What a folded span looks like in JSONEachRow, without payloads. */
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
  response_id: string;
  model_name: string;
  model_version: number;
  usage_source: string;
  usage_counts: UsageCounts;
  cost_nano_usd: string | null;
  session_id: string;
  user_id: string;
  service: string;
  dialect: string;
  input_preview: string;
  output_preview: string;
};

/** The rest of it. */
export type FullRow = LightRow & {
  model_alias: string;
  params: string;
  finish_reasons: string[];
  input: string;
  output: string;
  tool_definitions: string;
  tool_call: string;
  documents: string;
  cost_by_bucket: Record<string, string>;
  price_id: string;
  emitter_cost_nano_usd: string | null;
  environment: string;
  release: string;
  tags: string[];
  metadata: string;
  run_id: string;
  example_id: string;
  repetition: number;
  normalizer: number;
  attributes: string;
  events: string;
};

export function usageOf(row: LightRow): Usage | null {
  return row.usage_source === '' ? null : { counts: row.usage_counts, source: row.usage_source as Usage['source'] };
}

function costOf(row: FullRow): Cost | null {
  if (row.cost_nano_usd === null) return null;
  return {
    totalNanoUsd: BigInt(row.cost_nano_usd),
    byBucket: mapValues(row.cost_by_bucket, BigInt),
    priceId: row.price_id,
  };
}

const parseEvents = (json: string): SpanEvent[] =>
  parseJson<(Omit<SpanEvent, 'timeNs'> & { timeNs: string })[]>(json, []).map((event) => ({
    ...event,
    timeNs: BigInt(event.timeNs),
  }));

export function toSpan(row: FullRow, projectId: Span['projectId']): Span {
  return {
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
    input: parseJson<Content | null>(row.input, null),
    output: parseJson<Content | null>(row.output, null),
    toolDefinitions: parseJson<Json>(row.tool_definitions, null),
    toolCall: parseJson<ToolCall | null>(row.tool_call, null),
    documents: parseJson<RetrievedDocument[]>(row.documents, []),
    usage: usageOf(row),
    cost: costOf(row),
    emitterCostNanoUsd: bigintOrNull(row.emitter_cost_nano_usd),
    sessionId: orNull(row.session_id),
    userId: orNull(row.user_id),
    environment: orNull(row.environment),
    release: orNull(row.release),
    tags: row.tags,
    metadata: parseJson<JsonObject>(row.metadata, {}),
    run: row.run_id === '' ? null : { runId: row.run_id, exampleId: row.example_id, repetition: row.repetition },
    dialect: row.dialect,
    normalizer: row.normalizer,
    service: orNull(row.service),
    attributes: parseJson<JsonObject>(row.attributes, {}),
    events: parseEvents(row.events),
  };
}
