import type { AuditStore, DashboardStore } from '@wheelhouse/core/ports';
import { type DashboardDefinition, defaultProjectId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { dashboards: DashboardStore; audit: AuditStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'ann' };
const bob = { ...by, actor: 'bob' };
const elsewhere = { ...by, project: 'elsewhere' as ProjectId };
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;

const definition = (title: string): DashboardDefinition => ({
  title,
  panels: [
    {
      ...{ id: 'one', title: 'Failing', width: 6, height: 2, kind: 'measure', q: 'model:"a b"', view: null },
      ...{ measure: { kind: 'latency', quantile: 'p90' }, by: 'score.tone', top: 3, shape: 'bars' },
    },
    { id: 'two', title: 'Why', width: 12, height: 1, kind: 'text', text: '# It’s <b>so</b>' },
  ],
});

/** What every {@link DashboardStore} does. */
export function dashboardStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`dashboard store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const set = (actor: typeof by, at: string, title: string, ifRevision: number | null = null) =>
      world.dashboards.set(actor, { id: fresh('dash'), name: at, definition: definition(title), ifRevision });

    it('keeps dashboards by name, whole, and counts their changes, each with its audit row', async () => {
      const marker = await newestId(world.audit);
      const [b, a] = [fresh('b'), fresh('a')];
      const made = await set(by, b, 'First');
      expect(made).toMatchObject({ name: b, revision: 1, createdBy: 'ann', changedBy: 'ann', ...definition('First') });
      expect(new Date(made.changedAt).toISOString()).toBe(made.changedAt);
      await set(by, a, 'Other');
      const changed = await set(bob, b, 'Second');
      expect(changed).toMatchObject({ id: made.id, revision: 2, createdBy: 'ann', changedBy: 'bob', title: 'Second' });
      expect(changed.createdAt).toBe(made.createdAt);
      expect(await world.dashboards.get(defaultProjectId, b)).toEqual(changed);
      const listed = await world.dashboards.list(defaultProjectId);
      expect(listed.map((one) => one.name).filter((one) => one === a || one === b)).toEqual([a, b]);
      expect(await world.dashboards.list(elsewhere.project)).toEqual([]);
      expect(await world.dashboards.get(elsewhere.project, b)).toBeNull();
      expect(await world.dashboards.remove(elsewhere, b)).toBe(false);
      expect(await world.dashboards.remove(by, b)).toBe(true);
      expect(await world.dashboards.remove(by, b)).toBe(false);
      expect(await world.dashboards.get(defaultProjectId, b)).toBeNull();
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
        ['dashboard.set', b],
        ['dashboard.set', a],
        ['dashboard.set', b],
        ['dashboard.remove', b],
      ]);
      expect(entries[2]?.detail).toEqual({
        before: { title: 'First', panels: ['Failing', 'Why'] },
        after: { title: 'Second', panels: ['Failing', 'Why'] },
      });
    });

    it('refuses a change of what was changed meanwhile, and keeps what is there', async () => {
      const one = fresh('one');
      await expect(set(by, one, 'Changed', 1)).rejects.toMatchObject({ code: 'conflict', param: 'ifRevision' });
      await set(by, one, 'Made', 0);
      await expect(set(bob, one, 'Made again', 0)).rejects.toMatchObject({ code: 'conflict' });
      await set(by, one, 'Changed', 1);
      await expect(set(bob, one, 'Lost', 1)).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.dashboards.get(defaultProjectId, one)).toMatchObject({ title: 'Changed', revision: 2 });
    });

    it('lets one of many that change it at once through', async () => {
      const [one, none] = [fresh('one'), fresh('none')];
      await set(by, one, 'Made', 0);
      for (const [at, revision] of [
        [one, 1],
        [none, 0],
      ] as const) {
        const tries = Array.from({ length: 5 }, (_, i) => set(by, at, `Try ${i}`, revision));
        const outcomes = await Promise.allSettled(tries);
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect((await world.dashboards.get(defaultProjectId, at))?.revision).toBe(revision + 1);
      }
    });
  });
}
