import { uniformFrom } from '../uniform.ts';
import type { TwoCounts } from './chi-square-test.ts';

export type MixTest = {
  statistic: number;
  p: number;
  /** What was counted on both sides, thing by thing. */
  counts: TwoCounts;
};

/** After so many splits that part as far it is plain that the difference is none: J. Besag, P. Clifford, Biometrika 78 (1991) 301–304. */
const enough = 20;

/**
 * Whether rows that each hold several things hold them in the same shares on both sides. Things of a row hang together, so
 * that their sum says less than as many rows would: Pearson's statistic of the sums, with p from random splits of the rows.
 * @param a counts of each thing, a row a list, all of one length
 * @param b the same, of the other side
 */
export function mixTest(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  { seed, splits = 499 }: { seed: number; splits?: number },
): MixTest {
  const rows = [...a, ...b];
  const things = rows[0]?.length ?? 0;
  const totals = new Float64Array(things);
  for (const row of rows)
    for (let thing = 0; thing < things; thing++) totals[thing] = (totals[thing] ?? 0) + (row[thing] ?? 0);
  const all = totals.reduce((sum, count) => sum + count, 0);
  const order = Array.from({ length: rows.length }, (_, i) => i);
  const first = new Float64Array(things);
  /** Of the rows that stand first in the order, as many as `a` has, against the others. */
  const statisticOf = (): number => {
    first.fill(0);
    let own = 0;
    for (let at = 0; at < a.length; at++) {
      const row = rows[order[at] ?? 0] ?? [];
      for (let thing = 0; thing < things; thing++) {
        const count = row[thing] ?? 0;
        first[thing] = (first[thing] ?? 0) + count;
        own += count;
      }
    }
    const other = all - own;
    if (own === 0 || other === 0) return 0;
    let statistic = 0;
    for (let thing = 0; thing < things; thing++) {
      const total = totals[thing] ?? 0;
      if (total === 0) continue;
      const apart = (first[thing] ?? 0) - (total * own) / all;
      statistic += (apart ** 2 * all * all) / (total * own * other);
    }
    return statistic;
  };
  const statistic = statisticOf();
  const counts = Array.from(totals, (total, thing) => ({ a: first[thing] ?? 0, b: total - (first[thing] ?? 0) }));
  const uniform = uniformFrom(seed);
  let [asFar, split] = [0, 0];
  while (split < splits && asFar < enough) {
    split++;
    for (let i = rows.length - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    if (statisticOf() >= statistic - 1e-12 * Math.max(1, statistic)) asFar++;
  }
  return { statistic, p: asFar < enough ? (asFar + 1) / (splits + 1) : asFar / split, counts };
}
