import type { AuditStore, TraceExportStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { exports: TraceExportStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const run = Date.now().toString(36);
let count = 0;

/** What every {@link TraceExportStore} does. */
export function exportStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`export store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const create = () => {
      const id = `exp_${run}_${String(++count).padStart(6, '0')}`;
      return world.exports.create(by, { id, q: 'user:42', nowNs: 1_800_000_000_000_000_001n, total: 5 });
    };
    const progress = (parts: number) => ({ parts, traces: 3, bytes: 9_007_199_254, after: `place ${parts}` });

    it('begins with nothing done, and is listed newest first, in its project', async () => {
      const [first, second] = [await create(), await create()];
      expect(first).toMatchObject({
        ...{ q: 'user:42', nowNs: 1_800_000_000_000_000_001n, status: 'queued', error: null, total: 5 },
        ...{ progress: { parts: 0, traces: 0, bytes: 0, after: null }, requestedBy: 'ada', finishedAt: null },
      });
      expect(await world.exports.get(project, first.id)).toEqual(first);
      expect(await world.exports.get(elsewhere.project, first.id)).toBeNull();
      expect((await world.exports.list(project, { limit: 2 })).map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await world.exports.list(project, { limit: 1, before: second.id })).toEqual([first]);
    });

    it('says how far it is, until it ends', async () => {
      const { id } = await create();
      expect(await world.exports.advance(id, progress(3))).toBe(true);
      expect(await world.exports.get(project, id)).toMatchObject({ status: 'running', progress: progress(3) });
      await world.exports.finish(id, 'failed', 'because');
      expect(await world.exports.advance(id, progress(4))).toBe(false);
      await world.exports.finish(id, 'completed');
      expect(await world.exports.get(project, id)).toMatchObject({
        ...{ status: 'failed', error: 'because', progress: progress(3), finishedAt: expect.any(String) },
      });
    });

    it('is cancelled and removed once, by somebody of its project', async () => {
      const marker = await newestId(world.audit);
      const { id } = await create();
      expect(await world.exports.cancel(elsewhere, id)).toBeNull();
      expect(await world.exports.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.exports.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.exports.advance(id, progress(1))).toBe(false);
      expect(await world.exports.remove(elsewhere, id)).toBe(false);
      expect([await world.exports.remove(by, id), await world.exports.remove(by, id)]).toEqual([true, false]);
      expect(await world.exports.get(project, id)).toBeNull();
      expect(await world.exports.advance(id, progress(1))).toBe(false);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject }) => [action, subject])).toEqual([
        ['export.create', id],
        ['export.cancel', id],
        ['export.remove', id],
      ]);
    });
  });
}
