import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { exportPath } from '@wheelhouse/core/contract/paths';
import {
  Bookmark,
  CheckCheck,
  Database,
  Download,
  LayoutDashboard,
  PanelLeft,
  Pause,
  Radio,
  Trash2,
} from 'lucide-react';
import { lazy, type ReactNode, Suspense, useCallback, useRef, useState } from 'react';
import { count, plural } from '../../data/format.ts';
import type { TracesSearch } from '../../data/traces-search.ts';
import { LateMenu } from '../../parts/late-menu.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { FacetPanel } from './facet-panel.tsx';
import { FilterBox, FilterError, problemOf } from './filter-box.tsx';
import { TraceList } from './trace-list.tsx';
import { useRowActions } from './use-row-actions.ts';
import { useTraceFeed } from './use-trace-feed.ts';

// What a first look does not need comes when it is asked for.
const AddToDataset = lazy(async () => ({ default: (await import('../../parts/add-to-dataset.tsx')).AddToDataset }));
const FilterToDashboard = lazy(async () => ({
  default: (await import('./filter-to-dashboard.tsx')).FilterToDashboard,
}));
const AddToReview = lazy(async () => ({ default: (await import('../../parts/add-to-review.tsx')).AddToReview }));
const DeleteTraces = lazy(async () => ({ default: (await import('../../parts/delete-traces.tsx')).DeleteTraces }));
const ScoreThese = lazy(async () => ({ default: (await import('./score-these.tsx')).ScoreThese }));
const SessionList = lazy(async () => ({ default: (await import('./group-lists.tsx')).SessionList }));
const UserList = lazy(async () => ({ default: (await import('./group-lists.tsx')).UserList }));
const PeekPanel = lazy(async () => ({ default: (await import('./peek-panel.tsx')).PeekPanel }));
const TracesEmpty = lazy(async () => ({ default: (await import('./traces-empty.tsx')).TracesEmpty }));
const ViewsDialog = lazy(async () => ({ default: (await import('./views-dialog.tsx')).ViewsDialog }));

const route = getRouteApi('/traces');

const groups = [
  { group: undefined, text: 'Traces' },
  { group: 'session', text: 'Sessions' },
  { group: 'user', text: 'Users' },
] as const;

/** One list, three ways to group it; the filter goes along. */
function Groups({ search }: { search: TracesSearch }) {
  const { group: now, peek: _, ...kept } = search;
  return (
    <nav aria-label="Group by" className="flex gap-1">
      {groups.map(({ group, text }) => (
        <Link
          key={text}
          to="/traces"
          search={group === undefined ? kept : { ...kept, group }}
          aria-current={group === now ? 'page' : undefined}
          className={`btn ${group === now ? '' : 'btn-quiet'}`}
        >
          {text}
        </Link>
      ))}
    </nav>
  );
}

/** A file of what the filter lets through. */
function save(q: string, format: 'jsonl' | 'parquet'): void {
  const query = new URLSearchParams({ ...(q === '' ? {} : { q }), format });
  Object.assign(document.createElement('a'), { href: `${exportPath}?${query}`, download: `traces.${format}` }).click();
}

type ActionsProps = {
  selected: number;
  paused: boolean;
  onAdd: () => void;
  onDelete: () => void;
  onPause: () => void;
};

function ListActions({ selected, paused, onAdd, onDelete, onPause }: ActionsProps) {
  const Icon = paused ? Pause : Radio;
  return (
    <>
      {selected > 0 && (
        <>
          <May call="addExamples">
            <button type="button" className="btn btn-primary" onClick={onAdd}>
              <Database size={13} strokeWidth={1.75} aria-hidden="true" />
              Add {count(selected)} to dataset
            </button>
          </May>
          <May call="createDeletion">
            <button type="button" className="btn" onClick={onDelete}>
              <Trash2 size={13} strokeWidth={1.75} aria-hidden="true" />
              Delete {count(selected)}
            </button>
          </May>
        </>
      )}
      <button type="button" className="btn" aria-pressed={paused} title="Live tail (p)" onClick={onPause}>
        <Icon size={13} strokeWidth={1.75} aria-hidden="true" />
        {paused ? 'Paused' : 'Live'}
      </button>
    </>
  );
}

type ViewActionsProps = { q: string; facets: boolean; onFacets: () => void; onScore: () => void };

/** What every grouping can do: save this view, score what is in it, take it along as a file, fold the facets. */
function ViewActions({ q, facets, onFacets, onScore }: ViewActionsProps) {
  const [open, setOpen] = useState<'views' | 'dashboard' | null>(null);
  useShortcuts('Traces', [
    { needs: 'createScoring', keys: 'Shift+S', label: 'score these …', run: onScore },
    { keys: 'v', label: 'saved views', run: () => setOpen('views') },
    { needs: 'setDashboard', keys: 'Shift+D', label: 'to a dashboard …', run: () => setOpen('dashboard') },
    { keys: 'Shift+F', label: 'facets', run: onFacets },
  ]);
  return (
    <>
      <button
        type="button"
        className="btn btn-icon max-lg:hidden"
        aria-label="Facets"
        aria-expanded={facets}
        title="Facets (Shift F)"
        onClick={onFacets}
      >
        <PanelLeft size={13} strokeWidth={1.75} />
      </button>
      <button type="button" className="btn" title="Saved views (v)" onClick={() => setOpen('views')}>
        <Bookmark size={13} strokeWidth={1.75} aria-hidden="true" />
        Views
      </button>
      <May call="setDashboard">
        <button
          type="button"
          className="btn btn-icon"
          aria-label="To a dashboard …"
          title="Put this filter on a dashboard (Shift D)"
          onClick={() => setOpen('dashboard')}
        >
          <LayoutDashboard size={13} strokeWidth={1.75} />
        </button>
      </May>
      <May call="createScoring">
        <button
          type="button"
          className="btn btn-icon"
          aria-label="Score these …"
          title="Score what the filter lets through (Shift S)"
          onClick={onScore}
        >
          <CheckCheck size={13} strokeWidth={1.75} />
        </button>
      </May>
      <LateMenu
        trigger={
          <button
            type="button"
            className="btn btn-icon"
            aria-label="Export"
            title="Export what the filter lets through"
          >
            <Download size={13} strokeWidth={1.75} />
          </button>
        }
        items={[
          { label: 'Export as JSONL', run: () => save(q, 'jsonl') },
          { label: 'Export as Parquet', run: () => save(q, 'parquet') },
        ]}
      />
      <Suspense fallback={null}>
        {open === 'views' && <ViewsDialog onClose={() => setOpen(null)} />}
        {open === 'dashboard' && <FilterToDashboard q={q} onClose={() => setOpen(null)} />}
      </Suspense>
    </>
  );
}

function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <div className="flex flex-col items-start gap-3 p-6">
      <p className="text-text-2">No trace matches the filter. New ones that do will appear here.</p>
      <button type="button" className="btn" onClick={onClear}>
        Clear the filter
      </button>
    </div>
  );
}

type ListProps = {
  search: TracesSearch;
  box: { current: HTMLInputElement | null };
  onChange: (next: TracesSearch) => void;
};

type RowDialogsProps = { actions: ReturnType<typeof useRowActions>; onPeek: (traceId: undefined) => void };

/** What is done with the rows that were chosen. */
function RowDialogs({ actions, onPeek }: RowDialogsProps) {
  return (
    <Suspense fallback={null}>
      {actions.open?.what === 'dataset' && (
        <AddToDataset traceIds={actions.open.traceIds} onClose={actions.close} onAdded={actions.clear} />
      )}
      {actions.open?.what === 'review' && (
        <AddToReview
          what="trace"
          items={{ from: 'traces', traceIds: actions.open.traceIds }}
          onClose={actions.close}
          onAdded={actions.clear}
        />
      )}
      {actions.open?.what === 'delete' && (
        <DeleteTraces
          subject={{ traces: actions.open.traceIds }}
          onClose={actions.close}
          onDeleted={() => {
            actions.clear();
            actions.setCurrent(null);
            onPeek(undefined);
          }}
        />
      )}
    </Suspense>
  );
}

/** Single traces, as they come. */
function Traces({ search, box, onChange, header }: ListProps & { header: (actions: ReactNode) => ReactNode }) {
  const q = search.q ?? '';
  const scroller = useRef<HTMLDivElement>(null);
  const [paused, setPaused] = useState(false);
  // Set below, once it is known what the reader has chosen.
  const mayMove = useRef(true);
  const feed = useTraceFeed(q, {
    paused,
    mayMove: () => mayMove.current && (scroller.current?.scrollTop ?? 0) < 8,
    enabled: problemOf(q, null) === null,
  });
  const { query, rows, fresh } = feed;
  const onPeek = useCallback((peek: string | undefined) => onChange({ ...search, peek }), [onChange, search]);
  const actions = useRowActions({ rows, box, peek: search.peek, onPeek });
  const { current, selected } = actions;
  mayMove.current = current === null && selected.size === 0;
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
  useShortcuts('Traces', [
    { keys: 'p', label: paused ? 'live again' : 'pause', hint: true, run: togglePause },
    { keys: 'Shift+ArrowUp', label: 'show what is new', run: showFresh },
  ]);
  const problem = problemOf(q, query.error);
  const empty = query.isSuccess && rows.length === 0;
  return (
    <>
      {header(
        <>
          {rows.length > 0 && (
            <span className="whitespace-nowrap text-text-3 max-xl:hidden">
              {plural(rows.length, 'trace')}
              {hasNextPage ? ' loaded' : ''}
            </span>
          )}
          <ListActions
            selected={selected.size}
            paused={paused}
            onAdd={actions.add}
            onDelete={actions.remove}
            onPause={togglePause}
          />
        </>,
      )}
      {problem && <FilterError q={q} problem={problem} />}
      <div className="relative flex min-h-0 flex-1">
        {search.facets !== 'off' && !problem && (rows.length > 0 || q !== '') && (
          <div className={`flex min-h-0 ${search.peek === undefined ? '' : 'max-[1599px]:hidden'}`}>
            <FacetPanel q={q} onChange={(next) => onChange({ ...search, q: next || undefined })} />
          </div>
        )}
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          {fresh > 0 && (
            <button
              type="button"
              className="btn btn-primary absolute top-9 left-1/2 z-20 -translate-x-1/2 shadow-[var(--shadow)]"
              onClick={showFresh}
            >
              ▲ {count(fresh)} new
            </button>
          )}
          {query.isPending && !problem && <Loading what="traces" />}
          {query.error && !query.data && !problem && (
            <RequestError error={query.error} onRetry={() => void query.refetch()} />
          )}
          <Suspense fallback={null}>{empty && q === '' && <TracesEmpty />}</Suspense>
          {empty && q !== '' && <NoMatch onClear={() => onChange({ ...search, q: undefined })} />}
          {rows.length > 0 && (
            <TraceList
              scroller={scroller}
              rows={rows}
              current={current}
              selected={selected}
              more={hasNextPage}
              onMore={more}
              onOpen={actions.look}
              onSelect={actions.toggle}
            />
          )}
        </div>
        <Suspense fallback={null}>
          {search.peek !== undefined && (
            <PeekPanel
              traceId={search.peek}
              trace={rows.find((row) => row.traceId === search.peek)}
              onClose={() => onPeek(undefined)}
            />
          )}
        </Suspense>
      </div>
      <RowDialogs actions={actions} onPeek={onPeek} />
    </>
  );
}

/** Conversations, or the people who had them. */
function Grouped({ search, box, onChange, header }: ListProps & { header: (actions: ReactNode) => ReactNode }) {
  const q = search.q ?? '';
  const problem = problemOf(q, null);
  useShortcuts('Traces', [{ keys: '/', label: 'filter', hint: true, run: () => box.current?.focus() }]);
  return (
    <>
      {header(null)}
      {problem && <FilterError q={q} problem={problem} />}
      <div className="flex min-h-0 flex-1">
        {search.facets !== 'off' && !problem && (
          <FacetPanel q={q} onChange={(next) => onChange({ ...search, q: next || undefined })} />
        )}
        <div className="flex min-h-0 min-w-0 flex-1 flex-col">
          <Suspense fallback={null}>
            {!problem && (search.group === 'session' ? <SessionList q={q} /> : <UserList q={q} />)}
          </Suspense>
        </div>
      </div>
    </>
  );
}

export function TracesPage(): ReactNode {
  const search = route.useSearch();
  const navigate = useNavigate();
  const box = useRef<HTMLInputElement>(null);
  const change = useCallback(
    (next: TracesSearch) => {
      const filled = Object.fromEntries(Object.entries(next).filter(([, value]) => value)) as TracesSearch;
      void navigate({ to: '/traces', search: filled, replace: true });
    },
    [navigate],
  );
  const header = (actions: ReactNode) => (
    <PageHeader
      title="Traces"
      actions={
        <>
          {actions}
          <ViewActions
            q={search.q ?? ''}
            facets={search.facets !== 'off'}
            onFacets={() => change({ ...search, facets: search.facets === 'off' ? undefined : 'off' })}
            onScore={() => change({ ...search, open: 'score' })}
          />
        </>
      }
    >
      <Groups search={search} />
      <div className="flex min-w-0 flex-1 items-center max-lg:order-last max-lg:basis-full">
        <FilterBox box={box} q={search.q ?? ''} onChange={(q) => change({ ...search, q: q || undefined })} />
      </div>
    </PageHeader>
  );
  const List = search.group === undefined ? Traces : Grouped;
  const targets = { of: search.group === 'session' ? 'sessions' : 'traces', q: search.q ?? '' } as const;
  return (
    <>
      <List search={search} box={box} onChange={change} header={header} />
      <Suspense fallback={null}>
        {search.open === 'score' && (
          <ScoreThese targets={targets} onClose={() => change({ ...search, open: undefined })} />
        )}
      </Suspense>
    </>
  );
}
