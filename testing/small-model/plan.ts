import { uniformFrom } from '@wheelhouse/core/stats';
import type { Task, TaskRow } from './tasks.ts';

/** What both sides do, besides the tasks: bootstrapping with random search, in DSPy's words and ours. */
export const search = { maxBootstrapped: 4, maxLabeled: 8, candidates: 2 } as const;
const sizes = { train: 20, validation: 20 };
/** What the model answers at once. */
export const concurrency = 4;

export type Rows = { train: TaskRow[]; validation: TaskRow[]; heldOut: TaskRow[] };

/** Rows of one seed: drawn from the pool to search with, and `count` that are held out, the next seed's after them. */
export function rowsOfSeed({ rows }: Task, seed: number, count: number): Rows {
  const draw = uniformFrom(seed);
  const drawn = rows.pool
    .map((row) => ({ row, at: draw() }))
    .sort((a, b) => a.at - b.at)
    .map(({ row }) => row);
  const heldOut = Array.from({ length: count }, (_, i) => rows.heldOut[(seed * count + i) % rows.heldOut.length]);
  return {
    train: drawn.slice(0, sizes.train),
    validation: drawn.slice(sizes.train, sizes.train + sizes.validation),
    heldOut: heldOut as TaskRow[],
  };
}

export type RowResult = { score: number; read: boolean };

/** What one side came to on one task under one seed. */
export type Outcome = {
  /** By row held out, in their order: the program as it was, and compiled. */
  before: RowResult[];
  after: RowResult[];
  /** Demonstrations in the compiled program. */
  demos: number;
  /** Of the validation rows, the share that each candidate got right, beside the program as it was. */
  candidates: number[];
};
