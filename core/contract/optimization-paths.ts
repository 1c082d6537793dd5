/** Optimizations of programs and prompts, and what was found. */
export const optimizationPaths = {
  listOptimizations: { method: 'GET', path: '/api/v1/optimizations' },
  createOptimization: { method: 'POST', path: '/api/v1/optimizations' },
  estimateOptimization: { method: 'POST', path: '/api/v1/optimizations/estimate' },
  recordOptimization: { method: 'POST', path: '/api/v1/optimizations/recorded' },
  getOptimization: { method: 'GET', path: '/api/v1/optimizations/{optimizationId}' },
  getOptimizationCandidate: { method: 'GET', path: '/api/v1/optimizations/{optimizationId}/candidates/{candidateId}' },
  stopOptimization: { method: 'POST', path: '/api/v1/optimizations/{optimizationId}/stop' },
  resumeOptimization: { method: 'POST', path: '/api/v1/optimizations/{optimizationId}/resume' },
  publishOptimization: { method: 'POST', path: '/api/v1/optimizations/{optimizationId}/publish' },
  removeOptimization: { method: 'DELETE', path: '/api/v1/optimizations/{optimizationId}' },
  reportOptimization: { method: 'POST', path: '/api/v1/optimizations/{optimizationId}/progress' },
  finishOptimization: { method: 'POST', path: '/api/v1/optimizations/{optimizationId}/finish' },
} as const;
export type OptimizationRouteId = keyof typeof optimizationPaths;
