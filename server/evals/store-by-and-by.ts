import type { Cell } from '@wheelhouse/core/records';
import type { Keeping } from './kept-cells.ts';

type Deps = {
  keep: Keeping['keep'];
  /** Resolves when the store has the cell, and it is counted. */
  store(cell: Cell): Promise<void>;
  /** So many are kept and not stored at most; then whoever brings one waits for the store. */
  most: number;
};

export type CellTaker = {
  /** Resolves when a kill of this process would not lose the cell; rejects when one could not be stored. */
  take(cell: Cell): Promise<void>;
  /** Resolves when every cell is stored; rejects when one could not be. */
  settled(): Promise<void>;
};

/** Takes cells as quickly as the disk does, and stores them by and by, so that no call waits for the store. */
export function storeByAndBy({ keep, store, most }: Deps): CellTaker {
  const storing = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;
  const check = () => {
    if (failure) throw failure.error;
  };
  return {
    async take(cell) {
      const stored = store(cell).catch((error: unknown) => {
        failure ??= { error };
      });
      storing.add(stored);
      void stored.then(() => storing.delete(stored));
      const kept = keep(cell);
      if (kept)
        void stored.then(() => {
          if (failure === null) kept.stored();
        });
      if (!kept || storing.size > most) await stored;
      check();
    },
    async settled() {
      await Promise.all(storing);
      check();
    },
  };
}
