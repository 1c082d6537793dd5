import type { AuditStore, ProviderStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId, type ProviderKeyId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { providers: ProviderStore; audit: AuditStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'ann' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;

/** What every {@link ProviderStore} does. */
export function providerStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`provider store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const make = (title: string) =>
      world.providers.create(by, { name: title, vendor: 'bedrock', baseUrl: null, settings: { region: 'eu-west-1' } });
    const sealed = Uint8Array.of(0, 255, 128, 10);
    const addKey = (provider: string) =>
      world.providers.addKey(by, { id: fresh('pk') as ProviderKeyId, provider, label: 'first', last4: 'wxyz', sealed });
    const stored = async (provider: string) => {
      const { providers, keys } = await world.providers.snapshot();
      return {
        providers: providers.filter((one) => one.name === provider),
        keys: keys.filter((key) => key.provider === provider),
      };
    };

    it('keeps providers and sealed keys, each change with its audit row, which holds no secret', async () => {
      const marker = await newestId(world.audit);
      const title = fresh('p');
      const provider = await make(title);
      const [one, two] = [await addKey(title), await addKey(title)];
      expect(provider).toMatchObject({ name: title, vendor: 'bedrock', baseUrl: null, createdBy: 'ann' });
      expect(new Date(one.createdAt).toISOString()).toBe(one.createdAt);
      const kept = await stored(title);
      expect(kept.providers).toEqual([{ ...provider, project: by.project }]);
      expect(kept.keys.map(({ sealed: bytes, ...key }) => [key, [...bytes]])).toEqual(
        [one, two].map((key) => [{ ...key, project: by.project }, [...sealed]]),
      );
      expect(await world.providers.removeKey(elsewhere, title, one.id)).toBe(false);
      expect(await world.providers.removeKey(by, fresh('other'), one.id)).toBe(false);
      expect(await world.providers.removeKey(by, title, one.id)).toBe(true);
      expect(await world.providers.removeKey(by, title, one.id)).toBe(false);
      expect((await stored(title)).keys.map(({ id }) => id)).toEqual([two.id]);
      expect(await world.providers.remove(elsewhere, title)).toBe(false);
      expect(await world.providers.remove(by, title)).toBe(true);
      expect(await world.providers.remove(by, title)).toBe(false);
      expect(await stored(title)).toEqual({ providers: [], keys: [] });
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
        ['provider.create', { vendor: 'bedrock', baseUrl: null, settings: { region: 'eu-west-1' } }],
        ['provider.key.add', { id: one.id, label: 'first', last4: 'wxyz' }],
        ['provider.key.add', { id: two.id, label: 'first', last4: 'wxyz' }],
        ['provider.key.remove', { id: one.id, label: 'first', last4: 'wxyz' }],
        ['provider.remove', { keys: 1 }],
      ]);
    });

    it('refuses a name that is taken', async () => {
      const { name: taken } = await make(fresh('taken'));
      await expect(make(taken)).rejects.toMatchObject({ code: 'conflict', param: 'name' });
    });

    it('keeps keys for providers of the server too', async () => {
      const title = fresh('server');
      const key = await addKey(title);
      expect((await stored(title)).keys).toHaveLength(1);
      expect(await world.providers.removeKey(by, title, key.id)).toBe(true);
    });
  });
}
