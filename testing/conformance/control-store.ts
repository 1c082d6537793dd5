import type { AuditStore, ControlStore } from '@wheelhouse/core/ports';
import { type BudgetId, defaultProjectId, type LimitId, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { controls: ControlStore; audit: AuditStore; close(): Promise<void> };

const by = { project: defaultProjectId, actor: 'ann' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const run = Math.floor(Math.random() * 2 ** 40).toString(36);
let count = 0;
const fresh = (what: string) => `${what}-${run}-${++count}`;

/** What every {@link ControlStore} does. */
export function controlStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`control store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const rows = async () => (await world.controls.snapshot()).find(({ project }) => project === defaultProjectId);
    const budget = (subject: string, amountNanoUsd: bigint) =>
      world.controls.setBudget(by, {
        ...{ id: fresh('bg') as BudgetId, scope: 'key', subject, period: 'month' },
        ...{ amountNanoUsd, hard: true, alertAt: 0.8 },
      });

    it('keeps one budget of a subject and period, exactly, under the id that it had first', async () => {
      const marker = await newestId(world.audit);
      const subject = fresh('key');
      const first = await budget(subject, 9_000_000_000_000_001n);
      expect(first).toMatchObject({ amountNanoUsd: 9_000_000_000_000_001n, createdBy: 'ann', hard: true });
      const second = await world.controls.setBudget(
        { ...by, actor: 'bob' },
        { ...first, id: fresh('bg') as BudgetId, amountNanoUsd: 5n, hard: false, alertAt: 0.5 },
      );
      expect(second).toEqual({ ...first, amountNanoUsd: 5n, hard: false, alertAt: 0.5 });
      expect((await rows())?.budgets).toContainEqual(second);
      expect(await world.controls.removeBudget(elsewhere, first.id)).toBe(false);
      expect(await world.controls.removeBudget(by, first.id)).toBe(true);
      expect(await world.controls.removeBudget(by, first.id)).toBe(false);
      expect((await rows())?.budgets ?? []).not.toContainEqual(second);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, actor }) => [action, actor])).toEqual([
        ['budget.set', 'ann'],
        ['budget.set', 'bob'],
        ['budget.remove', 'ann'],
      ]);
      expect(entries.map(({ detail }) => detail)).toMatchObject([
        { subject, before: null, after: { amountNanoUsd: '9000000000000001', hard: true } },
        { before: { amountNanoUsd: '9000000000000001' }, after: { amountNanoUsd: '5', hard: false } },
        { before: { amountNanoUsd: '5' }, after: null },
      ]);
    });

    it('keeps one limit of a subject', async () => {
      const marker = await newestId(world.audit);
      const subject = fresh('user');
      const terms = { scope: 'user' as const, subject, tokensPerMinute: null, parallelCalls: 4 };
      const id = fresh('lm') as LimitId;
      const first = await world.controls.setLimit(by, { id, ...terms, requestsPerMinute: 60 });
      const other = { id: fresh('lm') as LimitId, ...terms, requestsPerMinute: null };
      const second = await world.controls.setLimit(by, other);
      expect(second).toEqual({ ...first, requestsPerMinute: null });
      expect((await rows())?.limits).toContainEqual(second);
      expect(await world.controls.removeLimit(by, id)).toBe(true);
      expect((await entriesSince(world.audit, marker)).map(({ action }) => action)).toEqual([
        'limit.set',
        'limit.set',
        'limit.remove',
      ]);
    });
  });
}
