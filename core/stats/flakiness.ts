import { rowDifference, type ScoreRow } from './difference-sample.ts';

export type Flakiness = {
  /** Standard deviation of one answer about the mean of its row, over all repeated rows; null where none is repeated. */
  a: number | null;
  b: number | null;
  /**
   * Share of the variance of the rows' differences that comes of answers that vary, and that more repetitions would take
   * away; in [0, 1]. null unless both sides repeat.
   */
  share: number | null;
  /** Rows with answers that vary, first the flakiest; a and b as above, of the row. */
  rows: { index: number; a: number | null; b: number | null }[];
};

const sumOfSquares = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
};

const deviation = (values: readonly number[]) =>
  values.length < 2 ? null : Math.sqrt(sumOfSquares(values) / (values.length - 1));

/** Pooled over rows, so that rows with more repetitions count for more. */
function pooled(sides: readonly (readonly number[])[]): number | null {
  const freedom = sides.reduce((sum, values) => sum + values.length - 1, 0);
  return freedom === 0 ? null : Math.sqrt(sides.reduce((sum, values) => sum + sumOfSquares(values), 0) / freedom);
}

/**
 * How much answers to the same row vary, and how much of the comparison's uncertainty that makes: the one-way random
 * effects decomposition. Searle, Casella & McCulloch, Variance Components (Wiley, 1992), chapter 3.
 */
export function flakiness(rows: readonly ScoreRow[], { shown }: { shown: number }): Flakiness {
  const a = pooled(rows.map((row) => row.a));
  const b = pooled(rows.map((row) => row.b));
  const flaky = rows
    .map((row, index) => ({ index, a: deviation(row.a), b: deviation(row.b) }))
    .filter((row) => (row.a ?? 0) > 0 || (row.b ?? 0) > 0)
    .sort((x, y) => Math.hypot(y.a ?? 0, y.b ?? 0) - Math.hypot(x.a ?? 0, x.b ?? 0) || x.index - y.index)
    .slice(0, shown);
  if (a === null || b === null || rows.length < 2) return { a, b, share: null, rows: flaky };
  const noise = rows.reduce((sum, row) => sum + a ** 2 / row.a.length + b ** 2 / row.b.length, 0) / rows.length;
  const total = sumOfSquares(rows.map(rowDifference)) / (rows.length - 1);
  return { a, b, share: total === 0 ? 0 : Math.min(1, noise / total), rows: flaky };
}
