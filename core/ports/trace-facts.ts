import type { ProjectId, TraceFacts, TraceId } from '../records/index.ts';

/** Facts of many traces at once, without their contents. */
export type TraceFactReads = {
  /** Those of which spans are known. */
  ofTraces(project: ProjectId, ids: readonly TraceId[]): Promise<Map<TraceId, TraceFacts>>;
};
