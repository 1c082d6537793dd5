import { type Agreement, agreementOf, type Contribution } from './agreement.ts';

/** What raters said of one unit, in any order; null where one said nothing. */
export type UnitRatings<T> = readonly (T | null)[];

/**
 * Fleiss' kappa: as many raters for each unit, not always the same ones, and categories without an order.
 * J. L. Fleiss, Psychological Bulletin 76 (1971) 378–382. Where units have more or fewer ratings, each counts as one unit
 * (K. L. Gwet, *Handbook of Inter-Rater Reliability*, 2014, section 2.4); those with fewer than two do not count.
 */
export function fleissKappa<T>(units: readonly UnitRatings<T>[]): Agreement {
  const rated = units.map((unit) => unit.filter((rating) => rating !== null)).filter(({ length }) => length > 1);
  const categories = [...new Set(rated.flat())];
  const k = categories.length;
  // After the categories' shares: what the unit's pairs of ratings disagree, and the unit itself.
  const contributions = rated.map((unit): Contribution => {
    const counts = new Map<T, number>();
    for (const rating of unit) counts.set(rating, (counts.get(rating) ?? 0) + 1);
    const agreeing = [...counts.values()].reduce((sum, count) => sum + count * (count - 1), 0);
    const shares = categories.flatMap((category, place) => {
      const count = counts.get(category);
      return count === undefined ? [] : [[place, count / unit.length] as const];
    });
    return [...shares, [k, 1 - agreeing / (unit.length * (unit.length - 1))], [k + 1, 1]];
  });
  return agreementOf(contributions, k + 2, (sums) => {
    const n = sums[k + 1] ?? 0;
    const expected = 1 - sums.subarray(0, k).reduce((sum, share) => sum + (share / n) ** 2, 0);
    return { observed: (sums[k] ?? 0) / n, expected: k > 1 ? expected : 0, severe: 1 };
  });
}
