import { mmdTest } from '../../stats/index.ts';
import { type DriftRow, idsShown, type Looked, leastRows, type Side, splits, thinned } from './sides.ts';
import { textVector } from './text-vector.ts';

/** Each pair is compared. */
const mostTexts = 100;

type Vectors = { name: string; kind: 'text' | 'vector'; sentence: string; of(row: DriftRow): readonly number[] | null };

function lookAtVectors({ name, kind, sentence, of }: Vectors, before: Side, now: Side, seed: number): Looked | null {
  const saying = (rows: Side) =>
    thinned(
      rows.flatMap((row) => {
        const vector = of(row);
        return vector === null ? [] : [{ id: row.id, vector }];
      }),
      mostTexts,
    );
  const [a, b] = [saying(before), saying(now)];
  if (a.length < leastRows || b.length < leastRows) return null;
  const vectorsOf = (side: typeof a) => side.map(({ vector }) => vector);
  const { p, statistic, witness } = mmdTest(vectorsOf(a), vectorsOf(b), { seed, splits });
  const moved = b
    .map(({ id }, i) => ({ id, speaks: witness[i] ?? 0 }))
    .toSorted((one, other) => other.speaks - one.speaks);
  return {
    ...{ name, kind, raw: p, distance: Math.max(0, statistic), stability: null, order: null, sentence, parts: [] },
    ids: moved.slice(0, idsShown).map(({ id }) => id),
  };
}

/** By the maximum mean discrepancy of letters. */
export function lookAtText(name: string, before: Side, now: Side, seed: number): Looked | null {
  const of = ({ texts }: DriftRow) => ((texts[name] ?? '') === '' ? null : textVector(texts[name] ?? ''));
  return lookAtVectors(
    { name, kind: 'text', sentence: `${name}: other words are used than before.`, of },
    before,
    now,
    seed,
  );
}

/** By the maximum mean discrepancy of embeddings. */
export function lookAtVector(name: string, before: Side, now: Side, seed: number): Looked | null {
  const sentence = `${name}: it is about other things than before, as an embedding model sees it.`;
  const of = ({ vectors }: DriftRow) => vectors?.[name] ?? null;
  return lookAtVectors({ name, kind: 'vector', sentence, of }, before, now, seed);
}

/** Whose texts are looked at of a side, so that no others need an embedding. */
export const rowsToEmbed = (rows: Side, name: string): DriftRow[] =>
  thinned(
    firstOfGroups(rows).filter(({ texts }) => (texts[name] ?? '') !== ''),
    mostTexts,
  );

/** The first of each group, in the order of time. */
export function firstOfGroups(rows: Side): DriftRow[] {
  const seen = new Set<string>();
  return rows
    .toSorted((a, b) => a.atMs - b.atMs)
    .filter(({ group }) => {
      if (seen.has(group)) return false;
      seen.add(group);
      return true;
    });
}
