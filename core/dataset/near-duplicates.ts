import type { Breathe } from '../ports/index.ts';

const hashes = 64;
const bands = 16;
const rowsOfBand = hashes / bands;
const shingle = 5;

/** FNV-1a over UTF-16 code units, from a place to a place. */
function hashOf(text: string, from: number, until: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < until; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** One of many hash functions made of one (murmur's last step, each with another start). */
function mix(hash: number, n: number): number {
  let h = hash ^ Math.imul(n + 1, 0x9e3779b1);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** What is alike whatever its case and white space. */
export const normalText = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();

/**
 * MinHash of a text's runs of five characters (Broder 1997): the share of places at which two signatures agree estimates
 * the share of runs that the texts have in common (Jaccard), with a standard error of at most 0.0625.
 */
export function signatureOf(text: string): Uint32Array {
  const least = new Uint32Array(hashes).fill(0xffffffff);
  const padded = text.length < shingle ? text.padEnd(shingle) : text;
  for (let at = 0; at + shingle <= padded.length; at++) {
    const hash = hashOf(padded, at, at + shingle);
    for (let n = 0; n < hashes; n++) {
      const value = mix(hash, n);
      if (value < (least[n] ?? 0)) least[n] = value;
    }
  }
  return least;
}

export function similarity(a: Uint32Array, b: Uint32Array): number {
  let same = 0;
  for (let n = 0; n < hashes; n++) if (a[n] === b[n]) same++;
  return same / hashes;
}

/** Groups of numbers that were joined, directly or by others. */
function createGroups(size: number) {
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] ?? 0] ?? 0;
      at = parent[at] ?? 0;
    }
    return at;
  };
  return {
    find,
    join(a: number, b: number): void {
      const [x, y] = [find(a), find(b)];
      parent[Math.max(x, y)] = Math.min(x, y);
    },
  };
}

export type Cluster = {
  /** Numbers of the texts, the first first. */
  members: number[];
  /** Of the least alike pair that joined them, estimated; 1: all are the same. */
  similarity: number;
};

/** So many others of one bucket are compared with a text: a bucket of thousands would take their square. */
const comparedInBucket = 20;

/**
 * Clusters of texts that are alike by at least `least` (0 to 1), found by locality-sensitive hashing: 16 bands of 4 hashes,
 * so that a pair of 0.8 is missed once in 5,000 times, and one of 0.5 in three. Texts are to be normal before.
 */
export async function findNearDuplicates(
  texts: readonly string[],
  { least, breathe }: { least: number; breathe: Breathe },
): Promise<Cluster[]> {
  const groups = createGroups(texts.length);
  const weakest = new Float64Array(texts.length).fill(1);
  const firstOf = new Map<string, number>();
  const signatures: (Uint32Array | null)[] = [];
  const buckets = new Map<string, number[]>();
  const join = (a: number, b: number, alike: number) => {
    const least = Math.min(alike, weakest[groups.find(a)] ?? 1, weakest[groups.find(b)] ?? 1);
    groups.join(a, b);
    weakest[groups.find(a)] = least;
  };
  for (const [i, text] of texts.entries()) {
    await breathe();
    const same = firstOf.get(text);
    if (same !== undefined) {
      join(same, i, 1);
      signatures.push(null);
      continue;
    }
    firstOf.set(text, i);
    const signature = signatureOf(text);
    signatures.push(signature);
    for (let band = 0; band < bands; band++) {
      const key = `${band}:${signature.subarray(band * rowsOfBand, (band + 1) * rowsOfBand).join(',')}`;
      const bucket = buckets.get(key) ?? [];
      for (const other of bucket.slice(-comparedInBucket)) {
        if (groups.find(other) === groups.find(i)) continue;
        const alike = similarity(signature, signatures[other] as Uint32Array);
        if (alike >= least) join(other, i, alike);
      }
      bucket.push(i);
      buckets.set(key, bucket);
    }
  }
  const members = new Map<number, number[]>();
  for (let i = 0; i < texts.length; i++) {
    const group = members.get(groups.find(i));
    if (group) group.push(i);
    else members.set(groups.find(i), [i]);
  }
  return [...members]
    .filter(([, group]) => group.length > 1)
    .map(([root, group]) => ({ members: group, similarity: weakest[root] ?? 1 }))
    .sort((a, b) => b.members.length - a.members.length || (a.members[0] ?? 0) - (b.members[0] ?? 0));
}
