import {
  binnedCounts,
  changePoint,
  chiSquareTest,
  falseDiscoveries,
  jensenShannonDistance,
  ksTest,
  mmdTest,
  populationStability,
  type TwoCounts,
  wassersteinDistance,
} from '../../stats/index.ts';
import { textVector } from './text-vector.ts';

/** What one trace tells. */
export type DriftRow = {
  id: string;
  atMs: number;
  /** Rows of one group, such as a conversation, hang together: the first one speaks for it. */
  group: string;
  numbers: Readonly<Record<string, number | null>>;
  labels: Readonly<Record<string, string | null>>;
  texts: Readonly<Record<string, string>>;
};

export type DriftFeature = {
  name: string;
  kind: 'number' | 'label' | 'text';
  /** How likely it looks at least so different by chance, corrected for how many features were looked at. */
  p: number;
  /** Numbers: how far they moved on average, in standard deviations of before. Labels: Jensen–Shannon. Texts: MMD². */
  distance: number;
  /** Population stability index; null: not of texts. */
  stability: number | null;
  drifted: boolean;
  sentence: string;
  /** When it changed, where that is clear. */
  sinceMs: number | null;
  /** Some of the rows that moved it. */
  ids: string[];
};

/** At most that chance of any finding while nothing changed. */
const level = 0.01;
/** With many rows the smallest move is beyond chance; one below this is not worth a look. */
const leastDistance = { number: 0.1, label: 0.1, text: 0.005 } as const;
/** Fewer say nothing. */
const leastRows = 20;
/** Each pair of texts is compared. */
const mostTexts = 100;
/** Of the corrected p-value, so many splits can tell that it is below the level. */
const splits = 1999;
const idsShown = 5;
const absent = '—';

type Side = readonly DriftRow[];
type Looked = Omit<DriftFeature, 'p' | 'drifted' | 'sinceMs'> & {
  raw: number;
  /** What every row says, as a number, for when it changed. */
  order: ((row: DriftRow) => number | null) | null;
};

function firstOfGroups(rows: Side): DriftRow[] {
  const seen = new Set<string>();
  return rows
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ group }) => {
      if (seen.has(group)) return false;
      seen.add(group);
      return true;
    });
}

const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const spreadOf = (values: readonly number[]) => {
  const mean = meanOf(values);
  const spread = Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)));
  // Of what was always the same, any move is one of its own size.
  return spread || Math.abs(mean) || 1;
};
const medianOf = (values: readonly number[]) => Float64Array.from(values).sort()[values.length >> 1] ?? 0;
const brief = (value: number) => Number(value.toPrecision(3)).toLocaleString('en', { maximumSignificantDigits: 3 });
const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;

function lookAtNumber(name: string, before: Side, now: Side): Looked | null {
  const valuesOf = (rows: Side) => rows.map(({ numbers }) => numbers[name] ?? Number.NaN).filter(Number.isFinite);
  const [a, b] = [valuesOf(before), valuesOf(now)];
  if (a.length < leastRows || b.length < leastRows) return null;
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
  };
}

function lookAtLabel(name: string, before: Side, now: Side): Looked | null {
  if (before.length < leastRows || now.length < leastRows) return null;
  const labelOf = (row: DriftRow) => row.labels[name] ?? absent;
  const counts = new Map<string, { a: number; b: number }>();
  for (const [side, rows] of [['a', before] as const, ['b', now] as const])
    for (const row of rows) {
      const count = counts.get(labelOf(row)) ?? { a: 0, b: 0 };
      count[side]++;
      counts.set(labelOf(row), count);
    }
  if (counts.size < 2) return null;
  const table: TwoCounts = [...counts.values()];
  const grown = (of: { a: number; b: number }) => of.b / now.length - of.a / before.length;
  const [label, most] = [...counts].toSorted(([, one], [, other]) => grown(other) - grown(one))[0] ?? [
    '',
    { a: 0, b: 0 },
  ];
  const shown = label === absent ? 'none' : label;
  return {
    ...{ name, kind: 'label', raw: chiSquareTest(table).p, distance: jensenShannonDistance(table) },
    stability: populationStability(table),
    sentence: `${name}: ${percent(most.b / now.length)} are ${shown}, before ${percent(most.a / before.length)}.`,
    ids: now
      .filter((row) => labelOf(row) === label)
      .slice(0, idsShown)
      .map(({ id }) => id),
    order: (row) => (labelOf(row) === label ? 1 : 0),
  };
}

/** Evenly over the time. */
function thinned<T>(rows: readonly T[], most: number): T[] {
  if (rows.length <= most) return [...rows];
  return Array.from({ length: most }, (_, i) => rows[Math.floor((i * rows.length) / most)]).flatMap((row) => row ?? []);
}

function lookAtText(name: string, before: Side, now: Side, seed: number): Looked | null {
  const saying = (rows: Side) =>
    thinned(
      rows.filter(({ texts }) => (texts[name] ?? '') !== ''),
      mostTexts,
    );
  const [a, b] = [saying(before), saying(now)];
  if (a.length < leastRows || b.length < leastRows) return null;
  const vectorsOf = (rows: Side) => rows.map(({ texts }) => textVector(texts[name] ?? ''));
  const { p, statistic, witness } = mmdTest(vectorsOf(a), vectorsOf(b), { seed, splits });
  const moved = b
    .map(({ id }, i) => ({ id, speaks: witness[i] ?? 0 }))
    .toSorted((one, other) => other.speaks - one.speaks);
  return {
    ...{ name, kind: 'text', raw: p, distance: Math.max(0, statistic), stability: null, order: null },
    sentence: `${name}: other words are used than before.`,
    ids: moved.slice(0, idsShown).map(({ id }) => id),
  };
}

/** A change that random orders of the same values show less often than this is a clear one. */
const clear = 0.01;

function sinceOf({ order }: Looked, rows: Side, seed: number): number | null {
  if (order === null) return null;
  const known = thinned(
    rows.filter((row) => order(row) !== null),
    1000,
  );
  const found = changePoint(
    known.map((row) => order(row) ?? 0),
    { seed, orders: 199 },
  );
  return found !== null && found.p < clear ? (known[found.at]?.atMs ?? null) : null;
}

const namesIn = (rows: Side, of: (row: DriftRow) => object) =>
  [...new Set(rows.flatMap((row) => Object.keys(of(row))))].sort();

/**
 * What changed in what traces tell: each number by the test of Kolmogorov and Smirnov, each label by chi-square, each text by
 * the maximum mean discrepancy of its letters; all p-values corrected together by Benjamini and Hochberg. What is beyond
 * chance, and far enough to be worth a look, has drifted. One row speaks for a group, since those of one hang together.
 * @returns every feature with twenty rows or more on both sides; those that drifted first, the farthest first
 */
export function findDrift(before: Side, now: Side, { seed }: { seed: number }): DriftFeature[] {
  const [a, b] = [firstOfGroups(before), firstOfGroups(now)];
  const all = [...a, ...b];
  const looked = [
    ...namesIn(all, (row) => row.numbers).map((name) => lookAtNumber(name, a, b)),
    ...namesIn(all, (row) => row.labels).map((name) => lookAtLabel(name, a, b)),
    ...namesIn(all, (row) => row.texts).map((name) => lookAtText(name, a, b, seed)),
  ].flatMap((one) => one ?? []);
  const corrected = falseDiscoveries(looked.map(({ raw }) => raw));
  return looked
    .map((one, i): DriftFeature => {
      const p = corrected[i] ?? 1;
      const drifted = p < level && one.distance >= leastDistance[one.kind];
      const { raw: _, order: __, ...rest } = one;
      return { ...rest, p, drifted, sinceMs: drifted ? sinceOf(one, all, seed) : null };
    })
    .sort(
      (one, other) => Number(other.drifted) - Number(one.drifted) || one.p - other.p || other.distance - one.distance,
    );
}
