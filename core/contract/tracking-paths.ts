/** Runs that training and scripts recorded. */
export const trackingPaths = {
  listTrackedExperiments: { method: 'GET', path: '/api/v1/tracked-experiments' },
  listTrackedRuns: { method: 'GET', path: '/api/v1/tracked-runs' },
  getTrackedRun: { method: 'GET', path: '/api/v1/tracked-runs/{runId}' },
  listTrackedArtifacts: { method: 'GET', path: '/api/v1/tracked-runs/{runId}/artifacts' },
  listTrackedSeries: { method: 'GET', path: '/api/v1/tracked-series' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }>;

export type TrackingRouteId = keyof typeof trackingPaths;

/** GET: an artifact of a tracked run, by its path below all artifacts. */
export const trackedArtifactPath = (path: string): string =>
  `/api/2.0/mlflow-artifacts/artifacts/${path.split('/').map(encodeURIComponent).join('/')}`;
