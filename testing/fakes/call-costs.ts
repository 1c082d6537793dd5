import type { CallCosts, DailyCost, PricedCall, SpanStore } from '@wheelhouse/core/ports';
import { type Cost, type Period, type ProjectId, type Span, serviceTierOf } from '@wheelhouse/core/records';
import { foldSpan } from './fold-span.ts';
import { summarizeTrace } from './summarize-trace.ts';

type Fragments = [Span, ...Span[]];

const fits = (pattern: string | null, names: (string | null)[]) =>
  pattern === null ||
  names.some((name) =>
    pattern.endsWith('*')
      ? name?.toLowerCase().startsWith(pattern.slice(0, -1).toLowerCase())
      : name?.toLowerCase() === pattern.toLowerCase(),
  );

const toCall = (span: Span): PricedCall[] =>
  span.usage === null || span.provider === null
    ? []
    : [
        {
          ...{ traceId: span.traceId, spanId: span.spanId, startNs: span.startNs, provider: span.provider },
          ...{ requestModel: span.requestModel, responseModel: span.responseModel, usage: span.usage },
          serviceTier: serviceTierOf(span),
          costNanoUsd: span.cost?.totalNanoUsd ?? null,
        },
      ];

const nanosOf = (iso: string) => BigInt(Date.parse(iso)) * 1_000_000n;
const placeOf = (call: PricedCall) => `${call.startNs}|${call.traceId}|${call.spanId}`;

/** What calls cost, over spans that are appended here too. */
export function fakeCallCosts(): CallCosts & Pick<SpanStore, 'append'> {
  const spans = new Map<string, Fragments>();
  const tokens = new Set<string>();
  let writes = 0;
  const writtenAt = new Map<Span, string>();

  const folded = (project: ProjectId, before = Number.POSITIVE_INFINITY): Span[] =>
    [...spans.values()].flatMap((all) => {
      const [first, ...rest] = all.filter((span) => (span.cost?.revision ?? 0) < before);
      return first && first.projectId === project ? [foldSpan([first, ...rest])] : [];
    });

  const callsOf = (project: ProjectId, period: Period, before?: number): PricedCall[] =>
    folded(project, before)
      .flatMap(toCall)
      .filter(
        (call) =>
          call.startNs >= nanosOf(period.from) &&
          call.startNs < nanosOf(period.until) &&
          fits(period.provider, [call.provider]) &&
          fits(period.model, [call.requestModel, call.responseModel]),
      )
      .sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

  const sumOf = (costs: (bigint | null)[]) => {
    const known = costs.filter((cost) => cost !== null);
    return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0n);
  };

  return {
    async append(given, token) {
      if (tokens.has(token)) return;
      tokens.add(token);
      for (const span of structuredClone(given)) {
        const key = `${span.projectId} ${span.traceId} ${span.spanId}`;
        spans.set(key, [span, ...(spans.get(key) ?? [])]);
        writtenAt.set(span, new Date(Date.UTC(2026, 0, 1) + writes++).toISOString());
      }
    },
    async totals(project, period) {
      const costs = callsOf(project, period).map(({ costNanoUsd }) => costNanoUsd);
      const unpriced = costs.filter((cost) => cost === null).length;
      return { calls: costs.length, unpriced, costNanoUsd: sumOf(costs) };
    },
    async page(project, period, { after, limit, before }) {
      const rest = callsOf(project, period, before).filter((call) => after === null || placeOf(call) > after);
      const calls = rest.slice(0, limit);
      const last = calls.at(-1);
      return { calls, next: last && calls.length === limit ? placeOf(last) : null };
    },
    sample: async (project, period, limit) => callsOf(project, period).slice(0, limit),
    async history(project, trace, span) {
      const figures = new Map<string, Cost & { writtenAt: string }>();
      for (const fragment of spans.get(`${project} ${trace} ${span}`) ?? [])
        if (fragment.cost)
          figures.set(`${fragment.cost.revision ?? 0} ${fragment.cost.totalNanoUsd} ${fragment.cost.priceId}`, {
            ...fragment.cost,
            writtenAt: writtenAt.get(fragment) ?? '',
          });
      return [...figures.values()].sort((a, b) => (b.revision ?? 0) - (a.revision ?? 0));
    },
    async daily(project, { from, until }) {
      const byTrace = new Map<string, Span[]>();
      for (const span of folded(project)) byTrace.set(span.traceId, [...(byTrace.get(span.traceId) ?? []), span]);
      const sums = new Map<string, DailyCost>();
      for (const call of [...byTrace.values()].flatMap((trace) => summarizeTrace(trace)?.calls ?? [])) {
        const day = new Date(Number(call.startNs / 1_000_000n)).toISOString().slice(0, 10);
        const model = call.responseModel ?? call.requestModel ?? '';
        if (call.provider === null || day < from || day > until) continue;
        const key = `${day} ${call.provider} ${model}`;
        const sum = sums.get(key) ?? { day, provider: call.provider, model, calls: 0, unpriced: 0, costNanoUsd: null };
        sums.set(key, {
          ...sum,
          calls: sum.calls + 1,
          unpriced: sum.unpriced + (call.cost === null ? 1 : 0),
          costNanoUsd: sumOf([sum.costNanoUsd, call.cost?.totalNanoUsd ?? null]),
        });
      }
      return [...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, sum]) => sum);
    },
  };
}
