import { isDeepStrictEqual } from 'node:util';
import type { ModelStore } from '@wheelhouse/core/ports';
import { type Alias, type Model, type ModelVersion, type ProjectId, WheelhouseError } from '@wheelhouse/core/records';
import { type FakeAuditStore, fakeAuditStore } from './audit-store.ts';

const holds = (whole: string, part: string | undefined) =>
  part === undefined || whole.toLowerCase().includes(part.toLowerCase());

const noAlias = (name: string, alias: string) =>
  new WheelhouseError('not_found', `\`${name}\` has no alias \`${alias}\`.`);

type Entry = { project: ProjectId; model: Model; versions: ModelVersion[] };

type Moves = 'moveAlias' | 'rollBackAlias' | 'removeAlias';

function fakeAliasMoves(
  audit: FakeAuditStore,
  get: (project: ProjectId, name: string) => Entry,
): Pick<ModelStore, Moves> {
  /** Where aliases were, by model and alias, the newest last. */
  const befores = new Map<string, number[]>();

  function place(model: Model, { alias, version, trail }: { alias: string; version: number; trail: number[] }): Alias {
    befores.set(`${model.id}@${alias}`, trail);
    const moved = { alias, version, before: trail.at(-1) ?? null, movedAt: audit.now() };
    model.changedAt = moved.movedAt;
    model.aliases = [...model.aliases.filter((entry) => entry.alias !== alias), moved].sort((a, b) =>
      a.alias < b.alias ? -1 : 1,
    );
    return { ...moved };
  }

  return {
    async moveAlias(by, name, alias, version, message = '') {
      const { model } = get(by.project, name);
      if (version < 1 || version > model.latest)
        throw new WheelhouseError('not_found', `\`${name}\` has no version ${version}.`, { param: 'version' });
      const was = model.aliases.find((entry) => entry.alias === alias);
      if (was?.version === version) return { ...was };
      const before = was ? { version: was.version } : null;
      const trail = was ? [...(befores.get(`${model.id}@${alias}`) ?? []), was.version] : [];
      const moved = place(model, { alias, version, trail });
      const detail = { ...(message === '' ? {} : { message }), before, after: { version } };
      audit.record(by, { action: 'alias.move', subject: `${name}@${alias}`, detail });
      return moved;
    },

    async rollBackAlias(by, name, alias) {
      const { model } = get(by.project, name);
      const was = model.aliases.find((entry) => entry.alias === alias);
      if (!was) throw noAlias(name, alias);
      const trail = befores.get(`${model.id}@${alias}`) ?? [];
      const version = trail.at(-1);
      if (version === undefined)
        throw new WheelhouseError('conflict', `\`${name}@${alias}\` was nowhere before version ${was.version}.`);
      const moved = place(model, { alias, version, trail: trail.slice(0, -1) });
      const detail = { before: { version: was.version }, after: { version } };
      audit.record(by, { action: 'alias.rollback', subject: `${name}@${alias}`, detail });
      return moved;
    },

    async removeAlias(by, name, alias) {
      const { model } = get(by.project, name);
      const removed = model.aliases.find((entry) => entry.alias === alias);
      if (!removed) throw noAlias(name, alias);
      model.aliases = model.aliases.filter((entry) => entry !== removed);
      model.changedAt = audit.now();
      const detail = { before: { version: removed.version }, after: null };
      audit.record(by, { action: 'alias.remove', subject: `${name}@${alias}`, detail });
    },
  };
}

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
    async create(by, { id, name, description, tags, owner }) {
      if (find(by.project, name))
        throw new WheelhouseError('conflict', `A model is already registered as \`${name}\`.`);
      const createdAt = audit.now();
      const said = { description, tags, owner };
      const model: Model = { id, name, ...said, latest: 0, aliases: [], createdAt, changedAt: createdAt };
      entries.push({ project: by.project, model, versions: [] });
      audit.record(by, { action: 'model.create', subject: name, detail: { id, after: said } });
      return structuredClone(model);
    },

    async describe(by, name, said) {
      const { model } = get(by.project, name);
      const keys = Object.keys(said) as (keyof typeof said)[];
      const changed = keys.filter((key) => !isDeepStrictEqual(model[key], said[key]));
      if (changed.length > 0) {
        const pick = (from: typeof said) => Object.fromEntries(changed.map((key) => [key, from[key] ?? null]));
        const detail = { before: pick(model), after: pick(said) };
        Object.assign(model, structuredClone(said), { changedAt: audit.now() });
        audit.record(by, { action: 'model.describe', subject: name, detail });
      }
      return structuredClone(model);
    },

    async publish(by, name, version) {
      const { model, versions } = get(by.project, name);
      const latest = versions.at(-1);
      if (latest?.hash === version.hash) return structuredClone(latest);
      const number = model.latest + 1;
      const createdAt = audit.now();
      const published = structuredClone({ ...version, modelId: model.id, number, author: by.actor, createdAt });
      model.changedAt = createdAt;
      versions.push(published);
      model.latest = number;
      audit.record(by, {
        action: 'model.publish',
        subject: `${name}@${number}`,
        detail: { after: { version: number, hash: version.hash, message: version.message } },
      });
      return structuredClone(published);
    },

    ...fakeAliasMoves(audit, get),

    list: async (project, { limit, after, text, tag, owner }) =>
      of(project)
        .map(({ model }) => model)
        .filter(({ name, description }) => holds(`${name}\n${description}`, text))
        .filter(
          (model) => (after === undefined || model.name > after) && (owner === undefined || model.owner === owner),
        )
        .filter(({ tags }) => tag === undefined || tags.includes(tag))
        .slice(0, limit)
        .map((model) => structuredClone(model)),
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
