import type { JsonObject, ProjectId, Span, SpanKind, SpanStatus } from '../records/index.ts';
import type { Dialect, DialectFields } from './dialects/dialect.ts';
import { otelGenAi } from './dialects/otel-genai.ts';
import { vercelAi } from './dialects/vercel-ai.ts';
import { textOf } from './json-value.ts';
import type { OtlpSpan } from './otlp-span.ts';

/** Raised when the same raw span would be read differently; stored spans of a lower number can be read again. */
const normalizer = 1;

/** The most special first. */
const dialects: Dialect[] = [vercelAi, otelGenAi];

/** Spans that are calls themselves. What a span above them sums up would be counted twice. */
const callKinds = new Set<SpanKind>(['generation', 'embedding', 'reranker']);

const unknownDialect = (attributes: JsonObject): DialectFields => ({
  kind: 'span',
  provider: null,
  requestModel: null,
  responseModel: null,
  responseId: null,
  params: {},
  finishReasons: [],
  input: null,
  output: null,
  toolDefinitions: null,
  toolCall: null,
  documents: [],
  usage: null,
  emitterCost: null,
  firstTokenSeconds: null,
  sessionId: textOf(attributes['session.id']),
  userId: textOf(attributes['user.id']) ?? textOf(attributes['enduser.id']),
  tags: [],
  metadata: {},
});

function statusOf(span: OtlpSpan): { status: SpanStatus; statusMessage: string | null } {
  const errorType = textOf(span.attributes['error.type']);
  const status = span.status === 'unset' && errorType !== null ? 'error' : span.status;
  if (status !== 'error') return { status, statusMessage: textOf(span.statusMessage) };
  const exception = span.events.findLast((event) => event.name === 'exception')?.attributes ?? {};
  const type = textOf(exception['exception.type']);
  const message = textOf(exception['exception.message']);
  const thrown = message === null ? type : type === null ? message : `${type}: ${message}`;
  return { status, statusMessage: textOf(span.statusMessage) ?? thrown ?? errorType };
}

function firstTokenOf(span: OtlpSpan, seconds: number | null): bigint | null {
  if (seconds === null || seconds < 0 || seconds > 1e6) return null;
  return span.startNs + BigInt(Math.round(seconds * 1e9));
}

const nanoUsdOf = (dollars: number | null): bigint | null =>
  dollars === null || dollars < 0 || dollars > 1e6 ? null : BigInt(Math.round(dollars * 1e9));

/** The span's own attributes, whole, with what came around them under the names OpenTelemetry gives it elsewhere. */
function rawAttributes(span: OtlpSpan): JsonObject {
  return {
    ...span.attributes,
    ...(span.kind === null ? {} : { 'span.kind': span.kind }),
    ...(span.scope.name === '' ? {} : { 'otel.scope.name': span.scope.name }),
    ...(span.scope.version === '' ? {} : { 'otel.scope.version': span.scope.version }),
    ...(span.links.length === 0 ? {} : { 'otel.links': span.links }),
    ...(Object.keys(span.resource).length === 0 ? {} : { 'otel.resource': span.resource }),
  };
}

/**
 * Reads a span of any dialect into the one normal form; one of an unknown dialect keeps its attributes and is of kind
 * `span`. Cost is left to the store's door, which knows the prices.
 */
export function normalizeSpan(span: OtlpSpan, projectId: ProjectId): Span {
  const dialect = dialects.find((candidate) => candidate.speaks(span));
  const { params, emitterCost, firstTokenSeconds, usage, ...fields } =
    dialect?.read(span) ?? unknownDialect(span.attributes);
  const resource = (name: string) => textOf(span.resource[name]);
  return {
    projectId,
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    name: span.name,
    startNs: span.startNs,
    endNs: span.endNs,
    ...statusOf(span),
    ...fields,
    firstTokenNs: firstTokenOf(span, firstTokenSeconds),
    model: null,
    params: Object.keys(params).length > 0 ? params : null,
    usage: callKinds.has(fields.kind) ? usage : null,
    cost: null,
    emitterCostNanoUsd: callKinds.has(fields.kind) ? nanoUsdOf(emitterCost) : null,
    environment: resource('deployment.environment.name') ?? resource('deployment.environment'),
    release: resource('service.version'),
    run: null,
    dialect: dialect?.name ?? 'otel',
    normalizer,
    service: resource('service.name'),
    attributes: rawAttributes(span),
    events: span.events,
  };
}
