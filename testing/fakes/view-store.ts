import type { DeletionStore, ViewStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Deletion,
  type DeletionId,
  type ProjectId,
  type View,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

export function fakeViewStore(audit: FakeAuditStore): ViewStore {
  const views = new Map<string, View & { project: ProjectId }>();
  const own = (project: ProjectId) => [...views.values()].filter((view) => view.project === project);
  return {
    create: async (by, { id, name, url }) => {
      if (own(by.project).some((view) => view.name === name))
        throw new WheelhouseError('conflict', `There is already a view \`${name}\`.`, { param: 'name' });
      const view: View = { id, name, url, createdBy: by.actor, createdAt: audit.now() };
      views.set(id, { ...view, project: by.project });
      audit.record(by, { action: 'view.create', subject: id, detail: { name, url } });
      return view;
    },
    list: async (project) =>
      own(project)
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map(({ project: _, ...view }) => view),
    remove: async (by, id) => {
      const view = views.get(id);
      if (view?.project !== by.project) return false;
      views.delete(id);
      audit.record(by, { action: 'view.remove', subject: id, detail: { name: view.name } });
      return true;
    },
  };
}

export function fakeDeletionStore(audit: FakeAuditStore): DeletionStore {
  const deletions: (Deletion & { project: ProjectId })[] = [];
  const find = (project: ProjectId, id: string) => deletions.find((one) => one.project === project && one.id === id);
  function end(by: Actor, id: DeletionId, ended: Pick<Deletion, 'status'> & Partial<Deletion>): void {
    const deletion = find(by.project, id);
    if (deletion?.status !== 'queued') return;
    Object.assign(deletion, ended, { finishedAt: audit.now() });
    const { status, ...detail } = ended;
    const action = status === 'completed' ? 'deletion.complete' : 'deletion.fail';
    audit.record(by, { action, subject: id, detail: { ...deletion.subject, ...(detail as object) } });
  }
  return {
    create: async (by, { id, subject }) => {
      const deletion: Deletion = {
        ...{ id, subject, status: 'queued', error: null, traces: null },
        ...{ requestedBy: by.actor, requestedAt: audit.now(), finishedAt: null },
      };
      deletions.unshift({ ...deletion, project: by.project });
      audit.record(by, { action: 'deletion.create', subject: id, detail: { ...subject } });
      return deletion;
    },
    complete: async (by, id, traces) => end(by, id, { status: 'completed', traces }),
    fail: async (by, id, error) => end(by, id, { status: 'failed', error }),
    get: async (project, id) => {
      const { project: _, ...deletion } = find(project, id) ?? { project };
      return 'id' in deletion ? { ...deletion } : null;
    },
    list: async (project, { limit, before }) => {
      const own = deletions.filter((one) => one.project === project);
      const at = before === undefined ? -1 : own.findIndex(({ id }) => id === before);
      if (before !== undefined && at < 0)
        throw new WheelhouseError('invalid_request', `\`${before}\` is no place in the list.`, { param: 'cursor' });
      return own.slice(at + 1, at + 1 + limit).map(({ project: _, ...deletion }) => ({ ...deletion }));
    },
  };
}
