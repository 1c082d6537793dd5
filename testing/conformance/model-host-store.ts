import type { AuditStore, ModelHostStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type HostId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { hosts: ModelHostStore; audit: AuditStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'ann' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;

/** What every {@link ModelHostStore} does. */
export function modelHostStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`model host store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const sealed = Uint8Array.of(0, 255, 128, 10);
    const register = (model: string, leaseMs = 60_000) =>
      world.hosts.register(by, {
        ...{ id: fresh('host') as HostId, model, version: 2, url: 'http://127.0.0.1:9/predict', sealed, leaseMs },
      });
    const live = async (model: string) => (await world.hosts.live(by.project)).filter((host) => host.model === model);

    it('keeps leases that live, oldest first, each change with its audit row, which holds no token', async () => {
      const marker = await newestId(world.audit);
      const model = fresh('bot');
      const [one, two] = [await register(model), await register(model)];
      expect(one).toMatchObject({ model, version: 2, createdBy: 'ann', url: 'http://127.0.0.1:9/predict' });
      const found = await live(model);
      expect(found.map(({ sealed: bytes, ...host }) => [host, [...bytes]])).toEqual(
        [one, two].map((host) => [host, [...sealed]]),
      );
      expect((await world.hosts.live(elsewhere.project)).filter((host) => host.model === model)).toEqual([]);
      expect(await world.hosts.leave(elsewhere, one.id)).toBe(false);
      expect(await world.hosts.leave(by, one.id)).toBe(true);
      expect(await world.hosts.leave(by, one.id)).toBe(false);
      expect((await live(model)).map(({ id }) => id)).toEqual([two.id]);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
        ['host.register', `${model}@2`, { id: one.id, url: one.url }],
        ['host.register', `${model}@2`, { id: two.id, url: two.url }],
        ['host.leave', `${model}@2`, { id: one.id, url: one.url }],
      ]);
    });

    it('forgets a lease that is over, which no renewal brings back, and keeps one that is renewed', async () => {
      const model = fresh('bot');
      const over = await register(model, -1);
      expect(await live(model)).toEqual([]);
      expect(await world.hosts.renew(by.project, over.id, 60_000)).toBe(null);
      const host = await register(model, 30_000);
      expect(await world.hosts.renew(elsewhere.project, host.id, 60_000)).toBe(null);
      const renewed = await world.hosts.renew(by.project, host.id, 120_000);
      expect(Date.parse(renewed?.expiresAt ?? '')).toBeGreaterThan(Date.parse(host.expiresAt));
      expect((await live(model)).map(({ id }) => id)).toEqual([host.id]);
    });
  });
}
