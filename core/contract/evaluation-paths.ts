/** Models over datasets, and what was found. */
export const evaluationPaths = {
  listEvaluations: { method: 'GET', path: '/api/v1/evaluations' },
  createEvaluation: { method: 'POST', path: '/api/v1/evaluations' },
  estimateEvaluation: { method: 'POST', path: '/api/v1/evaluations/estimate' },
  getEvaluation: { method: 'GET', path: '/api/v1/evaluations/{evaluationId}' },
  stopEvaluation: { method: 'POST', path: '/api/v1/evaluations/{evaluationId}/stop' },
  resumeEvaluation: { method: 'POST', path: '/api/v1/evaluations/{evaluationId}/resume' },
  removeEvaluation: { method: 'DELETE', path: '/api/v1/evaluations/{evaluationId}' },
  listEvaluationRows: { method: 'GET', path: '/api/v1/evaluations/{evaluationId}/rows' },
  getEvaluationSoFar: { method: 'GET', path: '/api/v1/evaluations/{evaluationId}/so-far' },
  askForCell: { method: 'POST', path: '/api/v1/evaluations/{evaluationId}/answers' },
  addCells: { method: 'POST', path: '/api/v1/evaluations/{evaluationId}/cells' },
  finishEvaluation: { method: 'POST', path: '/api/v1/evaluations/{evaluationId}/finish' },
  listComparisonRows: { method: 'GET', path: '/api/v1/comparisons/rows' },
  compareRuns: { method: 'GET', path: '/api/v1/comparisons' },
} as const;
export type EvaluationRouteId = keyof typeof evaluationPaths;
