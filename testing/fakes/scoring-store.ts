import type { ScoringStore } from '@wheelhouse/core/ports';
import { type ProjectId, type Scoring, WheelhouseError } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

const hasEnded = ({ finishedAt }: Scoring) => finishedAt !== null;

export function fakeScoringStore(audit: FakeAuditStore): ScoringStore {
  const tasks: { project: ProjectId; task: Scoring }[] = [];
  const find = (id: string, project?: ProjectId) =>
    tasks.find((one) => one.task.id === id && (project === undefined || one.project === project))?.task;
  return {
    async create(by, scoring) {
      const task: Scoring = {
        ...{ ...structuredClone(scoring), status: 'queued', error: null },
        progress: { done: 0, scored: 0, kept: 0, failed: 0, costNanoUsd: '0', problems: [], after: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      tasks.unshift({ project: by.project, task });
      const { of, q, total } = scoring;
      const detail = { of, q, scorers: scoring.scorers.map(({ name }) => name), total };
      audit.record(by, { action: 'scoring.create', subject: scoring.id, detail });
      return structuredClone(task);
    },
    get: async (project, id) => structuredClone(find(id, project) ?? null),
    list: async (project, { limit, before }) =>
      tasks
        .filter((one) => one.project === project && (before === undefined || one.task.id < before))
        .slice(0, limit)
        .map(({ task }) => structuredClone(task)),
    async advance(id, progress) {
      const found = find(id);
      if (!found || hasEnded(found)) return false;
      Object.assign(found, { status: 'running', progress: structuredClone(progress) });
      return true;
    },
    async finish(id, status, error) {
      const found = find(id);
      if (found && !hasEnded(found)) Object.assign(found, { status, error: error ?? null, finishedAt: audit.now() });
    },
    async cancel(by, id) {
      const found = find(id, by.project);
      if (!found) throw new WheelhouseError('not_found', `There is no scoring \`${id}\`.`);
      if (!hasEnded(found)) {
        Object.assign(found, { status: 'cancelled', finishedAt: audit.now() });
        audit.record(by, { action: 'scoring.cancel', subject: id, detail: {} });
      }
      return structuredClone(found);
    },
  };
}
