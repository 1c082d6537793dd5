import type { AuditStore, DuePipeline, DueRun, NewPipelineRun, PipelineStore } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId, type PipelineDefinition, type ProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { pipelines: PipelineStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by: Caller = { project, actor: 'ada', role: 'admin', key: null, person: null, team: null };
const acting = { actor: 'ada', role: 'admin' as const, key: null, person: null, team: null };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
/** Long ago, so that nothing of other tests is due before. */
const nowMs = 1_000_000;
let count = 0;
const named = (kind: string) => `${kind}-${run}-${String(++count).padStart(6, '0')}`;

const definition = (more: Partial<PipelineDefinition> = {}): PipelineDefinition => ({
  ...{ description: '', model: 'bot', alias: 'production', candidate: 'staging', budget: null, restHours: 1 },
  triggers: [{ on: 'rolled_back' }],
  steps: [{ do: 'approve', name: 'approve', role: 'admin', hours: 1, note: '' }],
  ...more,
});
const newRun = (): NewPipelineRun => ({
  ...{ id: named('plr'), cause: { kind: 'hand', sentence: 'By hand.' }, definition: definition(), acting },
  ...{ steps: [], sentence: 'It begins.' },
});

/** What every {@link PipelineStore} does. */
export function pipelineStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`pipeline store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const set = (more: Partial<PipelineDefinition> = {}, pipeline = named('pl'), at = nowMs) =>
      world.pipelines.set(by, {
        id: pipeline,
        name: pipeline,
        definition: definition(more),
        seen: { rolled_back: 'rel_0' },
        nowMs: at,
      });
    const start = (pipeline: string) => world.pipelines.start(by, pipeline, { ...newRun(), nowMs });
    const claim = async (pipeline: string, at = nowMs): Promise<DueRun> => {
      const due = await world.pipelines.claimRuns(at, { holdMs: 1_000, limit: 500 });
      const found = due.find((one) => one.run.pipeline === pipeline);
      if (!found) throw new Error(`No run of ${pipeline} was due.`);
      return found;
    };
    const claimPipeline = async (pipeline: string, at = nowMs): Promise<DuePipeline> => {
      const due = await world.pipelines.claimPipelines(at, { holdMs: 1_000, limit: 500 });
      const found = due.find((one) => one.pipeline.name === pipeline);
      if (!found) throw new Error(`${pipeline} was not due.`);
      return found;
    };
    const end = async (due: DueRun) => {
      const endedAt = '1970-01-01T00:20:00.000Z';
      const after = { run: { ...due.run, state: 'done' as const, endedAt }, acting, dueMs: nowMs, heldUntilMs: 0 };
      return world.pipelines.record(due, after);
    };

    it('sets a pipeline for those alone who know it as it is', async () => {
      const name = named('pl');
      const { changedAt } = await set({}, name);
      const change = (known: string | null, description: string) =>
        world.pipelines.set(by, {
          ...{ id: name, name, definition: definition({ description }), seen: {}, nowMs: nowMs + 5_000, known },
        });
      await expect(change(null, 'x')).rejects.toMatchObject({ code: 'conflict' });
      await expect(change(new Date(0).toISOString(), 'x')).rejects.toMatchObject({ code: 'conflict' });
      expect((await change(changedAt, 'mine')).definition.description).toBe('mine');
      await expect(change(changedAt, 'late')).rejects.toMatchObject({ code: 'conflict' });
      expect((await world.pipelines.get(project, name))?.definition.description).toBe('mine');
    });

    it('keeps a definition under its name; the same again changes nothing', async () => {
      const first = await set();
      expect(first).toMatchObject({ definition: definition(), appliedBy: 'ada', pending: null });
      expect(await world.pipelines.get(project, first.name)).toEqual(first);
      expect(await world.pipelines.get(elsewhere, first.name)).toBeNull();
      const before = await newestId(world.audit);
      expect(await set({}, first.name, nowMs + 5)).toEqual(first);
      expect(await entriesSince(world.audit, before)).toEqual([]);
      const second = await set({ restHours: 2 }, first.name);
      expect(second).toMatchObject({ id: first.id, createdAt: first.createdAt, definition: { restHours: 2 } });
      const entries = await entriesSince(world.audit, before);
      expect(entries).toMatchObject([
        { action: 'pipeline.set', subject: first.name, detail: { after: { restHours: 2 } } },
      ]);
    });

    it('lists by name, a page at a time', async () => {
      const [a, b] = [await set(), await set()];
      const page = await world.pipelines.list(project, { limit: 1, after: a.name });
      expect(page.map((one) => one.name)).toEqual([b.name]);
      expect(await world.pipelines.list(elsewhere, { limit: 5 })).toEqual([]);
    });

    it('has one run of a pipeline under way, and counts them', async () => {
      const { name: pipeline } = await set();
      const first = await start(pipeline);
      expect(first).toMatchObject({ number: 1, state: 'running', actsAs: 'ada', baseline: null, endedAt: null });
      await expect(start(pipeline)).rejects.toMatchObject({ code: 'conflict' });
      await expect(start(named('none'))).rejects.toMatchObject({ code: 'not_found' });
      await expect(world.pipelines.remove(by, pipeline)).rejects.toMatchObject({ code: 'conflict' });
      await end(await claim(pipeline));
      expect((await start(pipeline)).number).toBe(2);
      const all = await world.pipelines.runs(project, { pipeline, limit: 5 });
      expect(all.map(({ number }) => number)).toEqual([2, 1]);
      const older = await world.pipelines.runs(project, { pipeline, limit: 5, before: all[0]?.id ?? '' });
      expect(older.map(({ number }) => number)).toEqual([1]);
      expect(await world.pipelines.runs(project, { pipeline, state: 'done', limit: 5 })).toHaveLength(1);
      expect(await world.pipelines.run(elsewhere, first.id)).toBeNull();
    });

    it('lets one hold a run at a time, and takes what that one says alone', async () => {
      const { name: pipeline } = await set();
      await start(pipeline);
      const mine = await claim(pipeline);
      await expect(claim(pipeline)).rejects.toThrow('was due');
      const later = await claim(pipeline, nowMs + 1_000);
      const after = (due: DueRun) => ({
        run: { ...due.run, sentence: 'On.' },
        acting,
        dueMs: nowMs + 9,
        heldUntilMs: 0,
      });
      expect(await world.pipelines.record(mine, after(mine))).toBeNull();
      const written = await world.pipelines.record(later, after(later));
      expect(written).toMatchObject({ run: { sentence: 'On.' }, revision: later.revision + 1 });
      await expect(claim(pipeline, nowMs + 8)).rejects.toThrow('was due');
      expect((await claim(pipeline, nowMs + 9)).run.sentence).toBe('On.');
    });

    it('lets a person come between: whoever held the run writes nothing any more', async () => {
      const { name: pipeline } = await set();
      const { id } = await start(pipeline);
      const held = await claim(pipeline);
      const before = await newestId(world.audit);
      const kept = await world.pipelines.run(project, id);
      if (!kept) throw new Error('It is gone.');
      const stopping = { by: 'ada', reason: '' };
      const change = {
        ...{ run: { ...kept.run, stopping }, revision: kept.revision, acting, nowMs },
        ...{ action: 'pipeline.stop' as const, detail: { step: null } },
      };
      expect(await world.pipelines.change(by, change)).toBe(true);
      expect(await world.pipelines.change(by, change)).toBe(false);
      expect(await end(held)).toBeNull();
      expect((await claim(pipeline)).run.stopping).toEqual(stopping);
      expect(await entriesSince(world.audit, before)).toMatchObject([
        { action: 'pipeline.stop', subject: pipeline, detail: { run: id } },
      ]);
    });

    it('takes up a run that has ended, unless another one is under way', async () => {
      const { name: pipeline } = await set();
      const { id } = await start(pipeline);
      await end(await claim(pipeline));
      const kept = await world.pipelines.run(project, id);
      if (!kept) throw new Error('It is gone.');
      const again = { ...kept.run, state: 'running' as const, endedAt: null };
      const change = {
        ...{ run: again, revision: kept.revision, acting, nowMs },
        ...{ action: 'pipeline.retry' as const, detail: { step: null } },
      };
      await start(pipeline);
      await expect(world.pipelines.change(by, change)).rejects.toMatchObject({ code: 'conflict' });
      await end(await claim(pipeline));
      expect(await world.pipelines.change(by, change)).toBe(true);
      expect((await claim(pipeline)).run.id).toBe(id);
    });

    it('looks at those with triggers, keeps what they have seen, and starts a run unless one is under way', async () => {
      const { name: silent } = await set({ triggers: [] });
      await expect(claimPipeline(silent)).rejects.toThrow('not due');
      const { name: pipeline } = await set();
      const due = await claimPipeline(pipeline);
      expect(due).toMatchObject({ seen: { rolled_back: 'rel_0' }, acting, isRunning: false, restedSince: null });
      await expect(claimPipeline(pipeline)).rejects.toThrow('not due');
      const cause = { kind: 'rolled_back' as const, sentence: 'Rolled back.' };
      const look = { seen: { rolled_back: 'rel_1' }, pending: cause, dueMs: nowMs + 10, run: newRun(), nowMs };
      const started = await world.pipelines.recordLook(due, look);
      expect(started).toMatchObject({ number: 1, pipeline });
      expect(await world.pipelines.recordLook(due, look)).toBeNull();
      expect((await world.pipelines.get(project, pipeline))?.pending).toBeNull();
      const again = await claimPipeline(pipeline, nowMs + 10);
      expect(again).toMatchObject({ seen: { rolled_back: 'rel_1' }, isRunning: true, restedSince: null });
      expect(await world.pipelines.recordLook(again, { ...look, run: newRun(), dueMs: nowMs + 20 })).toBeNull();
      expect((await world.pipelines.get(project, pipeline))?.pending).toEqual(cause);
      await end(await claim(pipeline));
      const rested = await claimPipeline(pipeline, nowMs + 20);
      expect(rested).toMatchObject({ isRunning: false, restedSince: '1970-01-01T00:20:00.000Z' });
      expect(await set({ restHours: 3 }, pipeline)).toMatchObject({ pending: cause });
      expect(await claimPipeline(pipeline)).toMatchObject({ seen: { rolled_back: 'rel_1' } });
    });

    it('forgets a pipeline with its runs', async () => {
      const { name: pipeline } = await set();
      const { id } = await start(pipeline);
      await end(await claim(pipeline));
      expect(await world.pipelines.remove(by, pipeline)).toBe(true);
      expect(await world.pipelines.remove(by, pipeline)).toBe(false);
      expect(await world.pipelines.run(project, id)).toBeNull();
    });
  });
}
