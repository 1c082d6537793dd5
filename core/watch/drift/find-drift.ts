import { changePoint, falseDiscoveries } from '../../stats/index.ts';
import { findTopics } from './find-topics.ts';
import { lookAtLabel, lookAtValues } from './look-at-label.ts';
import { lookAtMix } from './look-at-mix.ts';
import { lookAtNumber } from './look-at-number.ts';
import { firstOfGroups, lookAtText, lookAtVector } from './look-at-text.ts';
import { type DriftFeature, type DriftRow, type Looked, type Side, thinned } from './sides.ts';

/** At most that chance of any finding while nothing changed. */
const level = 0.01;
/** With many rows the smallest move is beyond chance; one below this is not worth a look. */
const leastDistance = { number: 0.1, label: 0.1, mix: 0.1, text: 0.005, vector: 0.005 } as const;
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

/** Whether what people ask is about the same things. */
function lookAtTopics(before: Side, now: Side, seed: number): Looked | null {
  const asking = [...before, ...now].filter(({ texts }) => (texts.input ?? '') !== '');
  const topics = findTopics(
    asking.map(({ texts }) => texts.input ?? ''),
    { seed },
  );
  const topicOf = new Map(asking.map((row, i) => [row, topics[i] ?? '']));
  return lookAtValues('topic', before, now, (row) => topicOf.get(row) ?? null);
}

/**
 * What changed in what traces tell: each number by the test of Kolmogorov and Smirnov, each label and the topics of what is
 * asked by chi-square, mixes by splits of rows, texts by the maximum mean discrepancy of their letters and, where there are
 * any, of their embeddings; all p-values corrected together by Benjamini and Hochberg. What is beyond chance, and far enough
 * to be worth a look, has drifted. One row speaks for a group, since those of one hang together.
 * @returns every feature with twenty rows or more on both sides that are not all the same; those that drifted first, the
 * farthest first
 */
export function findDrift(before: Side, now: Side, { seed }: { seed: number }): DriftFeature[] {
  const [a, b] = [firstOfGroups(before), firstOfGroups(now)];
  const all = [...a, ...b];
  const looked = [
    ...namesIn(all, (row) => row.numbers).map((name) => lookAtNumber(name, a, b)),
    ...namesIn(all, (row) => row.labels).map((name) => lookAtLabel(name, a, b)),
    ...namesIn(all, (row) => row.mixes ?? {}).map((name) => lookAtMix(name, a, b, { seed })),
    lookAtTopics(a, b, seed),
    ...namesIn(all, (row) => row.texts).map((name) => lookAtText(name, a, b, seed)),
    ...namesIn(all, (row) => row.vectors ?? {}).map((name) => lookAtVector(name, a, b, seed)),
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
