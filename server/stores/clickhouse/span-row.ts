import {
  canonicalJson,
  contentText,
  type Json,
  type JsonObject,
  preview,
  type Span,
  type SpanEvent,
  serviceTierOf,
  withMessageEvents,
} from '@wheelhouse/core/records';
import { int64, mapValues, text, uint64 } from './columns.ts';
import { type Pieces, packContent, packJson } from './pack-content.ts';
import type { Field } from './tab-separated.ts';

/** A search looks so far into a text of a span that nothing stands above, and of one below. */
const searchedLength = { outer: 8_192, inner: 1_024 };

const objectText = (value: JsonObject, pieces: Pieces): string =>
  Object.keys(value).length === 0 ? '' : packJson(value, pieces);
const listText = (value: Json[], pieces: Pieces): string => (value.length === 0 ? '' : packJson(value, pieces));

/** What lists show of a content and what is searched beyond that. */
function textColumns<Side extends 'input' | 'output'>(side: Side, span: Span) {
  const plain = contentText(span[side] ?? withMessageEvents(span)[side], side);
  const shown = text(preview(plain));
  const length = span.parentSpanId === null || span.dialect === 'gateway' ? searchedLength.outer : searchedLength.inner;
  return {
    [`${side}_preview`]: shown,
    [`${side}_text`]: plain.length <= shown.length ? '' : text(plain.slice(0, length)),
  };
}

const eventText = (event: SpanEvent, pieces: Pieces): string =>
  packJson({ ...event, timeNs: event.timeNs.toString() }, pieces);

/** A fragment as the table `spans` takes it; what is stored apart is added to `pieces`. */
export function toSpanRow(span: Span, pieces: Pieces): Record<string, Field> {
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
    service_tier: text(serviceTierOf(span)),
    model_name: text(span.model?.name ?? null),
    model_version: span.model?.version ?? 0,
    model_alias: text(span.model?.alias ?? null),
    params: span.params === null ? '' : canonicalJson(span.params),
    finish_reasons: span.finishReasons.map(text),
    input: span.input === null ? '' : packContent(span.input, pieces),
    ...textColumns('input', span),
    output: span.output === null ? '' : packContent(span.output, pieces),
    ...textColumns('output', span),
    tool_name: text(span.toolCall?.name ?? null),
    tool_definitions: span.toolDefinitions === null ? '' : packJson(span.toolDefinitions, pieces),
    tool_call: span.toolCall === null ? '' : packJson(span.toolCall, pieces),
    documents: listText(span.documents, pieces),
    usage_source: span.usage?.source ?? '',
    usage_counts: sorted(span.usage?.counts ?? {}),
    cost_nano_usd: span.cost === null ? null : int64(span.cost.totalNanoUsd),
    cost_by_bucket: sorted(mapValues(span.cost?.byBucket ?? {}, (nano) => BigInt(int64(nano)))),
    price_id: text(span.cost?.priceId ?? null),
    cost_revision: span.cost?.revision ?? 0,
    emitter_cost_nano_usd: span.emitterCostNanoUsd === null ? null : int64(span.emitterCostNanoUsd),
    session_id: text(span.sessionId),
    user_id: text(span.userId),
    environment: text(span.environment),
    release: text(span.release),
    tags: span.tags.map(text),
    metadata: objectText(span.metadata, pieces),
    run_id: text(span.run?.runId ?? null),
    example_id: text(span.run?.exampleId ?? null),
    repetition: span.run?.repetition ?? 0,
    dialect: text(span.dialect),
    normalizer: span.normalizer,
    reported_ns: uint64(span.reportedNs ?? 0n),
    read_anew: span.readAnew ? 1 : 0,
    service: text(span.service),
    attributes: objectText(span.attributes, pieces),
    events: span.events.map((event) => eventText(event, pieces)),
  };
}

/** Equal maps have equal text, which the fold compares. */
function sorted<T>(record: Partial<Record<string, T>>): Record<string, T> {
  const ordered: Record<string, T> = {};
  for (const key of Object.keys(record).sort()) {
    const value = record[key];
    if (value !== undefined) ordered[key] = value;
  }
  return ordered;
}
