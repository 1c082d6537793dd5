import fc from 'fast-check';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { bettingInterval } from './betting-sequence.ts';
import { minimumSequence, mixtureInterval, type RunningMean } from './mixture-sequence.ts';

const range = { low: -1, high: 1, risk: 0.05 };

/** Differences of −1, 0 and 1 with that mean, the same each time. */
function differences(count: number, mean: number): number[] {
  const random = xoroshiro128plus(99);
  return Array.from({ length: count }, () => {
    const u = (random.next() >>> 0) / 4294967296;
    if (u < 0.1 + mean / 2) return 1;
    return u > 0.9 + mean / 2 ? -1 : 0;
  });
}

describe('an interval for bounded values that holds at all times', () => {
  test('says nothing before there is anything', () => {
    expect(bettingInterval([], range)).toEqual({ low: expect.closeTo(-1, 9), high: expect.closeTo(1, 9) });
  });

  test('only narrows as values come, and lies within the range', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 1, maxLength: 80 }), (steps) => {
        const values = steps.map((step) => step / 4);
        const before = bettingInterval(values.slice(0, -1), range);
        const after = bettingInterval(values, range);
        expect(after.low).toBeGreaterThanOrEqual(before.low - 1e-12);
        expect(after.high).toBeLessThanOrEqual(before.high + 1e-12);
        expect(after.low >= -1 && after.high <= 1).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test('is turned round with the values', () => {
    const values = differences(200, 0.1);
    const { low, high } = bettingInterval(values, range);
    const turned = bettingInterval(
      values.map((value) => -value),
      range,
    );
    expect(turned.low).toBeCloseTo(-high, 9);
    expect(turned.high).toBeCloseTo(-low, 9);
  });

  test('finds 10 pp within 1,000 rows, and is not much wider than an interval that may be looked at once', () => {
    const { low, high } = bettingInterval(differences(1000, 0.1), range);
    expect(low).toBeGreaterThan(0);
    const once = (2 * 1.96 * Math.sqrt(0.2 - 0.01)) / Math.sqrt(1000);
    expect(high - low).toBeLessThan(2 * once);
  });
});

describe('an interval for values without bounds that holds at all times', () => {
  const seen = (count: number): RunningMean => ({ count, mean: 1.5, variance: 0.49 });

  test('is refused where the spread is not known well enough', () => {
    const options = { risk: 0.05, scale: null, tunedFor: 200 };
    expect(mixtureInterval(seen(minimumSequence - 1), options)).toBeNull();
    expect(mixtureInterval(seen(minimumSequence), options)).not.toBeNull();
    expect(mixtureInterval(seen(0), { ...options, scale: 1 })).toBeNull();
  });

  test('follows the formula of the normal mixture, with the scale that is known or the one that was seen', () => {
    const log = 2 * Math.log(20);
    const mixing = 100 / (log + Math.log(1 + log));
    const reach = Math.sqrt((100 + mixing) * Math.log((100 + mixing) / (mixing * 0.0025))) / 100;
    const known = mixtureInterval(seen(100), { risk: 0.05, scale: 1, tunedFor: 100 });
    expect(known?.low).toBeCloseTo(1.5 - reach, 12);
    expect(known?.high).toBeCloseTo(1.5 + reach, 12);
    const estimated = mixtureInterval(seen(100), { risk: 0.05, scale: null, tunedFor: 100 });
    expect(estimated?.high).toBeCloseTo(1.5 + 0.7 * reach, 12);
  });

  test('is narrowest near the size it is tuned for', () => {
    const width = (tunedFor: number) => {
      const interval = mixtureInterval(seen(400), { risk: 0.05, scale: 1, tunedFor });
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    for (const other of [20, 100, 1600, 8000]) expect(width(400)).toBeLessThan(width(other));
  });
});
