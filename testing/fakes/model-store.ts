import type { ModelStore } from '@wheelhouse/core/ports';
import { type Model, type ModelVersion, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

type Entry = { project: ProjectId; model: Model; versions: ModelVersion[] };

/** In memory; give it the audit store that the test reads. */
export function fakeModelStore(audit: FakeAuditStore = fakeAuditStore()): ModelStore {
  const entries: Entry[] = [];
  const find = (project: ProjectId, name: string) =>
    entries.find((entry) => entry.project === project && entry.model.name === name);
  const of = (project: ProjectId): Entry[] =>
    entries.filter((entry) => entry.project === project).sort((a, b) => (a.model.name < b.model.name ? -1 : 1));

  function get(project: ProjectId, name: string): Entry {
    const entry = find(project, name);
    if (!entry) throw new WheelhouseError('model_not_found', `No model is registered as \`${name}\`.`);
    return entry;
  }

  return {
    async create(by, { id, name, description }) {
      if (find(by.project, name))
        throw new WheelhouseError('conflict', `A model is already registered as \`${name}\`.`);
      const model: Model = { id, name, description, latest: 0, aliases: [], createdAt: audit.now() };
      entries.push({ project: by.project, model, versions: [] });
      audit.record(by, { action: 'model.create', subject: name, detail: { id } });
      return structuredClone(model);
    },

    async publish(by, name, version) {
      const { model, versions } = get(by.project, name);
      const latest = versions.at(-1);
      if (latest?.hash === version.hash) return structuredClone(latest);
      const number = model.latest + 1;
      const published = structuredClone({ ...version, modelId: model.id, number, createdAt: audit.now() });
      versions.push(published);
      model.latest = number;
      audit.record(by, {
        action: 'model.publish',
        subject: `${name}@${number}`,
        detail: { version: number, hash: version.hash, message: version.message },
      });
      return structuredClone(published);
    },

    async moveAlias(by, name, alias, version) {
      const { model } = get(by.project, name);
      if (version < 1 || version > model.latest)
        throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
      const before = model.aliases.find((entry) => entry.alias === alias);
      if (before?.version === version) return { ...before };
      const moved = { alias, version, movedAt: audit.now() };
      model.aliases = [...model.aliases.filter((entry) => entry.alias !== alias), moved].sort((a, b) =>
        a.alias < b.alias ? -1 : 1,
      );
      audit.record(by, {
        action: 'alias.move',
        subject: `${name}@${alias}`,
        detail: { from: before?.version ?? null, to: version },
      });
      return { ...moved };
    },

    async removeAlias(by, name, alias) {
      const { model } = get(by.project, name);
      const removed = model.aliases.find((entry) => entry.alias === alias);
      if (!removed) throw new WheelhouseError('not_found', `\`${name}\` has no alias \`${alias}\`.`);
      model.aliases = model.aliases.filter((entry) => entry !== removed);
      audit.record(by, { action: 'alias.remove', subject: `${name}@${alias}`, detail: { from: removed.version } });
    },

    list: async (project) => of(project).map((entry) => structuredClone(entry.model)),
    get: async (project, name) => structuredClone(find(project, name)?.model ?? null),
    versions: async (project, name) => structuredClone(get(project, name).versions).reverse(),
    snapshot: async (project) =>
      of(project).map(({ model, versions }) => ({
        model: structuredClone(model),
        versions: structuredClone(versions).reverse(),
      })),
    changeCounter: async () => audit.changes(),
  };
}
