import { binnedCounts, ksTest, populationStability, wassersteinDistance } from '../../stats/index.ts';
import { type DriftPart, type DriftRow, idsShown, type Looked, leastRows, type Side } from './sides.ts';

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spreadOf = (values: readonly number[]) => {
  const mean = meanOf(values);
  const spread = Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  // Of what was always the same, any move is one of its own size.
  return spread || Math.abs(mean) || 1;
};
const medianOf = (values: readonly number[]) => Float64Array.from(values).sort()[values.length >> 1] ?? 0;
const brief = (value: number) => Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });

const ranges = 6;

/** Each value while they are few, else ranges with about as many of both sides together in each. */
function rangesOf(a: readonly number[], b: readonly number[]): DriftPart[] {
  const all = Float64Array.from([...a, ...b]).sort();
  const values = [...new Set(all)];
  if (values.length <= ranges)
    return values.map((value) => {
      const share = (of: readonly number[]) => of.filter((one) => one === value).length / of.length;
      return { name: brief(value), before: share(a), now: share(b), ids: [] };
    });
  const cuts = Array.from({ length: ranges - 1 }, (_, i) => all[Math.floor(((i + 1) * all.length) / ranges)] ?? 0);
  const highest = all.at(-1) ?? 0;
  const ends = [...new Set([...cuts, highest])];
  return ends.map((end, i) => {
    const start = ends[i - 1] ?? -Infinity;
    const share = (of: readonly number[]) => of.filter((value) => value > start && value <= end).length / of.length;
    const name = i === 0 ? `up to ${brief(end)}` : i === ends.length - 1 ? `above ${brief(start)}` : `to ${brief(end)}`;
    return { name, before: share(a), now: share(b), ids: [] };
  });
}

/** By the test of Kolmogorov and Smirnov; null where few rows have it, or all the same. */
export function lookAtNumber(name: string, before: Side, now: Side): Looked | null {
  const valuesOf = (rows: Side) => rows.map(({ numbers }) => numbers[name] ?? Number.NaN).filter(Number.isFinite);
  const [a, b] = [valuesOf(before), valuesOf(now)];
  if (a.length < leastRows || b.length < leastRows) return null;
  if ([...a, ...b].every((value) => value === a[0])) return null;
  const { p, at } = ksTest(a, b);
  const share = (values: readonly number[]) => values.filter((value) => value <= at).length / values.length;
  const isHigher = share(b) < share(a);
  const told = (row: DriftRow) => (Number.isFinite(row.numbers[name]) ? (row.numbers[name] ?? null) : null);
  const moved = now
    .filter((row) => {
      const value = told(row);
      return value !== null && value > at === isHigher;
    })
    .toSorted((one, other) => ((told(other) ?? 0) - (told(one) ?? 0)) * (isHigher ? 1 : -1));
  return {
    ...{ name, kind: 'number', raw: p, distance: wassersteinDistance(a, b) / spreadOf(a), order: told },
    stability: populationStability(binnedCounts(a, b)),
    sentence: `${name}: half are above ${brief(medianOf(b))}, before above ${brief(medianOf(a))}; the mean is ${brief(meanOf(b))}, before ${brief(meanOf(a))}.`,
    ids: moved.slice(0, idsShown).map(({ id }) => id),
    parts: rangesOf(a, b),
  };
}
