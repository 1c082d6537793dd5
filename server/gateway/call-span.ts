import { type Exchange, readExchange } from '@wheelhouse/core/dialect';
import type { PriceReader } from '@wheelhouse/core/ports';
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

/** Which model was meant. */
export type CalledModel = {
  ref: string;
  /** Of the configuration; null: it was called directly. */
  route: string | null;
  /** Of the registered version; null for a base model. */
  registered: { name: string; version: number; alias: string | null } | null;
  /** Where a version is on its way to the alias. */
  arm?: { release: string; arm: string };
};

export const calledModel = ({ ref, route, version, name, alias, chosen }: Task['target']): CalledModel => ({
  ref,
  route: route.name,
  registered: version !== null && name !== null ? { name, version: version.number, alias } : null,
  // A call that nobody copied is none of a release that only listens.
  ...(chosen && chosen.copyTo !== null && { arm: { release: chosen.release, arm: chosen.arm } }),
});

export type CallFacts = Pick<Task, 'operation' | 'asked' | 'streamed' | 'user' | 'session' | 'metadata'> & {
  model: CalledModel;
  by: Pick<Caller, 'project'>;
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
  /** `hit`, `semantic`: nobody was asked; `shared`: another call of the same content was. */
  origin: 'vendor' | 'hit' | 'semantic' | 'shared' | 'shadow';
  /** Of an answer from the cache: the call that it was made for, and how near its question is where it is another. */
  cached?: { traceId: string; similarity: number | null };
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
  const { model, attempts, asked, control } = facts;
  return {
    'gen_ai.operation.name': facts.operation,
    'gen_ai.provider.name': facts.provider,
    'gen_ai.request.model': facts.vendorModel,
    'wheelhouse.model': model.ref,
    ...(model.route === null ? {} : { 'wheelhouse.route': model.route }),
    ...(model.arm === undefined
      ? {}
      : { 'wheelhouse.release': model.arm.release, 'wheelhouse.release.arm': model.arm.arm }),
    ...(facts.origin === 'vendor' ? {} : { 'wheelhouse.origin': facts.origin }),
    ...(facts.cached === undefined ? {} : { 'wheelhouse.cache.trace_id': facts.cached.traceId }),
    ...(facts.cached?.similarity == null ? {} : { 'wheelhouse.cache.similarity': facts.cached.similarity }),
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
export function simCost({ provider, asked, vendorModel }: CallFacts, usage: Usage | null): Cost | null {
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
export const costsNothing = ({ origin }: CallFacts) => origin === 'hit' || origin === 'semantic' || origin === 'shared';
export const freeCost: Cost = { totalNanoUsd: 0n, byBucket: {}, priceId: 'wheelhouse:cache' };

/** The span of one gateway call, in the GenAI semantic conventions. */
export function callSpan(facts: CallFacts, end: CallEnd, prices: PriceReader): Span {
  const { model, asked, control } = facts;
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
    name: `${facts.operation} ${model.ref}`,
    startNs: facts.startNs,
    endNs: end.endNs,
    firstTokenNs: facts.firstTokenNs,
    status: failure === null ? 'ok' : 'error',
    statusMessage: failure,
    provider: facts.provider,
    requestModel: facts.vendorModel,
    responseModel: result.responseModel,
    responseId: result.responseId,
    model: model.registered,
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
