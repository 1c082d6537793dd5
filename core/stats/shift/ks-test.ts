/** Two samples as one sorted list: `steps` says how many of each there are at each different value. */
type Steps = { value: number; a: number; b: number }[];

export function stepsOf(a: readonly number[], b: readonly number[]): Steps {
  const [left, right] = [Float64Array.from(a).sort(), Float64Array.from(b).sort()];
  const steps: Steps = [];
  for (let [i, j] = [0, 0]; i < left.length || j < right.length; ) {
    const value = Math.min(left[i] ?? Infinity, right[j] ?? Infinity);
    const step = { value, a: 0, b: 0 };
    for (; i < left.length && left[i] === value; i++) step.a++;
    for (; j < right.length && right[j] === value; j++) step.b++;
    steps.push(step);
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
 * 185–202. It takes `a.length × b.length` steps at most, and few where the samples are near each other.
 * @param a not empty
 * @param b not empty
 */
export function ksTest(a: readonly number[], b: readonly number[]): KsTest {
  const [m, n] = [a.length, b.length];
  const steps = stepsOf(a, b);
  const isEnd = new Uint8Array(m + n + 1);
  let [i, j, widest, at, ties] = [0, 0, 0, steps[0]?.value ?? 0, 0];
  for (const step of steps) {
    i += step.a;
    j += step.b;
    isEnd[i + j] = 1;
    ties = Math.max(ties, step.a + step.b);
    // Whole numbers, so that equal distances are equal.
    const gap = Math.abs(i * n - j * m);
    if (gap <= widest) continue;
    widest = gap;
    at = step.value;
  }
  return { distance: widest / (m * n), at, p: widest === 0 ? 1 : shareOfOrders(m, n, { widest, ties, isEnd }) };
}

/**
 * How likely a random path from (0, 0) to (m, n) is so far from its diagonal at the end of some tie.
 * @param ties how many of the longest tie
 */
function shareOfOrders(
  m: number,
  n: number,
  { widest, ties, isEnd }: { widest: number; ties: number; isEnd: Uint8Array },
): number {
  const isFar = (i: number, j: number) => isEnd[i + j] === 1 && Math.abs(i * n - j * m) >= widest;
  // Whoever is farther than that was too far at the end of the tie before, so that only what is between is worked out.
  const reach = widest + ties * Math.max(m, n);
  const reached = new Float64Array(n + 1).fill(1);
  for (let i = 0; i <= m; i++) {
    const from = Math.max(0, Math.ceil((i * n - reach) / m));
    const to = Math.min(n, Math.floor((i * n + reach) / m));
    if (from > 0) reached[from - 1] = 1;
    for (let j = from; j <= to; j++) {
      if (isFar(i, j)) reached[j] = 1;
      else if (i + j === 0) reached[j] = 0;
      else reached[j] = ((i === 0 ? 0 : i * (reached[j] ?? 0)) + (j === 0 ? 0 : j * (reached[j - 1] ?? 0))) / (i + j);
    }
  }
  return reached[n] ?? 1;
}
