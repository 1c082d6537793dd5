import type { Actor, ProjectId, TraceExport, TraceExportProgress } from '../records/index.ts';

export type TraceExportStore = {
  create(by: Actor, made: Pick<TraceExport, 'id' | 'q' | 'nowNs' | 'total'>): Promise<TraceExport>;
  get(project: ProjectId, id: string): Promise<TraceExport | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<TraceExport[]>;
  /** Says how far it is, and that it runs; false, and nothing is written, when it has ended, or is not there. */
  advance(id: string, progress: TraceExportProgress): Promise<boolean>;
  /** Leaves one that has ended before as it is. */
  finish(id: string, status: 'completed' | 'failed', error?: string): Promise<void>;
  /** Leaves one that has ended as it is; null: there is none. */
  cancel(by: Actor, id: string): Promise<TraceExport | null>;
  /** Whether it was there. */
  remove(by: Actor, id: string): Promise<boolean>;
};
