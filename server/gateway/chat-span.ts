import type { PriceReader } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Cost,
  isJsonObject,
  type JsonObject,
  type Span,
  type SpanId,
  type TraceId,
  type Usage,
} from '@wheelhouse/core/records';
import type { Target } from '@wheelhouse/core/route';
import { type ChatResult, chatRequestContent, costOf, priceSpan } from '@wheelhouse/core/trace';

export type ChatSpanFacts = {
  by: Actor;
  traceId: TraceId;
  spanId: SpanId;
  parentSpanId: SpanId | null;
  target: Target;
  /** As the caller sent it. */
  request: JsonObject;
  requestChars: number;
  /** As the vendor got it. */
  sent: JsonObject;
  run: Span['run'];
  userAgent: string | null;
  startNs: bigint;
  firstTokenNs: bigint | null;
  /** HTTP status of the vendor; 0 while there is none. */
  status: number;
};

export type ChatEnd = {
  result: ChatResult;
  endNs: bigint;
  /** Why it did not end well, as far as the vendor's answer does not say so itself. */
  error: string | null;
};

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function attributesOf(facts: ChatSpanFacts, { serviceTier }: ChatEnd['result']): JsonObject {
  const { target, request } = facts;
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': target.provider,
    'gen_ai.request.model': target.vendorModel,
    'wheelhouse.model': target.ref,
    ...(request.stream === true ? { 'gen_ai.request.stream': true } : {}),
    ...(facts.status > 0 ? { 'http.response.status_code': facts.status } : {}),
    ...(serviceTier === null ? {} : { 'openai.response.service_tier': serviceTier }),
    ...(facts.userAgent === null ? {} : { 'user_agent.original': facts.userAgent }),
    // The version's own messages are part of the span's input; a dataset wants what the caller sent.
    ...(target.version
      ? { 'wheelhouse.input': JSON.stringify({ messages: request.messages ?? [], variables: request.variables ?? {} }) }
      : {}),
  };
}

/** What a caller said that the simulated model costs; null when it said nothing, and a price row decides. */
function simCost(facts: ChatSpanFacts, usage: Usage | null): Cost | null {
  const sim = facts.target.provider === 'sim' && isJsonObject(facts.request.sim) ? facts.request.sim : null;
  if (usage === null || typeof sim?.input_price !== 'number' || typeof sim.output_price !== 'number') return null;
  const perMillion = (usd: number) => BigInt(Math.round(usd * 1e9));
  return costOf(usage, {
    id: 'sim:request',
    provider: 'sim',
    model: facts.target.vendorModel,
    validFrom: null,
    perMillion: { inputUncached: perMillion(sim.input_price), outputText: perMillion(sim.output_price) },
  });
}

/** The span of one gateway call, in the GenAI semantic conventions. */
export function chatSpan(facts: ChatSpanFacts, end: ChatEnd, prices: PriceReader): Span {
  const { target, request } = facts;
  const { result } = end;
  const sent = chatRequestContent(facts.sent);
  const failure =
    end.error ?? result.error ?? (facts.status >= 400 ? `The provider answered with status ${facts.status}.` : null);
  const metadata = isJsonObject(request.metadata) ? request.metadata : {};
  const span: Span = {
    projectId: facts.by.project,
    traceId: facts.traceId,
    spanId: facts.spanId,
    parentSpanId: facts.parentSpanId,
    kind: 'generation',
    name: `chat ${target.ref}`,
    startNs: facts.startNs,
    endNs: end.endNs,
    firstTokenNs: facts.firstTokenNs,
    status: failure === null ? 'ok' : 'error',
    statusMessage: failure,
    provider: target.provider,
    requestModel: target.vendorModel,
    responseModel: result.responseModel,
    responseId: result.responseId,
    model:
      target.version && target.name !== null
        ? { name: target.name, version: target.version.number, alias: target.alias }
        : null,
    params: sent.params,
    finishReasons: result.finishReasons,
    input: sent.input,
    output: result.messages.length > 0 ? { type: 'messages', messages: result.messages } : null,
    toolDefinitions: sent.toolDefinitions,
    toolCall: null,
    documents: [],
    usage: result.usage,
    cost: simCost(facts, result.usage),
    emitterCostNanoUsd: null,
    sessionId: text(metadata.session_id),
    userId: text(request.user) ?? text(request.safety_identifier),
    environment: null,
    release: null,
    tags: [],
    metadata,
    run: facts.run,
    dialect: 'gateway',
    normalizer: 1,
    service: null,
    attributes: attributesOf(facts, result),
    events: [],
  };
  return priceSpan(span, prices);
}
