import { expect, test } from 'vitest';
import type { Cell } from '../records/index.ts';
import { createCellRecorder } from './record-cells.ts';

const cell = (repetition: number) => ({ repetition }) as Cell;

/** A store whose writes end when the test says so. */
function slowStore() {
  const writes: { cells: number[]; end: (error?: Error) => void }[] = [];
  const put = (cells: Cell[]) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => (error ? reject(error) : resolve());
      writes.push({ cells: cells.map(({ repetition }) => repetition), end });
    });
  return { put, writes };
}

test('cells that come while a write is under way share the next, and count only when it ended', async () => {
  const { put, writes } = slowStore();
  const record = createCellRecorder(put);
  const recorded: number[] = [];
  const all = [0, 1, 2].map((n) => record(cell(n)).then(() => recorded.push(n)));
  expect(writes.map(({ cells }) => cells)).toEqual([[0]]);
  writes[0]?.end();
  await all[0];
  expect(recorded).toEqual([0]);
  expect(writes.map(({ cells }) => cells)).toEqual([[0], [1, 2]]);
  writes[1]?.end();
  await Promise.all(all);
  expect(recorded).toEqual([0, 1, 2]);
});

test('a write that fails fails its own cells, and the next is tried', async () => {
  const { put, writes } = slowStore();
  const record = createCellRecorder(put);
  const first = record(cell(0));
  const second = record(cell(1));
  writes[0]?.end(new Error('away'));
  await expect(first).rejects.toThrow('away');
  writes[1]?.end();
  await expect(second).resolves.toBeUndefined();
});
