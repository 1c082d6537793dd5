import type { PriceReader } from '../ports/index.ts';
import {
  type Cost,
  type NanoUsd,
  nanosToMs,
  type PriceRow,
  type ProjectId,
  type Span,
  serviceTierOf,
  type Usage,
} from '../records/index.ts';
import { costOf, totalCostOf } from './cost.ts';

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

function priceOf(call: BilledCall, prices: PriceReader): PriceRow | null {
  const { projectId: project, provider, serviceTier, responseModel, requestModel } = call;
  const models = responseModel === null ? [] : [responseModel];
  if (requestModel !== null) models.push(requestModel);
  return prices.find({ project, provider, models, atMs: nanosToMs(call.startNs), serviceTier });
}

/** What a call costs by the price in force when it started; null: no price is known, or one of its buckets has none. */
export function costOfCall(call: BilledCall, prices: PriceReader): Cost | null {
  const row = priceOf(call, prices);
  return row === null ? null : costOf(call.usage, row);
}

/** The total of what a call costs, without its parts. */
export function totalCostOfCall(call: BilledCall, prices: PriceReader): NanoUsd | null {
  const row = priceOf(call, prices);
  return row === null ? null : totalCostOf(call.usage, row);
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
