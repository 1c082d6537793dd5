import type { RouteTarget } from './route.ts';

/** MurmurHash3 (x86, 32 bit) over UTF-16 code units. */
export function murmur(text: string, seed: number): number {
  let h = seed;
  for (let i = 0; i < text.length; i += 1) {
    let k = Math.imul(text.charCodeAt(i), 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h ^= text.length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * Weighted rendezvous hashing (Thaler and Ravishankar 1998; weights as of Schindelhauer and Schomaker 2005): each target
 * draws a time from the key, the soonest has it. A target that comes, goes or changes its weight moves only the keys
 * that it wins or loses.
 */
export function rendezvous(targets: readonly RouteTarget[], stickyKey: string): RouteTarget | null {
  let soonest = Number.POSITIVE_INFINITY;
  let chosen: RouteTarget | null = null;
  for (const target of targets) {
    const drawn = (murmur(stickyKey, murmur(target.ref, 0)) + 0.5) / 2 ** 32;
    const time = -Math.log(drawn) / target.weight;
    if (chosen === null || time < soonest) {
      soonest = time;
      chosen = target;
    }
  }
  return chosen;
}

/** One of them, each by its weight; among weights of 0 all alike. */
export function byWeight(targets: readonly RouteTarget[], random: () => number): RouteTarget | null {
  let total = 0;
  for (const target of targets) total += target.weight;
  if (total === 0) return targets[Math.floor(random() * targets.length)] ?? null;
  let drawn = random() * total;
  for (const target of targets) {
    drawn -= target.weight;
    if (drawn < 0) return target;
  }
  return targets.findLast((target) => target.weight > 0) ?? null;
}

/** The better of two drawn ones (Mitzenmacher 2001), by the smaller cost: no crowd runs to the best one at once. */
export function ofTwo(
  targets: readonly RouteTarget[],
  random: () => number,
  cost: (target: RouteTarget) => number,
): RouteTarget | null {
  const first = Math.floor(random() * targets.length);
  const a = targets[first];
  if (a === undefined || targets.length === 1) return a ?? null;
  // The second one is another one.
  const second = (first + 1 + Math.floor(random() * (targets.length - 1))) % targets.length;
  const b = targets[second];
  return b === undefined || cost(a) <= cost(b) ? a : b;
}
