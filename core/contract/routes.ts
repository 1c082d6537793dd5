import type { z } from 'zod';
import type { RouteId } from './paths.ts';
import * as s from './schemas.ts';

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
  listTraces: { summary: 'Traces, newest first', query: s.traceQuery, response: s.tracePage },
  getTrace: { summary: 'One trace with its spans (no payloads) and scores', response: s.traceDetail },
  getSpan: { summary: 'One span, whole', response: s.spanDetail },
  getLedger: { summary: 'What became of every span since the server started', response: s.ledger },
  createScore: { summary: 'Judge a trace or a span', body: s.newScore, response: s.score, status: 201 },
  listModels: { summary: 'Registered models', response: s.modelPage },
  createModel: {
    summary: 'Register a model, with its first version when given',
    body: s.newModel,
    response: s.modelDetail,
    status: 201,
  },
  getModel: { summary: 'A model and its versions, newest first', response: s.modelDetail },
  createVersion: { summary: 'Publish the next version', body: s.newVersion, response: s.modelVersion, status: 201 },
  moveAlias: { summary: 'Point an alias at a version', body: s.aliasTarget, response: s.modelDetail },
  removeAlias: { summary: 'Remove an alias', response: s.modelDetail },
  listDatasets: { summary: 'Datasets', response: s.datasetPage },
  createDataset: { summary: 'Create a dataset', body: s.newDataset, response: s.datasetDetail, status: 201 },
  getDataset: { summary: 'A dataset and its versions, newest first', response: s.datasetDetail },
  listExamples: { summary: 'Examples of the draft or of a version', query: s.exampleQuery, response: s.examplePage },
  addExamples: { summary: 'Add examples to the draft', body: s.newExamples, response: s.addedExamples, status: 201 },
  replaceExample: { summary: 'Correct an example of the draft', body: s.exampleContent, response: s.example },
  removeExample: { summary: 'Take an example out of the draft', response: s.removed },
  freezeDataset: { summary: 'Freeze the draft as the next version', response: s.datasetVersion, status: 201 },
  listComparisons: { summary: 'Comparisons, newest first', query: s.pageQuery, response: s.comparisonPage },
  createComparison: {
    summary: 'Compare two models on a dataset, as a job',
    body: s.newComparison,
    response: s.comparison,
    status: 202,
  },
  getComparison: { summary: 'A comparison: progress, then results', response: s.comparison },
  listComparisonRows: { summary: 'Its rows, example by example', query: s.pageQuery, response: s.comparisonRowPage },
  listAudit: { summary: 'Who changed what', query: s.pageQuery, response: s.auditPage },
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
