import type { Content, ProjectId, Span, SpanKind, SpanStatus } from '../records/index.ts';
import { bareFields, type Dialect, type DialectFields } from './dialects/dialect.ts';
import { langfuse, withLangfuseTrace } from './dialects/langfuse.ts';
import { langsmith } from './dialects/langsmith.ts';
import { mlflow } from './dialects/mlflow.ts';
import { openInference } from './dialects/openinference.ts';
import { otelGenAi } from './dialects/otel-genai.ts';
import { traceloop } from './dialects/traceloop.ts';
import { vercelAi } from './dialects/vercel-ai.ts';
import { withWheelhouse } from './dialects/wheelhouse.ts';
import { textOf } from './json-value.ts';
import type { OtlpSpan } from './otlp-span.ts';
import { providerOfModel } from './provider-of-model.ts';
import { type RawSpan, rawAttributes, rawSpan } from './raw-attributes.ts';

/** Raised when the same raw span would be read differently; stored spans of a lower number can be read again. */
export const normalizer = 2;

/** The most special first. */
const dialects: Dialect[] = [langfuse, openInference, vercelAi, langsmith, mlflow, traceloop, otelGenAi];
const unknownDialect = 'otel';
/** Of spans that came as OTLP, which is what can be read again. */
export const exportedDialects: readonly string[] = [unknownDialect, ...dialects.map(({ name }) => name)];
const exported = new Set(exportedDialects);

/** Spans that are calls themselves. What a span above them sums up would be counted twice. */
const callKinds = new Set<SpanKind>(['generation', 'embedding', 'reranker']);

/** The first dialect from `start` on that speaks, and what it reads. */
function readFrom(start: number, span: OtlpSpan): { name: string; fields: DialectFields } {
  const at = dialects.findIndex((dialect, i) => i >= start && dialect.speaks(span));
  const dialect = dialects[at];
  if (!dialect) return { name: unknownDialect, fields: bareFields(span.attributes) };
  return { name: dialect.name, fields: dialect.read(span, () => readFrom(at + 1, span).fields) };
}

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

/** A model that is asked and answers in plain text has a conversation of one message all the same. */
function asConversation(content: Content | null, role: string): Content | null {
  if (content?.type !== 'json' || typeof content.value !== 'string') return content;
  return { type: 'messages', messages: [{ role, parts: [{ type: 'text', content: content.value }] }] };
}

function readRaw(raw: RawSpan, projectId: ProjectId): Span {
  const span = rawSpan(raw);
  const { name: dialect, fields: read } = readFrom(0, span);
  const fields = withWheelhouse(span, withLangfuseTrace(span, read));
  const { params } = fields;
  const said = statusOf(span);
  const resource = (name: string) => textOf(span.resource[name]);
  const isCall = callKinds.has(fields.kind);
  const isTalk = fields.kind === 'generation';
  return {
    projectId,
    traceId: raw.traceId,
    spanId: raw.spanId,
    parentSpanId: raw.parentSpanId,
    name: raw.name,
    startNs: raw.startNs,
    endNs: raw.endNs,
    attributes: raw.attributes,
    events: raw.events,
    kind: fields.kind,
    provider: fields.provider ?? (isCall ? providerOfModel(fields.requestModel ?? fields.responseModel) : null),
    requestModel: fields.requestModel,
    responseModel: fields.responseModel,
    responseId: fields.responseId,
    finishReasons: fields.finishReasons,
    input: isTalk ? asConversation(fields.input, 'user') : fields.input,
    output: isTalk ? asConversation(fields.output, 'assistant') : fields.output,
    toolDefinitions: fields.toolDefinitions,
    toolCall: fields.toolCall,
    documents: fields.documents,
    sessionId: fields.sessionId,
    userId: fields.userId,
    tags: fields.tags,
    metadata: fields.metadata,
    status: fields.status ?? said.status,
    statusMessage: fields.statusMessage ?? said.statusMessage,
    firstTokenNs: firstTokenOf(span, fields.firstTokenSeconds),
    model: null,
    params: Object.keys(params).length > 0 ? params : null,
    usage: isCall ? fields.usage : null,
    cost: null,
    emitterCostNanoUsd: isCall ? nanoUsdOf(fields.emitterCost) : null,
    environment: fields.environment ?? resource('deployment.environment.name') ?? resource('deployment.environment'),
    release: fields.release ?? resource('service.version'),
    run: null,
    dialect,
    normalizer,
    service: resource('service.name'),
  };
}

const rawOf = ({ traceId, spanId, parentSpanId, name, startNs, endNs, events, attributes }: RawSpan): RawSpan => ({
  traceId,
  spanId,
  parentSpanId,
  name,
  startNs,
  endNs,
  attributes,
  events,
});

/**
 * Reads a span of any dialect into the one normal form; one of an unknown dialect keeps its attributes and is of kind
 * `span`. Cost is left to the store's door, which knows the prices.
 */
export const normalizeSpan = (span: OtlpSpan, projectId: ProjectId): Span =>
  readRaw({ ...rawOf(span), attributes: rawAttributes(span) }, projectId);

/**
 * The stored span as today's normaliser reads its raw attributes; what the exporter never said (cost, run, registered
 * model) is kept. A span that did not come as OTLP is itself.
 * Law: `renormalizeSpan(normalizeSpan(raw))` is `normalizeSpan(raw)`.
 */
export function renormalizeSpan(span: Span): Span {
  // A fragment that log records made has no attributes of its own.
  if (!exported.has(span.dialect) || Object.keys(span.attributes).length === 0) return span;
  const { cost, model, run, reportedNs } = span;
  const read = readRaw(rawOf(span), span.projectId);
  return {
    ...read,
    // Content that came in log records is told by no attribute.
    input: read.input ?? span.input,
    output: read.output ?? span.output,
    cost,
    model,
    run,
    ...(reportedNs === undefined ? {} : { reportedNs }),
  };
}
