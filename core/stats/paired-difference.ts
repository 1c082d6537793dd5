import { mcnemar } from './mcnemar.ts';
import { normalQuantile } from './normal-quantile.ts';
import { type Interval, pairedBootstrap } from './paired-bootstrap.ts';
import { studentQuantile } from './student-quantile.ts';
import { tangoInterval } from './tango-interval.ts';

/** One example: its score on each side, repetitions averaged, so that an example is one cluster. */
export type ScorePair = { a: number; b: number };

export type PairedDifference = {
  pairs: number;
  meanA: number | null;
  meanB: number | null;
  /** Mean of B − A; null without pairs. */
  difference: number | null;
  /** null below {@link minimumPairs}. */
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
  /** Where B lies as far as the pairs tell; `unclear` when they do not tell, `too_few` below {@link minimumPairs}. */
  decision: 'higher' | 'lower' | 'unclear' | 'too_few';
  /** Exact McNemar p when all scores are 0 or 1 and there are enough of them. */
  mcnemarP: number | null;
};

export type PairedOptions = {
  /** Whether scores lie in [0, 1], which lets few differing pairs be judged. */
  bounded: boolean;
  /** Fixes the resampling. */
  seed: number;
};

const confidence = 0.95;

/** Below six pairs no distribution-free paired test can reach 5 %: even six wins of six have p = 2 / 2⁶. */
export const minimumPairs = 6;

const resamples = 2000;
/** With fewer, a resample without spread is no longer rare (e⁻⁵ = 0.7 %), and the bootstrap says nothing. */
const informativePairs = 5;
/** From here on the central limit theorem has done its work, and the bootstrap would hold up the event loop. */
const manyPairs = 2000;

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** A sum of floating-point numbers depends on their order; this one does not. */
export const sortedMean = (values: readonly number[]) => mean(values.toSorted((x, y) => x - y));

function standardDeviation(values: readonly number[]): number {
  const centre = mean(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
}

/**
 * The sorted differences or their negatives, whichever come first in dictionary order: computed from these, nothing
 * depends on the order of the rows, and swapping A and B negates everything exactly.
 */
function canonical(pairs: readonly ScorePair[]): { differences: number[]; sign: 1 | -1 } {
  const differences = pairs.map(({ a, b }) => b - a).sort((x, y) => x - y);
  const negated = differences.map((d) => 0 - d).reverse();
  const at = differences.findIndex((d, i) => d !== negated[i]);
  const isLater = at >= 0 && (differences[at] as number) > (negated[at] as number);
  return isLater ? { differences: negated, sign: -1 } : { differences, sign: 1 };
}

const turned = ({ low, high }: Interval, sign: 1 | -1): Interval =>
  sign === 1 ? { low, high } : { low: -high, high: -low };

/** How many values are not the most common one; values that only rounding sets apart are one. */
function countUnusual(values: readonly number[]): number {
  const scale = values.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  const counts = new Map<number, number>();
  for (const value of values) {
    const key = Math.round((value / scale) * 1e12);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  let most = 0;
  for (const count of counts.values()) most = Math.max(most, count);
  return values.length - most;
}

function studentInterval(differences: readonly number[]): Interval {
  const n = differences.length;
  const reach = (studentQuantile((1 + confidence) / 2, n - 1) * standardDeviation(differences)) / Math.sqrt(n);
  const centre = mean(differences);
  return { low: centre - reach, high: centre + reach };
}

/**
 * The adjusted Wald interval of paired proportions, taken to graded scores: two made-up pairs, one the best gain that
 * can be and one the worst loss, stand for what few differing pairs cannot show.
 * Bonett & Price, J. Educ. Behav. Statist. 37 (2012) 479–488.
 */
function adjustedWaldInterval(differences: readonly number[]): Interval {
  const n = differences.length + 2;
  const centre = differences.reduce((sum, value) => sum + value, 0) / n;
  const variance = (differences.reduce((sum, value) => sum + value * value, 0) + 2) / n - centre * centre;
  const reach = normalQuantile((1 + confidence) / 2) * Math.sqrt(variance / n);
  return { low: centre - reach, high: centre + reach };
}

/** The rule that picks the method, for scores that are not all 0 or 1. */
function gradedInterval(
  differences: readonly number[],
  options: PairedOptions,
): { interval: Interval; method: string } {
  if (countUnusual(differences) < informativePairs)
    return options.bounded
      ? { interval: adjustedWaldInterval(differences), method: 'adjusted Wald interval' }
      : { interval: studentInterval(differences), method: 'Student t interval' };
  if (differences.length > manyPairs) return { interval: studentInterval(differences), method: 'Student t interval' };
  return {
    interval: pairedBootstrap(differences, { confidence, resamples, seed: options.seed }),
    method: 'symmetric bootstrap-t interval',
  };
}

function decide({ low, high }: Interval): 'higher' | 'lower' | 'unclear' {
  if (low > 0) return 'higher';
  return high < 0 ? 'lower' : 'unclear';
}

/**
 * B against A over paired scores: difference, 95 % interval, and what can be said.
 * Scores that are all 0 or 1 get Tango's score interval, and a difference counts only when McNemar's mid-p agrees;
 * others the symmetric bootstrap-t, or, when fewer than five pairs differ from the rest, an interval that does not lean
 * on the spread of so few. Does not depend on the order of the pairs; swapping A and B negates it.
 */
export function pairedDifference(pairs: readonly ScorePair[], options: PairedOptions): PairedDifference {
  const { differences, sign } = canonical(pairs);
  const n = pairs.length;
  const wins = pairs.filter(({ a, b }) => b > a).length;
  const losses = pairs.filter(({ a, b }) => b < a).length;
  const counted = {
    pairs: n,
    meanA: n === 0 ? null : sortedMean(pairs.map(({ a }) => a)),
    meanB: n === 0 ? null : sortedMean(pairs.map(({ b }) => b)),
    difference: n === 0 ? null : sign * mean(differences) + 0,
    confidence,
    wins,
    losses,
    ties: n - wins - losses,
    spread: n < 2 ? null : standardDeviation(differences),
  };
  if (n < minimumPairs)
    return {
      ...counted,
      interval: null,
      method: `none below ${minimumPairs} pairs`,
      decision: 'too_few',
      mcnemarP: null,
    };
  if (options.bounded && pairs.every(({ a, b }) => (a === 0 || a === 1) && (b === 0 || b === 1))) {
    const interval = tangoInterval(wins, losses, n, confidence);
    const p = mcnemar(wins, losses);
    const decision = p.midP <= 1 - confidence ? decide(interval) : 'unclear';
    return { ...counted, interval, method: 'Tango score interval', decision, mcnemarP: p.exact };
  }
  const graded = gradedInterval(differences, options);
  const limit = options.bounded ? 1 : Infinity;
  const { low, high } = turned(graded.interval, sign);
  const interval = { low: Math.max(-limit, low), high: Math.min(limit, high) };
  return { ...counted, interval, method: graded.method, decision: decide(interval), mcnemarP: null };
}
