import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { TraceBody } from '@wheelhouse/sdk';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useData } from '../../data/data-context.tsx';
import { spanQuery } from '../../data/queries.ts';
import { buildSpanTree, firstOfInterest, inOrderOfStart, type SpanTree, visibleRows, without } from './span-tree.ts';

const route = getRouteApi('/traces/$traceId');

export type TraceView = 'waterfall' | 'conversation' | 'graph' | 'log';
type Search = {
  span?: string | undefined;
  view?: TraceView | undefined;
  zoom?: string | undefined;
  gaps?: 'short' | undefined;
  find?: string | undefined;
};

/** A reader who presses j quickly passes spans that need not be loaded. */
const restMs = 120;
const ahead = 3;

/** Loads what the reader is likely to look at next. */
function usePrefetch(tree: SpanTree, visible: number[], at: number) {
  const { client } = useData();
  const queryClient = useQueryClient();
  useEffect(() => {
    const place = visible.indexOf(at);
    if (place < 0) return;
    const timer = setTimeout(() => {
      for (const next of visible.slice(Math.max(0, place - ahead), place + ahead + 1)) {
        const span = tree.rows[next]?.span;
        if (!span || next === at) continue;
        void queryClient.prefetchQuery({
          ...spanQuery(client, span.traceId, span.spanId),
          staleTime: Number.POSITIVE_INFINITY,
        });
      }
    }, restMs);
    return () => clearTimeout(timer);
  }, [tree, visible, at, client, queryClient]);
}

/** What is folded, what is selected, and how keys move through it. What a link should carry is in the URL. */
export function useSpanReader(body: TraceBody) {
  const search = route.useSearch();
  const navigate = useNavigate();
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const tree = useMemo(() => buildSpanTree(body.spans), [body.spans]);
  const isLog = search.view === 'log';
  const visible = useMemo(
    () => (isLog ? inOrderOfStart(tree.rows) : visibleRows(tree.rows, folded)),
    [isLog, tree, folded],
  );
  const selected = search.span ?? firstOfInterest(tree.rows);
  const at = useMemo(() => tree.rows.findIndex((row) => row.id === selected), [tree, selected]);
  const row = tree.rows[at];
  const traceId = body.trace.traceId;
  usePrefetch(tree, visible, at);

  const go = useCallback(
    (next: Search) =>
      void navigate({
        to: '/traces/$traceId',
        params: { traceId },
        search: (before) => {
          const merged = Object.entries({ ...before, ...next }).filter(([, value]) => value !== undefined);
          return Object.fromEntries(merged) as typeof before;
        },
        replace: true,
      }),
    [navigate, traceId],
  );
  const select = useCallback((span: string) => go({ span }), [go]);
  const fold = useCallback(
    (id: string) =>
      setFolded((before) => {
        const next = new Set(before);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    [],
  );
  /** Selects a row wherever it is, unfolding what it is inside of. */
  const show = (index: number) => {
    const target = tree.rows[index];
    if (!target) return;
    setFolded((before) => without(before, tree.rows, index));
    select(target.id);
  };
  const move = (step: number) => {
    let place = visible.indexOf(at) + step;
    // A parent that was not reported has nothing to show.
    while (tree.rows[visible[place] ?? -1]?.span === null) place += step;
    const next = tree.rows[visible[place] ?? -1];
    if (next) select(next.id);
  };
  const out = () => {
    if (!row) return;
    const parent = tree.rows[row.parent];
    if (row.below > 0 && !folded.has(row.id)) fold(row.id);
    else if (parent?.span) select(parent.id);
  };
  const into = () => {
    if (row && folded.has(row.id)) fold(row.id);
    else if (row && row.below > 0) move(1);
  };
  const foldAll = () => {
    setFolded(new Set(tree.rows.filter((one) => one.below > 0 && one.depth > 0).map((one) => one.id)));
    const top = tree.rows.findLastIndex((one, index) => one.depth <= 1 && index <= at);
    if (row && row.depth > 1 && tree.rows[top]?.span) select(tree.rows[top].id);
  };
  const unfoldAll = () => setFolded(new Set());
  const nextError = () => {
    const indices = [...tree.rows.keys()];
    const after = [...indices.slice(at + 1), ...indices.slice(0, at + 1)];
    const failed = after.find((index) => tree.rows[index]?.span?.status === 'error');
    if (failed !== undefined) show(failed);
    return failed !== undefined;
  };
  return {
    search,
    tree,
    visible,
    folded,
    selected,
    at,
    row,
    span: row?.span ?? null,
    go,
    select,
    show,
    fold,
    move,
    out,
    into,
    foldAll,
    unfoldAll,
    nextError,
  };
}

export type SpanReader = ReturnType<typeof useSpanReader>;
