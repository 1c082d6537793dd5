import type { Cell } from '../records/index.ts';

type Waiting = { cell: Cell; resolve: () => void; reject: (error: unknown) => void };

/**
 * Records cells, each promise resolving when its cell is stored. Cells that come while a write is under way share the
 * next one, so that a slow store means larger writes and not more of them.
 */
export function createCellRecorder(put: (cells: Cell[]) => Promise<unknown>): (cell: Cell) => Promise<void> {
  let waiting: Waiting[] = [];
  let isWriting = false;

  async function write(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await put(batch.map(({ cell }) => cell));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    isWriting = false;
  }

  return (cell) =>
    new Promise((resolve, reject) => {
      waiting.push({ cell, resolve, reject });
      if (!isWriting) void write();
    });
}
