import type { PriceReader } from '../ports/index.ts';
import { type Cost, nanosToMs, type ProjectId, type Span, serviceTierOf, type Usage } from '../records/index.ts';
import { costOf } from './cost.ts';

/** What the price of a call depends on. */
export type BilledCall = {
  projectId: ProjectId;
  provider: string;
  requestModel: string | null;
  responseModel: string | null;
  startNs: bigint;
  serviceTier: string | null;
  usage: Usage;
};

/** What a call costs by the price in force when it started; null: no price is known, or one of its buckets has none. */
export function costOfCall(call: BilledCall, prices: PriceReader): Cost | null {
  const models = [call.responseModel, call.requestModel].filter((model) => model !== null);
  const { projectId: project, provider, serviceTier } = call;
  const row = prices.find({ project, provider, models, atMs: nanosToMs(call.startNs), serviceTier });
  return row === null ? null : costOf(call.usage, row);
}

/** Gives a span with usage its cost; an unknown price leaves it unknown, and a known cost stays. */
export function priceSpan(span: Span, prices: PriceReader): Span {
  const { usage, provider } = span;
  if (usage === null || span.cost !== null || provider === null) return span;
  return { ...span, cost: costOfCall({ ...span, usage, provider, serviceTier: serviceTierOf(span) }, prices) };
}

/** A fragment that says nothing about a span but what it costs. */
export function costFragment(call: Pick<Span, 'projectId' | 'traceId' | 'spanId' | 'startNs'>, cost: Cost): Span {
  return {
    projectId: call.projectId,
    traceId: call.traceId,
    spanId: call.spanId,
    startNs: call.startNs,
    cost,
    endNs: null,
    parentSpanId: null,
    kind: 'span',
    name: '',
    firstTokenNs: null,
    status: 'unset',
    statusMessage: null,
    provider: null,
    requestModel: null,
    responseModel: null,
    responseId: null,
    model: null,
    params: null,
    finishReasons: [],
    input: null,
    output: null,
    toolDefinitions: null,
    toolCall: null,
    documents: [],
    usage: null,
    emitterCostNanoUsd: null,
    sessionId: null,
    userId: null,
    environment: null,
    release: null,
    tags: [],
    metadata: {},
    run: null,
    dialect: '',
    normalizer: 0,
    service: null,
    attributes: {},
    events: [],
  };
}
