import type { z } from 'zod';
import * as h from './dataset-health-schemas.ts';
import type { DatasetRouteId } from './dataset-paths.ts';
import * as d from './dataset-schemas.ts';
import { removed } from './schemas.ts';

/** What each route around datasets takes and gives. */
export const datasetRoutes = {
  listDatasets: { summary: 'Datasets', response: d.datasetPage },
  createDataset: { summary: 'Create a dataset', body: d.newDataset, response: d.datasetDetail, status: 201 },
  getDataset: { summary: 'A dataset and its versions, newest first', response: d.datasetDetail },
  changeDataset: {
    summary: 'Say what a dataset is, what its rows must be, and how they are split',
    body: d.datasetChange,
    response: d.dataset,
  },
  removeDataset: { summary: 'Remove a dataset with all its versions, for good', response: removed },
  inferDatasetSchema: { summary: 'The schema that the rows of the draft have', response: d.inferredSchema },
  listExamples: { summary: 'Examples of the draft or of a version', query: d.exampleQuery, response: d.examplePage },
  addExamples: {
    summary: 'Add examples to the draft; those that do not fit its schema are told, the others are added',
    body: d.newExamples,
    response: d.addedExamples,
    status: 201,
  },
  labelExamples: { summary: 'Tags, split and weight of examples', body: d.exampleLabels, response: d.dataset },
  removeExamples: { summary: 'Take examples out of the draft', body: d.exampleIds, response: d.dataset },
  replaceExample: { summary: 'Correct an example of the draft', body: d.exampleContent, response: d.example },
  removeExample: { summary: 'Take an example out of the draft', response: removed },
  listDatasetLabels: {
    summary: 'How many rows have which split and which tag',
    query: d.versionQuery,
    response: d.labelCounts,
  },
  freezeDataset: { summary: 'Freeze the draft as the next version', response: d.datasetVersion, status: 201 },
  revertDataset: { summary: 'Make the draft what a version is', body: d.versionNumber, response: d.dataset },
  diffDataset: {
    summary: 'What is different between two versions, row by row',
    query: d.diffQuery,
    response: d.datasetDiff,
  },
  setDatasetAlias: { summary: 'Name a version', body: d.versionNumber, response: d.dataset },
  removeDatasetAlias: { summary: 'Forget the name of a version', response: d.dataset },
  splitDataset: {
    summary: 'Give every row of the draft its split, as a job; rows that come later get theirs by the same rule',
    body: d.splitRule,
    response: d.datasetJob,
    status: 202,
  },
  addTraces: {
    summary: 'Make examples of traces, as a job; what is there already is not added again',
    body: d.newTraces,
    response: d.datasetJob,
    status: 202,
  },
  listDatasetRules: { summary: 'Filters whose traces become examples as they come', response: d.datasetRuleList },
  createDatasetRule: {
    summary: 'Make examples of new traces that fit, as they come',
    body: d.newDatasetRule,
    response: d.datasetRule,
    status: 201,
  },
  changeDatasetRule: {
    summary: 'Let a rule rest, or let it go on',
    body: d.datasetRuleChange,
    response: d.datasetRule,
  },
  removeDatasetRule: { summary: 'Make no more examples by a rule', response: removed },
  synthesizeExamples: {
    summary: 'Have a model write variants of rows, as a job',
    body: d.newSynthesis,
    response: d.datasetJob,
    status: 202,
  },
  checkDataset: {
    summary: 'Look for what is wrong with a dataset, as a job: duplicates, leaks, conflicts, outliers, gaps',
    body: h.newHealth,
    response: d.datasetJob,
    status: 202,
  },
  getDatasetHealth: {
    summary: 'The newest report of its health, with a map of its rows',
    query: d.versionQuery,
    response: h.datasetHealth,
  },
  setDatasetRecipe: {
    summary: 'Say how a dataset is made from another one',
    body: d.recipe,
    response: d.dataset,
  },
  runDatasetRecipe: {
    summary: 'Make the next version by the recipe, as a job',
    response: d.datasetJob,
    status: 202,
  },
  listDatasetJobs: { summary: 'Jobs, newest first', query: d.datasetJobQuery, response: d.datasetJobPage },
  getDatasetJob: { summary: 'How far a job is', response: d.datasetJob },
  cancelDatasetJob: { summary: 'Stop a job; what it added stays', response: d.datasetJob },
} as const satisfies Record<
  DatasetRouteId,
  { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number }
>;
