import { chiSquareTest, jensenShannonDistance, populationStability, type TwoCounts } from '../../stats/index.ts';
import {
  type DriftPart,
  type DriftRow,
  idsShown,
  type Looked,
  leastRows,
  mostChanged,
  percent,
  type Side,
} from './sides.ts';

const absent = '—';
const shown = (label: string) => (label === absent ? 'none' : label);

type Counts = ReadonlyMap<string, { a: number; b: number }>;

/** The label that grew most, the first in order of its name where several did. */
function grownMost(counts: Counts, { a, b }: { a: number; b: number }): string {
  const grown = (of: { a: number; b: number }) => of.b / b - of.a / a;
  return [...counts].toSorted(([, one], [, other]) => grown(other) - grown(one))[0]?.[0] ?? '';
}

/** By chi-square; null where few rows are there, or all say the same. */
export function lookAtLabel(name: string, before: Side, now: Side): Looked | null {
  return lookAtValues(name, before, now, (row) => row.labels[name] ?? absent);
}

/** The same of any label; null as `labelOf` leaves a row out. */
export function lookAtValues(
  name: string,
  before: Side,
  now: Side,
  labelOf: (row: DriftRow) => string | null,
): Looked | null {
  const counts = new Map<string, { a: number; b: number }>();
  const sizes = { a: 0, b: 0 };
  for (const [side, rows] of [['a', before] as const, ['b', now] as const])
    for (const row of rows) {
      const label = labelOf(row);
      if (label === null) continue;
      const count = counts.get(label) ?? { a: 0, b: 0 };
      count[side]++;
      sizes[side]++;
      counts.set(label, count);
    }
  if (sizes.a < leastRows || sizes.b < leastRows || counts.size < 2) return null;
  const table: TwoCounts = [...counts.values()];
  const label = grownMost(counts, sizes);
  const most = counts.get(label) ?? { a: 0, b: 0 };
  const idsOf = (of: string) =>
    now
      .filter((row) => labelOf(row) === of)
      .slice(0, idsShown)
      .map(({ id }) => id);
  const parts = [...counts].map(([of, { a, b }]): DriftPart => {
    const [share, was] = [b / sizes.b, a / sizes.a];
    return { name: shown(of), before: was, now: share, ids: share > was ? idsOf(of) : [] };
  });
  return {
    ...{ name, kind: 'label', raw: chiSquareTest(table).p, distance: jensenShannonDistance(table) },
    stability: populationStability(table),
    sentence: `${name}: ${percent(most.b / sizes.b)} are ${shown(label)}, before ${percent(most.a / sizes.a)}.`,
    ids: idsOf(label),
    order: (row) => {
      const own = labelOf(row);
      return own === null ? null : own === label ? 1 : 0;
    },
    parts: mostChanged(parts),
  };
}
