import type { EvaluationStatus } from './evaluation.ts';
import type { ProjectId, TraceId } from './ids.ts';

/** What changed, so that whoever shows it can read it again; never the data itself. */
export type LiveEvent = { project: ProjectId } & (
  | { type: 'traces'; traceIds: TraceId[] }
  | { type: 'scores'; traceIds: TraceId[] }
  /** They were deleted. */
  | { type: 'removed'; traceIds: TraceId[] }
  | { type: 'models'; name: string }
  | { type: 'datasets'; name: string }
  | {
      type: 'evaluations';
      id: string;
      done: number;
      total: number;
      failed: number;
      /** In nano-dollars, as a decimal. */
      costNanoUsd: string | null;
      status: EvaluationStatus;
    }
  /** It was removed. */
  | { type: 'evaluation_removed'; id: string }
  /** A queue, what is in it, or what was said of it. */
  | { type: 'review'; name: string }
);
