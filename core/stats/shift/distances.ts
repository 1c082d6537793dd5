import type { TwoCounts } from './chi-square-test.ts';
import { stepsOf } from './ks-test.ts';

/** The area between two empirical distributions: how far values moved on average, in their own unit. */
export function wassersteinDistance(a: readonly number[], b: readonly number[]): number {
  const steps = stepsOf(a, b);
  let [i, j, area] = [0, 0, 0];
  for (const [at, step] of steps.entries()) {
    i += step.a;
    j += step.b;
    const next = steps[at + 1];
    if (next) area += Math.abs(i / a.length - j / b.length) * (next.value - step.value);
  }
  return area;
}

const sharesOf = (counts: TwoCounts): { a: number; b: number }[] => {
  const total = counts.reduce((sum, { a, b }) => ({ a: sum.a + a, b: sum.b + b }), { a: 0, b: 0 });
  return counts.map(({ a, b }) => ({ a: a / total.a, b: b / total.b }));
};

/**
 * Distance of Jensen and Shannon between the shares of two samples, to base 2: 0 for the same, 1 for nothing in common.
 * D. M. Endres, J. E. Schindelin, IEEE Transactions on Information Theory 49 (2003) 1858–1860.
 */
export function jensenShannonDistance(counts: TwoCounts): number {
  const part = (p: number, middle: number) => (p === 0 ? 0 : p * Math.log2(p / middle));
  const divergence = sharesOf(counts).reduce((sum, { a, b }) => sum + part(a, (a + b) / 2) + part(b, (a + b) / 2), 0);
  return Math.sqrt(Math.max(0, divergence / 2));
}

/** Stands for the share of what was not seen, whose logarithm has no end. */
const shareOfNothing = 1e-4;

/** Population stability index: 0 for the same shares; by custom below 0.1 little, above 0.25 much. */
export const populationStability = (counts: TwoCounts): number =>
  sharesOf(counts).reduce((sum, shares) => {
    const [a, b] = [shares.a || shareOfNothing, shares.b || shareOfNothing];
    return sum + (b - a) * Math.log(b / a);
  }, 0);

const mostValues = 20;

/** Counts of numbers, for what compares shares: by value where they are few, else in equal bins as Sturges counts them. */
export function binnedCounts(a: readonly number[], b: readonly number[]): TwoCounts {
  const steps = stepsOf(a, b);
  if (steps.length <= mostValues) return steps;
  const [low, high] = [steps[0]?.value ?? 0, steps.at(-1)?.value ?? 0];
  const bins = Math.ceil(Math.log2(a.length + b.length)) + 1;
  const counts = Array.from({ length: bins }, () => ({ a: 0, b: 0 }));
  for (const step of steps) {
    const bin = counts[Math.min(bins - 1, Math.floor(((step.value - low) / (high - low)) * bins))];
    if (!bin) continue;
    bin.a += step.a;
    bin.b += step.b;
  }
  return counts.filter((one) => one.a + one.b > 0);
}
