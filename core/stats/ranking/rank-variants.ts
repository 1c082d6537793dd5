import type { Interval } from '../interval.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { studentQuantile } from '../student-quantile.ts';
import { groupsOf, isStronglyConnected } from './connected.ts';
import { type CountedMatch, type Extras, type Fit, fitDavidson, gradientOf, type Outcome } from './davidson.ts';
import { times } from './invert.ts';

/** Two variants were put side by side, in that order, on a row; matches of one row may hang together. */
export type Match<T> = { first: T; second: T; outcome: Outcome; row: string };

export type RankedVariant<T> = {
  variant: T;
  wins: number;
  losses: number;
  ties: number;
  /** Logarithm of the odds against the average variant of the group: 0 is average, 0.7 wins twice for each loss. */
  strength: number;
  interval: Interval;
  /** Chance of winning against another variant of the group, ties as half a win, on average over them. */
  winRate: number;
  /** The places that it may have, as far as the matches tell, with all variants compared at once. */
  places: { best: number; worst: number };
};

/** Variants that matches link, the strongest first. */
export type Ranking<T> = {
  ranked: RankedVariant<T>[];
  rows: number;
  matches: number;
  confidence: number;
  /** How much more the odds of the one shown first are, as a logarithm; null when that was not asked for. */
  firstAdvantage: { estimate: number; interval: Interval } | null;
  /**
   * Some variant won, or lost, every match against others: its strength has no finite estimate, and half a made-up win on each
   * side of every pair holds it in sight.
   */
  isSeparated: boolean;
};

const confidence = 0.95;

/** With fewer rows nothing can be said of how matches of one row hang together. */
export const minimumRankedRows = 10;

type Numbered = CountedMatch & { row: string };

/** From a won or tied match to whom it was won against: strengths are finite when there is a way from each to each. */
function beaten(matches: readonly CountedMatch[], variants: number): Set<number>[] {
  const edges = Array.from({ length: variants }, () => new Set<number>());
  for (const { first, second, outcome } of matches) {
    if (outcome !== 'second') edges[first]?.add(second);
    if (outcome !== 'first') edges[second]?.add(first);
  }
  return edges;
}

/** Equal matches as one. */
function counted(matches: readonly CountedMatch[]): CountedMatch[] {
  const found = new Map<string, CountedMatch>();
  for (const { first, second, outcome, count } of matches) {
    const key = `${first} ${second} ${outcome}`;
    found.set(key, { first, second, outcome, count: (found.get(key)?.count ?? 0) + count });
  }
  return [...found.values()];
}

/** Half a win for each side of every pair that met, a quarter in either order. */
function madeUp(matches: readonly CountedMatch[]): CountedMatch[] {
  const met = new Set(matches.flatMap(({ first, second }) => [`${first} ${second}`, `${second} ${first}`]));
  return [...met].flatMap((pair) => {
    const [first = 0, second = 0] = pair.split(' ').map(Number);
    return (['first', 'second'] as const).map((outcome) => ({ first, second, outcome, count: 0.25 }));
  });
}

/** Covariance that also holds when matches of one row hang together (K.-Y. Liang and S. L. Zeger, Biometrika 73 (1986) 13–22). */
function clustered(matches: readonly Numbered[], fit: Fit, variants: number, extras: Extras): number[][] {
  const byRow = new Map<string, number[]>();
  for (const match of matches) {
    const gradient = gradientOf(match, fit.parameters, variants, extras);
    const sum = byRow.get(match.row);
    byRow.set(match.row, sum ? sum.map((value, i) => value + (gradient[i] ?? 0)) : gradient);
  }
  const pulls = [...byRow.values()].map((gradient) => times(fit.covariance, gradient));
  const scale = pulls.length / (pulls.length - 1);
  return fit.parameters.map((_, i) =>
    fit.parameters.map((_, j) => scale * pulls.reduce((sum, pull) => sum + (pull[i] ?? 0) * (pull[j] ?? 0), 0)),
  );
}

/**
 * For each variant how many are surely stronger and surely weaker: S. Holm's steps over all pairs, so that all these statements
 * hold at once in 95 % of cases.
 */
function surely(
  strengths: readonly number[],
  variance: (i: number, j: number) => number,
  quantile: (p: number) => number,
) {
  const pairs = strengths.flatMap((strength, i) =>
    strengths.slice(i + 1).map((other, k) => {
      const j = i + 1 + k;
      return { i, j, distance: (strength - other) / Math.sqrt(variance(i, j)) };
    }),
  );
  pairs.sort((a, b) => Math.abs(b.distance) - Math.abs(a.distance));
  const counts = strengths.map(() => ({ stronger: 0, weaker: 0 }));
  for (const [step, { i, j, distance }] of pairs.entries()) {
    if (!(Math.abs(distance) > quantile(1 - (1 - confidence) / 2 / (pairs.length - step)))) break;
    const [above, below] = distance > 0 ? [i, j] : [j, i];
    const [winner, loser] = [counts[above], counts[below]];
    if (winner) winner.weaker++;
    if (loser) loser.stronger++;
  }
  return counts;
}

/** Chance of a win plus half of that of a tie, without regard to who is shown first. */
function winChance(strength: number, other: number, tie: number | null): number {
  const [a, b] = [Math.exp((strength - other) / 2), Math.exp((other - strength) / 2)];
  const neither = tie === null ? 0 : Math.exp(tie);
  return (a + neither / 2) / (a + b + neither);
}

function fitGroup(matches: readonly Numbered[], variants: number, position: boolean) {
  const wins = matches.filter(({ outcome }) => outcome !== 'tie');
  const extras = { ties: wins.length < matches.length, position };
  const counts = counted(matches);
  const isMixed = !position || new Set(wins.map(({ outcome }) => outcome)).size === 2;
  const plain = isMixed && isStronglyConnected(beaten(counts, variants)) ? fitDavidson(counts, variants, extras) : null;
  const fit = plain ?? fitDavidson([...counts, ...madeUp(counts)], variants, extras);
  return { extras, fit, isSeparated: plain === null };
}

function rankGroup<T>(matches: readonly Numbered[], names: readonly T[], position: boolean): Ranking<T> | null {
  const variants = names.length;
  const rows = new Set(matches.map(({ row }) => row)).size;
  const { extras, fit, isSeparated } = fitGroup(matches, variants, position);
  if (fit === null || rows < minimumRankedRows) return null;
  // With made-up wins the matches themselves hardly pull, and would make the interval too narrow.
  const isAlone = rows === matches.length || isSeparated;
  const covariance = isAlone ? fit.covariance : clustered(matches, fit, variants, extras);
  const quantile = (p: number) => (isAlone ? normalQuantile(p) : studentQuantile(p, rows - 1));
  const at = (i: number, j: number) => covariance[i]?.[j] ?? 0;
  const around = (i: number) => {
    const value = fit.parameters[i] ?? 0;
    const reach = quantile((1 + confidence) / 2) * Math.sqrt(Math.max(0, at(i, i)));
    return { low: value - reach, high: value + reach };
  };
  const strengths = fit.parameters.slice(0, variants);
  const counts = surely(strengths, (i, j) => at(i, i) + at(j, j) - 2 * at(i, j), quantile);
  const tie = extras.ties ? (fit.parameters[variants] ?? 0) : null;
  const ranked = names.map((variant, i) => {
    const own = strengths[i] ?? 0;
    const chances = strengths.flatMap((other, j) => (i === j ? [] : [winChance(own, other, tie)]));
    const results = matches.filter(({ first, second }) => first === i || second === i);
    const wins = results.filter(({ first, outcome }) => outcome === (first === i ? 'first' : 'second')).length;
    const ties = results.filter(({ outcome }) => outcome === 'tie').length;
    return {
      variant,
      wins,
      losses: results.length - wins - ties,
      ties,
      strength: own,
      interval: around(i),
      winRate: chances.reduce((sum, chance) => sum + chance, 0) / chances.length,
      places: { best: 1 + (counts[i]?.stronger ?? 0), worst: variants - (counts[i]?.weaker ?? 0) },
    };
  });
  ranked.sort((a, b) => b.strength - a.strength);
  const last = fit.parameters.length - 1;
  const firstAdvantage = position ? { estimate: fit.parameters[last] ?? 0, interval: around(last) } : null;
  return { ranked, rows, matches: matches.length, confidence, firstAdvantage, isSeparated };
}

/**
 * Ranks variants by who won against whom, one ranking for each group of variants that matches link: strengths of variants
 * that no chain of matches links cannot be compared. Intervals are 95 %; where rows have several matches they hold whatever
 * those have to do with each other. A group is null when it has fewer than {@link minimumRankedRows} rows or nothing but ties.
 * The model is in {@link fitDavidson}.
 * @param options.position whether who is shown first may win more often, which is then taken out of the strengths
 */
export function rankVariants<T>(
  all: readonly Match<T>[],
  options: { position: boolean },
): { variants: T[]; ranking: Ranking<T> | null }[] {
  const matches = all.filter(({ first, second }) => first !== second);
  const variants = [...new Set(matches.flatMap(({ first, second }) => [first, second]))];
  const numbers = new Map(variants.map((variant, i) => [variant, i]));
  const met = variants.map(() => new Set<number>());
  for (const { first, second } of matches) met[numbers.get(first) ?? 0]?.add(numbers.get(second) ?? 0);
  return groupsOf(met).map((group) => {
    const places = new Map(group.map((variant, place) => [variant, place]));
    const own = matches.flatMap(({ first, second, outcome, row }): Numbered[] => {
      const [a, b] = [places.get(numbers.get(first) ?? 0), places.get(numbers.get(second) ?? 0)];
      return a === undefined || b === undefined ? [] : [{ first: a, second: b, outcome, row, count: 1 }];
    });
    const names = group.flatMap((i) => variants.slice(i, i + 1));
    const decided = own.some(({ outcome }) => outcome !== 'tie');
    return { variants: names, ranking: decided ? rankGroup(own, names, options.position) : null };
  });
}

/**
 * Matches from scores of the same rows: on each row every two variants that have a score meet, and the higher one wins.
 * @param rows for each row, by its name, the variants' scores; one that failed is left out
 */
export function matchesOfScores<T>(rows: ReadonlyMap<string, ReadonlyMap<T, number>>): Match<T>[] {
  return [...rows].flatMap(([row, scores]) => {
    const scored = [...scores];
    return scored.flatMap(([first, a], i) =>
      scored
        .slice(i + 1)
        .map(([second, b]) => ({ first, second, outcome: a > b ? 'first' : a < b ? 'second' : 'tie', row }) as const),
    );
  });
}
