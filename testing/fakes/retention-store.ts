import type { RetentionStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type KeepDays, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

export function fakeRetentionStore(
  audit: FakeAuditStore,
  projects: readonly ProjectId[] = [defaultProjectId],
): RetentionStore {
  const kept = new Map<ProjectId, KeepDays | null>(projects.map((project) => [project, null]));
  return {
    all: async () => [...kept].map(([project, keepDays]) => ({ project, keepDays })),
    keepDays: async (project) => kept.get(project) ?? null,
    async setKeepDays(by, keepDays) {
      if (!kept.has(by.project)) throw new WheelhouseError('not_found', `There is no project \`${by.project}\`.`);
      const detail = { before: { keepDays: kept.get(by.project) ?? null }, after: { keepDays } };
      kept.set(by.project, keepDays);
      audit.record(by, { action: 'project.keep', subject: by.project, detail });
    },
  };
}
