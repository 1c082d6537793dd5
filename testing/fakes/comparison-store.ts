import type { ComparisonStore } from '@wheelhouse/core/ports';
import { type Comparison, type ComparisonId, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

/** In memory; give it the audit store that the test reads. */
export function fakeComparisonStore(audit: FakeAuditStore = fakeAuditStore()): ComparisonStore {
  const entries: { project: ProjectId; comparison: Comparison }[] = [];
  const find = (id: string) => entries.find((entry) => entry.comparison.id === id);

  function change(id: ComparisonId, members: Partial<Comparison>): void {
    const entry = find(id);
    if (!entry) throw new WheelhouseError('not_found', `There is no comparison \`${id}\`.`);
    if (entry.comparison.status !== 'completed')
      entry.comparison = { ...entry.comparison, ...structuredClone(members) };
  }

  return {
    async create(by, comparison) {
      if (find(comparison.id))
        throw new WheelhouseError('conflict', `There is already a comparison \`${comparison.id}\`.`);
      const created: Comparison = {
        ...structuredClone(comparison),
        status: 'queued',
        error: null,
        done: 0,
        costNanoUsd: null,
        results: [],
        createdAt: audit.now(),
        finishedAt: null,
      };
      entries.push({ project: by.project, comparison: created });
      const { dataset, datasetVersion, a, b } = created;
      audit.record(by, {
        action: 'comparison.create',
        subject: created.id,
        detail: { dataset: `${dataset}@${datasetVersion}`, a: a.ref, b: b.ref },
      });
      return structuredClone(created);
    },

    async setStatus(id, status, error) {
      const finished = status === 'completed' || status === 'failed';
      change(id, { status, error: error ?? null, finishedAt: finished ? audit.now() : null });
    },
    setProgress: async (id, done, costNanoUsd) => change(id, { done, costNanoUsd }),
    complete: async (id, results, counts) =>
      change(id, { status: 'completed', error: null, results, ...counts, finishedAt: audit.now() }),

    async get(project, id) {
      const entry = find(id);
      return entry?.project === project ? structuredClone(entry.comparison) : null;
    },

    async list(project, { limit, before }) {
      const newestFirst = entries.filter((entry) => entry.project === project).reverse();
      const place = before === undefined ? -1 : newestFirst.findIndex((entry) => entry.comparison.id === before);
      if (before !== undefined && place === -1)
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the list.`, { param: 'cursor' });
      return newestFirst.slice(place + 1, place + 1 + limit).map((entry) => structuredClone(entry.comparison));
    },
  };
}
