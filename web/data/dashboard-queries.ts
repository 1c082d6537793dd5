import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import type { Client, DashboardBody, PanelBody, RequestBody } from '@wheelhouse/sdk';

export const dashboardsQuery = (client: Client) =>
  queryOptions({
    queryKey: ['dashboards'],
    queryFn: async ({ signal }) => (await client.call('listDashboards', { signal })).data,
  });

export const dashboardQuery = (client: Client, dashboard: string) =>
  queryOptions({
    queryKey: ['dashboards', dashboard],
    queryFn: ({ signal }) => client.call('getDashboard', { params: { dashboard }, signal }),
  });

export type PanelAsk = RequestBody<'readPanel'>;

/** What a panel shows of itself, whatever it is called and wherever it stands. */
export const shownOf = ({ id: _, title: __, width: ___, height: ____, ...shown }: PanelBody): PanelAsk['panel'] =>
  shown;

/** What it showed before stays in sight until it is read again. */
export const panelQuery = (client: Client, ask: PanelAsk) =>
  queryOptions({
    queryKey: ['panel', ask],
    queryFn: ({ signal }) => client.call('readPanel', { body: ask, signal }),
    placeholderData: keepPreviousData,
    retry: false,
    staleTime: 60_000,
  });

/** As a file that `wheelhouse dashboard apply` takes. */
export const dashboardFile = ({ name, title, panels }: Pick<DashboardBody, 'name' | 'title' | 'panels'>): string =>
  `${JSON.stringify({ name, title, panels }, null, 2)}\n`;
