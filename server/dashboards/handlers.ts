import { type DashboardBody, type DashboardRouteId, dashboardSchemas, type Handlers } from '@wheelhouse/core/contract';
import type { Clock, DashboardStore, LiveFeed, Random } from '@wheelhouse/core/ports';
import { idRandomBytes, msToNanos, nanosToMs, newId, WheelhouseError, wholeMs } from '@wheelhouse/core/records';
import { checkPanelFilters, createPanelReader, type PanelDeps } from './read-panel.ts';

type DashboardDeps = PanelDeps & {
  dashboards: DashboardStore;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
};

/** Dashboards, and what their panels show. */
export function createDashboardHandlers(deps: DashboardDeps): Handlers<DashboardRouteId> {
  const { dashboards, feed, readFilter, clock, random } = deps;
  const readPanel = createPanelReader(deps);
  return {
    listDashboards: async ({ by }): Promise<{ data: DashboardBody[] }> => ({ data: await dashboards.list(by.project) }),

    async getDashboard({ by, params }) {
      const found = await dashboards.get(by.project, params.dashboard);
      if (!found)
        throw new WheelhouseError('not_found', `There is no dashboard \`${params.dashboard.slice(0, 80)}\`.`, {
          hint: 'GET /api/v1/dashboards lists them.',
        });
      return found;
    },

    async setDashboard({ by, params, body: { ifRevision = null, ...definition } }) {
      const name = dashboardSchemas.dashboardName.safeParse(params.dashboard);
      if (!name.success)
        throw new WheelhouseError('invalid_request', name.error.issues[0]?.message ?? 'The name is wrong.', {
          param: 'dashboard',
        });
      for (const panel of definition.panels) if (panel.kind === 'measure') checkPanelFilters(readFilter, panel);
      const id = newId('dash', wholeMs(clock.now()), random.bytes(idRandomBytes));
      const made = await dashboards.set(by, { id, name: name.data, definition, ifRevision });
      feed.publish({ type: 'dashboards', project: by.project, name: made.name });
      return made;
    },

    async removeDashboard({ by, params: { dashboard: name } }) {
      const removed = await dashboards.remove(by, name);
      if (removed) feed.publish({ type: 'dashboards', project: by.project, name });
      return { removed };
    },

    async readPanel({ by, body: { panel, q, at } }) {
      const startedNs = clock.now();
      const nowNs = at === undefined ? startedNs : msToNanos(Date.parse(at));
      const data = await readPanel(by.project, panel, { filter: readFilter(q), nowNs });
      if (data.kind === 'measure') return data;
      return { ...data, elapsedMs: Math.round(nanosToMs(clock.now() - startedNs)) };
    },
  };
}
