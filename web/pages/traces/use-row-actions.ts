import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { type RefObject, useCallback, useState } from 'react';
import { useCopyLink } from '../../parts/copy-link.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';

const currentKey = ['reader', 'trace'];

/** Which row the reader is at; remembered over a visit to the trace, so that Back leads to the same place. */
function useCurrentRow(peek: string | undefined) {
  const queryClient = useQueryClient();
  const [current, set] = useState<string | null>(() => peek ?? queryClient.getQueryData(currentKey) ?? null);
  const setCurrent = useCallback(
    (traceId: string | null) => {
      queryClient.setQueryData(currentKey, traceId);
      set(traceId);
    },
    [queryClient],
  );
  return [current, setCurrent] as const;
}

function useSelection() {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback(
    (traceId: string) =>
      setSelected((before) => {
        const next = new Set(before);
        if (!next.delete(traceId)) next.add(traceId);
        return next;
      }),
    [],
  );
  return { selected, toggle, clear: () => setSelected(new Set()) };
}

type RowOptions = {
  rows: TraceSummaryBody[];
  box: RefObject<HTMLInputElement | null>;
  peek: string | undefined;
  onPeek: (traceId: string | undefined) => void;
};

/** Moves through the rows, looks at them, opens, selects and takes them along. */
export function useRowActions({ rows, box, peek, onPeek }: RowOptions) {
  const navigate = useNavigate();
  const toast = useToast();
  const [current, setCurrent] = useCurrentRow(peek);
  const selection = useSelection();
  const { selected, toggle, clear } = selection;
  const [open, setOpen] = useState<{ what: 'dataset' | 'review' | 'delete'; traceIds: string[] } | null>(null);
  const look = useCallback(
    (traceId: string) => {
      setCurrent(traceId);
      onPeek(traceId);
    },
    [setCurrent, onPeek],
  );
  /** Beside the list first, then on a page of its own. */
  const enter = () => {
    if (current === null) return;
    if (peek === current) void navigate({ to: '/traces/$traceId', params: { traceId: current } });
    else look(current);
  };
  const move = (step: number) => {
    const at = rows.findIndex((row) => row.traceId === current);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
    if (!next) return;
    setCurrent(next.traceId);
    if (peek !== undefined) onPeek(next.traceId);
  };
  const chosen = selected.size > 0 ? [...selected] : current === null ? [] : [current];
  const act = (what: 'dataset' | 'review' | 'delete') => () =>
    chosen.length > 0 ? setOpen({ what, traceIds: chosen }) : toast('Move to a trace with j first.');
  const add = act('dataset');
  const remove = act('delete');
  const copy = useCopyLink();
  // Without a current row the link is to the list, filters and all.
  const copyLink = () => copy(current === null ? undefined : `${location.origin}/x/${current}`);
  const leave = () => {
    if (peek !== undefined) return onPeek(undefined);
    setCurrent(null);
    clear();
  };
  useShortcuts('Traces', [
    { keys: 'j', label: 'next', hint: true, run: () => move(1) },
    { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
    { keys: 'ArrowDown', label: 'next', run: () => move(1) },
    { keys: 'ArrowUp', label: 'previous', run: () => move(-1) },
    { keys: 'Enter', label: peek === undefined ? 'peek, again to open' : 'open', hint: true, run: enter },
    { keys: 'x', label: 'select', hint: true, run: () => current && toggle(current) },
    { needs: 'addExamples', keys: 'a', label: 'add to dataset', hint: true, run: add },
    { needs: 'addReviewItems', keys: 's', label: 'add to a review queue', run: act('review') },
    { needs: 'createDeletion', keys: 'Delete', label: 'delete', run: remove },
    { keys: 'y', label: 'copy link', hint: true, run: copyLink },
    { keys: '/', label: 'filter', hint: true, run: () => box.current?.focus() },
    { keys: 'Escape', label: peek === undefined ? 'let go of rows' : 'close the peek', run: leave },
  ]);
  return { current, setCurrent, ...selection, open, close: () => setOpen(null), add, remove, look };
}
