/** Scoring what arrives, as it arrives. */
export const onlinePaths = {
  listOnlineEvaluations: { method: 'GET', path: '/api/v1/online-evaluations' },
  getOnlineEvaluation: { method: 'GET', path: '/api/v1/online-evaluations/{online}' },
  setOnlineEvaluation: { method: 'PUT', path: '/api/v1/online-evaluations/{online}' },
  removeOnlineEvaluation: { method: 'DELETE', path: '/api/v1/online-evaluations/{online}' },
  tryOnlineEvaluation: { method: 'POST', path: '/api/v1/online-evaluations/try' },
  pauseOnlineEvaluation: { method: 'POST', path: '/api/v1/online-evaluations/{online}/pause' },
  resumeOnlineEvaluation: { method: 'POST', path: '/api/v1/online-evaluations/{online}/resume' },
  estimateOnlineBackfill: { method: 'POST', path: '/api/v1/online-evaluations/{online}/backfill/estimate' },
  backfillOnlineEvaluation: { method: 'POST', path: '/api/v1/online-evaluations/{online}/backfill' },
  checkOnlineEvaluation: { method: 'GET', path: '/api/v1/online-evaluations/{online}/check' },
  drawOnlineLabels: { method: 'POST', path: '/api/v1/online-evaluations/{online}/labels' },
} as const;
export type OnlineRouteId = keyof typeof onlinePaths;
