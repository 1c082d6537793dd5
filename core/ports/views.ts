import type { Actor, Deletion, DeletionId, DeletionSubject, ProjectId, View, ViewId } from '../records/index.ts';

export type ViewStore = {
  /** `conflict` when the name is taken. */
  create(by: Actor, view: Pick<View, 'id' | 'name' | 'url'>): Promise<View>;
  /** By name. */
  list(project: ProjectId): Promise<View[]>;
  /** Whether it was there. */
  remove(by: Actor, id: ViewId): Promise<boolean>;
};

/** What was asked to be removed and what became of it. A deletion that ended stays as it ended. */
export type DeletionStore = {
  create(by: Actor, deletion: { id: DeletionId; subject: DeletionSubject }): Promise<Deletion>;
  complete(by: Actor, id: DeletionId, traces: number): Promise<void>;
  fail(by: Actor, id: DeletionId, error: string): Promise<void>;
  get(project: ProjectId, id: DeletionId): Promise<Deletion | null>;
  /** Newest first, below `before` (an id) when given. */
  list(project: ProjectId, page: { limit: number; before?: string }): Promise<Deletion[]>;
};
