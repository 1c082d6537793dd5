import {
  type Content,
  inputTokens,
  type JsonObject,
  type Message,
  messageText,
  type Nanos,
  nanosToMs,
  outputTokens,
  type Score,
  type Span,
} from '@wheelhouse/core/records';
import { textOf } from '../vendor-values.ts';
import { traceSpanId } from './read-event.ts';
import { scoreWire } from './score-wire.ts';

const isoTime = (time: Nanos): string => new Date(nanosToMs(time)).toISOString();
const seconds = (from: Nanos, until: Nanos | null): number | null =>
  until === null ? null : Number(until - from) / 1e9;
const dollars = (nano: bigint | null): number | null => (nano === null ? null : Number(nano) / 1e9);

const messageWire = (message: Message): object => ({ role: message.role, content: messageText(message) });
const contentWire = (content: Content | null): unknown =>
  content === null ? null : content.type === 'json' ? content.value : content.messages.map(messageWire);

/** As the client said it, where a client of Langfuse did. */
const said = (span: Span, of: 'observation' | 'trace', side: 'input' | 'output'): unknown =>
  span.attributes[`langfuse.${of}.${side}`] ?? contentWire(span[side]);

/** Kinds that Langfuse does not know are spans there. */
const types = new Set([
  'generation',
  'event',
  'agent',
  'tool',
  'chain',
  'retriever',
  'embedding',
  'evaluator',
  'guardrail',
]);

const idOf = ({ attributes, spanId }: Span): string => textOf(attributes['langfuse.observation.id']) ?? spanId;

function usageWire(span: Span): object {
  if (span.usage === null) return { usage: null, usageDetails: {} };
  const [input, output] = [inputTokens(span.usage), outputTokens(span.usage)];
  const total = input + output;
  return { usage: { input, output, total, unit: 'TOKENS' }, usageDetails: { input, output, total } };
}

function observationWire(span: Span, trace: { id: string; ids: ReadonlyMap<string, string> }): object {
  const { attributes } = span;
  const cost = dollars(span.cost?.totalNanoUsd ?? span.emitterCostNanoUsd);
  return {
    id: idOf(span),
    traceId: trace.id,
    type: types.has(span.kind) ? span.kind.toUpperCase() : 'SPAN',
    name: span.name,
    startTime: isoTime(span.startNs),
    endTime: span.endNs === null ? null : isoTime(span.endNs),
    completionStartTime: span.firstTokenNs === null ? null : isoTime(span.firstTokenNs),
    model: span.requestModel ?? span.responseModel,
    modelParameters: span.params,
    input: said(span, 'observation', 'input'),
    output: said(span, 'observation', 'output'),
    metadata: span.metadata,
    version: attributes['langfuse.version'] ?? null,
    level: textOf(attributes['langfuse.observation.level']) ?? (span.status === 'error' ? 'ERROR' : 'DEFAULT'),
    statusMessage: span.statusMessage,
    parentObservationId: span.parentSpanId === null ? null : (trace.ids.get(span.parentSpanId) ?? null),
    promptName: attributes['langfuse.observation.prompt.name'] ?? null,
    promptVersion: attributes['langfuse.observation.prompt.version'] ?? null,
    ...usageWire(span),
    costDetails: cost === null ? {} : { total: cost },
    calculatedTotalCost: cost,
    environment: span.environment ?? 'default',
    latency: seconds(span.startNs, span.endNs),
    timeToFirstToken: seconds(span.startNs, span.firstTokenNs),
  };
}

function lastOf(spans: readonly Span[]): Nanos {
  let last = 0n;
  for (const { startNs, endNs } of spans) if ((endNs ?? startNs) > last) last = endNs ?? startNs;
  return last;
}

/** A trace with all that is in it, as Langfuse's clients read it, under the ids that they gave. */
export function traceWire(spans: readonly [Span, ...Span[]], scores: readonly Score[]): object {
  const [first] = spans;
  const own = spans.find(({ spanId, traceId }) => spanId === traceSpanId(traceId));
  const ids = new Map(spans.map((span) => [span.spanId, idOf(span)]));
  if (own) ids.delete(own.spanId);
  const root = own ?? spans.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId)) ?? first;
  const id = textOf(root.attributes['langfuse.trace.id']) ?? root.traceId;
  const observations = spans.filter((span) => span !== own);
  const costs = spans.flatMap(({ cost }) => (cost === null ? [] : [cost.totalNanoUsd]));
  const firstSaid = <K extends 'sessionId' | 'userId' | 'release' | 'environment'>(field: K) =>
    [root, ...spans].map((span) => span[field]).find((value) => value !== null) ?? null;
  const metadata: JsonObject = root.metadata;
  return {
    id,
    projectId: root.projectId,
    timestamp: isoTime(root.startNs),
    createdAt: isoTime(root.startNs),
    updatedAt: isoTime(root.endNs ?? root.startNs),
    name: root.name === '' ? null : root.name,
    input: said(root, 'trace', 'input'),
    output: said(root, 'trace', 'output'),
    metadata,
    tags: [...new Set(spans.flatMap(({ tags }) => tags))],
    public: root.attributes['langfuse.trace.public'] === true,
    sessionId: firstSaid('sessionId'),
    userId: firstSaid('userId'),
    release: firstSaid('release'),
    version: root.attributes['langfuse.version'] ?? null,
    environment: firstSaid('environment') ?? 'default',
    htmlPath: `/traces/${root.traceId}`,
    latency: seconds(first.startNs, lastOf(spans)),
    totalCost: dollars(costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0n)),
    observations: observations.map((span) => observationWire(span, { id, ids })),
    scores: scores.map((score) => scoreWire(score, root.projectId, 'v2')),
  };
}
