import type { LiveEvent, ProjectId, TraceId } from '../records/index.ts';

/** A filter that traces are held against as they come; `id` decides which of them a sample takes. */
export type StandingFilter = { project: ProjectId; id: string; q: string; sample: number };

/** What follows from standing filters. */
export type FilterFeed<F extends StandingFilter> = {
  /** Of all projects. */
  all(): Promise<F[]>;
  /** Whether the event tells of other filters. */
  changes(event: LiveEvent): boolean;
  /** Traces that fit, once they have been quiet for a while; the same one may come again. */
  feed(filter: F, traces: TraceId[]): Promise<void>;
};
