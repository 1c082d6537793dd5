import type { ProjectId } from '@wheelhouse/core/records';

/** The queue of optimizations to run, and what a job of it holds. */
export const optimizationQueue = 'optimization';
export type OptimizationJob = {
  project: ProjectId;
  id: string;
  turn: number;
  /** Answers that were kept when it was queued. */
  kept: number;
};
