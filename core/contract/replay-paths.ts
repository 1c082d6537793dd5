/** What an alias was asked last, asked again of two versions. */
export const replayPaths = {
  listReplays: { method: 'GET', path: '/api/v1/release-replays' },
  startReplay: { method: 'POST', path: '/api/v1/release-replays' },
  estimateReplay: { method: 'POST', path: '/api/v1/release-replays/estimate' },
  getReplay: { method: 'GET', path: '/api/v1/release-replays/{replayId}' },
  listReplayInputs: { method: 'GET', path: '/api/v1/release-replays/{replayId}/inputs' },
  stopReplay: { method: 'POST', path: '/api/v1/release-replays/{replayId}/stop' },
} as const;
export type ReplayRouteId = keyof typeof replayPaths;
