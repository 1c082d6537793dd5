import type { AuditStore, DeletionStore, ViewStore } from '@wheelhouse/core/ports';
import { type DeletionId, defaultProjectId, type ProjectId, type ViewId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { views: ViewStore; deletions: DeletionStore; audit: AuditStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'ann' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;

/** What every {@link ViewStore} does. */
export function viewStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`view store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const make = (title: string) =>
      world.views.create(by, { id: fresh('vw') as ViewId, name: title, url: '/traces?q=status%3Aerror' });

    it('keeps views by name, and removes them once, each change with its audit row', async () => {
      const marker = await newestId(world.audit);
      const [b, a] = [await make(fresh('b')), await make(fresh('a'))];
      expect(b).toMatchObject({ url: '/traces?q=status%3Aerror', createdBy: 'ann' });
      expect(new Date(b.createdAt).toISOString()).toBe(b.createdAt);
      const listed = await world.views.list(defaultProjectId);
      expect(listed.filter(({ id }) => [a.id, b.id].includes(id))).toEqual([a, b]);
      expect(await world.views.list(elsewhere)).toEqual([]);
      expect(await world.views.remove({ ...by, project: elsewhere }, a.id)).toBe(false);
      expect(await world.views.remove(by, a.id)).toBe(true);
      expect(await world.views.remove(by, a.id)).toBe(false);
      expect((await world.views.list(defaultProjectId)).map(({ id }) => id)).not.toContain(a.id);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action }) => action)).toEqual(['view.create', 'view.create', 'view.remove']);
    });

    it('refuses a name that is taken', async () => {
      const { name: taken } = await make(fresh('taken'));
      await expect(make(taken)).rejects.toMatchObject({ code: 'conflict', param: 'name' });
    });
  });
}

/** What every {@link DeletionStore} does. */
export function deletionStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`deletion store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const make = (id = fresh('user')) =>
      world.deletions.create(by, { id: fresh('del') as DeletionId, subject: { type: 'user', id } });

    it('says what was asked and what became of it, for good, each with its audit row', async () => {
      const marker = await newestId(world.audit);
      const asked = await make();
      expect(asked).toMatchObject({
        status: 'queued',
        traces: null,
        error: null,
        requestedBy: 'ann',
        finishedAt: null,
      });
      expect(await world.deletions.get(defaultProjectId, asked.id)).toEqual(asked);
      await world.deletions.complete(by, asked.id, 3);
      await world.deletions.fail(by, asked.id, 'too late');
      await world.deletions.complete(by, asked.id, 0);
      const done = await world.deletions.get(defaultProjectId, asked.id);
      expect(done).toMatchObject({ status: 'completed', traces: 3, error: null });
      expect(new Date(done?.finishedAt ?? '').toISOString()).toBe(done?.finishedAt);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, detail }) => [action, detail])).toEqual([
        ['deletion.create', asked.subject],
        ['deletion.complete', { ...asked.subject, traces: 3 }],
      ]);
      const failed = await make();
      await world.deletions.fail(by, failed.id, 'why');
      expect(await world.deletions.get(defaultProjectId, failed.id)).toMatchObject({ status: 'failed', error: 'why' });
      expect(await world.deletions.get(elsewhere, failed.id)).toBeNull();
    });

    it('lists newest first, page by page', async () => {
      const made = [await make(), await make(), await make()].map(({ id }) => id).reverse();
      const first = await world.deletions.list(defaultProjectId, { limit: 2 });
      const rest = await world.deletions.list(defaultProjectId, { limit: 1, before: first.at(-1)?.id ?? '' });
      expect([...first, ...rest].map(({ id }) => id)).toEqual(made);
      await expect(world.deletions.list(defaultProjectId, { limit: 1, before: 'x' })).rejects.toMatchObject({
        code: 'invalid_request',
        param: 'cursor',
      });
      expect(await world.deletions.list(elsewhere, { limit: 5 })).toEqual([]);
    });
  });
}
