import type { AuditStore, ModelFilter, ModelStore } from '@wheelhouse/core/ports';
import { contentHash, defaultProjectId, type JsonObject, type ModelId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { models: ModelStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
let count = 0;

const newModel = (name: string) => ({
  id: `md_${name}` as ModelId,
  name,
  description: 'helps',
  tags: ['support'],
  owner: 'ada',
});

function versionOf(text: string, parameters: JsonObject = {}) {
  const definition = {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [{ role: 'system' as const, content: text }],
    parameters,
  };
  const signature = { input: { type: 'object' }, output: {} };
  return {
    hash: contentHash({ definition, signature }),
    definition,
    signature,
    example: { tone: 'kind' },
    message: `because ${text}`,
    madeFrom: ['version:other@1' as const],
  };
}

/** What every {@link ModelStore} does. */
export function modelStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`model store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const newName = () => `bot-${++count}`;
    async function create(model = newName()): Promise<string> {
      await world.models.create(by, newModel(model));
      return model;
    }

    it('creates a model without versions and aliases', async () => {
      const model = newName();
      const created = await world.models.create(by, newModel(model));
      expect(created).toEqual({
        ...newModel(model),
        latest: 0,
        aliases: [],
        createdAt: new Date(created.createdAt).toISOString(),
        changedAt: new Date(created.createdAt).toISOString(),
      });
      expect(await world.models.get(project, model)).toEqual(created);
      expect(await world.models.versions(project, model)).toEqual([]);
    });

    it('refuses a name that is taken', async () => {
      const model = await create();
      const again = world.models.create(by, { ...newModel(model), id: 'md_other' as ModelId });
      await expect(again).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(model) });
    });

    it('numbers versions from 1 and lists them newest first', async () => {
      const model = await create();
      const first = await world.models.publish(by, model, versionOf('one'));
      const second = await world.models.publish(by, model, versionOf('two'));
      expect([first.number, second.number]).toEqual([1, 2]);
      expect(first).toEqual({
        ...versionOf('one'),
        modelId: `md_${model}`,
        number: 1,
        author: 'ada',
        createdAt: new Date(first.createdAt).toISOString(),
      });
      expect(await world.models.versions(project, model)).toEqual([second, first]);
      expect((await world.models.get(project, model))?.latest).toBe(2);
    });

    it('returns the latest version, unchanged, for equal content, and makes a new one of older content', async () => {
      const model = await create();
      const first = await world.models.publish(by, model, versionOf('one'));
      const marker = await newestId(world.audit);
      const counter = await world.models.changeCounter();
      expect(await world.models.publish(by, model, { ...versionOf('one'), message: 'another reason' })).toEqual(first);
      expect(await entriesSince(world.audit, marker)).toEqual([]);
      expect(await world.models.changeCounter()).toBe(counter);
      await world.models.publish(by, model, versionOf('two'));
      expect((await world.models.publish(by, model, versionOf('one'))).number).toBe(3);
    });

    it('keeps every value of a definition as it is', async () => {
      const model = await create();
      const content = versionOf('NUL \u0000, half a pair \ud800, quotes "\'\\, 日本 🦜', {
        temperature: 0.1 + 0.2,
        tiny: 5e-324,
        large: 1.7976931348623157e308,
        integer: Number.MAX_SAFE_INTEGER,
        nested: { list: [null, true, [], {}, ''] },
      });
      const version = { ...content, message: 'exact' };
      await world.models.publish(by, model, version);
      const [read] = await world.models.versions(project, model);
      expect(read?.definition).toEqual(version.definition);
      expect(read?.signature).toEqual(version.signature);
    });

    it('gives parallel publishes different numbers', async () => {
      const model = await create();
      const texts = Array.from({ length: 8 }, (_, i) => `parallel ${i}`);
      const published = await Promise.all(texts.map((text) => world.models.publish(by, model, versionOf(text))));
      expect(published.map((version) => version.number).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
      const versions = await world.models.versions(project, model);
      expect(new Set(versions.map((version) => version.hash)).size).toBe(8);
    });

    it('makes one version of parallel publishes of equal content', async () => {
      const model = await create();
      const published = await Promise.all(
        Array.from({ length: 6 }, () => world.models.publish(by, model, versionOf('same'))),
      );
      expect(published.map((version) => version.number)).toEqual([1, 1, 1, 1, 1, 1]);
    });

    it('moves aliases, and reports the same target without a change', async () => {
      const model = await create();
      await world.models.publish(by, model, versionOf('one'));
      await world.models.publish(by, model, versionOf('two'));
      const first = await world.models.moveAlias(by, model, 'production', 1);
      expect(first).toEqual({
        alias: 'production',
        version: 1,
        before: null,
        movedAt: new Date(first.movedAt).toISOString(),
      });
      const counter = await world.models.changeCounter();
      expect(await world.models.moveAlias(by, model, 'production', 1)).toEqual(first);
      expect(await world.models.changeCounter()).toBe(counter);
      await world.models.moveAlias(by, model, 'canary', 1);
      const moved = await world.models.moveAlias(by, model, 'production', 2);
      const aliases = (await world.models.get(project, model))?.aliases;
      expect(aliases?.map(({ alias, version }) => [alias, version])).toEqual([
        ['canary', 1],
        ['production', 2],
      ]);
      expect(aliases?.[1]).toEqual(moved);
    });

    it('takes an alias back to where it was, again and again, and says where that is', async () => {
      const model = await create();
      for (const text of ['one', 'two', 'three']) await world.models.publish(by, model, versionOf(text));
      await expect(world.models.rollBackAlias(by, model, 'production')).rejects.toMatchObject({ code: 'not_found' });
      for (const version of [1, 3, 2]) await world.models.moveAlias(by, model, 'production', version);
      expect((await world.models.get(project, model))?.aliases).toMatchObject([{ version: 2, before: 3 }]);
      expect(await world.models.rollBackAlias(by, model, 'production')).toMatchObject({ version: 3, before: 1 });
      await world.models.moveAlias(by, model, 'production', 2);
      expect(await world.models.rollBackAlias(by, model, 'production')).toMatchObject({ version: 3, before: 1 });
      const last = await world.models.rollBackAlias(by, model, 'production');
      expect(last).toMatchObject({ alias: 'production', version: 1, before: null });
      expect((await world.models.get(project, model))?.aliases).toEqual([last]);
      await expect(world.models.rollBackAlias(by, model, 'production')).rejects.toMatchObject({ code: 'conflict' });
      await world.models.removeAlias(by, model, 'production');
      expect(await world.models.moveAlias(by, model, 'production', 3)).toMatchObject({ before: null });
    });

    it('removes aliases', async () => {
      const model = await create();
      await world.models.publish(by, model, versionOf('one'));
      await world.models.moveAlias(by, model, 'production', 1);
      await world.models.removeAlias(by, model, 'production');
      expect((await world.models.get(project, model))?.aliases).toEqual([]);
      await expect(world.models.removeAlias(by, model, 'production')).rejects.toMatchObject({ code: 'not_found' });
    });

    it('names what is missing', async () => {
      const { models } = world;
      const missing = { code: 'model_not_found', message: expect.stringContaining('nobody') };
      expect(await models.get(project, 'nobody')).toBeNull();
      await expect(models.versions(project, 'nobody')).rejects.toMatchObject(missing);
      await expect(models.publish(by, 'nobody', versionOf('one'))).rejects.toMatchObject(missing);
      await expect(models.moveAlias(by, 'nobody', 'production', 1)).rejects.toMatchObject(missing);
      await expect(models.removeAlias(by, 'nobody', 'production')).rejects.toMatchObject(missing);
      const model = await create();
      await models.publish(by, model, versionOf('one'));
      for (const version of [0, -1, 2])
        await expect(models.moveAlias(by, model, 'production', version)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('writes one audit row with each change, and none with what is refused', async () => {
      const marker = await newestId(world.audit);
      const before = await world.models.changeCounter();
      const model = await create();
      await world.models.publish(by, model, versionOf('one'));
      await world.models.publish(by, model, versionOf('two'));
      await world.models.moveAlias(by, model, 'production', 1);
      await world.models.moveAlias(by, model, 'production', 2);
      await world.models.rollBackAlias(by, model, 'production');
      await world.models.removeAlias(by, model, 'production');
      await Promise.allSettled([
        create(model),
        world.models.publish(by, 'nobody', versionOf('one')),
        world.models.moveAlias(by, model, 'production', 9),
        world.models.removeAlias(by, model, 'staging'),
      ]);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }))).toEqual([
        {
          actor: 'ada',
          action: 'model.create',
          subject: model,
          detail: { id: `md_${model}`, after: { description: 'helps', tags: ['support'], owner: 'ada' } },
        },
        ...['one', 'two'].map((text, i) => ({
          actor: 'ada',
          action: 'model.publish',
          subject: `${model}@${i + 1}`,
          detail: { after: { version: i + 1, hash: versionOf(text).hash, message: `because ${text}` } },
        })),
        ...[
          { action: 'alias.move', detail: { before: null, after: { version: 1 } } },
          { action: 'alias.move', detail: { before: { version: 1 }, after: { version: 2 } } },
          { action: 'alias.rollback', detail: { before: { version: 2 }, after: { version: 1 } } },
          { action: 'alias.remove', detail: { before: { version: 1 }, after: null } },
        ].map((change) => ({ actor: 'ada', subject: `${model}@production`, ...change })),
      ]);
      expect(await world.models.changeCounter()).toBe(before + 7n);
    });

    it('lists by name, with all versions in the snapshot', async () => {
      const models = [await create(`z-${newName()}`), await create(`a-${newName()}`)];
      await world.models.publish(by, models[0] ?? '', versionOf('one'));
      await world.models.publish(by, models[0] ?? '', versionOf('two'));
      await world.models.moveAlias(by, models[0] ?? '', 'production', 1);
      const list = await world.models.list(project, { limit: 500 });
      const snapshot = await world.models.snapshot(project);
      expect(list.filter((model) => models.includes(model.name)).map((model) => model.name)).toEqual(
        models.toReversed(),
      );
      expect(snapshot.map(({ model }) => model)).toEqual(list);
      for (const { model, versions } of snapshot)
        expect(versions).toEqual(await world.models.versions(project, model.name));
    });

    it('finds by part of the name or description, by tag and by owner, page by page', async () => {
      const [one, two, three] = [await create(), await create(), await create()].sort() as [string, string, string];
      await world.models.describe(by, two, { description: 'Knows 100 % of REFUNDS', tags: ['billing'], owner: 'bob' });
      const names = async (filter: Partial<ModelFilter>) =>
        (await world.models.list(project, { limit: 500, ...filter }))
          .map(({ name }) => name)
          .filter((found) => [one, two, three].includes(found));
      expect(await names({ text: 'refunds' })).toEqual([two]);
      expect(await names({ text: '100 %' })).toEqual([two]);
      expect(await names({ text: '1_0 %' })).toEqual([]);
      expect(await names({ text: three.toUpperCase() })).toEqual([three]);
      expect(await names({ tag: 'support' })).toEqual([one, three]);
      expect(await names({ owner: 'bob' })).toEqual([two]);
      expect((await world.models.list(project, { limit: 1, after: one }))[0]?.name).toBe(two);
    });

    it('says of a model what people say of it, with what it was before in the audit log', async () => {
      const model = await create();
      const marker = await newestId(world.audit);
      const changed = await world.models.describe(by, model, { tags: ['a', 'b'], owner: null, description: 'helps' });
      expect(changed).toMatchObject({ tags: ['a', 'b'], owner: null, description: 'helps' });
      expect(await world.models.get(project, model)).toEqual(changed);
      expect(await world.models.describe(by, model, { tags: ['a', 'b'] })).toEqual(changed);
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        {
          action: 'model.describe',
          subject: model,
          detail: { before: { tags: ['support'], owner: 'ada' }, after: { tags: ['a', 'b'], owner: null } },
        },
      ]);
    });

    it('keeps projects apart', async () => {
      const model = await create();
      const elsewhere = 'elsewhere' as ProjectId;
      expect(await world.models.get(elsewhere, model)).toBeNull();
      expect(await world.models.list(elsewhere, { limit: 5 })).toEqual([]);
      expect(await world.models.snapshot(elsewhere)).toEqual([]);
      const publish = world.models.publish({ ...by, project: elsewhere }, model, versionOf('one'));
      await expect(publish).rejects.toMatchObject({ code: 'model_not_found' });
    });
  });
}
