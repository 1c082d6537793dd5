import {
  type Decision,
  judge,
  minimumRows,
  type PairedOptions,
  type ScoreRow,
  sampleOf,
  sortedMean,
  sumOf,
} from './difference-sample.ts';
import type { Interval } from './interval.ts';

export type PairedDifference = {
  pairs: number;
  meanA: number | null;
  meanB: number | null;
  /** Mean of B − A; null without pairs. */
  difference: number | null;
  /** null below `minimum`. */
  interval: Interval | null;
  confidence: number;
  /** The method that made the interval. */
  method: string;
  /** Pairs where B is higher, lower, equal. */
  wins: number;
  losses: number;
  ties: number;
  /** Standard deviation of the differences; null below two pairs. */
  spread: number | null;
  /** Two-sided, that nothing differs; null where even that cannot be said. `decision` goes by it. */
  p: number | null;
  /** The fewest pairs that would have an interval. */
  minimum: number;
  decision: Decision;
};

function standardDeviation(values: Float64Array, mean: number): number {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += ((values[i] as number) - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}

/**
 * B against A over the same rows: difference, interval, p, and what can be said. A row is one cluster, however often each
 * side answered it. Scores that are all 0 or 1 get the adjusted Wald interval, others those of `estimateMean`. Too few rows of
 * what has no bounds get an exact or drawn permutation test and no interval. Does not depend on the order of the rows;
 * swapping A and B negates it.
 */
export function pairedDifference(rows: readonly ScoreRow[], options: PairedOptions): PairedDifference {
  const { bounded, confidence = 0.95 } = options;
  const sample = sampleOf(rows, bounded);
  const { differences, sign, wins, losses } = sample;
  const n = rows.length;
  const mean = n === 0 ? 0 : sumOf(differences) / n;
  return {
    pairs: n,
    meanA: n === 0 ? null : sortedMean(rows.map(({ a }) => sortedMean(a))),
    meanB: n === 0 ? null : sortedMean(rows.map(({ b }) => sortedMean(b))),
    difference: n === 0 ? null : sign * mean + 0,
    confidence,
    wins,
    losses,
    ties: n - wins - losses,
    spread: n < 2 ? null : standardDeviation(differences, mean),
    minimum: minimumRows({ bounded }),
    ...judge(sample, options),
  };
}
