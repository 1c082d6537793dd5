import type { DashboardStore } from '@wheelhouse/core/ports';
import {
  type Dashboard,
  type DashboardDefinition,
  type JsonObject,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

const copy = <T>(value: T): T => structuredClone(value);
const saidOf = ({ title, panels }: DashboardDefinition): JsonObject => ({
  ...{ title, panels: panels.map((panel) => panel.title) },
});

export function fakeDashboardStore(audit: FakeAuditStore): DashboardStore {
  const kept = new Map<string, Dashboard>();
  const keyOf = (project: ProjectId, name: string) => `${project}/${name}`;
  return {
    async set(by, { id, name, definition, ifRevision }) {
      const was = kept.get(keyOf(by.project, name));
      if (ifRevision !== null && ifRevision !== (was?.revision ?? 0))
        throw new WheelhouseError('conflict', 'It was changed meanwhile.', { param: 'ifRevision' });
      const changed = { changedBy: by.actor, changedAt: audit.now() };
      const made: Dashboard = was
        ? { ...was, ...copy(definition), revision: was.revision + 1, ...changed }
        : {
            ...{ ...copy(definition), id, name, revision: 1, ...changed },
            ...{ createdBy: by.actor, createdAt: changed.changedAt },
          };
      kept.set(keyOf(by.project, name), made);
      const detail = { before: was ? saidOf(was) : null, after: saidOf(definition) };
      audit.record(by, { action: 'dashboard.set', subject: name, detail });
      return copy(made);
    },
    get: async (project, name) => copy(kept.get(keyOf(project, name)) ?? null),
    list: async (project) =>
      [...kept]
        .filter(([key]) => key.startsWith(`${project}/`))
        .map(([, one]) => copy(one))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    async remove(by, name) {
      const was = kept.get(keyOf(by.project, name));
      if (!was) return false;
      kept.delete(keyOf(by.project, name));
      audit.record(by, { action: 'dashboard.remove', subject: name, detail: saidOf(was) });
      return true;
    },
  };
}
