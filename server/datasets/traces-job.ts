import { shareOf } from '@wheelhouse/core/dataset';
import type { TraceQueries, WholeSpans } from '@wheelhouse/core/ports';
import { parseFilter } from '@wheelhouse/core/query';
import { type Filter, parseTraceId, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import type { JobKind, JobRun } from './dataset-worker.ts';
import { rowsOfTraces } from './trace-rows.ts';

export type TracesParams = {
  q: string | null;
  traceIds: string[];
  expected: boolean;
  sample: number;
  most: number;
  tags: string[];
  /** What `q` says of time counts from here. */
  nowNs: string;
};

const tracesAtOnce = 100;

/** @throws WheelhouseError `filter_invalid` */
export function filterOf(q: string): Filter {
  const parsed = parseFilter(q);
  if (parsed.ok) return parsed.filter;
  const { message, hint, from } = parsed.problem;
  throw new WheelhouseError('filter_invalid', `${message.replace(/\.$/, '')} (at character ${from + 1} of q).`, {
    ...{ param: 'q', hint },
  });
}

/** Whether a trace is one of the sample; the same everywhere and each time. */
export const isSampled = (seed: string, trace: TraceId, sample: number): boolean =>
  sample >= 1 || shareOf(`${seed} ${trace}`) < sample;

type Deps = { queries: Pick<TraceQueries, 'list'>; wholeSpans: WholeSpans };

async function named({ wholeSpans }: Deps, { by, ledger, signal }: JobRun, params: TracesParams): Promise<void> {
  const ids = [...new Set(params.traceIds)];
  await ledger.note({ total: ids.length });
  for (let at = ledger.progress().read; at < ids.length && !signal.aborted; at = ledger.progress().read) {
    const some = ids.slice(at, at + tracesAtOnce);
    const traces = some.map((id) => parseTraceId(id) ?? (id as TraceId));
    const wanted = { ...params, traces, from: at + 1 };
    const read = () => rowsOfTraces(wholeSpans, by.project, wanted);
    await ledger.add({ read, looked: some.length, unique: true });
  }
}

async function filtered({ queries, wholeSpans }: Deps, run: JobRun, params: TracesParams): Promise<void> {
  const { by, ledger, signal } = run;
  const selection = { filter: filterOf(params.q ?? ''), nowNs: BigInt(params.nowNs) };
  while (!signal.aborted) {
    const { place, added, read: before } = ledger.progress();
    const left = params.most - added;
    if (left <= 0 || place === 'end') return;
    const cursor = typeof place === 'string' ? { cursor: place } : {};
    const page = await queries.list(by.project, { ...selection, limit: Math.min(tracesAtOnce, left), ...cursor });
    const sampled = page.data.filter(({ traceId }) => isSampled(ledger.job.id, traceId, params.sample));
    const wanted = { ...params, traces: sampled.map(({ traceId }) => traceId), from: before + 1 };
    const read = () => rowsOfTraces(wholeSpans, by.project, wanted);
    await ledger.add({ read, looked: page.data.length, place: page.next ?? 'end', unique: true });
  }
}

/** Makes examples of traces: those that were named, or those that fit a filter, newest first. */
export function createTracesJob(deps: Deps): JobKind {
  return {
    async run(run) {
      const params = run.ledger.job.params as unknown as TracesParams;
      if (params.q === null) await named(deps, run, params);
      else await filtered(deps, run, params);
      if (run.signal.aborted) throw run.signal.reason;
      return null;
    },
  };
}
