import type { AuditStore, OnlineStore } from '@wheelhouse/core/ports';
import { addCounts, defaultProjectId, type OnlineDefinition, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { online: OnlineStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
let count = 0;

const definition: OnlineDefinition = {
  ...{ of: 'traces', q: 'model:bot', span: { kind: null, name: null }, sample: 0.5, waitSeconds: 300 },
  scorers: [{ name: 'kind', label: 'judge_rubric {"rubric":"Is it \\"kind\\"?"}' }],
  budgetNanoUsd: '9007199254740993',
};

/** What every {@link OnlineStore} does. */
export function onlineStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`online evaluation store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());
    const set = (more: Partial<OnlineDefinition> = {}, called = `on-${run}-${++count}`) =>
      world.online.set(by, {
        ...{ id: `on_${run}_${String(++count).padStart(6, '0')}`, name: called, startMs: 1_000 },
        definition: { ...definition, ...more },
      });
    /** Those of other tests are due as well. */
    const claim = async (nowMs: number, id: string) =>
      (await world.online.claim(nowMs, { holdMs: 60_000, limit: 100 })).find(({ online }) => online.id === id);

    it('begins where it is told to, and is listed newest first', async () => {
      const [first, second] = [await set(), await set({ of: 'spans', span: { kind: 'tool', name: 'search' } })];
      expect(first).toMatchObject({ ...definition, version: 1, isPaused: false, createdBy: 'ada' });
      expect(first.look).toMatchObject({ place: { ms: 1_000, id: '' }, at: null, retries: [] });
      expect(second.span).toEqual({ kind: 'tool', name: 'search' });
      expect(await world.online.get(project, first.name)).toEqual(first);
      expect(await world.online.get(elsewhere, first.name)).toBeNull();
      const page = await world.online.list(project, { limit: 2 });
      expect(page.map(({ id }) => id)).toEqual([second.id, first.id]);
      expect(await world.online.list(project, { limit: 1, before: second.id })).toEqual([first]);
    });

    it('is given to one at a time, until that says how far it is or its hold ends', async () => {
      const { id, look } = await set();
      const due = await claim(5_000, id);
      expect(due).toMatchObject({ project, heldUntilMs: 65_000 });
      expect(await claim(64_999, id)).toBeUndefined();
      const longer = due && (await world.online.hold(due, 90_000));
      expect(longer).toMatchObject({ heldUntilMs: 90_000 });
      expect(await claim(89_999, id)).toBeUndefined();
      const seen = { ...look, place: { ms: 7_000, id: 't 1' }, today: addCounts(look.today, { scored: 3 }) };
      expect(due && (await world.online.record(due, { look: seen, dueMs: 100_000 }))).toBe(false);
      expect(longer && (await world.online.record(longer, { look: seen, dueMs: 100_000 }))).toBe(true);
      expect(await claim(99_999, id)).toBeUndefined();
      expect(await claim(100_000, id)).toMatchObject({ online: { look: seen } });
    });

    it('is changed: it goes on where it is, and a look that began before writes nothing', async () => {
      const { id, name: called, look } = await set();
      const due = await claim(5_000, id);
      const failing = { ...look, failures: 3, failingSince: '2026-01-01T00:00:00.000Z', place: { ms: 9_000, id: 'a' } };
      expect(due && (await world.online.record(due, { look: failing, dueMs: 6_000 }))).toBe(true);
      const again = await claim(6_000, id);
      const marker = await newestId(world.audit);
      const changed = await set({ q: 'model:other' }, called);
      expect(changed).toMatchObject({ id, version: 2, q: 'model:other', look: { place: { ms: 9_000, id: 'a' } } });
      expect(changed.look).toMatchObject({ failures: 0, failingSince: null });
      expect(again && (await world.online.record(again, { look, dueMs: 0 }))).toBe(false);
      expect(again && (await world.online.hold(again, 99_000))).toBeNull();
      expect(await entriesSince(world.audit, marker)).toMatchObject([
        { action: 'online.set', subject: called, detail: { before: { q: 'model:bot' }, after: { q: 'model:other' } } },
      ]);
    });

    it('is paused, goes on from now, and is removed, each by somebody', async () => {
      const { id, name: called } = await set();
      const marker = await newestId(world.audit);
      expect(await world.online.pause(by, called, { isPaused: true, fromMs: 0 })).toMatchObject({ isPaused: true });
      expect(await world.online.pause(by, called, { isPaused: true, fromMs: 0 })).toMatchObject({ isPaused: true });
      expect(await claim(200_000, id)).toBeUndefined();
      const resumed = await world.online.pause(by, called, { isPaused: false, fromMs: 150_000 });
      expect(resumed).toMatchObject({ isPaused: false, look: { place: { ms: 150_000, id: '' } } });
      expect(await claim(200_000, id)).toBeDefined();
      const draw = {
        scorer: 'kind',
        queue: 'check',
        since: '2026-01-01T00:00:00.000Z',
        until: '2026-01-02T00:00:00.000Z',
      };
      expect(resumed?.draw).toBeNull();
      expect(await world.online.setDraw(by, called, draw)).toMatchObject({ draw });
      expect(await world.online.get(project, called)).toMatchObject({ draw });
      expect(await world.online.remove(by, called)).toBe(true);
      expect(await world.online.setDraw(by, called, draw)).toBeNull();
      expect(await world.online.remove(by, called)).toBe(false);
      expect(await world.online.pause(by, called, { isPaused: true, fromMs: 0 })).toBeNull();
      const actions = (await entriesSince(world.audit, marker)).map(({ action }) => action);
      expect(actions.toSorted()).toEqual(['online.draw', 'online.pause', 'online.remove', 'online.resume']);
    });
  });
}
