/** How better versions are made and released, again and again. */
export const pipelinePaths = {
  listPipelines: { method: 'GET', path: '/api/v1/pipelines' },
  planPipeline: { method: 'POST', path: '/api/v1/pipelines/plan' },
  getPipeline: { method: 'GET', path: '/api/v1/pipelines/{pipeline}' },
  setPipeline: { method: 'PUT', path: '/api/v1/pipelines/{pipeline}' },
  removePipeline: { method: 'DELETE', path: '/api/v1/pipelines/{pipeline}' },
  runPipeline: { method: 'POST', path: '/api/v1/pipelines/{pipeline}/runs' },
  listPipelineRuns: { method: 'GET', path: '/api/v1/pipeline-runs' },
  getPipelineRun: { method: 'GET', path: '/api/v1/pipeline-runs/{runId}' },
  decidePipelineRun: { method: 'POST', path: '/api/v1/pipeline-runs/{runId}/decision' },
  stopPipelineRun: { method: 'POST', path: '/api/v1/pipeline-runs/{runId}/stop' },
  retryPipelineRun: { method: 'POST', path: '/api/v1/pipeline-runs/{runId}/retry' },
} as const;
export type PipelineRouteId = keyof typeof pipelinePaths;
