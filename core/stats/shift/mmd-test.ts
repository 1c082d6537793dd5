import { uniformFrom } from '../uniform.ts';

export type MmdTest = {
  /** The squared distance of the two mean embeddings; around 0 when nothing changed. */
  statistic: number;
  p: number;
  /** How much each of `b` speaks for the difference: above 0, it is more alike others of `b` than those of `a`. */
  witness: number[];
};

/**
 * After so many splits that part as far it is plain that the difference is none, and how many of how many is a p-value that
 * holds as well: J. Besag, P. Clifford, Biometrika 78 (1991) 301–304.
 */
const enough = 20;

const squaredDistance = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return sum;
};

/**
 * Maximum mean discrepancy of two samples of vectors: Gaussian kernel, as wide as the median distance, and p from random
 * splits of the pooled sample, `splits` of them at most.
 * A. Gretton et al., Journal of Machine Learning Research 13 (2012) 723–773.
 * @param a at least two vectors
 * @param b at least two, of the same length
 */
export function mmdTest(
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  { seed, splits = 499 }: { seed: number; splits?: number },
): MmdTest {
  const all = [...a, ...b];
  const size = all.length;
  const kernel = new Float64Array(size * size);
  const distances = new Float64Array((size * (size - 1)) / 2);
  let pairs = 0;
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) {
      const distance = squaredDistance(all[i] ?? [], all[j] ?? []);
      distances[pairs++] = distance;
      kernel[i * size + j] = distance;
      kernel[j * size + i] = distance;
    }
  distances.sort();
  // Equal vectors in more than half of all pairs leave any width to choose.
  const width = distances[distances.length >> 1] || 1;
  for (let at = 0; at < kernel.length; at++) kernel[at] = Math.exp(-(kernel[at] ?? 0) / width);

  const [m, n] = [a.length, b.length];
  const rowSums = new Float64Array(size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++) if (j !== i) rowSums[i] = (rowSums[i] ?? 0) + (kernel[i * size + j] ?? 0);
  const whole = rowSums.reduce((sum, value) => sum + value, 0) / 2;
  const order = Array.from({ length: size }, (_, i) => i);
  /** Unbiased: without the kernel of a vector with itself. The first `m` of the order are one side; the rest follows. */
  const statisticOf = (): number => {
    let [within, rows] = [0, 0];
    for (let at = 0; at < m; at++) {
      const i = order[at] ?? 0;
      rows += rowSums[i] ?? 0;
      for (let before = 0; before < at; before++) within += kernel[i * size + (order[before] ?? 0)] ?? 0;
    }
    const between = rows - 2 * within;
    return (2 * within) / (m * (m - 1)) + (2 * (whole - within - between)) / (n * (n - 1)) - (2 * between) / (m * n);
  };
  const statistic = statisticOf();
  const witness = b.map((_, at) => {
    const i = m + at;
    let [own, other] = [0, 0];
    for (let j = 0; j < m; j++) other += kernel[i * size + j] ?? 0;
    for (let j = m; j < size; j++) if (j !== i) own += kernel[i * size + j] ?? 0;
    return own / (n - 1) - other / m;
  });
  const uniform = uniformFrom(seed);
  let [asFar, split] = [0, 0];
  while (split < splits && asFar < enough) {
    split++;
    for (let i = size - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      const kept = order[i] ?? 0;
      order[i] = order[j] ?? 0;
      order[j] = kept;
    }
    if (statisticOf() >= statistic - 1e-12) asFar++;
  }
  return { statistic, p: asFar < enough ? (asFar + 1) / (splits + 1) : asFar / split, witness };
}
