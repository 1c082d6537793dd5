import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useData } from '../../data/data-context.tsx';
import { type AlertSearch, alertsQuery, monitorsQuery } from '../../data/monitor-queries.ts';
import { withValue } from '../../data/route-search.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Choice, ListFilters, NothingFits } from '../../parts/list-filters.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { ShowMore } from '../../parts/show-more.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { alertCells, alertHeads } from './alert-cells.tsx';

const route = getRouteApi('/alerts');

type FiltersProps = { search: AlertSearch; onSearch: (search: AlertSearch) => void };

function Filters({ search, onSearch }: FiltersProps) {
  const { client } = useData();
  const monitors = useQuery(monitorsQuery(client)).data?.map(({ name }) => name) ?? [];
  return (
    <ListFilters of="Alerts">
      <Choice
        label="Monitor"
        none="any monitor"
        choices={monitors}
        value={search.monitor}
        onChoose={(next) => onSearch(withValue(search, 'monitor', next))}
      />
      <Choice
        label="State"
        none="open and over"
        choices={['yes', 'no']}
        textOf={(one) => (one === 'yes' ? 'open' : 'over')}
        value={search.open}
        onChoose={(next) => onSearch(withValue(search, 'open', next))}
      />
    </ListFilters>
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
  const isEmpty = query.isSuccess && alerts.length === 0;
  const nowMs = Date.now();
  return (
    <>
      <PageHeader title="Alerts" />
      <WatchTabs now="/alerts" />
      {(isFiltered || alerts.length > 0) && <Filters search={search} onSearch={go} />}
      <QueryState query={query} what="alerts" />
      {isEmpty && isFiltered && <NothingFits onClear={() => go({})} />}
      {isEmpty && !isFiltered && (
        <p className="p-6 text-text-2">
          No alert yet: nothing that is watched was worth a message.{' '}
          <Link to="/monitors" className="link underline">
            Monitors
          </Link>
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
      <ShowMore query={query} />
    </>
  );
}
