/** Rows of data: their drafts and versions, what fills them, and what is known of them. */
export const datasetPaths = {
  listDatasets: { method: 'GET', path: '/api/v1/datasets' },
  createDataset: { method: 'POST', path: '/api/v1/datasets' },
  getDataset: { method: 'GET', path: '/api/v1/datasets/{name}' },
  changeDataset: { method: 'PUT', path: '/api/v1/datasets/{name}' },
  removeDataset: { method: 'DELETE', path: '/api/v1/datasets/{name}' },
  inferDatasetSchema: { method: 'GET', path: '/api/v1/datasets/{name}/schema' },
  listExamples: { method: 'GET', path: '/api/v1/datasets/{name}/examples' },
  addExamples: { method: 'POST', path: '/api/v1/datasets/{name}/examples' },
  labelExamples: { method: 'POST', path: '/api/v1/datasets/{name}/examples/labels' },
  removeExamples: { method: 'POST', path: '/api/v1/datasets/{name}/examples/remove' },
  replaceExample: { method: 'PUT', path: '/api/v1/datasets/{name}/examples/{exampleId}' },
  removeExample: { method: 'DELETE', path: '/api/v1/datasets/{name}/examples/{exampleId}' },
  listDatasetLabels: { method: 'GET', path: '/api/v1/datasets/{name}/labels' },
  freezeDataset: { method: 'POST', path: '/api/v1/datasets/{name}/versions' },
  revertDataset: { method: 'POST', path: '/api/v1/datasets/{name}/revert' },
  diffDataset: { method: 'GET', path: '/api/v1/datasets/{name}/diff' },
  setDatasetAlias: { method: 'PUT', path: '/api/v1/datasets/{name}/aliases/{alias}' },
  removeDatasetAlias: { method: 'DELETE', path: '/api/v1/datasets/{name}/aliases/{alias}' },
  splitDataset: { method: 'POST', path: '/api/v1/datasets/{name}/splits' },
  addTraces: { method: 'POST', path: '/api/v1/datasets/{name}/traces' },
  listDatasetRules: { method: 'GET', path: '/api/v1/datasets/{name}/rules' },
  createDatasetRule: { method: 'POST', path: '/api/v1/datasets/{name}/rules' },
  changeDatasetRule: { method: 'PUT', path: '/api/v1/datasets/{name}/rules/{ruleId}' },
  removeDatasetRule: { method: 'DELETE', path: '/api/v1/datasets/{name}/rules/{ruleId}' },
  synthesizeExamples: { method: 'POST', path: '/api/v1/datasets/{name}/synthesis' },
  checkDataset: { method: 'POST', path: '/api/v1/datasets/{name}/health' },
  getDatasetHealth: { method: 'GET', path: '/api/v1/datasets/{name}/health' },
  setDatasetRecipe: { method: 'PUT', path: '/api/v1/datasets/{name}/recipe' },
  runDatasetRecipe: { method: 'POST', path: '/api/v1/datasets/{name}/recipe' },
  listDatasetJobs: { method: 'GET', path: '/api/v1/datasets/{name}/jobs' },
  getDatasetJob: { method: 'GET', path: '/api/v1/datasets/{name}/jobs/{jobId}' },
  cancelDatasetJob: { method: 'POST', path: '/api/v1/datasets/{name}/jobs/{jobId}/cancel' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }>;

export type DatasetRouteId = keyof typeof datasetPaths;

/**
 * POST: rows of a file, as its bytes; answers with the job that reads them. `?format=csv|jsonl|json|parquet`, and
 * `input`, `expected`, `metadata`, `tags`, `split`, `weight` name fields of the file.
 */
export const datasetImportPath = (name: string): string => `/api/v1/datasets/${encodeURIComponent(name)}/import`;
/** GET: rows as a file. `?format=jsonl|json|csv|parquet|openai-evals|openai-chat|langfuse|langsmith&version=&split=&tag=`. */
export const datasetExportPath = (name: string): string => `/api/v1/datasets/${encodeURIComponent(name)}/export`;
