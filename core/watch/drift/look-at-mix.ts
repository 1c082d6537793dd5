import { jensenShannonDistance, mixTest, populationStability } from '../../stats/index.ts';
import {
  type DriftPart,
  type DriftRow,
  idsShown,
  type Looked,
  leastRows,
  mostChanged,
  percent,
  type Side,
  splits,
} from './sides.ts';

const sumOf = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((sum, one) => sum + one, 0);

/** By random splits of rows; of those that hold anything. null where few do, or all hold one and the same thing. */
export function lookAtMix(name: string, before: Side, now: Side, options: { seed: number }): Looked | null {
  const countsOf = (row: DriftRow) => row.mixes?.[name] ?? {};
  const holding = (rows: Side) => rows.filter((row) => sumOf(countsOf(row)) > 0);
  const [a, b] = [holding(before), holding(now)];
  if (a.length < leastRows || b.length < leastRows) return null;
  const things = [...new Set([...a, ...b].flatMap((row) => Object.keys(countsOf(row))))].sort();
  if (things.length < 2) return null;
  const vectorOf = (row: DriftRow) => things.map((thing) => countsOf(row)[thing] ?? 0);
  const { p, counts } = mixTest(a.map(vectorOf), b.map(vectorOf), { ...options, splits });
  const totals = counts.reduce((sum, one) => ({ a: sum.a + one.a, b: sum.b + one.b }), { a: 0, b: 0 });
  const idsOf = (thing: string) =>
    b
      .filter((row) => (countsOf(row)[thing] ?? 0) > 0)
      .toSorted((one, other) => (countsOf(other)[thing] ?? 0) - (countsOf(one)[thing] ?? 0))
      .slice(0, idsShown)
      .map(({ id }) => id);
  const parts = things.map((thing, i): DriftPart => {
    const [was, share] = [(counts[i]?.a ?? 0) / totals.a, (counts[i]?.b ?? 0) / totals.b];
    return { name: thing, before: was, now: share, ids: share > was ? idsOf(thing) : [] };
  });
  const grown = parts.toSorted((one, other) => other.now - other.before - (one.now - one.before))[0];
  if (grown === undefined) return null;
  return {
    ...{ name, kind: 'mix', raw: p, distance: jensenShannonDistance(counts), stability: populationStability(counts) },
    sentence: `${name}: ${percent(grown.now)} of all are ${grown.name}, before ${percent(grown.before)}.`,
    ids: grown.ids,
    order: (row) => {
      const sum = sumOf(countsOf(row));
      return sum === 0 ? null : (countsOf(row)[grown.name] ?? 0) / sum;
    },
    parts: mostChanged(parts),
  };
}
