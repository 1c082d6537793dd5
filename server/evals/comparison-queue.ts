import type { ComparisonId } from '@wheelhouse/core/records';

/** The queue of comparisons to run, and what a job of it holds. */
export const comparisonQueue = 'comparison';
export type ComparisonJob = {
  comparisonId: ComparisonId;
  /** Cells that were there when it was queued. */
  recorded: number;
};
