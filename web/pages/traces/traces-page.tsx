import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { Database, Pause, Radio } from 'lucide-react';
import { type ReactNode, type RefObject, useCallback, useRef, useState } from 'react';
import { plural } from '../../data/format.ts';
import type { TraceSearch } from '../../data/queries.ts';
import { AddToDataset } from '../../parts/add-to-dataset.tsx';
import { useCopyLink } from '../../parts/copy-link.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { useToast } from '../../parts/toast.tsx';
import { TraceFilters } from './trace-filters.tsx';
import { TraceList } from './trace-list.tsx';
import { TracesEmpty } from './traces-empty.tsx';
import { useTraceFeed } from './use-trace-feed.ts';

const route = getRouteApi('/traces');
const currentKey = ['reader', 'trace'];

/** Which row the reader is at; remembered over a visit to the trace, so that Back leads to the same place. */
function useCurrentRow() {
  const queryClient = useQueryClient();
  const [current, set] = useState<string | null>(() => queryClient.getQueryData(currentKey) ?? null);
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

/** Moves through the rows, opens, selects and takes them along. */
function useRowActions(rows: TraceSummaryBody[], box: RefObject<HTMLInputElement | null>) {
  const navigate = useNavigate();
  const toast = useToast();
  const [current, setCurrent] = useCurrentRow();
  const selection = useSelection();
  const { selected, toggle, clear } = selection;
  const [adding, setAdding] = useState<string[] | null>(null);
  const open = useCallback(
    (traceId: string) => {
      setCurrent(traceId);
      void navigate({ to: '/traces/$traceId', params: { traceId } });
    },
    [navigate, setCurrent],
  );
  const move = (step: number) => {
    const at = rows.findIndex((row) => row.traceId === current);
    const next = rows[at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + step))];
    if (next) setCurrent(next.traceId);
  };
  const chosen = selected.size > 0 ? [...selected] : current === null ? [] : [current];
  const add = () => (chosen.length > 0 ? setAdding(chosen) : toast('Move to a trace with j first.'));
  const copy = useCopyLink();
  // Without a current row the link is to the list, filters and all.
  const copyLink = () => copy(current === null ? undefined : `${location.origin}/x/${current}`);
  useShortcuts('Traces', [
    { keys: 'j', label: 'next', hint: true, run: () => move(1) },
    { keys: 'k', label: 'previous', hint: true, run: () => move(-1) },
    { keys: 'ArrowDown', label: 'next', run: () => move(1) },
    { keys: 'ArrowUp', label: 'previous', run: () => move(-1) },
    { keys: 'Enter', label: 'open', hint: true, run: () => current && open(current) },
    { keys: 'x', label: 'select', hint: true, run: () => current && toggle(current) },
    { keys: 'a', label: 'add to dataset', hint: true, run: add },
    { keys: 'y', label: 'copy link', hint: true, run: copyLink },
    { keys: '/', label: 'filter', hint: true, run: () => box.current?.focus() },
    {
      keys: 'Escape',
      label: 'let go of rows',
      run: () => {
        setCurrent(null);
        clear();
      },
    },
  ]);
  return { current, setCurrent, ...selection, adding, setAdding, add, open };
}

type ActionsProps = { selected: number; paused: boolean; onAdd: () => void; onPause: () => void };

function Actions({ selected, paused, onAdd, onPause }: ActionsProps) {
  const Icon = paused ? Pause : Radio;
  return (
    <>
      {selected > 0 && (
        <button type="button" className="btn btn-primary" onClick={onAdd}>
          <Database size={13} strokeWidth={1.75} aria-hidden="true" />
          Add {selected} to dataset
        </button>
      )}
      <button type="button" className="btn" aria-pressed={paused} onClick={onPause}>
        <Icon size={13} strokeWidth={1.75} aria-hidden="true" />
        {paused ? 'Paused' : 'Live'}
      </button>
    </>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div className="p-6">
      <p className="mb-2 text-text-2">No trace matches this filter.</p>
      <button type="button" className="btn" onClick={onClear}>
        Clear the filter
      </button>
    </div>
  );
}

export function TracesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const scroller = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const mayMove = useRef(true);
  const [paused, setPaused] = useState(false);
  const isAtTop = () => (scroller.current?.scrollTop ?? 0) < 8;
  const feed = useTraceFeed(search, { paused, mayMove: () => mayMove.current && isAtTop() });
  const { query, rows, fresh } = feed;
  const actions = useRowActions(rows, box);
  const { current, selected } = actions;
  mayMove.current = current === null && selected.size === 0;

  const change = useCallback(
    (next: TraceSearch) => {
      const filled = Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as TraceSearch;
      void navigate({ to: '/traces', search: filled, replace: true });
    },
    [navigate],
  );
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = query;
  const more = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage();
  }, [fetchNextPage, isFetchingNextPage]);
  const showFresh = () => {
    feed.release();
    actions.setCurrent(null);
    scroller.current?.scrollTo({ top: 0 });
  };
  const togglePause = () => {
    if (paused) feed.release();
    setPaused(!paused);
  };

  const filtered = Object.keys(search).length > 0;
  const empty = query.isSuccess && rows.length === 0;
  return (
    <>
      <PageHeader
        title="Traces"
        actions={<Actions selected={selected.size} paused={paused} onAdd={actions.add} onPause={togglePause} />}
      >
        <TraceFilters box={box} search={search} rows={rows} onChange={change} />
        {rows.length > 0 && (
          <span className="text-text-3 max-lg:hidden">
            {plural(rows.length, 'trace')}
            {hasNextPage ? ' loaded' : ''}
          </span>
        )}
      </PageHeader>
      <div className="relative flex min-h-0 flex-1 flex-col">
        {fresh > 0 && (
          <button
            type="button"
            className="btn btn-primary absolute top-9 left-1/2 z-20 -translate-x-1/2 shadow-[var(--shadow)]"
            onClick={showFresh}
          >
            ▲ {fresh} new
          </button>
        )}
        {query.isPending && <Loading what="traces" />}
        {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
        {empty && !filtered && <TracesEmpty />}
        {empty && filtered && <NoMatch onClear={() => change({})} />}
        {rows.length > 0 && (
          <TraceList
            scroller={scroller}
            rows={rows}
            current={current}
            selected={selected}
            more={hasNextPage}
            onMore={more}
            onOpen={actions.open}
            onSelect={actions.toggle}
          />
        )}
      </div>
      {actions.adding && (
        <AddToDataset traceIds={actions.adding} onClose={() => actions.setAdding(null)} onAdded={actions.clear} />
      )}
    </>
  );
}
