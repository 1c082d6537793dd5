import type { AuditStore, MetricHistory, TrackingStore } from '@wheelhouse/core/ports';
import {
  type Actor,
  defaultProjectId,
  type ProjectId,
  type TrackedCondition,
  type TrackedOrder,
  type TrackedPoint,
  type TrackedRun,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { tracking: TrackingStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by: Actor = { project, actor: 'ada' };
const stranger: Actor = { project: 'elsewhere' as ProjectId, actor: 'eve' };
const now = 1_800_000_000_000;
let count = 0;
const fresh = () => String(++count).padStart(32, 'a');
const point = (key: string, value: number, step = 0, timestampMs = now): TrackedPoint => ({
  ...{ key, value, step, timestampMs },
});
const nothing = { params: [], tags: [], latest: [] };

/** What every {@link TrackingStore} does. */
export function trackingStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`tracking store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    const create = (title: string, tags: { key: string; value: string }[] = []) =>
      world.tracking.createExperiment(by, { name: title, tags, artifactLocation: null }, now);
    const start = (experimentId: string, more: { name?: string; startMs?: number | null } = {}) =>
      world.tracking.createRun(by, {
        ...{ id: fresh(), experimentId, name: 'a run', userId: 'ada', startMs: now, tags: [] },
        ...more,
      });

    it('keeps experiments by name and number, beside the one that is always there', async () => {
      const { tracking, audit } = world;
      const marker = await newestId(audit);
      expect(await tracking.experiment(project, '0')).toMatchObject({ id: '0', name: 'Default', stage: 'active' });
      const title = `prompts ${fresh()}`;
      const made = await create(title, [{ key: 'team', value: 'search' }]);
      expect(made).toEqual({
        ...{ id: made.id, name: title, artifactLocation: `mlflow-artifacts:/${made.id}`, stage: 'active' },
        ...{ createdAtMs: now, changedAtMs: now, tags: [{ key: 'team', value: 'search' }] },
      });
      expect(await tracking.experiment(project, made.id)).toEqual(made);
      expect(await tracking.experimentNamed(project, title)).toEqual(made);
      expect(await tracking.experiment(stranger.project, made.id)).toBeNull();
      await expect(create(title)).rejects.toMatchObject({ code: 'conflict' });
      const other = await create(`other ${fresh()}`);
      expect(Number(other.id)).toBe(Number(made.id) + 1);
      await expect(tracking.renameExperiment(by, other.id, title, now)).rejects.toMatchObject({ code: 'conflict' });
      await tracking.renameExperiment(by, made.id, `${title}, renamed`, now + 5);
      expect(await tracking.experiment(project, made.id)).toMatchObject({
        name: `${title}, renamed`,
        changedAtMs: now + 5,
      });
      expect((await entriesSince(audit, marker)).map(({ action }) => action)).toEqual([
        'tracking.create',
        'tracking.create',
        'tracking.rename',
      ]);
    });

    it('finds experiments by stage, condition and order', async () => {
      const { tracking } = world;
      const mark = fresh();
      const [a, b] = [await create(`a ${mark}`, [{ key: mark, value: 'x' }]), await create(`b ${mark}`)];
      const ids = async (ask: Partial<Parameters<TrackingStore['experiments']>[1]>) =>
        (
          await tracking.experiments(project, {
            ...{ stage: 'active' as const, conditions: [], order: [], limit: 50, offset: 0 },
            ...ask,
          })
        ).map(({ id }) => id);
      const like = { field: { of: 'text', name: 'name' }, test: { op: 'LIKE', value: `% ${mark}` } } as const;
      const byName = { field: { of: 'text', name: 'name' }, descending: false } as const;
      expect(await ids({ conditions: [like] })).toEqual([b.id, a.id]);
      expect(await ids({ conditions: [like], order: [byName] })).toEqual([a.id, b.id]);
      expect(await ids({ conditions: [like], order: [byName], limit: 1, offset: 1 })).toEqual([b.id]);
      expect(await ids({ conditions: [{ field: { of: 'tag', key: mark }, test: { op: '=', value: 'x' } }] })).toEqual([
        a.id,
      ]);
      await tracking.stageExperiment(by, b.id, 'deleted', now + 1);
      expect(await ids({ conditions: [like] })).toEqual([a.id]);
      expect(await ids({ conditions: [like], stage: 'deleted' })).toEqual([b.id]);
      expect(await ids({ conditions: [like], stage: null })).toEqual([b.id, a.id]);
      await expect(tracking.stageExperiment(by, b.id, 'deleted', now)).rejects.toMatchObject({ code: 'not_found' });
      for (const refused of [
        () => tracking.renameExperiment(by, b.id, `c ${mark}`, now),
        () => tracking.tagExperiment(by, b.id, { key: 'k', value: 'v' }),
        () => start(b.id),
      ])
        await expect(refused()).rejects.toMatchObject({ code: 'invalid_request' });
    });

    it('keeps what a run says of itself: the newest of each metric, and a parameter as it was first', async () => {
      const { tracking } = world;
      const { id: experimentId } = await create(`runs ${fresh()}`);
      const { id } = await start(experimentId, { name: 'first' });
      const record = (batch: Partial<Parameters<TrackingStore['record']>[2]>) =>
        tracking.record(by, id, { ...nothing, ...batch });
      await record({
        params: [{ key: 'lr', value: '0.1' }],
        tags: [{ key: 'mlflow.runName', value: 'named' }],
        latest: [point('loss', 1, 3), point('odd', Number.NaN), point('high', 1.797_693_134_862_315_7e308)],
      });
      await record({ latest: [point('loss', 9, 2)] });
      const changed = await record({
        params: [
          { key: 'lr', value: '0.2' },
          { key: 'new', value: '1' },
        ],
        tags: [{ key: 'gone', value: 'x' }],
      });
      expect(changed).toEqual({ changed: [{ key: 'lr', was: '0.1', now: '0.2' }] });
      expect(await record({ params: [{ key: 'lr', value: '0.1' }] })).toEqual({ changed: [] });
      await record({ latest: [point('loss', 0.5, 3, now + 1)] });
      const run = await tracking.run(project, id);
      expect(run).toEqual({
        ...{ id, experimentId, name: 'named', userId: 'ada', status: 'RUNNING', startMs: now, endMs: null },
        ...{ artifactUri: `mlflow-artifacts:/${experimentId}/${id}/artifacts`, stage: 'active' },
        params: [{ key: 'lr', value: '0.1' }],
        tags: [{ key: 'mlflow.runName', value: 'named' }],
        metrics: [point('high', 1.797_693_134_862_315_7e308), point('loss', 0.5, 3, now + 1), point('odd', Number.NaN)],
        inputs: [],
      });
      expect(await tracking.run(stranger.project, id)).toBeNull();
      const info = await tracking.updateRun(by, id, { status: 'FINISHED', endMs: now + 9, name: 'done' });
      expect(info).toMatchObject({ status: 'FINISHED', endMs: now + 9, name: 'done' });
      expect((await tracking.run(project, id))?.tags).toEqual([{ key: 'mlflow.runName', value: 'done' }]);
      expect(await tracking.untagRun(by, id, 'mlflow.runName')).toBe(true);
      expect(await tracking.untagRun(by, id, 'mlflow.runName')).toBe(false);
    });

    it('takes no record of a deleted run, and all again when it is restored', async () => {
      const { tracking } = world;
      const { id: experimentId } = await create(`deleted ${fresh()}`);
      const { id } = await start(experimentId);
      await tracking.stageRun(by, id, 'deleted');
      await expect(tracking.record(by, id, nothing)).rejects.toMatchObject({ code: 'invalid_request' });
      await tracking.stageRun(by, id, 'active');
      await tracking.stageExperiment(by, experimentId, 'deleted', now);
      expect(await tracking.run(project, id)).toMatchObject({ stage: 'deleted' });
      await tracking.stageExperiment(by, experimentId, 'active', now);
      await expect(tracking.record(by, id, nothing)).resolves.toEqual({ changed: [] });
      await expect(tracking.record(stranger, id, nothing)).rejects.toMatchObject({ code: 'not_found' });
    });

    it('keeps the first description of a dataset that a run read', async () => {
      const { tracking } = world;
      const { id: experimentId } = await create(`inputs ${fresh()}`);
      const { id } = await start(experimentId);
      const input = {
        ...{ name: 'rows', digest: 'abc', sourceType: 'http', source: '{}', schema: null, profile: '{"rows":1}' },
        tags: [{ key: 'mlflow.data.context', value: 'training' }],
      };
      await tracking.addInputs(by, id, [input, { ...input, source: 'again' }]);
      await tracking.addInputs(by, id, [{ ...input, digest: 'def', tags: [] }]);
      expect((await tracking.run(project, id))?.inputs).toEqual([input, { ...input, digest: 'def', tags: [] }]);
    });

    describe('finding runs', () => {
      let experimentId: string;
      let runs: TrackedRun[];
      beforeAll(async () => {
        ({ id: experimentId } = await create(`found ${fresh()}`));
        runs = [];
        for (let i = 0; i < 4; i += 1) {
          const { id } = await start(experimentId, { name: `run ${i}`, startMs: i === 3 ? null : now + i });
          const odd = i === 0 ? [point('odd', Number.NaN)] : i === 1 ? [point('odd', 2)] : [];
          await world.tracking.record(by, id, {
            params: [{ key: 'kind', value: i % 2 === 0 ? 'net' : 'Tree' }],
            tags: [{ key: 'mlflow.runName', value: `run ${i}` }, ...(i < 2 ? [{ key: 'even', value: 'x' }] : [])],
            latest: [point('f1', i / 2), ...odd],
          });
          runs.push((await world.tracking.run(project, id)) as TrackedRun);
        }
        await world.tracking.addInputs(by, runs[2]?.id ?? '', [
          {
            ...{ name: 'rows', digest: 'abc', sourceType: 'http', source: '{}', schema: null, profile: null },
            tags: [{ key: 'mlflow.data.context', value: 'training' }],
          },
        ]);
        await world.tracking.updateRun(by, runs[1]?.id ?? '', { status: 'FAILED', endMs: now + 50 });
      });

      const find = async (conditions: TrackedCondition[], order: TrackedOrder[] = []) => {
        const ask = { experiments: [experimentId, 'nowhere'], stage: 'active' as const, limit: 50, offset: 0 };
        const found = await world.tracking.runs(project, { ...ask, conditions, order });
        return found.map(({ id }) => runs.findIndex((run) => run.id === id));
      };
      const metric = (key: string) => ({ of: 'metric', key }) as const;
      const param = (key: string) => ({ of: 'param', key }) as const;
      const tag = (key: string) => ({ of: 'tag', key }) as const;
      const text = <Name extends 'run_id' | 'run_name' | 'status'>(one: Name) => ({ of: 'text', name: one }) as const;

      it.each<[string, TrackedCondition[], number[]]>([
        ['nothing', [], [2, 1, 0, 3]],
        ['a metric', [{ field: metric('f1'), test: { op: '>', value: 0.5 } }], [2, 3]],
        ['NaN, by what it is not', [{ field: metric('odd'), test: { op: '!=', value: 2 } }], [0]],
        ['NaN, by no order', [{ field: metric('odd'), test: { op: '<', value: 5 } }], [1]],
        ['LIKE', [{ field: param('kind'), test: { op: 'LIKE', value: 'tr%' } }], []],
        ['ILIKE', [{ field: param('kind'), test: { op: 'ILIKE', value: 'tr_e' } }], [1, 3]],
        ['a tag that is there', [{ field: tag('even'), test: { op: 'IS NOT NULL' } }], [1, 0]],
        ['a tag that is not', [{ field: tag('even'), test: { op: 'IS NULL' } }], [2, 3]],
        ['what is not equal', [{ field: tag('even'), test: { op: '!=', value: 'y' } }], [1, 0]],
        ['a name', [{ field: text('run_name'), test: { op: '=', value: 'run 3' } }], [3]],
        ['a status', [{ field: text('status'), test: { op: '!=', value: 'RUNNING' } }], [1]],
        ['a time', [{ field: { of: 'time', name: 'start_time' }, test: { op: '<=', value: now + 1 } }], [1, 0]],
        ['a dataset', [{ field: { of: 'dataset', name: 'digest' }, test: { op: 'LIKE', value: 'a%' } }], [2]],
        ['its use', [{ field: { of: 'dataset', name: 'context' }, test: { op: 'IN', values: ['training'] } }], [2]],
        [
          'all at once',
          [
            { field: param('kind'), test: { op: '=', value: 'net' } },
            { field: metric('f1'), test: { op: '>=', value: 1 } },
          ],
          [2],
        ],
      ])('by %s', async (_, conditions, wanted) => {
        expect(await find(conditions)).toEqual(wanted);
      });

      it('by lists of ids', async () => {
        const ids = [runs[0]?.id ?? '', runs[2]?.id ?? ''];
        expect(await find([{ field: text('run_id'), test: { op: 'IN', values: ids } }])).toEqual([2, 0]);
        expect(await find([{ field: text('run_id'), test: { op: 'NOT IN', values: ids } }])).toEqual([1, 3]);
      });

      it('orders what has no value last, whichever way', async () => {
        const by = (field: TrackedOrder['field'], descending: boolean) => find([], [{ field, descending }]);
        expect(await by(metric('f1'), false)).toEqual([0, 1, 2, 3]);
        expect(await by(metric('odd'), false)).toEqual([1, 0, 2, 3]);
        expect(await by(metric('odd'), true)).toEqual([1, 0, 2, 3]);
        expect(await by(param('kind'), false)).toEqual([1, 3, 2, 0]);
        expect(await by({ of: 'time', name: 'start_time' }, false)).toEqual([0, 1, 2, 3]);
        expect(await by({ of: 'time', name: 'end_time' }, true)).toEqual([1, 2, 0, 3]);
      });
    });

    it('keeps files by path, and lists folders', async () => {
      const { tracking } = world;
      const root = `9/${fresh()}/artifacts`;
      const put = (path: string, blob: string, bytes = 3) =>
        tracking.putArtifact(by, { path: `${root}/${path}`, blob, bytes });
      expect(await put('ünï.txt', 'one')).toBeNull();
      expect(await put('ünï.txt', 'two', 5)).toEqual({ path: `${root}/ünï.txt`, blob: 'one', bytes: 3 });
      await put('deep/er/a.bin', 'three');
      await put('deep/b.bin', 'four');
      await put('deeper', 'five');
      expect(await tracking.artifact(project, `${root}/ünï.txt`)).toMatchObject({ blob: 'two', bytes: 5 });
      expect(await tracking.artifact(stranger.project, `${root}/ünï.txt`)).toBeNull();
      expect(await tracking.listArtifacts(project, root)).toEqual([
        { name: 'deep', bytes: null },
        { name: 'deeper', bytes: 3 },
        { name: 'ünï.txt', bytes: 5 },
      ]);
      expect(await tracking.listArtifacts(project, `${root}/deep`)).toEqual([
        { name: 'b.bin', bytes: 3 },
        { name: 'er', bytes: null },
      ]);
      const under = async (folder: string, limit: number) =>
        (await tracking.artifactsUnder(project, folder, limit)).map(({ path }) => path);
      expect(await under(`${root}/deep`, 9)).toEqual([`${root}/deep/b.bin`, `${root}/deep/er/a.bin`]);
      expect(await under(`${root}/deep`, 1)).toEqual([`${root}/deep/b.bin`]);
      expect(await under(`${root}/deep/b.bin`, 9)).toEqual([`${root}/deep/b.bin`]);
      await tracking.removeArtifacts(by, [`${root}/deep/b.bin`]);
      expect(await tracking.listArtifacts(project, `${root}/deep`)).toEqual([{ name: 'er', bytes: null }]);
    });
  });
}

/** What every {@link MetricHistory} does. */
export function metricHistoryConformance(
  name: string,
  open: () => Promise<{ metricHistory: MetricHistory; close(): Promise<void> }>,
): void {
  describe(`metric history: ${name}`, () => {
    let world: Awaited<ReturnType<typeof open>>;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('gives each point once, by time, page by page', async () => {
      const history = world.metricHistory;
      const runId = fresh();
      const points = [point('loss', 2, 0, now), point('loss', Number.NaN, 1, now), point('loss', 1, 2, now - 5)];
      await Promise.all([
        history.put(project, runId, points),
        history.put(project, runId, [...points, point('other', 1)]),
        history.put(stranger.project, runId, [point('loss', 7)]),
      ]);
      const ask = { runId, key: 'loss' };
      const all = await history.points(project, { ...ask, limit: 10 });
      expect(all).toEqual([points[2], points[0], points[1]]);
      const first = await history.points(project, { ...ask, limit: 2 });
      const [, last] = first;
      expect([
        ...first,
        ...(await history.points(project, { ...ask, limit: 2, ...(last && { after: last }) })),
      ]).toEqual(all);
    });

    it('thins out what is long, and keeps its ends and extremes', async () => {
      const history = world.metricHistory;
      const [runId, short] = [fresh(), fresh()];
      const wave = (step: number) => (step === 1_234 ? 50 : step === 2_345 ? -50 : Math.sin(step / 100));
      const points = Array.from({ length: 3_000 }, (_, step) => point('wave', wave(step), step, now + step * 10));
      await history.put(project, runId, points);
      await history.put(project, short, [
        point('wave', 1, 5),
        point('wave', Number.NaN, 6),
        point('wave', 3, 5, now + 1),
      ]);
      for (const over of ['step', 'time'] as const) {
        const ask = { runs: [runId, short, 'unknown'], key: 'wave', over, most: 100 };
        const [long, small, none] = await history.series(project, ask);
        const steps = long?.points.map(({ step }) => step) ?? [];
        expect(long).toMatchObject({ runId, key: 'wave', count: 3_000 });
        expect(steps.length).toBeLessThanOrEqual(100);
        expect(steps.length).toBeGreaterThan(40);
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
        for (const step of [0, 1_234, 2_345, 2_999]) expect(steps).toContain(step);
        expect(small).toEqual({
          ...{ runId: short, key: 'wave', count: 2 },
          points: [
            { value: 1, timestampMs: now, step: 5 },
            { value: 3, timestampMs: now + 1, step: 5 },
          ],
        });
        expect(none).toEqual({ runId: 'unknown', key: 'wave', count: 0, points: [] });
      }
    });
  });
}
