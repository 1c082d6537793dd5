import type { DatasetJobStore, DatasetRuleStore } from '@wheelhouse/core/ports';
import type { DatasetJob, DatasetRule, ProjectId } from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';
import type { JobMarks } from './dataset-store.ts';

const hasEnded = ({ finishedAt }: DatasetJob) => finishedAt !== null;

/** In memory; `mark` is what the dataset store writes with a change. */
export function fakeDatasetJobStore(audit: FakeAuditStore = fakeAuditStore()): DatasetJobStore & JobMarks {
  const kept: { project: ProjectId; job: DatasetJob }[] = [];
  const find = (id: string, project?: ProjectId) =>
    kept.find(({ job, ...one }) => job.id === id && (project === undefined || one.project === project))?.job;
  const nothingDone = {
    ...{ read: 0, total: null, added: 0, skipped: 0, refused: 0, problems: [], place: null },
  };
  return {
    mark(id, from, progress) {
      const found = find(id);
      if (!found || hasEnded(found) || found.progress.read !== from) return false;
      Object.assign(found, { status: 'running', progress: structuredClone(progress) });
      return true;
    },
    async create(by, { id, dataset, kind, params }) {
      const job: DatasetJob = {
        ...{ id, dataset, kind, params, status: 'queued', error: null, progress: nothingDone, result: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      kept.unshift({ project: by.project, job });
      audit.record(by, { action: `dataset.${kind}`, subject: dataset, detail: { job: id } });
      return structuredClone(job);
    },
    get: async (project, id) => structuredClone(find(id, project) ?? null),
    list: async (project, dataset, { limit, before, kind }) =>
      kept
        .filter((one) => one.project === project && one.job.dataset === dataset)
        .map(({ job }) => structuredClone(job))
        .filter((job) => (before === undefined || job.id < before) && (kind === undefined || job.kind === kind))
        .slice(0, limit),
    async advance(id, progress) {
      const found = find(id);
      if (!found || hasEnded(found)) return false;
      Object.assign(found, { status: 'running', progress: structuredClone(progress) });
      return true;
    },
    async finish(id, end) {
      const found = find(id);
      if (!found || hasEnded(found)) return;
      const { status } = end;
      const came = status === 'failed' ? { error: end.error, result: null } : { error: null, result: end.result };
      Object.assign(found, { status, ...structuredClone(came), finishedAt: audit.now() });
    },
    async cancel(by, id) {
      const found = find(id, by.project);
      if (!found) return null;
      if (!hasEnded(found)) {
        Object.assign(found, { status: 'cancelled', finishedAt: audit.now() });
        audit.record(by, { action: 'dataset_job.cancel', subject: id, detail: {} });
      }
      return structuredClone(found);
    },
  };
}

export function fakeDatasetRuleStore(audit: FakeAuditStore = fakeAuditStore()): DatasetRuleStore {
  let kept: { project: ProjectId; dataset: string; rule: DatasetRule }[] = [];
  return {
    async create(by, dataset, given) {
      const rule = { ...given, paused: false, added: 0, createdBy: by.actor, createdAt: audit.now() };
      kept.unshift({ project: by.project, dataset, rule });
      audit.record(by, { action: 'dataset_rule.create', subject: dataset, detail: { ...given } });
      return structuredClone(rule);
    },
    list: async (project, dataset) =>
      kept.filter((one) => one.project === project && one.dataset === dataset).map(({ rule }) => structuredClone(rule)),
    all: async () => structuredClone(kept),
    async count(_project, id, added) {
      for (const { rule } of kept) if (rule.id === id) rule.added += added;
    },
    async pause(by, dataset, { id, paused }) {
      const found = kept.find((one) => one.project === by.project && one.dataset === dataset && one.rule.id === id);
      if (!found) return null;
      found.rule.paused = paused;
      const action = paused ? 'dataset_rule.pause' : 'dataset_rule.resume';
      audit.record(by, { action, subject: dataset, detail: { id } });
      return structuredClone(found.rule);
    },
    async remove(by, dataset, id) {
      const before = kept.length;
      kept = kept.filter((one) => !(one.project === by.project && one.dataset === dataset && one.rule.id === id));
      if (kept.length < before) audit.record(by, { action: 'dataset_rule.remove', subject: dataset, detail: { id } });
      return kept.length < before;
    },
  };
}
