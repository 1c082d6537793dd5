import { type Draw, pick, shuffled } from '../draws.ts';

/** A candidate's text of each component, and the one it was made of; several where it was merged. */
export type Lineage = { texts: readonly string[]; parents: readonly number[]; mean: number };

export function ancestorsOf(pool: readonly Lineage[], of: number): Set<number> {
  const found = new Set<number>();
  const look = (one: number) => {
    for (const parent of pool[one]?.parents ?? [])
      if (!found.has(parent)) {
        found.add(parent);
        look(parent);
      }
  };
  look(of);
  return found;
}

/** Whether there is something to join: a component that one of both changed and the other did not. */
export const canJoin = (ancestor: readonly string[], a: readonly string[], b: readonly string[]): boolean =>
  ancestor.some((text, i) => a[i] !== b[i] && (text === a[i] || text === b[i]));

/**
 * Of each component what was changed; where both changed it, what the better one has, where both are as good, what is drawn.
 */
export const joined = (
  ancestor: readonly string[],
  a: Pick<Lineage, 'texts' | 'mean'>,
  b: Pick<Lineage, 'texts' | 'mean'>,
  draw: Draw,
): string[] =>
  ancestor.map((text, i) => {
    const [ofA, ofB] = [a.texts[i] ?? text, b.texts[i] ?? text];
    if (ofA === ofB) return ofA;
    if (ofA === text) return ofB;
    if (ofB === text) return ofA;
    if (a.mean === b.mean) return draw() < 0.5 ? ofA : ofB;
    return a.mean > b.mean ? ofA : ofB;
  });

export type Pair = { a: number; b: number; ancestor: number };

/** Two of the front that come of the same one and were each made no worse, drawn of all that were not joined yet. */
export function drawPair(
  pool: readonly Lineage[],
  front: readonly number[],
  { tried, draw }: { tried: ReadonlySet<string>; draw: Draw },
): Pair | null {
  const pairs: Pair[] = [];
  for (const [i, a] of front.entries())
    for (const b of front.slice(i + 1)) {
      const [ofA, ofB] = [ancestorsOf(pool, a), ancestorsOf(pool, b)];
      if (ofA.has(b) || ofB.has(a)) continue;
      for (const ancestor of ofA) {
        const [x, y, z] = [pool[a], pool[b], pool[ancestor]];
        if (!x || !y || !z || !ofB.has(ancestor) || tried.has(pairKey({ a, b, ancestor }))) continue;
        if (z.mean <= Math.min(x.mean, y.mean) && canJoin(z.texts, x.texts, y.texts)) pairs.push({ a, b, ancestor });
      }
    }
  return pairs.length === 0 ? null : pick(pairs, draw);
}
export const pairKey = ({ a, b, ancestor }: Pair): string => `${a} ${b} ${ancestor}`;

/** Rows to try a merged candidate on: two or so where the one is better, as many where the other is, the rest where both are equal. */
export function mergeRows(a: readonly number[], b: readonly number[], draw: Draw, count = 5): number[] {
  const places = [...a.keys()];
  const most = Math.ceil(count / 3);
  const kinds = [
    places.filter((i) => (a[i] ?? 0) > (b[i] ?? 0)),
    places.filter((i) => (a[i] ?? 0) < (b[i] ?? 0)),
    places.filter((i) => a[i] === b[i]),
  ];
  const chosen: number[] = [];
  for (const kind of kinds) chosen.push(...shuffled(kind, draw).slice(0, Math.min(most, count - chosen.length)));
  const rest = places.filter((i) => !chosen.includes(i));
  return [...chosen, ...shuffled(rest, draw).slice(0, count - chosen.length)];
}

/** Whether what was joined is worth keeping: on the rows that it was tried on it is no worse than either. */
export function isAsGood(merged: readonly number[], a: readonly number[], b: readonly number[]): boolean {
  const sum = (scores: readonly number[]) => scores.reduce((all, score) => all + score, 0);
  return sum(merged) >= Math.max(sum(a), sum(b));
}
