import { useQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import type { MonitorBody } from '@wheelhouse/sdk';
import { Plus } from 'lucide-react';
import { lazy, type ReactNode, Suspense } from 'react';
import { useData } from '../../data/data-context.tsx';
import { monitorDraftOfLink } from '../../data/measure-link.ts';
import { monitorsQuery } from '../../data/monitor-queries.ts';
import { DataTable } from '../../parts/data-table.tsx';
import { May } from '../../parts/may.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { QueryState } from '../../parts/request-state.tsx';
import { useShortcuts } from '../../parts/shortcuts.tsx';
import { WatchTabs } from '../../parts/watch-tabs.tsx';
import { monitorCells } from './monitor-cells.tsx';
import { NoMonitors } from './no-monitors.tsx';

const MonitorForm = lazy(async () => ({ default: (await import('./monitor-form.tsx')).MonitorForm }));

const route = getRouteApi('/monitors');

const rank = { alert: 0, no_data: 1, waiting: 2, ok: 2 } as const;
/** What asks for somebody first. */
const byNeed = (a: MonitorBody, b: MonitorBody) => rank[a.look.status] - rank[b.look.status];

/** Every monitor with how it is; those with an alert first. */
export function MonitorsPage(): ReactNode {
  const { client } = useData();
  const navigate = useNavigate();
  const { open, q, of, by } = route.useSearch();
  const query = useQuery(monitorsQuery(client));
  const { data } = query;
  const add = () => void navigate({ to: '/monitors', search: { open: 'new' } });
  useShortcuts('Monitors', [{ needs: 'setMonitor', keys: 'n', label: 'new monitor', hint: true, run: add }]);
  const button = (
    <May call="setMonitor">
      <button type="button" className="btn btn-primary" onClick={add}>
        <Plus size={13} strokeWidth={1.75} aria-hidden="true" />
        New monitor
      </button>
    </May>
  );
  return (
    <>
      <PageHeader title="Monitors" actions={button} />
      <WatchTabs now="/monitors" />
      <QueryState query={query} what="monitors" />
      {data?.length === 0 && <NoMonitors>{button}</NoMonitors>}
      {data !== undefined && data.length > 0 && (
        <DataTable
          label="Monitors"
          keysTitle="Monitors"
          heads={['Monitor', 'State', 'Last', 'What it saw', 'Until', 'Tells']}
          right={[2]}
          rows={data.toSorted(byNeed).map((monitor) => ({ key: monitor.name, cells: monitorCells(monitor) }))}
        />
      )}
      <Suspense fallback={null}>
        {open === 'new' && (
          <MonitorForm
            q={q}
            begin={monitorDraftOfLink({ of, by })}
            onClose={() => void navigate({ to: '/monitors', search: {}, replace: true })}
          />
        )}
      </Suspense>
    </>
  );
}
