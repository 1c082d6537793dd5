import type { Actor, KeepDays, ProjectId } from '../records/index.ts';

/** How long projects keep traces; null: as the server's configuration says. */
export type RetentionStore = {
  /** Every project. */
  all(): Promise<{ project: ProjectId; keepDays: KeepDays | null }[]>;
  keepDays(project: ProjectId): Promise<KeepDays | null>;
  setKeepDays(by: Actor, keepDays: KeepDays | null): Promise<void>;
};
