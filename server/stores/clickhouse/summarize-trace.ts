import type { SpanSummary, TraceSummary } from '@wheelhouse/core/ports';
import { inputTokens, type Nanos, outputTokens, type Usage } from '@wheelhouse/core/records';

/** A folded span, with all that a trace's line in a list is made of. */
export type FoldedSpan = SpanSummary & {
  responseId: string | null;
  dialect: string;
  inputPreview: string;
  outputPreview: string;
  sessionId: string | null;
  userId: string | null;
  service: string | null;
};

type Call = FoldedSpan & { usage: Usage };

export type SummarizedTrace = {
  summary: Omit<TraceSummary, 'scores'>;
  /** The spans that gave input and output. */
  inputSpan: FoldedSpan;
  outputSpan: FoldedSpan;
};

const byStart = (a: FoldedSpan, b: FoldedSpan): number =>
  a.startNs !== b.startNs ? (a.startNs < b.startNs ? -1 : 1) : a.spanId < b.spanId ? -1 : 1;

/** `sim/echo`: what was requested, with its provider; null when the span names no model. */
function baseModel(span: FoldedSpan): string | null {
  const model = span.requestModel ?? span.responseModel;
  if (model === null || span.provider === null || model.startsWith(`${span.provider}/`)) return model;
  return `${span.provider}/${model}`;
}

/** Whether the span used what a person names: `support-bot`, `support-bot@2`, or a base model with or without its provider. */
export function usesModel(span: FoldedSpan, name: string): boolean {
  return (
    span.model === name ||
    span.model?.replace(/@\d+$/, '') === name ||
    baseModel(span) === name ||
    span.requestModel === name ||
    span.responseModel === name
  );
}

const isModelCall = (span: FoldedSpan): span is Call =>
  (span.kind === 'generation' || span.kind === 'embedding') && span.usage !== null;

/**
 * The calls whose usage counts, each once: not a call around other calls, which repeats their sum (as the outer spans of
 * AI SDK do), and of several with one response id the gateway's, which saw what was billed.
 */
function countedCalls(spans: readonly FoldedSpan[]): Call[] {
  const byId = new Map(spans.map((span) => [span.spanId, span]));
  const calls = spans.filter(isModelCall);
  const outer = new Set<FoldedSpan>();
  for (const call of calls) {
    const seen = new Set<FoldedSpan>([call]);
    let above = call.parentSpanId === null ? undefined : byId.get(call.parentSpanId);
    // Parents may form a ring: they are what was sent.
    while (above && !seen.has(above)) {
      seen.add(above);
      outer.add(above);
      above = above.parentSpanId === null ? undefined : byId.get(above.parentSpanId);
    }
  }
  const counted = new Map<string, Call>();
  for (const call of calls) {
    if (outer.has(call)) continue;
    const key = call.responseId === null ? `span ${call.spanId}` : `response ${call.responseId}`;
    const other = counted.get(key);
    if (!other || (call.dialect === 'gateway' && other.dialect !== 'gateway')) counted.set(key, call);
  }
  return [...counted.values()];
}

/** null while a span has none. */
function latestEnd(spans: readonly FoldedSpan[]): Nanos | null {
  let latest = 0n;
  for (const { endNs } of spans) {
    if (endNs === null) return null;
    if (endNs > latest) latest = endNs;
  }
  return latest;
}

function firstOf<K extends 'sessionId' | 'userId' | 'service' | 'model'>(spans: readonly FoldedSpan[], key: K) {
  return spans.find((span) => span[key] !== null)?.[key] ?? null;
}

/**
 * Makes a trace's line of its folded spans, whose order does not matter.
 * @param unordered all spans of one trace; null when there are none
 */
export function summarizeTrace(unordered: readonly FoldedSpan[]): SummarizedTrace | null {
  const spans = [...unordered].sort(byStart);
  const ids = new Set(spans.map((span) => span.spanId));
  const root = spans.find((span) => span.parentSpanId === null || !ids.has(span.parentSpanId)) ?? spans[0];
  const first = spans[0];
  if (!root || !first) return null;
  const generations = spans.filter((span) => span.kind === 'generation');
  const inputSpan = root.inputPreview === '' ? (generations.find((span) => span.inputPreview !== '') ?? root) : root;
  const outputSpan =
    root.outputPreview === '' ? (generations.findLast((span) => span.outputPreview !== '') ?? root) : root;
  const calls = countedCalls(spans);
  const priced = calls.flatMap((call) => (call.costNanoUsd === null ? [] : [call.costNanoUsd]));
  const rootFirst = [root, ...spans];
  return {
    inputSpan,
    outputSpan,
    summary: {
      traceId: root.traceId,
      name: root.name,
      kind: root.kind,
      startNs: first.startNs,
      endNs: latestEnd(spans),
      status: root.status,
      statusMessage: root.statusMessage,
      model: firstOf(spans, 'model') ?? generations.map(baseModel).find((model) => model !== null) ?? null,
      inputPreview: inputSpan.inputPreview,
      outputPreview: outputSpan.outputPreview,
      inputTokens: calls.reduce((sum, call) => sum + inputTokens(call.usage), 0),
      outputTokens: calls.reduce((sum, call) => sum + outputTokens(call.usage), 0),
      costNanoUsd: priced.length === 0 ? null : priced.reduce((sum, cost) => sum + cost, 0n),
      unpricedCalls: calls.length - priced.length,
      spanCount: spans.length,
      errorCount: spans.filter((span) => span.status === 'error').length,
      sessionId: firstOf(rootFirst, 'sessionId'),
      userId: firstOf(rootFirst, 'userId'),
      service: firstOf(rootFirst, 'service'),
    },
  };
}
