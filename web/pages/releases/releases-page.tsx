import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReleaseBody } from '@wheelhouse/sdk';
import { Rocket } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { modelsQuery } from '../../data/queries.ts';
import { type ReleaseSearch, releasesQuery } from '../../data/release-queries.ts';
import { withValue } from '../../data/route-search.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Choice, ListFilters, NothingFits } from '../../parts/list-filters.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { NoReleases } from './no-releases.tsx';
import { releaseCells } from './release-cells.tsx';

const ReleaseForm = lazy(async () => ({ default: (await import('../../parts/release-form.tsx')).ReleaseForm }));

const route = getRouteApi('/releases');

const states = ['running', 'promoted', 'rolled_back', 'stopped'] as const;

type FiltersProps = { search: ReleaseSearch; onSearch: (search: ReleaseSearch) => void };

function Filters({ search, onSearch }: FiltersProps) {
  const { client } = useData();
  const models = useQuery(modelsQuery(client)).data?.map(({ name }) => name) ?? [];
  return (
    <ListFilters of="Releases">
      <Choice
        label="Model"
        none="any model"
        choices={models}
        value={search.model}
        onChoose={(next) => onSearch(withValue(search, 'model', next))}
      />
      <Choice
        label="State"
        none="any state"
        choices={states}
        textOf={(state) => state.replace('_', ' ')}
        value={search.state}
        onChoose={(next) => onSearch(withValue(search, 'state', next))}
      />
    </ListFilters>
  );
}

/** Those that run first, then the others; newest first. */
function useReleases(search: ReleaseSearch) {
  const { client } = useData();
  const all = useInfiniteQuery(releasesQuery(client, search));
  const running = useInfiniteQuery({
    ...releasesQuery(client, { ...search, state: 'running' }),
    enabled: search.state === undefined,
  });
  const rowsOf = ({ data }: typeof all) => data?.pages.flatMap((page) => page.data) ?? [];
  const rows = rowsOf(all);
  const first = search.state === undefined ? rowsOf(running) : [];
  const isFirst = (one: ReleaseBody) => first.some(({ id }) => id === one.id);
  return {
    rows: [...first, ...rows.filter((one) => !isFirst(one))],
    isPending: all.isPending || (search.state === undefined && running.isPending),
    error: all.data ? null : all.error,
    all,
  };
}

export function ReleasesPage(): ReactNode {
  const navigate = useNavigate();
  const { open, ...search } = route.useSearch();
  const { rows, isPending, error, all } = useReleases(search);
  const isFiltered = Object.keys(search).length > 0;
  const go = (next: ReleaseSearch & { open?: 'new' }) =>
    void navigate({ to: '/releases', search: next, replace: next.open === undefined && open === undefined });
  const start = () => go({ ...search, open: 'new' });
  useShortcuts('Releases', [{ needs: 'startRelease', keys: 'n', label: 'start a release', hint: true, run: start }]);
  const button = (
    <May call="startRelease">
      <button type="button" className="btn btn-primary" onClick={start}>
        <Rocket size={13} strokeWidth={1.75} aria-hidden="true" />
        Start a release
      </button>
    </May>
  );
  const isEmpty = !isPending && error === null && rows.length === 0;
  return (
    <>
      <PageHeader
        title="Releases"
        actions={
          <>
            <Link to="/releases/replays" className="btn">
              Replays
            </Link>
            <Link to="/pipelines" className="btn">
              Pipelines
            </Link>
            {button}
          </>
        }
      />
      {(isFiltered || rows.length > 0) && <Filters search={search} onSearch={go} />}
      {isPending && rows.length === 0 && <Loading what="releases" />}
      {error && <RequestError error={error} onRetry={() => void all.refetch()} />}
      {isEmpty && !isFiltered && <NoReleases>{button}</NoReleases>}
      {isEmpty && isFiltered && <NothingFits onClear={() => go({})} />}
      {rows.length > 0 && (
        <DataTable
          label="Releases"
          keysTitle="Releases"
          heads={['Release', 'State', 'Split', 'Why', 'Started', 'By']}
          rows={rows.map((release) => ({ key: release.id, cells: releaseCells(release) }))}
        />
      )}
      <ShowMore query={all} />
      <Suspense fallback={null}>
        {open === 'new' && <ReleaseForm model={search.model} onClose={() => go(search)} />}
      </Suspense>
    </>
  );
}
