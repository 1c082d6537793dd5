import type { AuditStore, ModelStore } from '@wheelhouse/core/ports';
import { contentHash, defaultProjectId, type JsonObject, type ModelId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { models: ModelStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
let count = 0;

function versionOf(text: string, parameters: JsonObject = {}) {
  const definition = {
    flavor: 'prompt' as const,
    baseModel: 'sim/echo',
    messages: [{ role: 'system' as const, content: text }],
    parameters,
  };
  const signature = { input: { type: 'object' }, output: {} };
  return { hash: contentHash({ definition, signature }), definition, signature, message: `because ${text}` };
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
      await world.models.create(by, { id: `md_${model}` as ModelId, name: model, description: 'helps' });
      return model;
    }

    it('creates a model without versions and aliases', async () => {
      const model = newName();
      const created = await world.models.create(by, {
        id: `md_${model}` as ModelId,
        name: model,
        description: 'helps',
      });
      expect(created).toEqual({
        id: `md_${model}`,
        name: model,
        description: 'helps',
        latest: 0,
        aliases: [],
        createdAt: new Date(created.createdAt).toISOString(),
      });
      expect(await world.models.get(project, model)).toEqual(created);
      expect(await world.models.versions(project, model)).toEqual([]);
    });

    it('refuses a name that is taken', async () => {
      const model = await create();
      const again = world.models.create(by, { id: 'md_other' as ModelId, name: model, description: '' });
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
      expect(first).toEqual({ alias: 'production', version: 1, movedAt: new Date(first.movedAt).toISOString() });
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
      await world.models.removeAlias(by, model, 'production');
      await Promise.allSettled([
        create(model),
        world.models.publish(by, 'nobody', versionOf('one')),
        world.models.moveAlias(by, model, 'production', 9),
        world.models.removeAlias(by, model, 'staging'),
      ]);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ actor, action, subject, detail }) => ({ actor, action, subject, detail }))).toEqual([
        { actor: 'ada', action: 'model.create', subject: model, detail: { id: `md_${model}` } },
        ...['one', 'two'].map((text, i) => ({
          actor: 'ada',
          action: 'model.publish',
          subject: `${model}@${i + 1}`,
          detail: { version: i + 1, hash: versionOf(text).hash, message: `because ${text}` },
        })),
        { actor: 'ada', action: 'alias.move', subject: `${model}@production`, detail: { from: null, to: 1 } },
        { actor: 'ada', action: 'alias.move', subject: `${model}@production`, detail: { from: 1, to: 2 } },
        { actor: 'ada', action: 'alias.remove', subject: `${model}@production`, detail: { from: 2 } },
      ]);
      expect(await world.models.changeCounter()).toBe(before + 6n);
    });

    it('lists by name, with all versions in the snapshot', async () => {
      const models = [await create(`z-${newName()}`), await create(`a-${newName()}`)];
      await world.models.publish(by, models[0] ?? '', versionOf('one'));
      await world.models.publish(by, models[0] ?? '', versionOf('two'));
      await world.models.moveAlias(by, models[0] ?? '', 'production', 1);
      const list = await world.models.list(project);
      const snapshot = await world.models.snapshot(project);
      expect(list.filter((model) => models.includes(model.name)).map((model) => model.name)).toEqual(
        models.toReversed(),
      );
      expect(snapshot.map(({ model }) => model)).toEqual(list);
      for (const { model, versions } of snapshot)
        expect(versions).toEqual(await world.models.versions(project, model.name));
    });

    it('keeps projects apart', async () => {
      const model = await create();
      const elsewhere = 'elsewhere' as ProjectId;
      expect(await world.models.get(elsewhere, model)).toBeNull();
      expect(await world.models.list(elsewhere)).toEqual([]);
      expect(await world.models.snapshot(elsewhere)).toEqual([]);
      const publish = world.models.publish({ ...by, project: elsewhere }, model, versionOf('one'));
      await expect(publish).rejects.toMatchObject({ code: 'model_not_found' });
    });
  });
}
