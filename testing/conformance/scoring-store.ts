import type { AuditStore, ScoringStore } from '@wheelhouse/core/ports';
import { defaultProjectId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { scorings: ScoringStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
let count = 0;

/** What every {@link ScoringStore} does. */
export function scoringStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`scoring store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const asked = {
      span: { kind: 'tool' as const, name: 'search*' },
      ...{ of: 'sessions' as const, q: 'status:ok', nowNs: (1n << 62n) + 1n, sample: 0.25, most: 70 },
      scorers: [{ name: 'kind', label: 'judge_rubric {"rubric":"Is it \\"kind\\"?"}' }],
      ...{ capNanoUsd: '9007199254740993', total: 5 },
    };
    const create = (more: Partial<typeof asked> | { capNanoUsd: null } = {}) => {
      const id = `scr_${run}_${String(++count).padStart(6, '0')}`;
      return world.scorings.create(by, { id, ...asked, ...more });
    };
    const progress = (done: number) => ({
      ...{ done, scored: 2, kept: 1, failed: 1, costNanoUsd: '9007199254740993', after: `place ${done}` },
      problems: [{ target: 's 1', scorer: 'kind', error: 'no answer' }],
    });

    it('begins with nothing done, and is listed newest first', async () => {
      const [first, second] = [await create(), await create({ capNanoUsd: null })];
      expect(first).toMatchObject({
        ...{ ...asked, status: 'queued', error: null, requestedBy: 'ada', finishedAt: null },
        progress: { done: 0, scored: 0, kept: 0, failed: 0, costNanoUsd: '0', problems: [], after: null },
      });
      expect(second.capNanoUsd).toBeNull();
      expect(await world.scorings.get(project, first.id)).toEqual(first);
      expect(await world.scorings.get(elsewhere, first.id)).toBeNull();
      const page = await world.scorings.list(project, { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await world.scorings.list(project, { limit: 1, before: second.id })).toEqual([first]);
    });

    it('says how far it is, until it ends', async () => {
      const { id } = await create();
      expect(await world.scorings.advance(id, progress(3))).toBe(true);
      expect(await world.scorings.get(project, id)).toMatchObject({ status: 'running', progress: progress(3) });
      await world.scorings.finish(id, 'failed', 'because');
      expect(await world.scorings.advance(id, progress(4))).toBe(false);
      await world.scorings.finish(id, 'completed');
      expect(await world.scorings.get(project, id)).toMatchObject({
        ...{ status: 'failed', error: 'because', progress: progress(3), finishedAt: expect.any(String) },
      });
    });

    it('is cancelled once, by somebody, and not after its end', async () => {
      const [{ id }, ended] = [await create(), await create()];
      await world.scorings.finish(ended.id, 'completed');
      const marker = await newestId(world.audit);
      expect(await world.scorings.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.scorings.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      expect(await world.scorings.cancel(by, ended.id)).toMatchObject({ status: 'completed' });
      expect(await world.scorings.advance(id, progress(1))).toBe(false);
      expect(await entriesSince(world.audit, marker)).toMatchObject([{ action: 'scoring.cancel', subject: id }]);
      await expect(world.scorings.cancel(by, 'scr_none')).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
