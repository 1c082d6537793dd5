import type { PriceReader, SpanSink, SpanStore } from '@wheelhouse/core/ports';
import type { ProjectId, Span, SpanId, SpanKind, TraceId } from '@wheelhouse/core/records';
import { serviceTierOf } from '@wheelhouse/core/records';
import { type BilledCall, costFragment, costOfCall } from '@wheelhouse/core/trace';

export type SplitCallDeps = {
  sink: Pick<SpanSink, 'append'>;
  spans: Pick<SpanStore, 'spansOfTrace'>;
  prices: PriceReader;
};

type Known = Pick<Span, 'kind' | 'provider' | 'requestModel' | 'responseModel' | 'usage'>;

const keyOf = ({ traceId, spanId }: { traceId: TraceId; spanId: SpanId }) => `${traceId} ${spanId}`;
const callKinds = new Set<SpanKind>(['generation', 'embedding', 'reranker']);
const namesModel = (span: Known) =>
  callKinds.has(span.kind) && span.provider !== null && (span.requestModel ?? span.responseModel) !== null;
/** A fragment that says the model or the usage of a call, and leaves the other to another fragment. */
const isHalf = (span: Known) => namesModel(span) !== (span.usage !== null);

const latest = (fragments: readonly Span[]) =>
  [...fragments].sort((a, b) => ((a.reportedNs ?? 0n) < (b.reportedNs ?? 0n) ? 1 : -1));

function billed(half: Span, whole: Known): BilledCall | null {
  const { provider, usage, requestModel, responseModel } = whole;
  if (provider === null || usage === null) return null;
  const { projectId, startNs } = half;
  return { projectId, provider, usage, requestModel, responseModel, startNs, serviceTier: serviceTierOf(half) };
}

/** Gives fragments with usage their cost where another fragment of the same batch names the model. */
function priceWithin(spans: readonly Span[], prices: PriceReader): { spans: Span[]; open: Span[] } {
  const bySpan = new Map<string, Span[]>();
  for (const span of spans) {
    if (!namesModel(span) && span.usage === null) continue;
    bySpan.set(keyOf(span), [...(bySpan.get(keyOf(span)) ?? []), span]);
  }
  const open: Span[] = [];
  const priced = spans.map((span): Span => {
    const all = bySpan.get(keyOf(span));
    if (!all || !isHalf(span)) return span;
    const model = latest(all).find(namesModel);
    if (!model || all.every(({ usage }) => usage === null)) open.push(span);
    if (!model || span.usage === null) return span;
    const call = billed(span, { ...model, usage: span.usage });
    return { ...span, cost: call && costOfCall(call, prices) };
  });
  return { spans: priced, open };
}

/** Traces are read so many at once. */
const atOnce = 10;

/**
 * Stores spans whose calls may be told in pieces, one fragment naming the model and another the usage, so that no fragment
 * alone has a price. The other piece may be in the same batch or in the store; whoever stores second finds it there.
 */
export async function appendSplitCalls(deps: SplitCallDeps, given: readonly Span[], source: string): Promise<void> {
  const { spans, open } = priceWithin(given, deps.prices);
  await deps.sink.append(spans, source);
  const byTrace = new Map<string, Map<SpanId, Span>>();
  for (const span of open) byTrace.set(span.traceId, (byTrace.get(span.traceId) ?? new Map()).set(span.spanId, span));
  const traces = [...byTrace];
  for (let i = 0; i < traces.length; i += atOnce) {
    const costs = await Promise.all(traces.slice(i, i + atOnce).map(([, halves]) => missingCosts(deps, halves)));
    await deps.sink.append(costs.flat(), source);
  }
}

async function missingCosts(deps: SplitCallDeps, halves: ReadonlyMap<SpanId, Span>): Promise<Span[]> {
  const [first] = halves.values();
  if (!first) return [];
  const project: ProjectId = first.projectId;
  const stored = await deps.spans.spansOfTrace(project, first.traceId);
  return stored.flatMap((whole): Span[] => {
    const half = halves.get(whole.spanId);
    const call = half && billed(half, whole);
    const cost = call && costOfCall(call, deps.prices);
    return cost && cost.totalNanoUsd !== whole.costNanoUsd
      ? [{ ...costFragment(half, cost), ...(half.reportedNs ? { reportedNs: half.reportedNs } : {}) }]
      : [];
  });
}
