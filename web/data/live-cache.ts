import type { InfiniteData, Query, QueryClient } from '@tanstack/react-query';
import type { EvaluationBody, LiveMessage, TraceBody, TraceSummaryBody } from '@wheelhouse/sdk';
import type { Live } from './live.ts';

export type TracePage = { data: TraceSummaryBody[]; next: string | null };
type TraceList = InfiniteData<TracePage, string | null>;

/** Replaces known traces where they stand and puts new ones where their start time belongs. */
export function mergeTraces(list: TraceList | undefined, changed: TraceSummaryBody[]): TraceList | undefined {
  if (!list) return list;
  const byId = new Map(changed.map((trace) => [trace.traceId, trace]));
  const pages = list.pages.map((page) => ({
    ...page,
    data: page.data.map((old) => {
      const now = byId.get(old.traceId);
      byId.delete(old.traceId);
      return now ?? old;
    }),
  }));
  for (const trace of byId.values()) {
    const start = BigInt(trace.startNs);
    const later = (other: TraceSummaryBody) => BigInt(other.startNs) > start;
    const page = pages.find((one, index) => index === pages.length - 1 || !one.data.every(later));
    if (!page) continue;
    const at = page.data.findIndex((other) => !later(other));
    if (at >= 0) page.data.splice(at, 0, trace);
    // Older than everything loaded: it comes with its own page, if there is one.
    else if (page.next === null) page.data.push(trace);
  }
  return { ...list, pages };
}

/** Takes deleted traces out of every list, before the lists are read again. What is looked at stays until it is left. */
export function dropTraces(queryClient: QueryClient, traceIds: readonly string[]): void {
  const gone = new Set(traceIds);
  queryClient.setQueriesData<TraceList>({ queryKey: ['traces'] }, (list) =>
    list
      ? {
          ...list,
          pages: list.pages.map((page) => ({ ...page, data: page.data.filter((one) => !gone.has(one.traceId)) })),
        }
      : list,
  );
  for (const traceId of traceIds) queryClient.removeQueries({ queryKey: ['trace', traceId], type: 'inactive' });
}

/** What traces are counted in. */
const countedIn = ['sessions', 'users', 'facets', 'series'];

/** The thing itself, and of what hangs below it only what is unfinished. */
const mayHaveChanged = (query: Query, queryKey: readonly string[]) =>
  query.queryKey.length === queryKey.length || (query.state.data as { endNs?: unknown } | undefined)?.endNs === null;

/** Refetches a key at most once a second, more rarely where it takes long, and once more when something changed meanwhile. */
function createRefresher(queryClient: QueryClient) {
  const running = new Map<string, boolean>();
  const refresh = async (queryKey: readonly string[], below: boolean) => {
    const id = JSON.stringify(queryKey);
    if (running.has(id)) {
      running.set(id, true);
      return;
    }
    do {
      running.set(id, false);
      await new Promise((done) => setTimeout(done, 200));
      const asked = performance.now();
      await queryClient.invalidateQueries({ queryKey, predicate: (query) => below || mayHaveChanged(query, queryKey) });
      // What is large is read again less often, so that a page of it can still be used meanwhile.
      const took = performance.now() - asked;
      await new Promise((done) => setTimeout(done, Math.max(800, took * 5)));
    } while (running.get(id));
    running.delete(id);
  };
  /** @param below with everything below the key */
  return (queryKey: readonly string[], below = false) => void refresh(queryKey, below);
}

/** Keeps what is cached true to what the server says; the trace list's own page decides when new rows may move. */
export function feedCache(queryClient: QueryClient, live: Live): void {
  const refresh = createRefresher(queryClient);
  const apply = (message: LiveMessage) => {
    if (message.type === 'traces') {
      for (const trace of message.traces) {
        const key = ['trace', trace.traceId];
        if (!queryClient.getQueryState(key)) continue;
        queryClient.setQueryData<TraceBody>(key, (old) => (old ? { ...old, trace } : old));
        refresh(key);
      }
    } else if (message.type === 'removed') {
      dropTraces(queryClient, message.traceIds);
      for (const key of countedIn) void queryClient.invalidateQueries({ queryKey: [key] });
    } else if (message.type === 'models') {
      refresh(['models']);
      for (const key of [['model-pages'], ['alias-requests', message.name]])
        void queryClient.invalidateQueries({ queryKey: key });
      refresh(['model', message.name]);
      refresh(['callable-models']);
    } else if (message.type === 'datasets') {
      refresh(['datasets']);
      void queryClient.invalidateQueries({ queryKey: ['dataset', message.name] });
    } else if (message.type === 'pipelines') {
      refresh(['pipelines']);
      refresh(['pipeline', message.pipeline]);
      refresh(['pipeline-runs'], true);
      refresh(['pipeline-run', message.run]);
    } else if (message.type === 'dashboards') {
      // The page of one decides by itself when what others changed is shown.
      refresh(['dashboards']);
      refresh(['dashboards', message.name]);
    } else if (message.type === 'review') {
      refresh(['review-queues']);
      refresh(['review-queue', message.name], true);
    } else if (message.type === 'optimization_removed') {
      void queryClient.resetQueries({ queryKey: ['optimization', message.id] });
      refresh(['optimizations'], true);
    } else if (message.type === 'optimizations') {
      refresh(['optimization', message.id]);
      refresh(['optimizations'], true);
    } else if (message.type === 'abuse') {
      refresh(['abuse'], true);
      refresh(['attention'], true);
    } else if (message.type === 'issues') {
      refresh(['issues'], true);
      refresh(['attention'], true);
    } else if (message.type === 'releases') {
      refresh(['release', message.id]);
      refresh(['releases'], true);
      refresh(['attention'], true);
    } else if (message.type === 'evaluation_removed') {
      void queryClient.resetQueries({ queryKey: ['evaluation', message.id] });
      refresh(['evaluations'], true);
    } else if (message.type === 'evaluations') {
      const { id, status, done, total, failed, costNanoUsd } = message;
      const counts = { done, total, failed, costNanoUsd };
      queryClient.setQueryData<EvaluationBody>(['evaluation', id], (old) => (old ? { ...old, ...counts } : old));
      refresh(['evaluation', id]);
      refresh(['evaluation-rows', id], true);
      refresh(['evaluations'], true);
      if (status === 'completed' || status === 'failed') refresh(['datasets']);
    }
    if (message.type !== 'traces') void queryClient.invalidateQueries({ queryKey: ['audit'] });
  };
  live.onMessages((messages) => {
    for (const message of messages) apply(message);
  });
  live.onReturn(() => void queryClient.invalidateQueries());
}
