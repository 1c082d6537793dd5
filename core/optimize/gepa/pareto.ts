import { type Draw, drawWeighted } from '../draws.ts';

/** Of each row the candidates that score best on it, by their places. @param scores of each candidate, by row */
export function frontOf(scores: readonly (readonly number[])[]): Set<number>[] {
  const rows = scores[0]?.length ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    const best = Math.max(...scores.map((one) => one[row] ?? 0));
    return new Set([...scores.keys()].filter((i) => scores[i]?.[row] === best));
  });
}

/**
 * The candidates that stay on the front when those are taken away, the worst first, that lead no row alone: wherever they
 * lead, another that stays leads too.
 */
export function withoutDominated(front: readonly ReadonlySet<number>[], means: readonly number[]): Set<number> {
  const kept = new Set(front.flatMap((leaders) => [...leaders]));
  const inOrder = [...kept].sort((a, b) => (means[a] ?? 0) - (means[b] ?? 0) || a - b);
  let isChanged = true;
  while (isChanged) {
    isChanged = false;
    for (const one of inOrder) {
      if (!kept.has(one)) continue;
      const isNeeded = front.some(
        (leaders) => leaders.has(one) && ![...leaders].some((other) => other !== one && kept.has(other)),
      );
      if (isNeeded) continue;
      kept.delete(one);
      isChanged = true;
      break;
    }
  }
  return kept;
}

/** How many rows each of those that are kept leads. */
export const leadsOf = (front: readonly ReadonlySet<number>[], kept: ReadonlySet<number>): Map<number, number> =>
  new Map([...kept].sort((a, b) => a - b).map((one) => [one, front.filter((leaders) => leaders.has(one)).length]));

/** A candidate of the front, as likely as it leads rows. */
export function drawFromFront(leads: ReadonlyMap<number, number>, draw: Draw): number {
  const places = [...leads.keys()];
  return places[drawWeighted([...leads.values()], draw)] ?? 0;
}
