import { type Agreement, agreementOf } from './agreement.ts';

/** What two raters said of one unit. */
export type TwoRatings<T> = { a: T; b: T };

/** How much two categories differ that stand so far apart; `none`: any two differ by the same. */
export type KappaWeights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen's kappa of two raters who judged the same units.
 * J. Cohen, Educational and Psychological Measurement 20 (1960) 37–46; weighted: Psychological Bulletin 70 (1968) 213–220.
 * @param options.categories in their order, which weights go by; all that occur, and each once
 */
export function cohenKappa<T>(
  ratings: readonly TwoRatings<T>[],
  options: { categories: readonly T[]; weights: KappaWeights },
): Agreement {
  const places = new Map(options.categories.map((category, place) => [category, place]));
  const k = options.categories.length;
  const weight = (i: number, j: number) => {
    if (options.weights === 'none') return i === j ? 0 : 1;
    return options.weights === 'linear' ? Math.abs(i - j) : (i - j) ** 2;
  };
  const units = ratings.map(({ a, b }) => [[(places.get(a) ?? 0) * k + (places.get(b) ?? 0), 1] as const]);
  return agreementOf(units, k * k, (table) => {
    const rows = new Float64Array(k);
    const columns = new Float64Array(k);
    let n = 0;
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) {
        const count = table[i * k + j] ?? 0;
        rows[i] = (rows[i] ?? 0) + count;
        columns[j] = (columns[j] ?? 0) + count;
        n += count;
      }
    let [observed, expected, differing] = [0, 0, 0];
    for (let i = 0; i < k; i++)
      for (let j = 0; j < k; j++) {
        const chance = ((rows[i] ?? 0) * (columns[j] ?? 0)) / n;
        observed += weight(i, j) * (table[i * k + j] ?? 0);
        expected += weight(i, j) * chance;
        if (i !== j) differing += chance;
      }
    return { observed: observed / n, expected: expected / n, severe: differing > 0 ? expected / differing : 0 };
  });
}
