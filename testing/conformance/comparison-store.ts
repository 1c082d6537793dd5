import type { AuditStore, ComparisonStore, NewComparison } from '@wheelhouse/core/ports';
import {
  type ComparisonId,
  type DatasetId,
  defaultProjectId,
  type PairedResult,
  type ProjectId,
  type RunId,
} from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entriesSince, newestId } from './audit-store.ts';

type World = { comparisons: ComparisonStore; audit: AuditStore; close(): Promise<void> };

const project = defaultProjectId;
const by = { project, actor: 'ada' };
let count = 0;

function newComparison(): NewComparison {
  const number = ++count;
  return {
    id: `cmp_${number}` as ComparisonId,
    datasetId: 'ds_1' as DatasetId,
    dataset: 'golden',
    datasetVersion: 3,
    a: { id: `run_${number}a` as RunId, ref: 'bot@1', model: 'bot', version: 1 },
    b: { id: `run_${number}b` as RunId, ref: 'sim/echo', model: 'sim/echo', version: null },
    scorers: ['exact', 'levenshtein'],
    repetitions: 2,
    total: 40,
    erased: 0,
  };
}

const result: PairedResult = {
  measure: 'exact',
  meanA: 0.1 + 0.2,
  meanB: null,
  difference: -1 / 3,
  low: null,
  high: null,
  confidence: 0.95,
  method: 'paired',
  wins: 1,
  losses: 2,
  ties: 3,
  failuresA: 0,
  failuresB: 4,
  pairs: 6,
  verdict: 'not_enough_data',
  sentence: 'Too few pairs – “6” of 20.',
};

/** What every {@link ComparisonStore} does. */
export function comparisonStoreConformance(name: string, open: () => Promise<World>): void {
  describe(`comparison store: ${name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await open();
    });
    afterAll(() => world.close());

    it('starts queued, and says who asked for it', async () => {
      const marker = await newestId(world.audit);
      const wanted = newComparison();
      const created = await world.comparisons.create(by, wanted);
      expect(created).toEqual({
        ...wanted,
        status: 'queued',
        error: null,
        done: 0,
        costNanoUsd: null,
        results: [],
        createdAt: new Date(created.createdAt).toISOString(),
        finishedAt: null,
      });
      expect(await world.comparisons.get(project, wanted.id)).toEqual(created);
      await expect(world.comparisons.create(by, wanted)).rejects.toMatchObject({ code: 'conflict' });
      const entries = await entriesSince(world.audit, marker);
      expect(entries.map(({ action, subject, detail }) => [action, subject, detail])).toEqual([
        ['comparison.create', wanted.id, { dataset: 'golden@3', a: 'bot@1', b: 'sim/echo' }],
      ]);
    });

    it('goes from queued over running to completed, with exact costs and results', async () => {
      const { id } = await world.comparisons.create(by, newComparison());
      await world.comparisons.setStatus(id, 'running');
      await world.comparisons.setProgress(id, 7, 9_007_199_254_740_993n);
      expect(await world.comparisons.get(project, id)).toMatchObject({
        status: 'running',
        done: 7,
        costNanoUsd: 9_007_199_254_740_993n,
        finishedAt: null,
      });
      await world.comparisons.setProgress(id, 40, null);
      await world.comparisons.complete(id, [result], { total: 38, erased: 1 });
      const completed = await world.comparisons.get(project, id);
      expect(completed).toMatchObject({ status: 'completed', error: null, done: 40, costNanoUsd: null });
      expect(completed).toMatchObject({ total: 38, erased: 1 });
      expect(completed?.results).toEqual([result]);
      expect(completed?.finishedAt).toBe(new Date(completed?.finishedAt ?? '').toISOString());
    });

    it('fails with a reason, and can be run again', async () => {
      const { id } = await world.comparisons.create(by, newComparison());
      await world.comparisons.setStatus(id, 'failed', 'the model is gone');
      const failed = await world.comparisons.get(project, id);
      expect(failed).toMatchObject({ status: 'failed', error: 'the model is gone' });
      expect(failed?.finishedAt).not.toBeNull();
      await world.comparisons.setStatus(id, 'running');
      expect(await world.comparisons.get(project, id)).toMatchObject({
        status: 'running',
        error: null,
        finishedAt: null,
      });
    });

    it('never changes once completed', async () => {
      const { id } = await world.comparisons.create(by, newComparison());
      await world.comparisons.complete(id, [result], { total: 38, erased: 1 });
      const completed = await world.comparisons.get(project, id);
      await world.comparisons.setStatus(id, 'running');
      await world.comparisons.setProgress(id, 1, 1n);
      await world.comparisons.complete(id, [], { total: 0, erased: 9 });
      expect(await world.comparisons.get(project, id)).toEqual(completed);
    });

    it('lists newest first, page by page', async () => {
      const ids: string[] = [];
      for (let i = 0; i < 5; i++) ids.unshift((await world.comparisons.create(by, newComparison())).id);
      const first = await world.comparisons.list(project, { limit: 2 });
      const second = await world.comparisons.list(project, { limit: 3, before: first[1]?.id ?? '' });
      expect([...first, ...second].map((comparison) => comparison.id)).toEqual(ids);
      const nowhere = world.comparisons.list(project, { limit: 2, before: 'cmp_nowhere' });
      await expect(nowhere).rejects.toMatchObject({ code: 'invalid_request', param: 'cursor' });
    });

    it('names what is missing and keeps projects apart', async () => {
      const { id } = await world.comparisons.create(by, newComparison());
      const nobody = 'cmp_nobody' as ComparisonId;
      const missing = { code: 'not_found', message: expect.stringContaining(nobody) };
      await expect(world.comparisons.setStatus(nobody, 'running')).rejects.toMatchObject(missing);
      await expect(world.comparisons.setProgress(nobody, 1, null)).rejects.toMatchObject(missing);
      await expect(world.comparisons.complete(nobody, [], { total: 0, erased: 0 })).rejects.toMatchObject(missing);
      expect(await world.comparisons.get(project, nobody)).toBeNull();
      expect(await world.comparisons.get('elsewhere' as ProjectId, id)).toBeNull();
      expect(await world.comparisons.list('elsewhere' as ProjectId, { limit: 5 })).toEqual([]);
    });
  });
}
