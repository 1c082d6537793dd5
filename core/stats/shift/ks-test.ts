/** Two samples as one sorted list: `steps` says how many of each there are at each different value. */
type Steps = { value: number; a: number; b: number }[];

export function stepsOf(a: readonly number[], b: readonly number[]): Steps {
  const all = [...a.map((value) => ({ value, a: 1, b: 0 })), ...b.map((value) => ({ value, a: 0, b: 1 }))];
  all.sort((one, other) => one.value - other.value);
  const steps: Steps = [];
  for (const one of all) {
    const last = steps.at(-1);
    if (last && last.value === one.value) {
      last.a += one.a;
      last.b += one.b;
    } else steps.push({ ...one });
  }
  return steps;
}

export type KsTest = {
  /** The largest distance of the two empirical distributions, from 0 to 1. */
  distance: number;
  /** Where that is: up to this value, and including it. */
  at: number;
  /** Two-sided and exact, given all values that were seen; ties are counted as what they are. */
  p: number;
};

/**
 * The test of Kolmogorov and Smirnov for two samples.
 *
 * Every order of the pooled values is equally likely when nothing changed. The share of orders that part as far as this one,
 * or farther, at the end of some group of ties: T. Schröer, D. Trenkler, Computational Statistics & Data Analysis 20 (1995)
 * 185–202. It takes `a.length × b.length` steps.
 * @param a not empty
 * @param b not empty
 */
export function ksTest(a: readonly number[], b: readonly number[]): KsTest {
  const [m, n] = [a.length, b.length];
  const steps = stepsOf(a, b);
  const isEnd = new Uint8Array(m + n + 1);
  let [i, j, widest, at] = [0, 0, 0, steps[0]?.value ?? 0];
  for (const step of steps) {
    i += step.a;
    j += step.b;
    isEnd[i + j] = 1;
    // Whole numbers, so that equal distances are equal.
    const gap = Math.abs(i * n - j * m);
    if (gap <= widest) continue;
    widest = gap;
    at = step.value;
  }
  return { distance: widest / (m * n), at, p: widest === 0 ? 1 : shareOfOrders(m, n, { widest, isEnd }) };
}

/** How likely a random path from (0, 0) to (m, n) is so far from its diagonal at the end of some tie. */
function shareOfOrders(m: number, n: number, { widest, isEnd }: { widest: number; isEnd: Uint8Array }): number {
  const isFar = (i: number, j: number) => isEnd[i + j] === 1 && Math.abs(i * n - j * m) >= widest;
  const reached = new Float64Array(n + 1);
  for (let j = 1; j <= n; j++) reached[j] = isFar(0, j) ? 1 : (reached[j - 1] ?? 0);
  for (let i = 1; i <= m; i++) {
    if (isFar(i, 0)) reached[0] = 1;
    for (let j = 1; j <= n; j++)
      reached[j] = isFar(i, j) ? 1 : (i * (reached[j] ?? 0) + j * (reached[j - 1] ?? 0)) / (i + j);
  }
  return reached[n] ?? 1;
}
