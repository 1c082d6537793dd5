import type { AuditStore, NewOptimization, OptimizationStore } from '@wheelhouse/core/ports';
import {
  defaultProjectId,
  noOptimizationProgress,
  type OptimizationProgress,
  type OptimizationReport,
  type ProjectId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { optimizations: OptimizationStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = 'elsewhere' as ProjectId;
const run = Date.now().toString(36);
let count = 0;

const setup = {
  ...{ name: 'Triage', place: 'server' as const, program: 'triage@3', registered: { name: 'triage', version: 3 } },
  ...{ model: 'sim/student', proposer: null, dataset: 'cases', datasetVersion: 2, scorers: ['exact'] },
  ...{ optimizer: { name: 'gepa', options: { effort: 'light', runs: null } }, seed: 7, concurrency: 8 },
  ...{ budget: { costNanoUsd: '9007199254740993', calls: 600, minutes: null }, madeFrom: ['version:triage@3'] },
};
const measured = (value: number) => ({ value, low: value - 0.1, high: null, rows: 20 });
const scoreOf = (value: number) => ({
  ...{ score: measured(value), minibatch: null, calls: 20, costNanoUsd: '9007199254740993', latencyMs: 1.5 },
});
const progressOf = (calls: number): OptimizationProgress => ({
  ...noOptimizationProgress(),
  ...{ phase: 'searching', rows: { train: 4, validation: 3, heldOut: 2 }, startId: 'a', bestId: 'b' },
  spend: { calls, costNanoUsd: '9007199254740993', tokens: null, minutes: 0.5 },
  scores: { a: scoreOf(0.25), b: scoreOf(0.75) },
  front: { rows: 3, members: [{ id: 'b', score: 0.75, leads: [0, 2] }] },
});
const candidates = [
  { id: 'a', by: 'start', parents: [], changed: [], instances: { '': { instructions: 'Say \u0000 "so".' } } },
  { id: 'b', by: 'merge', parents: ['a', 'x'], changed: ['demos'], instances: { '': { demos: [] } } },
];
const spent = { calls: 1, costNanoUsd: null, tokens: null, minutes: 0 };
const report = {
  ...{ verdict: 'gain', sentence: 'B is better.', stopped: { reason: 'done', message: '' }, before: {}, after: null },
  ...{ rows: {}, spent: { search: spent, comparison: spent, total: spent }, failures: {} },
  comparison: [{ measure: 'score', meanA: 0.5, meanB: 0.875 }],
} as unknown as OptimizationReport;
const ended = { state: 'done' as const, error: null, report, definition: null, madeFrom: ['dataset:cases@2'] };

/** What every {@link OptimizationStore} does. */
export function optimizationStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`optimization store: ${name}`, () => {
    let world: World;
    let store: OptimizationStore;
    beforeAll(async () => {
      world = await open();
      store = world.optimizations;
    });
    afterAll(() => world.close());
    const create = (more: Partial<NewOptimization> = {}) => {
      const id = `op_${run}_${String(++count).padStart(6, '0')}`;
      return store.create(by, { id, ...setup, ...more });
    };
    const running = async (more: Partial<NewOptimization> = {}) => {
      const made = await create(more);
      await store.begin(made);
      return made;
    };

    it('begins with nothing done, queued here and running where its code is', async () => {
      const [here, there] = [await create(), await create({ place: 'client', registered: null })];
      expect(here).toMatchObject({
        ...{ ...setup, state: 'queued', turn: 0, error: null, author: 'ada', verdict: null, published: null },
        ...{ progress: noOptimizationProgress(), report: null, definition: null, startedAt: null, finishedAt: null },
        heardAt: null,
        score: { start: null, best: null, heldOutStart: null, heldOut: null },
      });
      expect(there).toMatchObject({ state: 'running', startedAt: expect.any(String), heardAt: expect.any(String) });
      expect(await store.get(project, here.id)).toEqual(here);
      expect(await store.get(elsewhere, here.id)).toBeNull();
    });

    it('is listed newest first, by state and by program, with its scores', async () => {
      const name = `p${run}`;
      const [first, second] = [await running({ registered: { name, version: 1 } }), await create()];
      await store.report(first, { progress: progressOf(3), candidates });
      await store.end(first, ended);
      const [latest, ...more] = await store.list(project, { limit: 1 });
      expect([latest?.id, more]).toEqual([second.id, []]);
      const found = await store.list(project, { limit: 9, before: second.id, program: name, state: 'done' });
      expect(found).toMatchObject([
        {
          ...{ id: first.id, state: 'done', verdict: 'gain', spend: { calls: 3, costNanoUsd: '9007199254740993' } },
          score: { start: 0.25, best: 0.75, heldOutStart: 0.5, heldOut: 0.875 },
        },
      ]);
      expect(found[0]).not.toHaveProperty('progress');
      expect(await store.list(project, { limit: 9, program: name, state: 'failed' })).toEqual([]);
      expect(await store.list(project, { limit: 9, program: name, dataset: first.dataset ?? '' })).toEqual(found);
      expect(await store.list(project, { limit: 9, program: name, dataset: 'another' })).toEqual([]);
      await expect(store.list(project, { limit: 9, before: 'op_none' })).rejects.toMatchObject({
        ...{ code: 'invalid_request', param: 'cursor' },
      });
    });

    it('keeps each answer once, in the order in which they came, and none of what is gone', async () => {
      const { id } = await create();
      const answer = (key: string, text: string) => ({ key, entry: { kind: 'run', text } });
      await store.keep(id, [answer('one', 'a \u0000 b'), answer('two', '2')]);
      await store.keep(id, [answer('one', 'another'), answer('three', '3')]);
      await store.keep('op_none', [answer('one', '1')]);
      expect(await store.countAnswers(id)).toBe(3);
      const page = await store.answers(id, { after: '0', limit: 2 });
      expect(page.map(({ entry }) => entry)).toEqual([answer('', 'a \u0000 b').entry, answer('', '2').entry]);
      const rest = await store.answers(id, { after: page.at(-1)?.n ?? '', limit: 2 });
      expect(rest.map(({ entry }) => entry)).toEqual([answer('', '3').entry]);
      expect(await store.answers('op_none', { after: '0', limit: 2 })).toEqual([]);
    });

    it('says how far it is; candidates stay as they were told first', async () => {
      const { id, turn } = await running();
      expect(await store.report({ id, turn }, { progress: progressOf(1), candidates })).toBe(true);
      const again = candidates.map((one) => ({ ...one, by: 'other' }));
      expect(await store.report({ id, turn }, { progress: progressOf(2), candidates: again })).toBe(true);
      expect(await store.get(project, id)).toMatchObject({
        state: 'running',
        spend: { calls: 2 },
        score: { best: 0.75 },
      });
      expect(await store.candidates(id)).toEqual(candidates.map(({ instances: _, ...told }) => told));
      expect(await store.candidate(id, 'a')).toEqual(candidates[0]);
      expect(await store.candidate(id, 'x')).toBeNull();
    });

    it('is stopped once, and then not to go on; how far it was is told all the same', async () => {
      const { id, turn } = await running();
      const marker = await newestId(world.audit);
      expect(await store.stop(by, id)).toMatchObject({ state: 'stopped', finishedAt: expect.any(String) });
      await expect(store.stop(by, id)).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.stop({ ...by, project: elsewhere }, id)).rejects.toMatchObject({ code: 'not_found' });
      expect(await store.report({ id, turn }, { progress: progressOf(9), candidates: [] })).toBe(false);
      expect(await store.begin({ id, turn })).toBe(false);
      expect(await store.end({ id, turn }, ended)).toMatchObject({
        state: 'stopped',
        spend: { calls: 9 },
        report: null,
      });
      expect(await entriesSince(world.audit, marker)).toMatchObject([{ action: 'optimization.stop', subject: id }]);
    });

    it('goes on in another turn, with another budget, and the turn before is over', async () => {
      const { id, turn } = await running();
      await expect(store.resume(by, id, {})).rejects.toMatchObject({ code: 'conflict' });
      await store.keep(id, [{ key: 'one', entry: 1 }]);
      await store.end({ id, turn }, { ...ended, state: 'failed', error: 'because' });
      const budget = { costNanoUsd: null, calls: 900, minutes: null };
      expect(await store.resume(by, id, { budget })).toMatchObject({
        ...{ state: 'queued', turn: turn + 1, budget, error: null, report: null, verdict: null, finishedAt: null },
      });
      expect(await store.begin({ id, turn })).toBe(false);
      expect(await store.report({ id, turn }, { progress: progressOf(4), candidates: [] })).toBe(false);
      expect(await store.end({ id, turn }, ended)).toBeNull();
      expect(await store.begin({ id, turn: turn + 1 })).toBe(true);
      expect(await store.countAnswers(id)).toBe(1);
      expect((await store.get(project, id))?.spend.calls).toBe(0);
    });

    it('ends once, with what was found and where that was published', async () => {
      const { id, turn } = await running();
      const definition = { flavor: 'prompt', messages: [] };
      expect(await store.end({ id, turn }, { ...ended, definition })).toMatchObject({
        ...{ state: 'done', definition, report, verdict: 'gain', madeFrom: ['dataset:cases@2'] },
      });
      expect(await store.end({ id, turn }, { ...ended, state: 'failed' })).toMatchObject({ state: 'done' });
      const published = { name: 'triage', version: 4, alias: 'staging' };
      await store.setPublished(by, id, published);
      expect(await store.get(project, id)).toMatchObject({ published });
      await expect(store.setPublished(by, 'op_none', published)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('is removed with its answers and candidates', async () => {
      const { id, turn } = await running();
      await store.keep(id, [{ key: 'one', entry: 1 }]);
      await store.report({ id, turn }, { progress: progressOf(1), candidates });
      await expect(store.remove({ ...by, project: elsewhere }, id)).rejects.toMatchObject({ code: 'not_found' });
      await store.remove(by, id);
      expect(await store.get(project, id)).toBeNull();
      expect(await store.countAnswers(id)).toBe(0);
      expect(await store.candidates(id)).toEqual([]);
      expect(await store.report({ id, turn }, { progress: progressOf(2), candidates })).toBe(false);
      await expect(store.remove(by, id)).rejects.toMatchObject({ code: 'not_found' });
    });
  });
}
