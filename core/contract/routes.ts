import type { z } from 'zod';
import { abuseRoutes } from './abuse-routes.ts';
import { accessRoutes } from './access-routes.ts';
import * as am from './attachment-schemas.ts';
import * as at from './attention-schemas.ts';
import * as ct from './control-schemas.ts';
import * as cost from './cost-schemas.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { datasetRoutes } from './dataset-routes.ts';
import { evaluationRoutes } from './evaluation-routes.ts';
import * as gw from './gateway-schemas.ts';
import * as ht from './host-schemas.ts';
import { issueRoutes } from './issue-routes.ts';
import * as ledger from './ledger-schemas.ts';
import * as md from './model-schemas.ts';
import { monitorRoutes } from './monitor-routes.ts';
import { onlineRoutes } from './online-routes.ts';
import { optimizationRoutes } from './optimization-routes.ts';
import type { RouteId } from './paths.ts';
import { pipelineRoutes } from './pipeline-routes.ts';
import * as pd from './predict-schemas.ts';
import * as pv from './provider-schemas.ts';
import * as q from './query-schemas.ts';
import { registryRoutes } from './registry-routes.ts';
import { auditQuery, movedAlias } from './registry-schemas.ts';
import { releaseRoutes } from './release-routes.ts';
import { replayRoutes } from './replay-routes.ts';
import { reviewRoutes } from './review-routes.ts';
import * as s from './schemas.ts';
import * as sc from './score-schemas.ts';
import { scoringRoutes } from './scoring-routes.ts';
import { trackingRoutes } from './tracking-routes.ts';

type RouteSchemas = {
  summary: string;
  query?: z.ZodType;
  body?: z.ZodType;
  response: z.ZodType;
  /** 200 unless said otherwise. */
  status?: number;
};

/** What each route takes and gives. */
export const routes = {
  getServer: { summary: 'What this server is and what it can reach', response: s.serverInfo },
  listTraces: { summary: 'Traces that fit, newest first', query: q.traceQuery, response: s.tracePage },
  listFacets: { summary: 'How many traces fit, and by which values', query: q.facetQuery, response: q.facets },
  getTrace: { summary: 'One trace with its spans (no payloads) and scores', response: s.traceDetail },
  deleteTrace: { summary: 'Remove a trace for good, as a job', response: q.deletion, status: 202 },
  getSpan: { summary: 'One span, whole unless capped', query: s.spanQuery, response: s.spanDetail },
  listAttachments: { summary: 'Files that came with a trace', response: am.attachmentList },
  listSpanCosts: { summary: 'Every cost figure that a span has had', response: cost.spanCosts },
  getAttention: {
    summary: 'What needs somebody’s attention, the most severe first',
    query: at.attentionQuery,
    response: at.attention,
  },
  getSeries: { summary: 'Counts, cost and latency over time', query: q.seriesQuery, response: q.series },
  listSessions: { summary: 'Sessions, newest first', query: q.traceQuery, response: q.sessionPage },
  getSession: {
    summary: 'A session as a conversation',
    query: q.sessionDetailQuery,
    response: q.sessionDetail,
  },
  listUsers: { summary: 'Users, newest first', query: q.traceQuery, response: q.userPage },
  runSql: { summary: 'One read-only SELECT over the traces of the project', body: q.sqlBody, response: q.sqlResult },
  listViews: { summary: 'Saved views, by name', response: q.viewList },
  createView: { summary: 'Save a view: a name for an address', body: q.newView, response: q.view, status: 201 },
  removeView: { summary: 'Forget a view', response: s.removed },
  listDeletions: { summary: 'Deletions, newest first', query: s.pageQuery, response: q.deletionPage },
  createDeletion: {
    summary: 'Remove a trace, a session or all of a user for good, as a job',
    body: q.newDeletion,
    response: q.deletion,
    status: 202,
  },
  getDeletion: { summary: 'What became of a deletion', response: q.deletion },
  listExports: { summary: 'Exports on the server, newest first', query: s.pageQuery, response: q.traceExportPage },
  createExport: {
    summary: 'Write what fits to a file on the disk or in the bucket of the server, as a job',
    body: q.newTraceExport,
    response: q.traceExport,
    status: 202,
  },
  getExport: { summary: 'How far an export is', response: q.traceExport },
  cancelExport: { summary: 'Stop an export', response: q.traceExport },
  removeExport: { summary: 'Stop an export and remove its file', response: s.removed },
  listRenormalizations: {
    summary: 'Readings of stored spans by a newer normaliser, newest first',
    query: s.pageQuery,
    response: q.renormalizationPage,
  },
  createRenormalization: {
    summary: 'Read stored spans again as the newest normaliser does, as a job',
    body: q.newRenormalization,
    response: q.renormalization,
    status: 202,
  },
  getRenormalization: { summary: 'How far it is', response: q.renormalization },
  cancelRenormalization: { summary: 'Stop it; what it wrote stays', response: q.renormalization },
  getRetention: { summary: 'How long the project keeps traces', response: q.retention },
  setRetention: { summary: 'Say how long the project keeps traces', body: q.newRetention, response: q.retention },
  getLedger: { summary: 'What became of every span of the project', response: ledger.ledger },
  getServerLedger: {
    summary: 'What became of every span of all projects; for whoever has the admin key',
    response: ledger.ledgerSum,
  },
  listDeadLetters: {
    summary: 'What doors refused, newest first',
    query: ledger.deadLetterQuery,
    response: ledger.deadLetterPage,
  },
  getDeadLetter: { summary: 'A refused request with its body', response: ledger.deadLetterDetail },
  repairDeadLetter: {
    summary: 'Give it another body',
    body: ledger.deadLetterRepair,
    response: ledger.deadLetterDetail,
  },
  removeDeadLetter: { summary: 'Forget a refused request', response: s.removed },
  replayDeadLetters: {
    summary: 'Send refused requests through their doors again',
    body: ledger.replayBody,
    response: ledger.replayResult,
  },
  listPrices: { summary: 'Prices: own rows, then the catalogue', query: cost.priceQuery, response: cost.pricePage },
  createPrice: { summary: 'Set a price from a day on', body: cost.newPrice, response: cost.price, status: 201 },
  endPrice: { summary: 'End an own price', body: cost.endPrice, response: cost.price },
  estimateRepricing: {
    summary: 'What re-pricing a period would change',
    body: cost.period,
    response: cost.repricingEstimate,
  },
  listRepricings: { summary: 'Re-pricings, newest first', query: s.pageQuery, response: cost.repricingPage },
  createRepricing: {
    summary: 'Price the calls of a period again, as a job; old figures stay readable',
    body: cost.period,
    response: cost.repricing,
    status: 202,
  },
  getRepricing: { summary: 'How far a re-pricing is', response: cost.repricing },
  cancelRepricing: { summary: 'Stop a re-pricing; what it wrote stays', response: cost.repricing },
  reconcileBill: {
    summary: "A provider's bill beside our figures, by model and day",
    body: cost.bill,
    response: cost.reconciliation,
  },
  createScore: {
    summary: 'Judge a trace, a span or a session',
    body: sc.newScore,
    response: s.score,
    status: 201,
  },
  listScores: { summary: 'Scores, newest first', query: sc.scoreQuery, response: sc.scorePage },
  deleteScore: { summary: 'Remove a score for good', response: s.removed },
  listModels: { summary: 'Registered models, by name', query: md.modelQuery, response: md.modelPage },
  createModel: {
    summary: 'Register a model, with its first version when given',
    body: md.newModel,
    response: md.modelDetail,
    status: 201,
  },
  getModel: { summary: 'A model and its versions, newest first', response: md.modelDetail },
  createVersion: { summary: 'Publish the next version', body: md.newVersion, response: md.modelVersion, status: 201 },
  moveAlias: { summary: 'Point an alias at a version', body: md.aliasTarget, response: movedAlias },
  removeAlias: { summary: 'Remove an alias', response: md.modelDetail },
  listHosts: { summary: 'Where code of models is served now', response: ht.hostList },
  registerHost: {
    summary: 'Serve the code of a version from here on, for as long as the lease is renewed',
    body: ht.newHost,
    response: ht.registeredHost,
    status: 201,
  },
  renewHost: { summary: 'Go on serving', response: ht.host },
  removeHost: { summary: 'Serve no more', response: s.removed },
  runCode: { summary: 'Run code in the sandbox, away from everything', body: pd.codeRun, response: pd.codeOutput },
  ...evaluationRoutes,
  ...scoringRoutes,
  ...onlineRoutes,
  ...dashboardRoutes,
  ...optimizationRoutes,
  listVendors: { summary: 'Vendors that are known by name', response: pv.vendorList },
  listProviders: { summary: 'Providers that can be called, by name', response: pv.providerList },
  createProvider: {
    summary: 'Set up a provider of the project',
    body: pv.newProvider,
    response: pv.provider,
    status: 201,
  },
  removeProvider: { summary: 'Forget a provider of the project and its keys', response: s.removed },
  addProviderKey: {
    summary: "Store a vendor's key, encrypted; the project's calls use its own keys alone",
    body: pv.newProviderKey,
    response: pv.provider,
    status: 201,
  },
  removeProviderKey: { summary: 'Forget a stored key', response: s.removed },
  listBudgets: { summary: 'Budgets of the project', response: ct.budgetList },
  setBudget: {
    summary: 'Say what calls may cost; replaces the budget of the same scope, subject and period',
    body: ct.newBudget,
    response: ct.budget,
  },
  removeBudget: { summary: 'Remove a budget', response: s.removed },
  listLimits: { summary: 'Limits of the project', response: ct.limitList },
  setLimit: {
    summary: 'Say how many calls and tokens there may be; replaces the limit of the same scope and subject',
    body: ct.newLimit,
    response: ct.limit,
  },
  removeLimit: { summary: 'Remove a limit', response: s.removed },
  listGatewayTargets: { summary: 'How the places that calls go to are', response: gw.gatewayTargets },
  getGatewayUsage: { summary: 'How much of budgets and limits is used now', response: ct.gatewayUsage },
  ...datasetRoutes,
  ...abuseRoutes,
  ...issueRoutes,
  ...monitorRoutes,
  ...pipelineRoutes,
  ...registryRoutes,
  ...releaseRoutes,
  ...replayRoutes,
  ...reviewRoutes,
  ...trackingRoutes,
  ...accessRoutes,
  listAudit: { summary: 'Who changed what, and what it was before', query: auditQuery, response: s.auditPage },
} as const satisfies Record<RouteId, RouteSchemas>;

type Routes = typeof routes;
type Field<Id extends RouteId, Key extends 'query' | 'body'> =
  Routes[Id] extends Record<Key, infer S extends z.ZodType> ? S : undefined;
type In<S> = S extends z.ZodType ? z.input<S> : undefined;
type Out<S> = S extends z.ZodType ? z.output<S> : undefined;

/** What a client sends. */
export type RequestBody<Id extends RouteId> = In<Field<Id, 'body'>>;
export type RequestQuery<Id extends RouteId> = In<Field<Id, 'query'>>;
/** What a handler gets, defaults filled in. */
export type ParsedBody<Id extends RouteId> = Out<Field<Id, 'body'>>;
export type ParsedQuery<Id extends RouteId> = Out<Field<Id, 'query'>>;
export type ResponseBody<Id extends RouteId> = z.output<Routes[Id]['response']>;
