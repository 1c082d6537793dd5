import * as pl from './pipeline-schemas.ts';
import { removed } from './schemas.ts';

/** What they take and give; see `pipelinePaths`. */
export const pipelineRoutes = {
  listPipelines: {
    summary: 'Pipelines with their newest runs, by name',
    query: pl.pipelineQuery,
    response: pl.pipelinePage,
  },
  planPipeline: {
    summary: 'What a pipeline would do now, step by step; nothing is set up or started',
    body: pl.newPipeline,
    response: pl.plannedPipeline,
  },
  getPipeline: { summary: 'A pipeline with its newest run', response: pl.pipeline },
  setPipeline: {
    summary:
      'Say how a better version is made and released; one of that name is replaced, a run that is under way is not changed',
    query: pl.setPipelineQuery,
    body: pl.newPipeline,
    response: pl.pipeline,
  },
  removePipeline: { summary: 'Remove a pipeline with its runs; what they made stays', response: removed },
  runPipeline: { summary: 'Start a run by hand', body: pl.pipelineReason, response: pl.pipelineRun, status: 202 },
  listPipelineRuns: {
    summary: 'Runs of pipelines, newest first',
    query: pl.pipelineRunQuery,
    response: pl.pipelineRunPage,
  },
  getPipelineRun: { summary: 'How far a run is', response: pl.pipelineRun },
  decidePipelineRun: {
    summary: 'Say yes or no to a run that asks; from a yes on it acts in the name of whoever gave it',
    body: pl.pipelineDecision,
    response: pl.pipelineRun,
  },
  stopPipelineRun: {
    summary: 'Stop a run with what it has under way: an evaluation, an optimization, a release',
    body: pl.pipelineReason,
    response: pl.pipelineRun,
  },
  retryPipelineRun: {
    summary: 'Go on with a run that failed or was stopped, at the step where it was',
    response: pl.pipelineRun,
  },
} as const;
