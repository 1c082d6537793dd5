import type { TraceQueries, TraceSummary } from '@wheelhouse/core/ports';
import { msToNanos, nanosToMs } from '@wheelhouse/core/records';
import type { DriftRow } from '@wheelhouse/core/watch';
import { type Between, type Selected, within } from './measures.ts';

/** Of each tenth of the time so many, newest first, so that a busy hour does not stand for the whole of it. */
const slices = 10;
const perSlice = 60;

const few = (values: readonly string[]) => (values.length === 0 ? null : values.toSorted().join(' + ').slice(0, 200));

function rowOf(trace: TraceSummary, languageOf: (text: string) => string | null): DriftRow {
  const { startNs, endNs, scores } = trace;
  const numbers: Record<string, number | null> = {
    ...{ input_tokens: trace.inputTokens, output_tokens: trace.outputTokens, spans: trace.spanCount },
    ...{ errors: trace.errorCount, cost: trace.costNanoUsd === null ? null : Number(trace.costNanoUsd) / 1e9 },
    latency: endNs === null || endNs < startNs ? null : nanosToMs(endNs - startNs),
    first_token: trace.firstTokenNs === null ? null : nanosToMs(trace.firstTokenNs),
  };
  const labels: Record<string, string | null> = {
    ...{ status: trace.status, model: trace.model, tools: few(trace.tools), name: trace.name },
    language: languageOf(trace.inputPreview),
  };
  for (const { name, value } of scores)
    if (typeof value === 'number') numbers[`score.${name}`] = value;
    else labels[`score.${name}`] = String(value);
  return {
    ...{ id: trace.traceId, atMs: nanosToMs(startNs), group: trace.sessionId ?? trace.traceId, numbers, labels },
    texts: { input: trace.inputPreview, output: trace.outputPreview },
  };
}

/** Some of the traces of a time, spread over it; `between` null: the newest of all that fit. */
export async function readDriftRows(
  queries: Pick<TraceQueries, 'list'>,
  { project, filter }: Selected,
  { between, nowMs, languageOf }: { between: Between | null; nowMs: number; languageOf(text: string): string | null },
): Promise<DriftRow[]> {
  const nowNs = msToNanos(nowMs);
  if (between === null) {
    const { data } = await queries.list(project, { filter, nowNs, limit: slices * perSlice });
    return data.map((trace) => rowOf(trace, languageOf));
  }
  const step = (between.untilMs - between.fromMs) / slices;
  const rows: DriftRow[] = [];
  for (let slice = 0; slice < slices; slice++) {
    const fromMs = between.fromMs + slice * step;
    const part = within(filter, { fromMs, untilMs: fromMs + step });
    const { data } = await queries.list(project, { filter: part, nowNs, limit: perSlice });
    rows.push(...data.map((trace) => rowOf(trace, languageOf)));
  }
  return rows;
}
