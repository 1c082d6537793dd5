import { judge, type PairedOptions, rowDifference, type Sample, type ScoreRow, sampleOf } from './difference-sample.ts';

export type DecidingRows = {
  /** Those that move the difference most, first the one that moves it furthest. */
  rows: {
    /** Place among the given rows. */
    index: number;
    /** B − A of this row. */
    difference: number;
    /** How much of the mean difference is due to this row: what it would lose without it. */
    influence: number;
  }[];
  /** The fewest of the rows that speak for the verdict without which it would not stand; null where there is no verdict. */
  toOverturn: number | null;
};

/** What is left when so many of the highest differences, or of the lowest, are taken away. */
function without(sample: Sample, count: number, side: 'higher' | 'lower'): Sample {
  const { differences, sign, wins, losses } = sample;
  const n = differences.length;
  const isAtEnd = (side === 'higher') === (sign === 1);
  const [strong, weak] = side === 'higher' ? [wins, losses] : [losses, wins];
  // Those that speak for the side go first, then ties, then those that speak against it.
  const left = { strong: Math.max(0, strong - count), weak: Math.min(weak, n - count) };
  return {
    ...sample,
    differences: isAtEnd ? differences.subarray(0, n - count) : differences.subarray(count),
    wins: side === 'higher' ? left.strong : left.weak,
    losses: side === 'higher' ? left.weak : left.strong,
  };
}

/**
 * Which rows a comparison hangs on. How few have to be left out to lose the verdict is found by leaving out those that
 * speak for it most, which for a mean is the shortest way: Broderick, Giordano & Meager, "An automatic finite-sample
 * robustness metric" (arXiv:2011.14999, 2020).
 */
export function decidingRows(rows: readonly ScoreRow[], options: PairedOptions & { shown: number }): DecidingRows {
  const { shown, ...paired } = options;
  const n = rows.length;
  const all = rows.map((row, index) => ({ index, row, difference: rowDifference(row) }));
  const mean = all.reduce((sum, { difference }) => sum + difference, 0) / Math.max(1, n);
  const influential = all
    .map(({ index, difference }) => ({ index, difference, influence: n < 2 ? 0 : (difference - mean) / (n - 1) }))
    .filter(({ influence }) => influence !== 0)
    .sort((x, y) => Math.abs(y.influence) - Math.abs(x.influence) || x.index - y.index)
    .slice(0, shown);
  const sample = sampleOf(rows, paired.bounded);
  const { decision } = judge(sample, paired);
  if (decision !== 'higher' && decision !== 'lower') return { rows: influential, toOverturn: null };
  const standsWithout = (count: number) => judge(without(sample, count, decision), paired).decision === decision;
  let [stands, falls] = [0, n];
  while (falls - stands > 1) {
    const middle = Math.floor((stands + falls) / 2);
    if (standsWithout(middle)) stands = middle;
    else falls = middle;
  }
  return { rows: influential, toOverturn: falls };
}
