import { type Agreement, agreementOf, type Contribution, type Disagreement } from './agreement.ts';
import type { UnitRatings } from './fleiss-kappa.ts';

/**
 * What ratings are: equal or not (`nominal`), in the order of their numbers (`ordinal`), or numbers whose distance counts
 * (`interval`).
 */
export type RatingLevel = 'nominal' | 'ordinal' | 'interval';

/** Two categories that were given to one unit, by their places. */
type Cell = readonly [i: number, j: number];

/** Where each category stands on a line, so that its squared distances are the level's. */
function positions(level: 'ordinal' | 'interval', categories: readonly number[], totals: Float64Array): number[] {
  if (level === 'interval') {
    const centre = categories.reduce((sum, value) => sum + value, 0) / categories.length;
    return categories.map((value) => value - centre);
  }
  let below = 0;
  return Array.from(totals, (total) => {
    below += total;
    return below - total / 2;
  });
}

/** Sums hold how often each category was given, then how much each cell occurs among the pairs of ratings. */
function disagreement(
  sums: Float64Array,
  {
    level,
    categories,
    cells,
  }: { level: RatingLevel; categories: readonly (string | number)[]; cells: readonly Cell[] },
): Disagreement {
  const k = categories.length;
  const totals = sums.subarray(0, k);
  const n = totals.reduce((sum, total) => sum + total, 0);
  const differing = n * n - totals.reduce((sum, total) => sum + total * total, 0);
  const amount = (cell: number) => sums[k + cell] ?? 0;
  let [observed, expected] = [0, differing];
  if (level === 'nominal') for (const cell of cells.keys()) observed += amount(cell);
  else {
    const at = positions(level, categories.map(Number), totals);
    for (const [cell, [i, j]] of cells.entries()) observed += amount(cell) * ((at[i] ?? 0) - (at[j] ?? 0)) ** 2;
    const mean = at.reduce((sum, x, i) => sum + x * (totals[i] ?? 0), 0) / n;
    expected = 2 * n * at.reduce((sum, x, i) => sum + (totals[i] ?? 0) * (x - mean) ** 2, 0);
  }
  const chance = expected / (n * (n - 1));
  const isVaried = k > 1 && differing > 0;
  return {
    observed: observed / n,
    expected: isVaried ? chance : 0,
    severe: isVaried ? expected / differing : 0,
  };
}

/**
 * Krippendorff's alpha: any number of raters, each of whom may have left units out.
 * K. Krippendorff, *Content Analysis* (2004), chapter 11; A. F. Hayes and K. Krippendorff, Communication Methods and Measures 1
 * (2007) 77–89.
 * @param units one a unit; those with fewer than two ratings do not count
 */
export function krippendorffAlpha(units: readonly UnitRatings<string | number>[], level: 'nominal'): Agreement;
export function krippendorffAlpha(units: readonly UnitRatings<number>[], level: RatingLevel): Agreement;
export function krippendorffAlpha(units: readonly UnitRatings<string | number>[], level: RatingLevel): Agreement {
  const rated = units.map((unit) => unit.filter((rating) => rating !== null)).filter(({ length }) => length > 1);
  const categories = [...new Set(rated.flat())].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const placeOf = new Map(categories.map((category, place) => [category, place]));
  const k = categories.length;
  const cells: Cell[] = [];
  const cellOf = new Map<number, number>();
  const contributions = rated.map((unit): Contribution => {
    const places = unit.map((rating) => placeOf.get(rating) ?? 0).sort((a, b) => a - b);
    const amounts = new Map<number, number>();
    const add = (place: number, amount: number) => amounts.set(place, (amounts.get(place) ?? 0) + amount);
    places.forEach((i, a) => {
      add(i, 1);
      for (const j of places.slice(a + 1)) {
        if (i === j) continue;
        const known = cellOf.get(i * k + j);
        const cell = known ?? cells.push([i, j]) - 1;
        if (known === undefined) cellOf.set(i * k + j, cell);
        add(k + cell, 2 / (places.length - 1));
      }
    });
    return [...amounts];
  });
  return agreementOf(contributions, k + cells.length, (sums) => disagreement(sums, { level, categories, cells }));
}
