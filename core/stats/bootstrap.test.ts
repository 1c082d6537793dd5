import { describe, expect, test } from 'vitest';
import { bcaInterval } from './bca-interval.ts';
import { quantileInterval } from './quantile-interval.ts';
import { signFlipTest } from './sign-flip-test.ts';

const values = Array.from({ length: 60 }, (_, i) => Math.exp(Math.sin(i * i)));
const median = (sample: readonly number[]) => sample.toSorted((x, y) => x - y)[sample.length >> 1] ?? Number.NaN;

describe('intervals of statistics that are not a mean', () => {
  test('the bootstrap gives the same with the same seed, around the estimate', () => {
    const options = { confidence: 0.95, resamples: 999, seed: 4 };
    const interval = bcaInterval(values, median, options);
    expect(bcaInterval(values, median, options)).toEqual(interval);
    expect(interval.low).toBeLessThan(median(values));
    expect(interval.high).toBeGreaterThan(median(values));
    expect(bcaInterval(Array(10).fill(2), median, options)).toEqual({ low: 2, high: 2 });
  });

  test('too few values leave an end of a far quantile open', () => {
    expect(quantileInterval(values, { quantile: 0.99, confidence: 0.95 }).high).toBe(Infinity);
    expect(quantileInterval([], { quantile: 0.5, confidence: 0.95 })).toEqual({ low: -Infinity, high: Infinity });
  });
});

describe('the permutation test', () => {
  test('of six wins of six has p = 2 / 2⁶, and of nothing but ties 1', () => {
    expect(signFlipTest([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], { seed: 1 })).toBe(2 / 64);
    expect(signFlipTest([0, 0, 0], { seed: 1 })).toBe(1);
  });

  test('drawn for more rows than can be gone through, comes near the exact p and depends on the seed only', () => {
    const differences = Array.from({ length: 16 }, (_, i) => Math.sin(i * i) + 0.25);
    const exact = signFlipTest(differences, { seed: 1 });
    // A difference that is next to nothing hardly changes the sums, and makes it one row too many.
    const drawn = signFlipTest([...differences, 1e-9], { seed: 1 });
    expect(Math.abs(drawn - exact)).toBeLessThan(0.02);
    expect(signFlipTest([1e-9, ...differences], { seed: 1 })).toBe(drawn);
  });
});
