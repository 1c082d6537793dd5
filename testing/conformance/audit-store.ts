import type { AuditFilter, AuditStore, ModelStore } from '@wheelhouse/core/ports';
import { type AuditEntry, defaultProjectId, type ModelId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type World = { audit: AuditStore; models: ModelStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'auditor' };
let count = 0;

/** The newest entries above the marker that `newestId` gave, oldest first. */
export async function entriesSince(audit: AuditStore, marker: bigint): Promise<AuditEntry[]> {
  const entries = await audit.list(defaultProjectId, { limit: 500 });
  return entries.filter((entry) => BigInt(entry.id) > marker).reverse();
}

export async function newestId(audit: AuditStore): Promise<bigint> {
  const [newest] = await audit.list(defaultProjectId, { limit: 1 });
  return BigInt(newest?.id ?? 0);
}

/** What every {@link AuditStore} does. */
export function auditStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`audit store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    async function createModels(number: number): Promise<string[]> {
      const names = Array.from({ length: number }, () => `audited-${++count}`);
      for (const name of names)
        await world.models.create(by, { id: `md_${name}` as ModelId, name, description: '', tags: [], owner: null });
      return names;
    }

    it('lists entries newest first, page by page, without gap or overlap', async () => {
      const names = await createModels(5);
      const seen: string[] = [];
      let before: string | undefined;
      while (seen.length < names.length) {
        const page = await world.audit.list(defaultProjectId, { limit: 2, ...(before !== undefined && { before }) });
        expect(page.length).toBeLessThanOrEqual(2);
        seen.push(...page.map((entry) => entry.subject));
        before = page.at(-1)?.id;
      }
      expect(seen.slice(0, names.length)).toEqual(names.toReversed());
    });

    it('says who did what to what and when', async () => {
      const [model] = await createModels(1);
      const [entry] = await world.audit.list(defaultProjectId, { limit: 1 });
      expect(entry).toMatchObject({
        actor: 'auditor',
        action: 'model.create',
        subject: model,
        detail: { id: `md_${model}` },
      });
      expect(new Date(entry?.at ?? '').toISOString()).toBe(entry?.at);
    });

    it('finds entries by what, by whom, by which change and when', async () => {
      const [model = ''] = await createModels(1);
      const carl = { ...by, actor: `carl-${model}` };
      const content = { definition: { flavor: 'base', baseModel: 'sim/echo' }, signature: { input: {}, output: {} } };
      await world.models.publish(carl, model, { ...content, hash: 'h', example: null, message: '', madeFrom: [] });
      await world.models.moveAlias(carl, model, 'production', 1, 'It is kinder.');
      await createModels(1);
      const actions = async (filter: AuditFilter) =>
        (await world.audit.list(defaultProjectId, { limit: 10, ...filter })).map(({ action }) => action);
      const all = ['alias.move', 'model.publish', 'model.create'];
      expect(await actions({ subject: model })).toEqual(all);
      expect(await actions({ subject: `${model}@production` })).toEqual(['alias.move']);
      expect(await actions({ subject: model.slice(0, -1) })).toEqual([]);
      expect(await actions({ actor: carl.actor })).toEqual(['alias.move', 'model.publish']);
      expect(await actions({ actor: carl.actor, action: 'model' })).toEqual(['model.publish']);
      expect(await actions({ subject: model, action: 'model.create' })).toEqual(['model.create']);
      expect(await actions({ subject: model, action: 'mod' })).toEqual([]);
      const [moved] = await world.audit.list(defaultProjectId, { limit: 1, subject: model });
      expect(moved?.detail).toEqual({ message: 'It is kinder.', before: null, after: { version: 1 } });
      const at = moved?.at ?? '';
      expect(await actions({ subject: `${model}@production`, from: at })).toEqual(['alias.move']);
      expect(await actions({ subject: `${model}@production`, until: at })).toEqual([]);
    });

    it('refuses a place that is none', async () => {
      for (const before of ['newest', '-1', '1e3', '9'.repeat(40)]) {
        const list = world.audit.list(defaultProjectId, { limit: 1, before });
        await expect(list).rejects.toMatchObject({ code: 'invalid_request', param: 'cursor' });
      }
    });

    it('shows nothing of another project', async () => {
      expect(await world.audit.list('elsewhere' as typeof defaultProjectId, { limit: 10 })).toEqual([]);
    });
  });
}
