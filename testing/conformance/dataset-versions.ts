import type { AuditStore, DatasetJobStore, DatasetRuleStore, DatasetStore } from '@wheelhouse/core/ports';
import {
  type DatasetId,
  type DatasetJobProgress,
  defaultProjectId,
  type ExampleId,
  type ProjectId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = {
  datasets: DatasetStore;
  datasetJobs: DatasetJobStore;
  datasetRules: DatasetRuleStore;
  audit: AuditStore;
  close(): Promise<void>;
};

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const elsewhere = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const run = Date.now().toString(36);
const all = { limit: 1000 };
let count = 0;

const ex = (id: string) => `ex_${id}` as ExampleId;
const row = (id: string, labels: { tags?: string[]; split?: string; weight?: number } = {}) => ({
  ...{ id: ex(id), hash: `hash of ${id}`, source: null, ...labels },
});
const progress = (read: number): DatasetJobProgress => ({
  ...{ read, total: null, added: read, skipped: 0, refused: 1, place: { at: read } },
  problems: [{ at: 3, error: 'it has no input' }],
});

/** What every dataset store does with labels, versions and their names, and the stores of rules and jobs beside it. */
export function datasetVersionConformance(name: string, open: () => Promise<World>): void {
  describe(`versions of datasets: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    async function create(rows: ReturnType<typeof row>[] = []): Promise<string> {
      const dataset = `versions-${run}-${++count}`;
      await world.datasets.create(by, { id: `ds_${dataset}` as DatasetId, name: dataset, description: '' });
      if (rows.length > 0) await world.datasets.addExamples(by, dataset, rows);
      return dataset;
    }
    const ids = async (dataset: string, version: number | null, where = {}) =>
      (await world.datasets.members(project, dataset, version, { ...all, where }))
        .map(({ id }) => id.slice(3))
        .join('');

    it('keeps tags, split and weight, finds rows by them, and counts them', async () => {
      const dataset = await create([
        row('a', { tags: ['easy', 'geo'], split: 'train' }),
        row('b', { tags: ['geo'], split: 'test', weight: 2.5 }),
        row('c', { split: 'test' }),
        row('d'),
      ]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.removeExamples(by, dataset, [ex('c')]);
      expect(
        await world.datasets.members(project, dataset, 1, { limit: 1, after: 0, where: { split: 'test' } }),
      ).toMatchObject([{ id: 'ex_b', tags: ['geo'], split: 'test', weight: 2.5 }]);
      expect(await ids(dataset, 1, { split: 'test' })).toBe('bc');
      expect(await ids(dataset, null, { split: 'test' })).toBe('b');
      expect(await ids(dataset, 1, { tag: 'geo', split: null })).toBe('ab');
      expect(await ids(dataset, 1, { tag: 'geo', split: 'train' })).toBe('a');
      expect(await world.datasets.countMembers(project, dataset, 1, { tag: 'geo' })).toEqual({ members: 2, erased: 0 });
      expect(await world.datasets.countLabels(project, dataset, 1)).toEqual({
        splits: [
          { split: 'test', count: 2 },
          { split: 'train', count: 1 },
          { split: null, count: 1 },
        ],
        tags: [
          { tag: 'geo', count: 2 },
          { tag: 'easy', count: 1 },
        ],
      });
    });

    it('reads on behind a place, which a row keeps when it changes', async () => {
      const dataset = await create(['a', 'b', 'c'].map((id) => row(id)));
      const [, second] = await world.datasets.members(project, dataset, null, all);
      await world.datasets.freeze(by, dataset);
      await world.datasets.changeExamples(by, dataset, [
        { id: ex('b'), hash: 'new', tags: ['x'], split: null, weight: 1 },
      ]);
      const after = await world.datasets.members(project, dataset, null, { limit: 5, after: second?.place ?? 0 });
      expect(after.map(({ id }) => id)).toEqual(['ex_c']);
      expect(await world.datasets.draftMembers(project, dataset, [ex('b'), ex('no')])).toEqual([
        { ...second, hash: 'new', tags: ['x'] },
      ]);
    });

    it('makes another version of other labels alone, and changes many rows at once or none', async () => {
      const dataset = await create([row('a'), row('b')]);
      const first = await world.datasets.freeze(by, dataset);
      const to = (id: string) => ({ id: ex(id), hash: `hash of ${id}`, tags: ['seen'], split: 'train', weight: 1 });
      await expect(world.datasets.changeExamples(by, dataset, [to('a'), to('missing')])).rejects.toMatchObject({
        code: 'not_found',
      });
      expect(await world.datasets.get(project, dataset)).toMatchObject({ changed: false });
      const changed = await world.datasets.changeExamples(by, dataset, [to('a'), to('b')]);
      expect(changed).toMatchObject({ changed: true, draftCount: 2 });
      const second = await world.datasets.freeze(by, dataset);
      expect(second.hash).not.toBe(first.hash);
      expect(await ids(dataset, 1, { tag: 'seen' })).toBe('');
      expect(await ids(dataset, 2, { tag: 'seen' })).toBe('ab');
      expect(await world.datasets.hasContents(project, dataset, ['hash of a', 'other'])).toEqual(
        new Set(['hash of a']),
      );
    });

    it('says what is different between versions, and from the draft', async () => {
      const dataset = await create([row('a'), row('b'), row('c')]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.removeExamples(by, dataset, [ex('a')]);
      await world.datasets.changeExamples(by, dataset, [
        { ...row('b', {}), hash: 'new', tags: [], split: null, weight: 1 },
      ]);
      await world.datasets.addExamples(by, dataset, [row('d')]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.removeExamples(by, dataset, [ex('d')]);
      const kinds = async (from: number | null, to: number | null) =>
        (await world.datasets.differences(project, dataset, { from, to, limit: 10 })).map(
          ({ id, kind, before, after }) => `${kind} ${id}: ${before?.hash} → ${after?.hash}`,
        );
      expect(await kinds(1, 2)).toEqual([
        'removed ex_a: hash of a → undefined',
        'changed ex_b: hash of b → new',
        'added ex_d: undefined → hash of d',
      ]);
      expect(await kinds(2, 1)).toEqual([
        'added ex_a: undefined → hash of a',
        'changed ex_b: new → hash of b',
        'removed ex_d: hash of d → undefined',
      ]);
      expect(await kinds(2, null)).toEqual(['removed ex_d: hash of d → undefined']);
      expect(await kinds(2, 2)).toEqual([]);
      expect(await world.datasets.countDifferences(project, dataset, { from: 1, to: 2 })).toEqual({
        ...{ added: 1, removed: 1, changed: 1 },
      });
      const [first] = await world.datasets.differences(project, dataset, { from: 1, to: 2, limit: 1 });
      const rest = await world.datasets.differences(project, dataset, {
        ...{ from: 1, to: 2, limit: 10, after: first?.place ?? 0 },
      });
      expect(rest.map(({ id }) => id)).toEqual(['ex_b', 'ex_d']);
    });

    it('goes back to a version, whatever was done since', async () => {
      const dataset = await create([row('a'), row('b', { tags: ['x'] }), row('c')]);
      const first = await world.datasets.freeze(by, dataset);
      await world.datasets.removeExamples(by, dataset, [ex('a')]);
      await world.datasets.changeExamples(by, dataset, [
        { id: ex('b'), hash: 'new', tags: [], split: null, weight: 1 },
      ]);
      await world.datasets.freeze(by, dataset);
      await world.datasets.addExamples(by, dataset, [row('d')]);
      await world.datasets.changeExamples(by, dataset, [
        { id: ex('c'), hash: 'newer', tags: [], split: null, weight: 1 },
      ]);
      const back = await world.datasets.revert(by, dataset, 1);
      expect(back).toMatchObject({ draftCount: 3, changed: true, head: 2 });
      expect(await world.datasets.members(project, dataset, null, all)).toEqual(
        await world.datasets.members(project, dataset, 1, all),
      );
      expect(await world.datasets.freeze(by, dataset)).toMatchObject({ number: 3, hash: first.hash });
      await world.datasets.removeExamples(by, dataset, [ex('b')]);
      expect(await world.datasets.revert(by, dataset, 3)).toMatchObject({ changed: false });
      expect(await ids(dataset, 2)).toBe('bc');
    });

    it('names versions, says what they were made from, and what the dataset is', async () => {
      const dataset = await create([row('a')]);
      await expect(world.datasets.setAlias(by, dataset, 'golden', 1)).rejects.toMatchObject({ code: 'not_found' });
      const version = await world.datasets.freeze(by, dataset, ['dataset:raw@3']);
      expect(version.madeFrom).toEqual(['dataset:raw@3']);
      expect((await world.datasets.setAlias(by, dataset, 'golden', 1)).aliases).toEqual({ golden: 1 });
      expect((await world.datasets.removeAlias(by, dataset, 'golden')).aliases).toEqual({});
      const splits = { parts: { train: 80, test: 20 }, by: 'input', seed: '' };
      const schema = { input: { type: 'string' }, expected: null, metadata: null };
      const said = await world.datasets.change(by, dataset, { licence: 'CC0-1.0', schema, splits });
      expect(said).toMatchObject({ licence: 'CC0-1.0', schema, splits, source: '' });
      expect(await world.datasets.change(by, dataset, { splits: null })).toEqual({ ...said, splits: null });
      expect(await world.datasets.get(project, dataset)).toEqual({ ...said, splits: null });
    });

    it('goes for good, with its versions, rules and jobs, and its name is free', async () => {
      const marker = await newestId(world.audit);
      const dataset = await create([row(`${run}gone`)]);
      await world.datasets.freeze(by, dataset);
      await world.datasetJobs.create(by, { id: `dj_${dataset}`, dataset, kind: 'import', params: {} });
      expect(await world.datasets.remove(elsewhere, dataset)).toBe(false);
      expect([await world.datasets.remove(by, dataset), await world.datasets.remove(by, dataset)]).toEqual([
        true,
        false,
      ]);
      expect(await world.datasets.get(project, dataset)).toBeNull();
      expect(await world.datasets.list(project)).not.toContainEqual(expect.objectContaining({ name: dataset }));
      const doomed = await world.datasets.doomed(project, 1000);
      expect(doomed.map(({ hash }) => hash)).toContain(`hash of ${run}gone`);
      await world.datasets.forgetDoomed(project, doomed);
      await world.datasets.create(by, { id: `ds_again_${dataset}` as DatasetId, name: dataset, description: '' });
      expect(await world.datasets.versions(project, dataset)).toEqual([]);
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action }) => action)).toContain('dataset.remove');
    });

    it('writes how far a job is with the rows that it adds, or neither', async () => {
      const dataset = await create();
      const id = `dj_${dataset}`;
      const job = await world.datasetJobs.create(by, { id, dataset, kind: 'import', params: { format: 'csv' } });
      expect(job).toMatchObject({ status: 'queued', params: { format: 'csv' }, progress: { read: 0 }, result: null });
      await world.datasets.addExamples(by, dataset, [row('a')], { job: { id, from: 0, progress: progress(1) } });
      expect(await world.datasetJobs.get(project, id)).toMatchObject({ status: 'running', progress: progress(1) });
      const again = world.datasets.addExamples(by, dataset, [row('b')], {
        job: { id, from: 0, progress: progress(1) },
      });
      await expect(again).rejects.toMatchObject({ code: 'conflict' });
      expect(await world.datasetJobs.cancel(elsewhere, id)).toBeNull();
      expect(await world.datasetJobs.cancel(by, id)).toMatchObject({ status: 'cancelled' });
      const late = world.datasets.addExamples(by, dataset, [row('b')], { job: { id, from: 1, progress: progress(2) } });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
      expect(await ids(dataset, null)).toBe('a');
      await world.datasetJobs.finish(id, { status: 'completed', result: {} });
      expect(await world.datasetJobs.advance(id, progress(9))).toBe(false);
      expect(await world.datasetJobs.get(project, id)).toMatchObject({ status: 'cancelled', result: null });
    });

    it('lists jobs of a dataset, newest first, with what came of them', async () => {
      const dataset = await create();
      const made = async (n: number, kind: 'import' | 'split') =>
        world.datasetJobs.create(by, { id: `dj_${dataset}_${n}`, dataset, kind, params: {} });
      const [one, two] = [await made(1, 'import'), await made(2, 'split')];
      await world.datasetJobs.finish(two.id, { status: 'completed', result: { rows: 3 } });
      await world.datasetJobs.finish(one.id, { status: 'failed', error: 'because' });
      const list = await world.datasetJobs.list(project, dataset, { limit: 5 });
      expect(list).toMatchObject([
        { id: two.id, status: 'completed', result: { rows: 3 }, error: null },
        { id: one.id, status: 'failed', result: null, error: 'because', finishedAt: expect.any(String) },
      ]);
      expect(await world.datasetJobs.list(project, dataset, { limit: 5, before: two.id })).toEqual([list[1]]);
      expect(await world.datasetJobs.list(project, dataset, { limit: 5, kind: 'split' })).toEqual([list[0]]);
    });

    it('keeps rules, and counts what they made', async () => {
      const dataset = await create();
      const id = `dr_${dataset}`;
      const given = { id, q: 'status:error', sample: 0.1, expected: false, tags: ['live'] };
      const rule = await world.datasetRules.create(by, dataset, given);
      expect(rule).toMatchObject({ ...given, paused: false, added: 0, createdBy: 'ada' });
      await world.datasetRules.count(project, id, 2);
      expect(await world.datasetRules.list(project, dataset)).toEqual([{ ...rule, added: 2 }]);
      const resting = { ...rule, added: 2, paused: true };
      expect(await world.datasetRules.pause(by, dataset, { id, paused: true })).toEqual(resting);
      expect(await world.datasetRules.all()).toContainEqual({ project, dataset, rule: resting });
      await world.datasetRules.pause(by, dataset, { id, paused: false });
      expect(await world.datasetRules.list(project, dataset)).toEqual([{ ...rule, added: 2 }]);
      expect(await world.datasetRules.pause(by, dataset, { id: 'dr_none', paused: true })).toBeNull();
      expect([
        await world.datasetRules.remove(by, dataset, id),
        await world.datasetRules.remove(by, dataset, id),
      ]).toEqual([true, false]);
    });
  });
}
