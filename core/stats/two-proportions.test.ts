import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exceedanceTest, holm, proportionDifference, wilsonInterval } from './two-proportions.ts';

describe('two proportions', () => {
  it('have the intervals of the papers', () => {
    // Newcombe's tables: 81 of 263; 56 of 70 against 48 of 80; 10 of 10 against 0 of 10.
    const one = wilsonInterval({ count: 81, of: 263 }, 0.95);
    expect([one.low, one.high].map((value) => value.toFixed(4))).toEqual(['0.2553', '0.3662']);
    const two = proportionDifference({ count: 56, of: 70 }, { count: 48, of: 80 }, 0.95);
    expect([two.low, two.high].map((value) => value.toFixed(4))).toEqual(['0.0524', '0.3339']);
    const far = proportionDifference({ count: 10, of: 10 }, { count: 0, of: 10 }, 0.95);
    expect([far.low, far.high].map((value) => value.toFixed(4))).toEqual(['0.6075', '1.0000']);
    expect(wilsonInterval({ count: 0, of: 20 }, 0.95).low).toBe(0);
    expect(wilsonInterval({ count: 20, of: 20 }, 0.95).high).toBe(1);
  });

  it('are tested as a lady who tastes tea is: 4 of 4 by luck once in 70, and half of that counts', () => {
    expect(exceedanceTest({ count: 4, of: 4 }, { count: 0, of: 4 })).toBeCloseTo(1 / 140, 10);
    expect(exceedanceTest({ count: 3, of: 4 }, { count: 1, of: 4 })).toBeCloseTo(1 / 70 + 8 / 70, 10);
    expect(exceedanceTest({ count: 0, of: 4 }, { count: 0, of: 4 })).toBeCloseTo(0.5, 10);
  });

  it('are tested the same from both sides, and as well at millions', () => {
    const size = fc.integer({ min: 1, max: 400 });
    const proportion = size.chain((of) => fc.integer({ min: 0, max: of }).map((count) => ({ count, of })));
    fc.assert(
      fc.property(proportion, proportion, (a, b) => {
        expect(exceedanceTest(a, b) + exceedanceTest(b, a)).toBeCloseTo(1, 8);
        const { low, high } = proportionDifference(a, b, 0.95);
        const mirrored = proportionDifference(b, a, 0.95);
        expect(low).toBeCloseTo(-mirrored.high, 10);
        expect(low).toBeLessThanOrEqual(a.count / a.of - b.count / b.of);
        expect(high).toBeGreaterThanOrEqual(a.count / a.of - b.count / b.of);
      }),
    );
    expect(exceedanceTest({ count: 20_400, of: 2_000_000 }, { count: 20_000, of: 2_000_000 })).toBeCloseTo(0.0228, 3);
    expect(exceedanceTest({ count: 0, of: 2_000_000 }, { count: 100_000, of: 2_000_000 })).toBe(1);
  });

  it('call the same rates different no more often than the level says', () => {
    const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k);
    const chance = (n: number, k: number, p: number) => choose(n, k) * p ** k * (1 - p) ** (n - k);
    const of = 40;
    for (const rate of [0.02, 0.05, 0.1, 0.3, 0.5]) {
      let called = 0;
      for (let x = 0; x <= of; x++)
        for (let y = 0; y <= of; y++)
          if (exceedanceTest({ count: x, of }, { count: y, of }) < 0.01)
            called += chance(of, x, rate) * chance(of, y, rate);
      expect(called, `rate ${rate}`).toBeLessThanOrEqual(0.0125);
    }
  });

  it('are many: Holm corrects each p for how many are left, and keeps their order', () => {
    const corrected = holm([0.01, 0.04, 0.03, 0.005]);
    expect(corrected.map((p) => Number(p.toFixed(6)))).toEqual([0.03, 0.06, 0.06, 0.02]);
    expect(holm([0.9, 0.8])).toEqual([1, 1]);
    expect(holm([])).toEqual([]);
  });
});
