import type { TraceFactReads, TraceQueries, TraceSummary } from '@wheelhouse/core/ports';
import { msToNanos, nanosToMs, type TraceFacts } from '@wheelhouse/core/records';
import type { DriftRow } from '@wheelhouse/core/watch';
import { type Between, type Selected, within } from './measures.ts';

/** Of each tenth of the time so many, newest first, so that a busy hour does not stand for the whole of it. */
const slices = 10;
const perSlice = 60;

const few = (values: readonly string[]) => (values.length === 0 ? null : values.toSorted().join(' + ').slice(0, 200));

const meanOf = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
const callsOf = (tools: TraceFacts['tools']) => Object.values(tools).reduce((sum, calls) => sum + calls, 0);

type Told = { facts: TraceFacts | undefined; languageOf(text: string): string | null };

function rowOf(trace: TraceSummary, { facts, languageOf }: Told): DriftRow {
  const { startNs, endNs, scores } = trace;
  const numbers: Record<string, number | null> = {
    ...{ input_tokens: trace.inputTokens, output_tokens: trace.outputTokens, spans: trace.spanCount },
    ...{ errors: trace.errorCount, cost: trace.costNanoUsd === null ? null : Number(trace.costNanoUsd) / 1e9 },
    latency: endNs === null || endNs < startNs ? null : nanosToMs(endNs - startNs),
    first_token: trace.firstTokenNs === null ? null : nanosToMs(trace.firstTokenNs),
    tool_calls: facts ? callsOf(facts.tools) : null,
    'retrieval.documents': facts?.retrieved?.count ?? null,
    'retrieval.score': meanOf(facts?.retrieved?.scores ?? []),
    'retrieval.top_score': facts?.retrieved?.scores[0] ?? null,
  };
  const labels: Record<string, string | null> = {
    ...{ status: trace.status, model: trace.model, tools: few(trace.tools), name: trace.name },
    ...{ language: languageOf(trace.inputPreview), refusal: facts?.refusal ?? null },
  };
  for (const { name, value } of scores)
    if (typeof value === 'number') numbers[`score.${name}`] = value;
    else labels[`score.${name}`] = String(value);
  return {
    ...{ id: trace.traceId, atMs: nanosToMs(startNs), group: trace.sessionId ?? trace.traceId, numbers, labels },
    ...{ texts: { input: trace.inputPreview, output: trace.outputPreview }, mixes: { tool_mix: facts?.tools ?? {} } },
  };
}

type DriftReads = {
  queries: Pick<TraceQueries, 'list'>;
  facts: TraceFactReads;
  languageOf(text: string): string | null;
};

/** Some of the traces of a time, spread over it; `between` null: the newest of all that fit. */
export async function readDriftRows(
  { queries, facts, languageOf }: DriftReads,
  { project, filter }: Selected,
  { between, nowMs }: { between: Between | null; nowMs: number },
): Promise<DriftRow[]> {
  const nowNs = msToNanos(nowMs);
  const traces: TraceSummary[] = [];
  if (between === null) {
    traces.push(...(await queries.list(project, { filter, nowNs, limit: slices * perSlice })).data);
  } else {
    const step = (between.untilMs - between.fromMs) / slices;
    for (let slice = 0; slice < slices; slice++) {
      const fromMs = between.fromMs + slice * step;
      const part = within(filter, { fromMs, untilMs: fromMs + step });
      traces.push(...(await queries.list(project, { filter: part, nowNs, limit: perSlice })).data);
    }
  }
  const known = await facts.ofTraces(
    project,
    traces.map(({ traceId }) => traceId),
  );
  return traces.map((trace) => rowOf(trace, { facts: known.get(trace.traceId), languageOf }));
}
