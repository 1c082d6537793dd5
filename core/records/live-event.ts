import type { EvaluationStatus } from './evaluation.ts';
import type { ProjectId, TraceId } from './ids.ts';
import type { OptimizationState } from './optimization.ts';

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
  | {
      type: 'optimizations';
      id: string;
      state: OptimizationState;
      /** Scores: of the program as it was, and of the best candidate. */
      start: number | null;
      best: number | null;
      calls: number;
      /** In nano-dollars, as a decimal. */
      costNanoUsd: string | null;
    }
  /** It was removed. */
  | { type: 'optimization_removed'; id: string }
  /** Users at risk, or what is done about them. */
  | { type: 'abuse' }
  /** Some issues: what was seen of them, or said. */
  | { type: 'issues' }
  /** A release, its share or its verdict. */
  | { type: 'releases'; id: string; model: string }
  /** A run of a pipeline. */
  | { type: 'pipelines'; pipeline: string; run: string }
  /** A dashboard was changed, or removed. */
  | { type: 'dashboards'; name: string }
  /** A queue, what is in it, or what was said of it. */
  | { type: 'review'; name: string }
);
