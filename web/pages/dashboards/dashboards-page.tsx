import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { FileUp, Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { dashboardsQuery } from '../../data/dashboard-queries.ts';
import { useData } from '../../data/data-context.tsx';
import { count, dateTime } from '../../data/format.ts';
import { commandAt, useHere } from '../../data/here.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { Empty } from '../../parts/empty.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';

const DashboardForm = lazy(async () => ({ default: (await import('./dashboard-form.tsx')).DashboardForm }));

const route = getRouteApi('/dashboards');

function NoDashboards({ children }: { children: ReactNode }) {
  const { origin, curl } = useHere();
  const panel = {
    id: 'p1',
    title: 'p90 latency by model',
    kind: 'measure',
    by: 'model',
    measure: { kind: 'latency', quantile: 'p90' },
  };
  return (
    <Empty
      heading="No dashboards yet"
      text="A dashboard is a grid of panels: a measure of the traces that fit a filter, as lines, bars, a number or a table, with where the truth may lie; texts; and SQL. Each number leads to the traces behind it."
      ways={[
        {
          title: 'From the list of traces',
          text: 'Shift+D puts the filter that one looks at on a dashboard; a monitor’s page does the same with what it watches.',
        },
        {
          title: 'From a terminal',
          text: 'A file of JSON, as Export gives it, can be applied as often as one likes.',
          code: `${commandAt(origin)}wheelhouse dashboard apply support.json`,
        },
        {
          title: 'Over HTTP',
          text: 'The same request twice is one dashboard.',
          code: `curl -X PUT ${origin}/api/v1/dashboards/support ${curl} \\
  -d '${JSON.stringify({ title: 'Support', panels: [panel] })}'`,
        },
      ]}
    >
      {children}
    </Empty>
  );
}

/** Every dashboard of the project. */
export function DashboardsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { open } = route.useSearch();
  const query = useQuery(dashboardsQuery(client));
  const { data } = query;
  const go = (next?: 'new' | 'import') => void navigate({ to: '/dashboards', search: next ? { open: next } : {} });
  useShortcuts('Dashboards', [
    { needs: 'setDashboard', keys: 'n', label: 'new dashboard', hint: true, run: () => go('new') },
    { needs: 'setDashboard', keys: 'i', label: 'import one', run: () => go('import') },
  ]);
  const buttons = (
    <May call="setDashboard">
      <button type="button" className="btn" onClick={() => go('import')}>
        <FileUp size={13} strokeWidth={1.75} aria-hidden="true" />
        Import …
      </button>
      <button type="button" className="btn btn-primary" onClick={() => go('new')}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New dashboard <kbd>n</kbd>
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Dashboards" actions={buttons} />
      <WatchTabs now="/dashboards" />
      <QueryState query={query} what="dashboards" />
      {data?.length === 0 && <NoDashboards>{buttons}</NoDashboards>}
      {data !== undefined && data.length > 0 && (
        <DataTable
          label="Dashboards"
          keysTitle="Dashboards"
          heads={['Dashboard', 'Name', 'Panels', 'Changed', 'By']}
          right={[2]}
          rows={data.map((one) => ({
            key: one.name,
            cells: [
              <Link
                key="title"
                to="/dashboards/$dashboard"
                params={{ dashboard: one.name }}
                className="link font-medium"
              >
                {one.title}
              </Link>,
              <span key="name" className="mono text-text-2">
                {one.name}
              </span>,
              <span key="panels" className="mono">
                {count(one.panels.length)}
              </span>,
              dateTime(one.changedAt),
              one.changedBy,
            ],
          }))}
        />
      )}
      <Suspense fallback={null}>
        {open !== undefined && <DashboardForm imports={open === 'import'} onClose={() => go()} />}
      </Suspense>
    </>
  );
}
