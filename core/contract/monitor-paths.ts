/** Monitors, what they found, and who is told. */
export const monitorPaths = {
  listMonitors: { method: 'GET', path: '/api/v1/monitors' },
  getMonitor: { method: 'GET', path: '/api/v1/monitors/{monitor}' },
  setMonitor: { method: 'PUT', path: '/api/v1/monitors/{monitor}' },
  removeMonitor: { method: 'DELETE', path: '/api/v1/monitors/{monitor}' },
  testMonitor: { method: 'POST', path: '/api/v1/monitors/test' },
  estimateMonitor: { method: 'POST', path: '/api/v1/monitors/estimate' },
  silenceMonitor: { method: 'POST', path: '/api/v1/monitors/{monitor}/silence' },
  listAlerts: { method: 'GET', path: '/api/v1/alerts' },
  getAlert: { method: 'GET', path: '/api/v1/alerts/{alertId}' },
  listChannels: { method: 'GET', path: '/api/v1/channels' },
  setChannel: { method: 'PUT', path: '/api/v1/channels/{channel}' },
  removeChannel: { method: 'DELETE', path: '/api/v1/channels/{channel}' },
  testChannel: { method: 'POST', path: '/api/v1/channels/{channel}/test' },
} as const;
export type MonitorRouteId = keyof typeof monitorPaths;
