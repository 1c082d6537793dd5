import type { SearchedTrace } from '@wheelhouse/core/ports';
import {
  contentText,
  inputTokens,
  type Nanos,
  outputTokens,
  preview,
  type Span,
  type Usage,
} from '@wheelhouse/core/records';
import { uncountedCalls } from '@wheelhouse/server/stores/clickhouse/uncounted-calls';

type Call = Span & { usage: Usage };
/** A line of the list without its scores, and the calls that its sums are of. */
export type SummarizedTrace = { summary: Omit<SearchedTrace, 'scores'>; calls: Call[] };

const byStart = (a: Span, b: Span): number =>
  a.startNs !== b.startNs ? (a.startNs < b.startNs ? -1 : 1) : a.spanId < b.spanId ? -1 : 1;

const withProvider = (model: string | null, provider: string | null): string | null =>
  model === null || provider === null || model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
/** `sim/echo`: what was requested, with its provider; null when the span names no model. */
const baseModel = (span: Span) => withProvider(span.requestModel ?? span.responseModel, span.provider);
const registered = ({ model }: Span) => model && `${model.name}@${model.version}`;
export const modelOf = (span: Span): string | null => registered(span) ?? baseModel(span);

const isModelCall = (span: Span): span is Call =>
  (span.kind === 'generation' || span.kind === 'embedding') && span.usage !== null;

/** The calls whose usage counts, each once: not those around others, and of one response the gateway's. */
function countedCalls(spans: readonly Span[]): Call[] {
  const uncounted = uncountedCalls(
    spans.map((span) => ({
      trace_id: span.traceId,
      span_id: span.spanId,
      parent_span_id: span.parentSpanId ?? '',
      response_id: span.responseId ?? '',
      dialect: span.dialect,
      start_ns: String(span.startNs),
      is_call: isModelCall(span),
    })),
  );
  const ids = new Set([...uncounted].map((family) => family.span_id));
  return spans.filter(isModelCall).filter((call) => !ids.has(call.spanId));
}

/** null while a span has none. */
function latestEnd(spans: readonly Span[]): Nanos | null {
  let latest = 0n;
  for (const { endNs } of spans) {
    if (endNs === null) return null;
    if (endNs > latest) latest = endNs;
  }
  return latest;
}

const said = <T>(values: readonly (T | null)[]): T[] => values.filter((value) => value !== null);
const distinct = (values: readonly (string | null)[]): string[] =>
  [...new Set(said(values).filter((value) => value !== ''))].sort();

/**
 * Makes a trace's line of its folded spans, whose order does not matter.
 * @param unordered all spans of one trace; null when there are none
 */
export function summarizeTrace(unordered: readonly Span[]): SummarizedTrace | null {
  const spans = [...unordered].sort(byStart);
  const ids = new Set(spans.map((span) => span.spanId));
  const isBelow = (span: Span) => span.parentSpanId !== null && ids.has(span.parentSpanId);
  const rootFirst = [...spans.filter((span) => !isBelow(span)), ...spans.filter(isBelow)];
  const [root] = rootFirst;
  const [first] = spans;
  if (!root || !first) return null;
  const shown = (span: Span, side: 'input' | 'output') => preview(contentText(span[side], side));
  const generations = spans.filter((span) => span.kind === 'generation');
  const calls = countedCalls(spans);
  const name = rootFirst.find((span) => span.name !== '')?.name ?? '';
  const priced = said(calls.map((call) => call.cost?.totalNanoUsd ?? null));
  const endNs = latestEnd(spans);
  const begun = generations.find((span) => span.firstTokenNs !== null && span.firstTokenNs >= span.startNs);
  const texts = rootFirst.flatMap((span) => [contentText(span.input, 'input'), contentText(span.output, 'output')]);
  return {
    calls,
    summary: {
      traceId: root.traceId,
      name,
      kind: root.kind,
      startNs: first.startNs,
      endNs,
      status: root.status,
      statusMessage: root.statusMessage,
      model: said(spans.map(registered))[0] ?? said(generations.map(baseModel))[0] ?? null,
      models: distinct(
        spans.flatMap((span) => [registered(span), baseModel(span), withProvider(span.responseModel, span.provider)]),
      ),
      providers: distinct(spans.map(({ provider }) => provider)),
      kinds: distinct(spans.map(({ kind }) => kind)),
      tools: distinct(spans.map(({ toolCall }) => toolCall?.name ?? null)),
      services: distinct(spans.map(({ service }) => service)),
      inputPreview: shown(root, 'input') || (generations.map((span) => shown(span, 'input')).find(Boolean) ?? ''),
      outputPreview:
        shown(root, 'output') || (generations.map((span) => shown(span, 'output')).findLast(Boolean) ?? ''),
      inputTokens: calls.reduce((sum, call) => sum + inputTokens(call.usage), 0),
      outputTokens: calls.reduce((sum, call) => sum + outputTokens(call.usage), 0),
      costNanoUsd: priced.length === 0 ? null : priced.reduce((sum, cost) => sum + cost, 0n),
      unpricedCalls: calls.length - priced.length,
      spanCount: spans.length,
      errorCount: spans.filter((span) => span.status === 'error').length,
      sessionId: said(rootFirst.map(({ sessionId }) => sessionId))[0] ?? null,
      userId: said(rootFirst.map(({ userId }) => userId))[0] ?? null,
      service: said(rootFirst.map(({ service }) => service))[0] ?? null,
      environment: said(rootFirst.map(({ environment }) => environment))[0] ?? null,
      release: said(rootFirst.map(({ release }) => release))[0] ?? null,
      tags: distinct(spans.flatMap(({ tags }) => tags)),
      firstTokenNs: begun?.firstTokenNs == null ? null : begun.firstTokenNs - begun.startNs,
      runId: said(rootFirst.map(({ run }) => run?.runId ?? null))[0] ?? null,
      dialect: root.dialect,
      text: [name, ...new Set(texts.filter((said) => said !== ''))].join('\n').toLowerCase(),
    },
  };
}
