/** Scoring traces and sessions that are there already. */
export const scoringPaths = {
  listScorings: { method: 'GET', path: '/api/v1/scorings' },
  createScoring: { method: 'POST', path: '/api/v1/scorings' },
  estimateScoring: { method: 'POST', path: '/api/v1/scorings/estimate' },
  getScoring: { method: 'GET', path: '/api/v1/scorings/{scoringId}' },
  cancelScoring: { method: 'POST', path: '/api/v1/scorings/{scoringId}/cancel' },
} as const;
export type ScoringRouteId = keyof typeof scoringPaths;
