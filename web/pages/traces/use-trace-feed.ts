import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { mergeTraces, type TracePage } from '../../data/live-cache.ts';
import { tracesQuery } from '../../data/trace-queries.ts';
import { withCondition } from './edit-filter.ts';

type Held = ReadonlyMap<string, TraceSummaryBody>;
const none: Held = new Map();

const withAll = (held: Held, traces: TraceSummaryBody[]): Held =>
  traces.length === 0 ? held : new Map([...held, ...traces.map((trace) => [trace.traceId, trace] as const)]);

function without(held: Held, ids: readonly string[]): Held {
  if (!ids.some((id) => held.has(id))) return held;
  const gone = new Set(ids);
  return new Map([...held].filter(([id]) => !gone.has(id)));
}

/** How often at most the server is asked which of the changed traces fit. */
const askMs = 700;
const idsAtOnce = 80;

/** What changed since the server was asked, by id; only the newest of many. */
function createQueue(ask: (ids: string[]) => Promise<unknown>) {
  const waiting = new Set<string>();
  let timer: number | undefined;
  const run = () => {
    timer = undefined;
    const ids = [...waiting].slice(-idsAtOnce);
    waiting.clear();
    // The next message asks again; the list itself reports an error that lasts.
    ask(ids).catch(() => undefined);
  };
  return {
    remove(ids: readonly string[]) {
      for (const id of ids) waiting.delete(id);
    },
    add(ids: string[]) {
      for (const id of ids) waiting.add(id);
      if (waiting.size > 0) timer ??= window.setTimeout(run, askMs);
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * The list and what arrives while it is read. What is known is updated in place; what is new goes in at once while the
 * reader is at the top with nothing chosen, and is held back otherwise, so that no row moves under the reader.
 */
export function useTraceFeed(q: string, options: { paused: boolean; mayMove: () => boolean; enabled: boolean }) {
  const { client, live } = useData();
  const queryClient = useQueryClient();
  const { enabled } = options;
  const query = useInfiniteQuery({ ...tracesQuery(client, q), staleTime: 0, enabled });
  const [held, setHeld] = useState<Held>(none);
  const latest = useRef(options);
  latest.current = options;
  const { queryKey } = tracesQuery(client, q);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is made of the filter alone.
  const merge = useCallback(
    (traces: TraceSummaryBody[]) =>
      queryClient.setQueryData<InfiniteData<TracePage, string | null>>(queryKey, (list) => mergeTraces(list, traces)),
    [queryClient, q],
  );

  // biome-ignore lint/correctness/useExhaustiveDependencies: the key is made of the filter alone.
  const knownIds = useCallback(
    () =>
      new Set(
        queryClient.getQueryData(queryKey)?.pages.flatMap((page) => page.data.map((trace) => trace.traceId)) ?? [],
      ),
    [queryClient, q],
  );

  const take = useCallback(
    (traces: TraceSummaryBody[]) => {
      const known = knownIds();
      if (latest.current.paused) setHeld((before) => withAll(before, traces));
      else if (latest.current.mayMove()) merge(traces);
      else {
        merge(traces.filter((one) => known.has(one.traceId)));
        const fresh = traces.filter((one) => !known.has(one.traceId));
        setHeld((before) => withAll(before, fresh));
      }
    },
    [knownIds, merge],
  );

  useEffect(() => {
    setHeld(none);
    if (!enabled) return;
    const queue = createQueue(async (ids) => {
      const [first, ...rest] = ids.map((id) => [id] as const);
      if (!first) return;
      const wanted = withCondition(q, { type: 'is', field: 'trace', patterns: [first, ...rest] });
      take((await client.call('listTraces', { query: { q: wanted, limit: idsAtOnce } })).data);
    });
    const stop = live.onMessages((messages) => {
      const removed = messages.flatMap((message) => (message.type === 'removed' ? message.traceIds : []));
      queue.remove(removed);
      if (removed.length > 0) setHeld((before) => without(before, removed));
      const traces = messages.flatMap((message) => (message.type === 'traces' ? message.traces : []));
      if (traces.length === 0) return;
      // Without a filter all that no evaluation made belongs here; whether a filter fits is for the server to say.
      if (q === '') return take(traces.filter((trace) => trace.runId === null));
      const known = knownIds();
      merge(traces.filter((trace) => known.has(trace.traceId)));
      queue.add(traces.filter((trace) => !known.has(trace.traceId)).map((trace) => trace.traceId));
    });
    return () => {
      stop();
      queue.stop();
    };
  }, [live, client, q, enabled, take, merge, knownIds]);

  const release = useCallback(() => {
    merge([...held.values()]);
    setHeld(none);
  }, [held, merge]);

  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.data) ?? [], [query.data]);
  const fresh = useMemo(() => {
    const known = new Set(rows.map((row) => row.traceId));
    return [...held.keys()].filter((id) => !known.has(id)).length;
  }, [held, rows]);
  return { query, rows, fresh, release };
}
