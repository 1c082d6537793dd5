import type { Actor, Dashboard, DashboardDefinition, ProjectId } from '../records/index.ts';

/** Dashboards. A change takes its actor and is written with its audit entry. */
export type DashboardStore = {
  /**
   * Makes one, or replaces the one of that name.
   * @param dashboard.ifRevision the one that is changed; 0: there is none. null: whatever is there
   * @throws WheelhouseError `conflict` when that is not so
   */
  set(
    by: Actor,
    dashboard: { id: string; name: string; definition: DashboardDefinition; ifRevision: number | null },
  ): Promise<Dashboard>;
  get(project: ProjectId, name: string): Promise<Dashboard | null>;
  /** By name. */
  list(project: ProjectId): Promise<Dashboard[]>;
  /** Whether it was there. */
  remove(by: Actor, name: string): Promise<boolean>;
};
