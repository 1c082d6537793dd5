import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cell, EvaluationId, ExampleId, RunId } from '@wheelhouse/core/records';
import { memory, openEvals } from '@wheelhouse/testing/evals';
import { afterEach, describe, expect, test } from 'vitest';
import { openKeptCells } from './kept-cells.ts';
import { storeByAndBy } from './store-by-and-by.ts';

const id = 'ev_1' as EvaluationId;
const cell = (row: number): Cell => ({
  ...{ runId: 'run_1' as RunId, exampleId: `ex_${row}` as ExampleId, repetition: 0, output: `answer ${row}` },
  ...{ error: null, scores: {}, latencyNs: 1n, costNanoUsd: 2n, judgeNanoUsd: 0n, traceId: null },
  ...{ cached: false, answerKey: '' },
});

const folders: string[] = [];
async function folder(): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), 'kept-cells-'));
  folders.push(made);
  return made;
}
afterEach(async () => {
  for (const one of folders.splice(0)) await rm(one, { recursive: true });
});

describe('cells in files', () => {
  test('are there for whoever comes after a kill, and gone when they were stored', async () => {
    const dir = await folder();
    const kept = await openKeptCells(dir);
    const keeping = kept.begin(id);
    const all = Array.from({ length: 600 }, (_, row) => cell(row));
    const held = [];
    for (const one of all) held.push(keeping.keep(one));
    const after = await openKeptCells(dir);
    expect((await after.left(id)).cells.sort((a, b) => a.exampleId.localeCompare(b.exampleId))).toEqual(
      all.toSorted((a, b) => a.exampleId.localeCompare(b.exampleId)),
    );
    expect((await after.left('ev_12' as EvaluationId)).cells).toEqual([]);
    for (const one of held.slice(0, 500)) one?.stored();
    expect((await kept.left(id)).cells).toEqual([]);
    await keeping.close();
    const left = await kept.left(id);
    expect(left.cells).toHaveLength(100);
    await left.forget();
    expect(await readdir(dir)).toEqual([]);
  });

  test('are read up to what was half written', async () => {
    const dir = await folder();
    const kept = await openKeptCells(dir);
    kept.begin(id).keep(cell(1));
    const [name = ''] = await readdir(dir);
    await appendFile(join(dir, name), Buffer.from([9, 0, 0, 0, 1]));
    expect((await (await openKeptCells(dir)).left(id)).cells).toEqual([cell(1)]);
  });

  test('say so where the disk takes none', async () => {
    const dir = await folder();
    const keeping = (await openKeptCells(dir)).begin(id);
    await rm(dir, { recursive: true });
    expect(keeping.keep(cell(1))).toBeNull();
    folders.splice(0);
  });
});

describe('storing by and by', () => {
  const never = new Promise<void>(() => {});
  const keep = () => ({ stored() {} });

  test('waits for the store only when much waits for it, or nothing was kept', async () => {
    const taker = storeByAndBy({ keep, store: () => never, most: 2 });
    await taker.take(cell(1));
    await taker.take(cell(2));
    const third = Promise.race([taker.take(cell(3)).then(() => 'taken'), Promise.resolve().then(() => 'waiting')]);
    expect(await third).toBe('waiting');
    let isStored = false;
    const store = async () => {
      await Promise.resolve();
      isStored = true;
    };
    await storeByAndBy({ keep: () => null, store, most: 2 }).take(cell(1));
    expect(isStored).toBe(true);
  });

  test('tells what could not be stored, at once and in the end', async () => {
    const taker = storeByAndBy({ keep, store: () => Promise.reject(new Error('no such table')), most: 2 });
    await taker.take(cell(1)).catch(() => {});
    await expect(taker.take(cell(2))).rejects.toThrow('no such table');
    await expect(taker.settled()).rejects.toThrow('no such table');
  });
});

test('a server that is killed loses the calls that were under way, not the answers that the store had not taken', async () => {
  const stores = memory();
  const dir = await folder();
  const kept = await openKeptCells(dir);
  const put = stores.cells.put;
  stores.cells.put = () => new Promise(() => {});
  const killed = await openEvals({ stores, kept });
  const { id: evaluationId } = await killed.create();
  void killed.jobs.runNext();
  // Eight calls at one time: four times as many may wait, and each lane holds one more.
  await expect.poll(() => killed.calls.length).toBeGreaterThan(32);
  stores.cells.put = put;
  const next = await openEvals({ rows: 0, stores, kept: await openKeptCells(dir) });
  await next.jobs.runAll();
  expect(await next.get(evaluationId)).toMatchObject({ status: 'completed', done: 80, costNanoUsd: '20000' });
  const all = [...killed.calls, ...next.calls];
  expect(all.length - new Set(all).size).toBeLessThanOrEqual(8);
});
