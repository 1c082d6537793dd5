import { abusePaths } from './abuse-paths.ts';
import { accessPaths } from './access-paths.ts';
import { dashboardPaths } from './dashboard-paths.ts';
import { datasetPaths } from './dataset-paths.ts';
import { evaluationPaths } from './evaluation-paths.ts';
import { issuePaths } from './issue-paths.ts';
import { monitorPaths } from './monitor-paths.ts';
import { onlinePaths } from './online-paths.ts';
import { optimizationPaths } from './optimization-paths.ts';
import { pipelinePaths } from './pipeline-paths.ts';
import { registryPaths } from './registry-paths.ts';
import { releasePaths } from './release-paths.ts';
import { replayPaths } from './replay-paths.ts';
import { reviewPaths } from './review-paths.ts';
import { scoringPaths } from './scoring-paths.ts';
import { trackingPaths } from './tracking-paths.ts';

/** Every route of the API: id, method and path. Plain data, so that clients carry no schema library. */
export const paths = {
  getServer: { method: 'GET', path: '/api/v1/server' },
  listTraces: { method: 'GET', path: '/api/v1/traces' },
  listFacets: { method: 'GET', path: '/api/v1/traces/facets' },
  getTrace: { method: 'GET', path: '/api/v1/traces/{traceId}' },
  deleteTrace: { method: 'DELETE', path: '/api/v1/traces/{traceId}' },
  getSpan: { method: 'GET', path: '/api/v1/traces/{traceId}/spans/{spanId}' },
  listAttachments: { method: 'GET', path: '/api/v1/traces/{traceId}/attachments' },
  listSpanCosts: { method: 'GET', path: '/api/v1/traces/{traceId}/spans/{spanId}/costs' },
  getAttention: { method: 'GET', path: '/api/v1/attention' },
  getSeries: { method: 'GET', path: '/api/v1/series' },
  listSessions: { method: 'GET', path: '/api/v1/sessions' },
  getSession: { method: 'GET', path: '/api/v1/sessions/{sessionId}' },
  listUsers: { method: 'GET', path: '/api/v1/users' },
  runSql: { method: 'POST', path: '/api/v1/sql' },
  listViews: { method: 'GET', path: '/api/v1/views' },
  createView: { method: 'POST', path: '/api/v1/views' },
  removeView: { method: 'DELETE', path: '/api/v1/views/{viewId}' },
  listDeletions: { method: 'GET', path: '/api/v1/deletions' },
  createDeletion: { method: 'POST', path: '/api/v1/deletions' },
  getDeletion: { method: 'GET', path: '/api/v1/deletions/{deletionId}' },
  listExports: { method: 'GET', path: '/api/v1/exports' },
  createExport: { method: 'POST', path: '/api/v1/exports' },
  getExport: { method: 'GET', path: '/api/v1/exports/{exportId}' },
  cancelExport: { method: 'POST', path: '/api/v1/exports/{exportId}/cancel' },
  removeExport: { method: 'DELETE', path: '/api/v1/exports/{exportId}' },
  listRenormalizations: { method: 'GET', path: '/api/v1/renormalizations' },
  createRenormalization: { method: 'POST', path: '/api/v1/renormalizations' },
  getRenormalization: { method: 'GET', path: '/api/v1/renormalizations/{renormalizationId}' },
  cancelRenormalization: { method: 'POST', path: '/api/v1/renormalizations/{renormalizationId}/cancel' },
  getRetention: { method: 'GET', path: '/api/v1/project/retention' },
  setRetention: { method: 'PUT', path: '/api/v1/project/retention' },
  getLedger: { method: 'GET', path: '/api/v1/ingest/ledger' },
  getServerLedger: { method: 'GET', path: '/api/v1/server/ledger' },
  listDeadLetters: { method: 'GET', path: '/api/v1/ingest/dead-letters' },
  getDeadLetter: { method: 'GET', path: '/api/v1/ingest/dead-letters/{letterId}' },
  repairDeadLetter: { method: 'PUT', path: '/api/v1/ingest/dead-letters/{letterId}' },
  removeDeadLetter: { method: 'DELETE', path: '/api/v1/ingest/dead-letters/{letterId}' },
  replayDeadLetters: { method: 'POST', path: '/api/v1/ingest/replay' },
  listPrices: { method: 'GET', path: '/api/v1/prices' },
  createPrice: { method: 'POST', path: '/api/v1/prices' },
  endPrice: { method: 'POST', path: '/api/v1/prices/{priceId}/end' },
  estimateRepricing: { method: 'POST', path: '/api/v1/repricings/estimate' },
  listRepricings: { method: 'GET', path: '/api/v1/repricings' },
  createRepricing: { method: 'POST', path: '/api/v1/repricings' },
  getRepricing: { method: 'GET', path: '/api/v1/repricings/{repricingId}' },
  cancelRepricing: { method: 'POST', path: '/api/v1/repricings/{repricingId}/cancel' },
  reconcileBill: { method: 'POST', path: '/api/v1/prices/reconcile' },
  createScore: { method: 'POST', path: '/api/v1/scores' },
  listScores: { method: 'GET', path: '/api/v1/scores' },
  deleteScore: { method: 'DELETE', path: '/api/v1/scores/{scoreId}' },
  listModels: { method: 'GET', path: '/api/v1/models' },
  createModel: { method: 'POST', path: '/api/v1/models' },
  getModel: { method: 'GET', path: '/api/v1/models/{name}' },
  createVersion: { method: 'POST', path: '/api/v1/models/{name}/versions' },
  moveAlias: { method: 'PUT', path: '/api/v1/models/{name}/aliases/{alias}' },
  removeAlias: { method: 'DELETE', path: '/api/v1/models/{name}/aliases/{alias}' },
  listHosts: { method: 'GET', path: '/api/v1/hosts' },
  registerHost: { method: 'POST', path: '/api/v1/hosts' },
  renewHost: { method: 'POST', path: '/api/v1/hosts/{hostId}/renew' },
  removeHost: { method: 'DELETE', path: '/api/v1/hosts/{hostId}' },
  runCode: { method: 'POST', path: '/api/v1/code' },
  ...evaluationPaths,
  ...scoringPaths,
  ...onlinePaths,
  ...dashboardPaths,
  ...optimizationPaths,
  listVendors: { method: 'GET', path: '/api/v1/vendors' },
  listProviders: { method: 'GET', path: '/api/v1/providers' },
  createProvider: { method: 'POST', path: '/api/v1/providers' },
  removeProvider: { method: 'DELETE', path: '/api/v1/providers/{provider}' },
  addProviderKey: { method: 'POST', path: '/api/v1/providers/{provider}/keys' },
  removeProviderKey: { method: 'DELETE', path: '/api/v1/providers/{provider}/keys/{keyId}' },
  listBudgets: { method: 'GET', path: '/api/v1/budgets' },
  setBudget: { method: 'PUT', path: '/api/v1/budgets' },
  removeBudget: { method: 'DELETE', path: '/api/v1/budgets/{budgetId}' },
  listLimits: { method: 'GET', path: '/api/v1/limits' },
  setLimit: { method: 'PUT', path: '/api/v1/limits' },
  removeLimit: { method: 'DELETE', path: '/api/v1/limits/{limitId}' },
  listGatewayTargets: { method: 'GET', path: '/api/v1/gateway/targets' },
  getGatewayUsage: { method: 'GET', path: '/api/v1/gateway/usage' },
  ...datasetPaths,
  ...abusePaths,
  ...issuePaths,
  ...monitorPaths,
  ...pipelinePaths,
  ...registryPaths,
  ...releasePaths,
  ...replayPaths,
  ...reviewPaths,
  ...trackingPaths,
  ...accessPaths,
  listAudit: { method: 'GET', path: '/api/v1/audit' },
} as const satisfies Record<string, { method: 'GET' | 'POST' | 'PUT' | 'DELETE'; path: string }>;

export type RouteId = keyof typeof paths;

/** Traces as a file: `?q=&format=jsonl|parquet`, or `?export=` and the id of an export that is whole. */
export const exportPath = '/api/v1/traces/export';
/** Server-sent events; see `LiveMessage`. `?q=` filters traces. */
export const livePath = '/api/v1/live';
/** POST: asks any model, whatever it is inside. The name may carry `@alias` or `@2`, percent-encoded. */
export const predictPath = (name: string): string => `/api/v1/models/${encodeURIComponent(name)}/predict`;
export const openapiPath = '/api/v1/openapi.json';
export { datasetExportPath, datasetImportPath } from './dataset-paths.ts';
export { feedbackPath } from './review-paths.ts';
export { trackedArtifactPath } from './tracking-paths.ts';
