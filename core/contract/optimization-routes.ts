import * as op from './optimization-schemas.ts';
import { removed } from './schemas.ts';

/** What they take and give; see `optimizationPaths`. */
export const optimizationRoutes = {
  listOptimizations: {
    summary: 'Optimizations, newest first',
    query: op.optimizationQuery,
    response: op.optimizationPage,
  },
  createOptimization: {
    summary: 'Search for better instructions and examples of a program or prompt, as a job',
    body: op.newOptimization,
    response: op.optimization,
    status: 202,
  },
  estimateOptimization: {
    summary: 'What an optimization would run on and its budget comes to; nothing is started',
    body: op.newOptimization,
    response: op.optimizationEstimate,
  },
  recordOptimization: {
    summary: 'Begin a record of an optimization that runs where its code is',
    body: op.recordedOptimization,
    response: op.optimization,
    status: 201,
  },
  getOptimization: { summary: 'An optimization: progress, then results', response: op.optimization },
  getOptimizationCandidate: {
    summary: 'What is tuned in a candidate, beside its parent and the program as it was',
    response: op.optimizationCandidateDetail,
  },
  stopOptimization: { summary: 'Stop it; what was asked is kept', response: op.optimization },
  resumeOptimization: {
    summary: 'Go on, with a larger budget when given; nothing is asked again',
    body: op.resumeOptimization,
    response: op.optimization,
  },
  publishOptimization: {
    summary: 'Publish what was found as a version, and lead an alias to it where its rule lets you',
    body: op.publishOptimization,
    response: op.publishedOptimization,
    status: 201,
  },
  removeOptimization: { summary: 'Stop it and remove it with all that was asked', response: removed },
  reportOptimization: {
    summary: 'Say how far an optimization of the client is',
    body: op.optimizationProgress,
    response: op.acceptedProgress,
  },
  finishOptimization: {
    summary: 'Say how an optimization of the client ended',
    body: op.finishedOptimization,
    response: op.optimization,
  },
} as const;
