import type { ApiCall } from '@wheelhouse/core/contract';
import type { Caller, PipelineRun, PipelineStep, PipelineStepRun } from '@wheelhouse/core/records';

/** What a pipeline asks of the API, as the person would in whose name it acts. */
export type AskedRoute =
  | 'getModel'
  | 'diffVersions'
  | 'getDataset'
  | 'freezeDataset'
  | 'runDatasetRecipe'
  | 'listDatasetJobs'
  | 'getDatasetJob'
  | 'cancelDatasetJob'
  | 'getReviewQueue'
  | 'addReviewedExamples'
  | 'createOptimization'
  | 'listOptimizations'
  | 'getOptimization'
  | 'resumeOptimization'
  | 'stopOptimization'
  | 'publishOptimization'
  | 'createEvaluation'
  | 'listEvaluations'
  | 'getEvaluation'
  | 'resumeEvaluation'
  | 'stopEvaluation'
  | 'startRelease'
  | 'listReleases'
  | 'getRelease'
  | 'rollBackRelease'
  | 'getMonitor'
  | 'listAlerts';

export type Call = ApiCall<AskedRoute>;

/** A step that is at work. */
export type AtWork<Kind extends PipelineStep['do']> = {
  call: Call;
  by: Caller;
  run: PipelineRun;
  at: number;
  step: Extract<PipelineStep, { do: Kind }>;
  /** What is known of it so far. */
  own: PipelineStepRun;
};

/** As the API takes it: decimal dollars. */
export const dollarsOf = (nano: bigint): string =>
  `${nano / 1_000_000_000n}.${String(nano % 1_000_000_000n).padStart(9, '0')}`;

/** Clocks of servers and of stores differ by less. */
const slackMs = 60_000;

/** Whether something came to be since the step began, so that it may be the step's own. */
export const isSince = (own: PipelineStepRun, iso: string): boolean =>
  Date.parse(iso) >= Date.parse(own.startedAt ?? iso) - slackMs;
