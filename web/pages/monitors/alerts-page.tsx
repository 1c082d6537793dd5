import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type AlertSearch, alertsQuery, monitorsQuery } from '../../data/monitor-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Loading, RequestError } from '../../parts/request-state.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { alertCells, alertHeads } from './alert-cells.tsx';

const route = getRouteApi('/alerts');

type FiltersProps = { search: AlertSearch; onSearch: (search: AlertSearch) => void };

/** Which are listed; a filter is a link. */
function Filters({ search, onSearch }: FiltersProps) {
  const { client } = useData();
  const monitors = useQuery(monitorsQuery(client)).data?.map(({ name }) => name) ?? [];
  const { monitor, open } = search;
  const known = monitor === undefined || monitors.includes(monitor) ? monitors : [monitor, ...monitors];
  return (
    <fieldset className="flex flex-none flex-wrap items-center gap-2 border-b border-line px-4 py-2">
      <legend className="sr-only">Alerts to show</legend>
      <select
        aria-label="Monitor"
        className="field !w-auto max-w-48"
        value={monitor ?? ''}
        onChange={({ target: { value } }) =>
          onSearch({ ...(open === undefined ? {} : { open }), ...(value === '' ? {} : { monitor: value }) })
        }
      >
        <option value="">any monitor</option>
        {known.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
      <select
        aria-label="State"
        className="field !w-auto"
        value={open ?? ''}
        onChange={({ target: { value } }) =>
          onSearch({
            ...(monitor === undefined ? {} : { monitor }),
            ...(value === '' ? {} : { open: value === 'yes' ? 'yes' : 'no' }),
          })
        }
      >
        <option value="">open and over</option>
        <option value="yes">open</option>
        <option value="no">over</option>
      </select>
    </fieldset>
  );
}

/** What monitors found, newest first. */
export function AlertsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const search = route.useSearch();
  const query = useInfiniteQuery(alertsQuery(client, search));
  const alerts = query.data?.pages.flatMap(({ data }) => data) ?? [];
  const isFiltered = Object.keys(search).length > 0;
  const go = (next: AlertSearch) => void navigate({ to: '/alerts', search: next, replace: true });
  const nowMs = Date.now();
  return (
    <>
      <PageHeader title="Alerts" />
      <WatchTabs now="/alerts" />
      {(isFiltered || alerts.length > 0) && <Filters search={search} onSearch={go} />}
      {query.isPending && <Loading what="alerts" />}
      {query.error && !query.data && <RequestError error={query.error} onRetry={() => void query.refetch()} />}
      {query.isSuccess && alerts.length === 0 && (
        <p className="p-6 text-text-2">
          {isFiltered ? 'No alert fits. ' : 'No alert yet: nothing that is watched was worth a message. '}
          {isFiltered ? (
            <button type="button" className="link min-h-6 underline" onClick={() => go({})}>
              Show all
            </button>
          ) : (
            <Link to="/monitors" className="link underline">
              Monitors
            </Link>
          )}
        </p>
      )}
      {alerts.length > 0 && (
        <DataTable
          label="Alerts"
          keysTitle="Alerts"
          heads={alertHeads}
          right={[3]}
          rows={alerts.map((alert) => ({ key: alert.id, cells: alertCells(alert, nowMs) }))}
        />
      )}
      {query.hasNextPage && (
        <div className="p-4">
          <button type="button" className="btn" onClick={() => void query.fetchNextPage()}>
            Show older
          </button>
        </div>
      )}
    </>
  );
}
