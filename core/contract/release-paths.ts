/** Versions on their way to an alias. */
export const releasePaths = {
  listReleases: { method: 'GET', path: '/api/v1/releases' },
  startRelease: { method: 'POST', path: '/api/v1/releases' },
  planRelease: { method: 'POST', path: '/api/v1/releases/plan' },
  getRelease: { method: 'GET', path: '/api/v1/releases/{releaseId}' },
  compareReleaseAnswers: { method: 'GET', path: '/api/v1/releases/{releaseId}/answers' },
  startCanary: { method: 'POST', path: '/api/v1/releases/{releaseId}/canary' },
  promoteRelease: { method: 'POST', path: '/api/v1/releases/{releaseId}/promote' },
  rollBackRelease: { method: 'POST', path: '/api/v1/releases/{releaseId}/rollback' },
} as const;
export type ReleaseRouteId = keyof typeof releasePaths;
