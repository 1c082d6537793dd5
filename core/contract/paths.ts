/** Every route of the API: id, method and path. Plain data, so that clients carry no schema library. */
export const paths = {
  getServer: { method: 'GET', path: '/api/v1/server' },
  listTraces: { method: 'GET', path: '/api/v1/traces' },
  getTrace: { method: 'GET', path: '/api/v1/traces/{traceId}' },
  getSpan: { method: 'GET', path: '/api/v1/traces/{traceId}/spans/{spanId}' },
  getLedger: { method: 'GET', path: '/api/v1/ingest/ledger' },
  createScore: { method: 'POST', path: '/api/v1/scores' },
  listModels: { method: 'GET', path: '/api/v1/models' },
  createModel: { method: 'POST', path: '/api/v1/models' },
  getModel: { method: 'GET', path: '/api/v1/models/{name}' },
  createVersion: { method: 'POST', path: '/api/v1/models/{name}/versions' },
  moveAlias: { method: 'PUT', path: '/api/v1/models/{name}/aliases/{alias}' },
  removeAlias: { method: 'DELETE', path: '/api/v1/models/{name}/aliases/{alias}' },
  listDatasets: { method: 'GET', path: '/api/v1/datasets' },
  createDataset: { method: 'POST', path: '/api/v1/datasets' },
  getDataset: { method: 'GET', path: '/api/v1/datasets/{name}' },
  listExamples: { method: 'GET', path: '/api/v1/datasets/{name}/examples' },
  addExamples: { method: 'POST', path: '/api/v1/datasets/{name}/examples' },
  replaceExample: { method: 'PUT', path: '/api/v1/datasets/{name}/examples/{exampleId}' },
  removeExample: { method: 'DELETE', path: '/api/v1/datasets/{name}/examples/{exampleId}' },
  freezeDataset: { method: 'POST', path: '/api/v1/datasets/{name}/versions' },
  listComparisons: { method: 'GET', path: '/api/v1/comparisons' },
  createComparison: { method: 'POST', path: '/api/v1/comparisons' },
  getComparison: { method: 'GET', path: '/api/v1/comparisons/{comparisonId}' },
  listComparisonRows: { method: 'GET', path: '/api/v1/comparisons/{comparisonId}/rows' },
  listAudit: { method: 'GET', path: '/api/v1/audit' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }>;

export type RouteId = keyof typeof paths;

/** Server-sent events; see `LiveMessage`. */
export const livePath = '/api/v1/live';
export const openapiPath = '/api/v1/openapi.json';
