import type { Breathe } from '../ports/index.ts';

type Vector = readonly number[];

const dot = (a: Vector, b: Vector): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
};

function unit(vector: Vector): number[] {
  const length = Math.sqrt(dot(vector, vector)) || 1;
  return vector.map((value) => value / length);
}

function meanOf(vectors: readonly Vector[], size: number): number[] {
  const mean = new Array<number>(size).fill(0);
  for (const vector of vectors)
    for (let i = 0; i < size; i++) mean[i] = (mean[i] ?? 0) + (vector[i] ?? 0) / vectors.length;
  return mean;
}

const powerSteps = 60;

/**
 * The two directions along which vectors differ most (principal components, by power iteration with deflation), and where
 * each vector stands on them.
 */
export async function projectToPlane(
  vectors: readonly Vector[],
  breathe: Breathe,
): Promise<{ points: [number, number][]; explained: [number, number] }> {
  const size = vectors[0]?.length ?? 0;
  const mean = meanOf(vectors, size);
  const centred = vectors.map((vector) => vector.map((value, i) => value - (mean[i] ?? 0)));
  const total = centred.reduce((sum, vector) => sum + dot(vector, vector), 0);
  const axes: number[][] = [];
  const explained: number[] = [];
  for (let axis = 0; axis < 2; axis++) {
    let direction = unit(Array.from({ length: size }, (_, i) => Math.sin((i + 1) * (axis + 1))));
    let strength = 0;
    for (let step = 0; step < powerSteps; step++) {
      const next = new Array<number>(size).fill(0);
      for (const vector of centred) {
        const along = dot(vector, direction);
        for (let i = 0; i < size; i++) next[i] = (next[i] ?? 0) + along * (vector[i] ?? 0);
      }
      for (const known of axes) {
        const along = dot(next, known);
        for (let i = 0; i < size; i++) next[i] = (next[i] ?? 0) - along * (known[i] ?? 0);
      }
      strength = Math.sqrt(dot(next, next));
      if (strength === 0) break;
      direction = unit(next);
      await breathe();
    }
    axes.push(direction);
    explained.push(total === 0 ? 0 : strength / total);
  }
  const points = centred.map((vector): [number, number] => [dot(vector, axes[0] ?? []), dot(vector, axes[1] ?? [])]);
  return { points, explained: [explained[0] ?? 0, explained[1] ?? 0] };
}

const clusterSteps = 25;

/** The number of the centre that is nearest to a unit vector. */
const nearest = (vector: Vector, centres: readonly Vector[]): number => {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (const [i, centre] of centres.entries()) {
    const alike = dot(vector, centre);
    if (alike > most) [best, most] = [i, alike];
  }
  return best;
};

/**
 * The cluster of each unit vector: spherical k-means from the vectors that are farthest from each other, so that the same
 * vectors make the same clusters. There may be fewer than asked for.
 */
export async function clusterVectors(vectors: readonly Vector[], count: number, breathe: Breathe): Promise<number[]> {
  const size = vectors[0]?.length ?? 0;
  let centres: number[][] = vectors.length === 0 ? [] : [unit(meanOf(vectors, size))];
  const closest = vectors.map((vector) => dot(vector, centres[0] ?? []));
  while (centres.length < Math.min(count, vectors.length)) {
    let far = 0;
    for (let i = 1; i < vectors.length; i++) if ((closest[i] ?? 0) < (closest[far] ?? 0)) far = i;
    const centre = [...(vectors[far] ?? [])];
    centres.push(centre);
    for (const [i, vector] of vectors.entries()) closest[i] = Math.max(closest[i] ?? 0, dot(vector, centre));
    await breathe();
  }
  let assigned: number[] = [];
  for (let step = 0; step < clusterSteps; step++) {
    const next = vectors.map((vector) => nearest(vector, centres));
    const isSame = step > 0 && next.every((cluster, i) => cluster === assigned[i]);
    assigned = next;
    if (isSame) break;
    centres = centres.map((centre, c) => {
      const own = vectors.filter((_, i) => assigned[i] === c);
      return own.length === 0 ? centre : unit(meanOf(own, size));
    });
    await breathe();
  }
  const used = [...new Set(assigned)].sort((a, b) => a - b);
  return assigned.map((cluster) => used.indexOf(cluster));
}

/** How alike each unit vector is to the most similar one of others; of its own kind, to another than itself. */
export async function nearestSimilarity(
  vectors: readonly Vector[],
  others: readonly Vector[],
  breathe: Breathe,
): Promise<number[]> {
  const found: number[] = [];
  for (const vector of vectors) {
    let most = -1;
    for (const other of others) if (other !== vector) most = Math.max(most, dot(vector, other));
    found.push(most);
    await breathe();
  }
  return found;
}

const wordPattern = /[\p{L}\p{N}]{3,}/gu;

/** Words that tell the texts of each cluster apart from all: what is frequent there, and rare elsewhere. */
export function wordsOfClusters(texts: readonly string[], clusters: readonly number[], most = 4): string[][] {
  const count = Math.max(-1, ...clusters) + 1;
  const sizes = new Array<number>(count).fill(0);
  const everywhere = new Map<string, number>();
  const inside = Array.from({ length: count }, () => new Map<string, number>());
  for (const [i, text] of texts.entries()) {
    const cluster = clusters[i] ?? 0;
    sizes[cluster] = (sizes[cluster] ?? 0) + 1;
    for (const word of new Set(text.toLowerCase().match(wordPattern) ?? [])) {
      everywhere.set(word, (everywhere.get(word) ?? 0) + 1);
      inside[cluster]?.set(word, (inside[cluster]?.get(word) ?? 0) + 1);
    }
  }
  return inside.map((words, cluster) => {
    const size = sizes[cluster] ?? 1;
    const weight = ([word, times]: [string, number]) => {
      const share = times / size;
      return share * Math.log(share / ((everywhere.get(word) ?? 1) / texts.length) + 1);
    };
    const told = [...words].filter(([, times]) => times > 1 || size === 1);
    return told
      .sort((a, b) => weight(b) - weight(a) || (a[0] < b[0] ? -1 : 1))
      .slice(0, most)
      .map(([word]) => word);
  });
}
