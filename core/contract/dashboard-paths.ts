/** Dashboards: panels of measures, of texts and of SQL. */
export const dashboardPaths = {
  listDashboards: { method: 'GET', path: '/api/v1/dashboards' },
  getDashboard: { method: 'GET', path: '/api/v1/dashboards/{dashboard}' },
  setDashboard: { method: 'PUT', path: '/api/v1/dashboards/{dashboard}' },
  removeDashboard: { method: 'DELETE', path: '/api/v1/dashboards/{dashboard}' },
  readPanel: { method: 'POST', path: '/api/v1/dashboards/read' },
} as const;
export type DashboardRouteId = keyof typeof dashboardPaths;
