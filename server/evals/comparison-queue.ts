import type { ComparisonId, ProjectId } from '@wheelhouse/core/records';

/** The queue of comparisons to run, and what a job of it holds. */
export const comparisonQueue = 'comparison';
export type ComparisonJob = {
  project: ProjectId;
  comparisonId: ComparisonId;
  /** Cells that were there when it was queued. */
  recorded: number;
};
