import { type InfiniteData, useInfiniteQuery, useQueryClient } from '@tanstack/react-query';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { mergeTraces, type TracePage } from '../../data/live-cache.ts';
import { type TraceSearch, tracesQuery } from '../../data/queries.ts';

type Held = ReadonlyMap<string, TraceSummaryBody>;
const none: Held = new Map();

const withAll = (held: Held, traces: TraceSummaryBody[]): Held =>
  traces.length === 0 ? held : new Map([...held, ...traces.map((trace) => [trace.traceId, trace] as const)]);

/** Whether the words or the model fit is for the server to say; a status anyone can compare. */
const needsServer = (search: TraceSearch) => search.text !== undefined || search.model !== undefined;

/**
 * The list and what arrives while it is read. What is known is updated in place; what is new goes in at once while the
 * reader is at the top with nothing chosen, and is held back otherwise, so that no row moves under the reader.
 */
export function useTraceFeed(search: TraceSearch, options: { paused: boolean; mayMove: () => boolean }) {
  const { client, live } = useData();
  const queryClient = useQueryClient();
  const query = useInfiniteQuery({ ...tracesQuery(client, search), staleTime: 0 });
  const [held, setHeld] = useState<Held>(none);
  const key = JSON.stringify(search);
  const latest = useRef({ search, options });
  latest.current = { search, options };

  const merge = useCallback(
    (traces: TraceSummaryBody[]) =>
      queryClient.setQueryData<InfiniteData<TracePage, string | null>>(
        tracesQuery(client, JSON.parse(key) as TraceSearch).queryKey,
        (list) => mergeTraces(list, traces),
      ),
    [queryClient, client, key],
  );

  const take = useCallback(
    (traces: TraceSummaryBody[]) => {
      const { search: now, options: may } = latest.current;
      const list = queryClient.getQueryData(tracesQuery(client, JSON.parse(key) as TraceSearch).queryKey);
      const known = new Set(list?.pages.flatMap((page) => page.data.map((trace) => trace.traceId)));
      const fits = traces.filter((one) => known.has(one.traceId) || !now.status || one.status === now.status);
      if (may.paused) setHeld((before) => withAll(before, fits));
      else if (may.mayMove()) merge(fits);
      else {
        merge(fits.filter((one) => known.has(one.traceId)));
        setHeld((before) =>
          withAll(
            before,
            fits.filter((one) => !known.has(one.traceId)),
          ),
        );
      }
    },
    [queryClient, client, key, merge],
  );

  useEffect(() => {
    setHeld(none);
    const wanted = JSON.parse(key) as TraceSearch;
    let asking = false;
    return live.onMessages((messages) => {
      const traces = messages.flatMap((message) => (message.type === 'traces' ? message.traces : []));
      if (traces.length === 0) return;
      if (!needsServer(wanted)) return take(traces);
      if (asking) return;
      asking = true;
      client
        .call('listTraces', { query: { ...wanted, limit: 100 } })
        .then((page) => take(page.data))
        // The next message asks again; the list itself reports an error that lasts.
        .catch(() => undefined)
        .finally(() => {
          asking = false;
        });
    });
  }, [live, client, key, take]);

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
