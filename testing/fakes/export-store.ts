import type { TraceExportStore } from '@wheelhouse/core/ports';
import type { ProjectId, TraceExport } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

const hasEnded = ({ finishedAt }: TraceExport) => finishedAt !== null;

export function fakeExportStore(audit: FakeAuditStore): TraceExportStore {
  let kept: { project: ProjectId; made: TraceExport }[] = [];
  const find = (id: string, project?: ProjectId) =>
    kept.find((one) => one.made.id === id && (project === undefined || one.project === project))?.made;
  return {
    async create(by, { id, q, nowNs, total }) {
      const made: TraceExport = {
        ...{ id, q, nowNs, status: 'queued', error: null, total },
        progress: { parts: 0, traces: 0, bytes: 0, after: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      kept.unshift({ project: by.project, made });
      audit.record(by, { action: 'export.create', subject: id, detail: { q, traces: total } });
      return structuredClone(made);
    },
    get: async (project, id) => structuredClone(find(id, project) ?? null),
    list: async (project, { limit, before }) =>
      kept
        .filter((one) => one.project === project && (before === undefined || one.made.id < before))
        .slice(0, limit)
        .map(({ made }) => structuredClone(made)),
    async advance(id, progress) {
      const found = find(id);
      if (!found || hasEnded(found)) return false;
      Object.assign(found, { status: 'running', progress: { ...progress } });
      return true;
    },
    async finish(id, status, error) {
      const found = find(id);
      if (found && !hasEnded(found)) Object.assign(found, { status, error: error ?? null, finishedAt: audit.now() });
    },
    async cancel(by, id) {
      const found = find(id, by.project);
      if (!found) return null;
      if (!hasEnded(found)) {
        Object.assign(found, { status: 'cancelled', finishedAt: audit.now() });
        audit.record(by, { action: 'export.cancel', subject: id, detail: {} });
      }
      return structuredClone(found);
    },
    async remove(by, id) {
      const found = find(id, by.project);
      if (!found) return false;
      kept = kept.filter(({ made }) => made !== found);
      audit.record(by, { action: 'export.remove', subject: id, detail: { q: found.q } });
      return true;
    },
  };
}
