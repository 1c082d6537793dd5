import type { ProjectId, TraceId } from './ids.ts';

/** What changed, so that whoever shows it can read it again; never the data itself. */
export type LiveEvent = { project: ProjectId } & (
  | { type: 'traces'; traceIds: TraceId[] }
  | { type: 'scores'; traceIds: TraceId[] }
  /** They were deleted. */
  | { type: 'removed'; traceIds: TraceId[] }
  | { type: 'models'; name: string }
  | { type: 'datasets'; name: string }
  | { type: 'comparisons'; id: string; done: number; total: number; status: string }
);
