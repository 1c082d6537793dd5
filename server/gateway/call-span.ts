import { type Exchange, readExchange } from '@wheelhouse/core/dialect';
import type { PriceReader, Recording } from '@wheelhouse/core/ports';
import {
  type Caller,
  type Cost,
  type FailureKind,
  isJsonObject,
  type JsonObject,
  type Span,
  type SpanEvent,
  type SpanId,
  type TraceId,
  type Usage,
} from '@wheelhouse/core/records';
import { costOf, priceSpan } from '@wheelhouse/core/trace';
import type { Answer } from './answer-copy.ts';
import type { Control } from './control-headers.ts';
import { estimateUsage } from './estimate-usage.ts';
import type { Task } from './task.ts';

/** What became of one attempt at a vendor. */
export type AttemptNote = {
  target: string;
  key: string | null;
  hedge: boolean;
  startMs: number;
  endMs: number;
  /** 0: there was no answer. */
  status: number;
  /** null: it answered, or was given up. */
  failure: { kind: FailureKind; message: string } | null;
};

export type CallFacts = Pick<Task, 'operation' | 'target' | 'asked' | 'streamed' | 'user' | 'session' | 'metadata'> & {
  by: Caller;
  traceId: TraceId;
  spanId: SpanId;
  parentSpanId: SpanId | null;
  run: Span['run'];
  userAgent: string | null;
  control: Control;
  startNs: bigint;
  firstTokenNs: bigint | null;
  /** Who answered, or was asked last. */
  provider: string;
  vendorModel: string;
  /** HTTP status of the vendor; 0 while there is none. */
  status: number;
  /** Empty where the first went well. */
  attempts: AttemptNote[];
  /** `hit`: nobody was asked; `shared`: another call of the same content was. */
  origin: 'vendor' | 'hit' | 'shared' | 'shadow';
};

export type CallEnd = {
  answer: Answer;
  endNs: bigint;
  /** Why it did not end well, as far as the vendor's answer does not say so itself. */
  error: string | null;
};

/** What was asked stands in the caller's dialect, what was answered in the vendor's. */
function exchangeOf(asked: Task['asked'], { bytes, streamed, dialect }: Answer): Exchange {
  const own = asked.dialect ?? dialect ?? 'openai-chat';
  const answer = { answer: bytes, answerDialect: dialect ?? own, streamed };
  if (asked.dialect !== null) return readExchange({ dialect: own, request: asked.body, ...answer });
  const { result } = readExchange({ dialect: own, request: {}, ...answer });
  return { ...plainRequest(asked.body), result };
}

/** What is no conversation: texts to embed, or whatever a provider takes. */
function plainRequest({ input, model: _, ...params }: JsonObject): Omit<Exchange, 'result'> {
  return input === undefined
    ? { input: { type: 'json', value: params }, params: {}, toolDefinitions: null }
    : { input: { type: 'json', value: input }, params, toolDefinitions: null };
}

function attributesOf(facts: CallFacts, serviceTier: string | null): JsonObject {
  const { target, attempts, asked, control } = facts;
  return {
    'gen_ai.operation.name': facts.operation,
    'gen_ai.provider.name': facts.provider,
    'gen_ai.request.model': facts.vendorModel,
    'wheelhouse.model': target.ref,
    ...(target.route.name === null ? {} : { 'wheelhouse.route': target.route.name }),
    ...(facts.origin === 'vendor' ? {} : { 'wheelhouse.origin': facts.origin }),
    ...(attempts.length > 0 ? { 'wheelhouse.attempts': attempts.length } : {}),
    ...(facts.streamed ? { 'gen_ai.request.stream': true } : {}),
    ...(facts.status > 0 ? { 'http.response.status_code': facts.status } : {}),
    ...(serviceTier === null ? {} : { 'openai.response.service_tier': serviceTier }),
    ...(facts.userAgent === null ? {} : { 'user_agent.original': facts.userAgent }),
    ...(control.session === null ? {} : { 'session.id': control.session }),
    ...(asked.input === null ? {} : { 'wheelhouse.input': JSON.stringify(asked.input) }),
  };
}

/** What a caller said that the simulated model costs; null when it said nothing, and a price row decides. */
function simCost({ provider, asked, vendorModel }: CallFacts, usage: Usage | null): Cost | null {
  const sim = provider === 'sim' && isJsonObject(asked.body.sim) ? asked.body.sim : null;
  if (usage === null || typeof sim?.input_price !== 'number' || typeof sim.output_price !== 'number') return null;
  const perMillion = (usd: number) => BigInt(Math.round(usd * 1e9));
  return costOf(usage, {
    id: 'sim:request',
    provider: 'sim',
    model: vendorModel,
    validFrom: null,
    perMillion: { inputUncached: perMillion(sim.input_price), outputText: perMillion(sim.output_price) },
  });
}

const eventOf = (note: AttemptNote): SpanEvent => ({
  name: 'wheelhouse.attempt',
  timeNs: BigInt(Math.round(note.startMs)) * 1_000_000n,
  attributes: {
    target: note.target,
    milliseconds: Math.max(0, Math.round(note.endMs - note.startMs)),
    ...(note.key === null ? {} : { key: note.key }),
    ...(note.hedge ? { hedge: true } : {}),
    ...(note.status > 0 ? { status: note.status } : {}),
    ...(note.failure === null ? {} : { failure: note.failure.kind, message: note.failure.message }),
  },
});

const kinds: Partial<Record<Task['operation'], Span['kind']>> = {
  embeddings: 'embedding',
  count_tokens: 'span',
  pass_through: 'span',
};

/** Whose tokens were already counted, or never spent. */
const costsNothing = ({ origin }: CallFacts) => origin === 'hit' || origin === 'shared';
export const freeCost: Cost = { totalNanoUsd: 0n, byBucket: {}, priceId: 'wheelhouse:cache' };

/** The span of one gateway call, in the GenAI semantic conventions. */
export function callSpan(facts: CallFacts, end: CallEnd, prices: PriceReader): Span {
  const { target, asked, control } = facts;
  const { result, input, params, toolDefinitions } = exchangeOf(asked, end.answer);
  const failure =
    end.error ?? result.error ?? (facts.status >= 400 ? `The provider answered with status ${facts.status}.` : null);
  const free = costsNothing(facts);
  const usage = free
    ? null
    : (result.usage ?? estimateUsage({ operation: facts.operation, input, result, answer: end.answer }));
  const metadata = { ...facts.metadata, ...control.metadata };
  const span: Span = {
    projectId: facts.by.project,
    traceId: facts.traceId,
    spanId: facts.spanId,
    parentSpanId: facts.parentSpanId,
    kind: kinds[facts.operation] ?? 'generation',
    name: `${facts.operation} ${target.ref}`,
    startNs: facts.startNs,
    endNs: end.endNs,
    firstTokenNs: facts.firstTokenNs,
    status: failure === null ? 'ok' : 'error',
    statusMessage: failure,
    provider: facts.provider,
    requestModel: facts.vendorModel,
    responseModel: result.responseModel,
    responseId: result.responseId,
    model:
      target.version && target.name !== null
        ? { name: target.name, version: target.version.number, alias: target.alias }
        : null,
    params,
    finishReasons: result.finishReasons,
    input,
    output: result.messages.length > 0 ? { type: 'messages', messages: result.messages } : null,
    toolDefinitions,
    toolCall: null,
    documents: [],
    usage,
    cost: free ? freeCost : simCost(facts, usage),
    emitterCostNanoUsd: null,
    sessionId: control.session ?? facts.session,
    userId: control.user ?? facts.user,
    environment: null,
    release: null,
    tags: control.tags,
    metadata,
    run: facts.run,
    dialect: 'gateway',
    normalizer: 1,
    service: null,
    attributes: attributesOf(facts, result.serviceTier),
    events: facts.attempts.map(eventOf),
  };
  return priceSpan(span, prices);
}

/** What a recorded call takes besides its texts. */
const boxes = 2_000;

/**
 * Made outside of the call, whose fields hold on to the connections: what waits to be stored must hold what it needs and
 * nothing else.
 */
export function recordingOf(
  { facts, end, requestChars }: { facts: CallFacts; end: CallEnd; requestChars: number },
  { prices, metrics }: { prices: PriceReader; metrics: { tokens(span: Span): void } },
): Recording {
  let span: Span | null = null;
  return {
    bytes: 2 * requestChars + end.answer.bytes.length + boxes,
    read() {
      if (span === null) {
        span = callSpan(facts, end, prices);
        metrics.tokens(span);
      }
      return span;
    },
  };
}
