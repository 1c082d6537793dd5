import * as db from './dashboard-schemas.ts';
import { removed } from './schemas.ts';

/** What they take and give; see `dashboardPaths`. */
export const dashboardRoutes = {
  listDashboards: { summary: 'Dashboards, by name', response: db.dashboardList },
  getDashboard: { summary: 'One dashboard', response: db.dashboard },
  setDashboard: {
    summary: 'Make a dashboard, or replace the one of that name',
    body: db.newDashboard,
    response: db.dashboard,
  },
  removeDashboard: { summary: 'Forget a dashboard', response: removed },
  readPanel: {
    summary: 'What a panel shows, of any dashboard or of none',
    body: db.panelAsk,
    response: db.panelData,
  },
} as const;
