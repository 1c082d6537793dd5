import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minimumPairs, minimumUnbounded, type PairedOptions } from './difference-sample.ts';
import { pairedDifference } from './paired-difference.ts';
import { rowsNeeded } from './rows-needed.ts';

type Pair = { a: number; b: number };

const scores = (bounded: boolean) => ({ bounded, seed: 11 });
const repeat = (pair: Pair, count: number): Pair[] => Array.from({ length: count }, () => pair);
const compare = (pairs: readonly Pair[], options: PairedOptions) =>
  pairedDifference(
    pairs.map(({ a, b }) => ({ a: [a], b: [b] })),
    options,
  );

const graded = fc.integer({ min: 0, max: 20 }).map((n) => n / 20);
const binary = fc.integer({ min: 0, max: 1 });
const seconds = fc.double({ min: 0, max: 60, noNaN: true });
const pairsOf = (value: fc.Arbitrary<number>) => fc.array(fc.record({ a: value, b: value }), { maxLength: 60 });
const anyPairs = fc.oneof(
  pairsOf(binary).map((pairs) => ({ pairs, bounded: true })),
  pairsOf(graded).map((pairs) => ({ pairs, bounded: true })),
  pairsOf(seconds).map((pairs) => ({ pairs, bounded: false })),
);

describe('laws of a paired difference', () => {
  test('swapping A and B negates it exactly', () => {
    fc.assert(
      fc.property(anyPairs, ({ pairs, bounded }) => {
        const forth = compare(pairs, scores(bounded));
        const back = compare(
          pairs.map(({ a, b }) => ({ a: b, b: a })),
          scores(bounded),
        );
        expect(back).toMatchObject({ wins: forth.losses, losses: forth.wins, ties: forth.ties, method: forth.method });
        if (forth.difference !== null) expect(back.difference === 0 - forth.difference).toBe(true);
        if (forth.interval === null) expect(back.interval).toBeNull();
        else {
          expect(back.interval?.low).toBeCloseTo(-forth.interval.high, 12);
          expect(back.interval?.high).toBeCloseTo(-forth.interval.low, 12);
        }
        const opposite = { higher: 'lower', lower: 'higher', unclear: 'unclear', too_few: 'too_few' };
        expect(back.decision).toBe(opposite[forth.decision]);
      }),
      { numRuns: 300 },
    );
  });

  test('the order of the rows does not matter', () => {
    fc.assert(
      fc.property(anyPairs, fc.infiniteStream(fc.nat()), ({ pairs, bounded }, keys) => {
        const shuffled = pairs
          .map((pair) => ({ pair, key: keys.next().value }))
          .sort((x, y) => x.key - y.key)
          .map(({ pair }) => pair);
        expect(compare(shuffled, scores(bounded))).toEqual(compare(pairs, scores(bounded)));
      }),
      { numRuns: 200 },
    );
  });

  test('an interval is finite, and in [−1, 1] for scores', () => {
    fc.assert(
      fc.property(anyPairs, ({ pairs, bounded }) => {
        const { interval, pairs: n, minimum } = compare(pairs, scores(bounded));
        expect(minimum).toBe(bounded ? minimumPairs : minimumUnbounded);
        if (interval === null) expect(n).toBeLessThan(minimum);
        else {
          expect(Number.isFinite(interval.low) && Number.isFinite(interval.high)).toBe(true);
          expect(interval.low).toBeLessThanOrEqual(interval.high);
          if (bounded) expect(interval.low >= -1 && interval.high <= 1).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('too few pairs', () => {
  test('none: nothing is known', () => {
    expect(compare([], scores(true))).toMatchObject({
      pairs: 0,
      meanA: null,
      meanB: null,
      difference: null,
      interval: null,
      spread: null,
      decision: 'too_few',
    });
  });

  test('one or two: the means are known, an interval is not', () => {
    expect(compare([{ a: 0, b: 1 }], scores(true))).toMatchObject({
      pairs: 1,
      difference: 1,
      interval: null,
      spread: null,
      wins: 1,
      decision: 'too_few',
    });
    expect(
      compare(
        [
          { a: 0, b: 1 },
          { a: 0.5, b: 0 },
        ],
        scores(true),
      ),
    ).toMatchObject({
      pairs: 2,
      meanA: 0.25,
      meanB: 0.5,
      difference: 0.25,
      interval: null,
      wins: 1,
      losses: 1,
      decision: 'too_few',
    });
  });

  test('even five wins of five are too few, six of six are enough', () => {
    expect(compare(repeat({ a: 0, b: 1 }, 5), scores(true)).decision).toBe('too_few');
    expect(compare(repeat({ a: 0, b: 1 }, 6), scores(true)).decision).toBe('higher');
  });
});

describe('the rule that picks the method', () => {
  test("scores that are all 0 or 1 get the adjusted Wald interval and the larger of its p and McNemar's mid-p", () => {
    const pairs = [...repeat({ a: 1, b: 1 }, 30), ...repeat({ a: 0, b: 1 }, 12), ...repeat({ a: 1, b: 0 }, 2)];
    const result = compare(pairs, scores(true));
    expect(result.method).toBe('adjusted Wald interval');
    expect(result.decision).toBe('higher');
    // Two made-up pairs, one each way: 13 and 3 of 46.
    const [mean, error] = [10 / 46, Math.sqrt((16 / 46 - (10 / 46) ** 2) / 46)];
    expect(result.interval?.low).toBeCloseTo(mean - 1.959963984540054 * error, 12);
    expect(result.interval?.high).toBeCloseTo(mean + 1.959963984540054 * error, 12);
    expect(result.p).toBeCloseTo(0.00739, 4);
  });

  test('four wins of forty are not called a difference', () => {
    const result = compare([...repeat({ a: 1, b: 1 }, 36), ...repeat({ a: 0, b: 1 }, 4)], scores(true));
    expect(result.interval?.low).toBeLessThan(0);
    expect(result.p).toBeGreaterThan(0.0625);
    expect(result.decision).toBe('unclear');
  });

  test('identical graded scores leave room for what so few rows cannot show', () => {
    const result = compare(repeat({ a: 0.7, b: 0.7 }, 20), scores(true));
    expect(result.method).toBe('adjusted Wald interval');
    expect(result.difference).toBe(0);
    expect(result.interval?.high).toBeGreaterThan(0.1);
    expect(result.interval?.low).toBe(-(result.interval?.high ?? 0));
    expect(compare(repeat({ a: 0.7, b: 0.7 }, 2000), scores(true)).interval?.high).toBeLessThan(0.002);
  });

  test('a cost that is the same on every row has no width', () => {
    expect(compare(repeat({ a: 0, b: 0 }, 10), scores(false))).toMatchObject({
      difference: 0,
      interval: { low: 0, high: 0 },
      p: 1,
      decision: 'unclear',
    });
  });

  test('graded scores get the widened t interval, unless hardly any differ', () => {
    const waves = Array.from({ length: 50 }, (_, i) => ({ a: 0.5, b: 0.6 + 0.3 * Math.sin(i) }));
    expect(compare(waves, scores(true))).toMatchObject({
      method: 'Student t interval, widened for skewness',
      decision: 'higher',
    });
    const few = [...repeat({ a: 0.5, b: 0.5 }, 46), ...waves.slice(0, 4)];
    expect(compare(few, scores(true)).method).toBe('adjusted Wald interval');
  });

  test('seconds on few rows get a permutation test and no interval; with rows enough, both', () => {
    const slower = (n: number) => Array.from({ length: n }, (_, i) => ({ a: 1, b: 1.5 + Math.exp(Math.sin(i * i)) }));
    expect(compare(slower(12), scores(false))).toMatchObject({
      ...{ interval: null, method: 'permutation test', decision: 'higher', minimum: 35 },
      p: 2 / 2 ** 12,
    });
    expect(compare(slower(5), scores(false))).toMatchObject({ p: null, decision: 'too_few' });
    const alike = Array.from({ length: 30 }, (_, i) => ({ a: 1, b: 1 + Math.sin(i) }));
    expect(compare(alike, scores(false))).toMatchObject({ interval: null, decision: 'too_few' });
    expect(compare(slower(40), scores(false))).toMatchObject({
      ...{ method: 'Student t interval, leaning to the long tail', decision: 'higher' },
      interval: { low: expect.any(Number) },
    });
  });

  test('the interval goes further to the side of a long tail, and only there', () => {
    const tail = Array.from({ length: 40 }, (_, i) => ({ a: 0, b: Math.exp((3 * i) / 40) }));
    const { difference, interval } = compare(tail, scores(false));
    const [left, right] = [(difference ?? 0) - (interval?.low ?? 0), (interval?.high ?? 0) - (difference ?? 0)];
    expect(right).toBeGreaterThan(1.2 * left);
  });
});

describe('p and interval agree', () => {
  const anyRows = fc.record({
    rows: fc.array(fc.record({ a: seconds, b: seconds }), { minLength: 40, maxLength: 60 }),
    confidence: fc.constantFrom(0.8, 0.9, 0.95, 0.99),
  });

  test('zero lies outside the interval exactly when p is below the level', () => {
    fc.assert(
      fc.property(anyRows, ({ rows, confidence }) => {
        const { p, interval } = compare(rows, { ...scores(false), confidence });
        const isOutside = interval !== null && (interval.low > 0 || interval.high < 0);
        if (p !== null && Math.abs(p - (1 - confidence)) > 1e-9) expect(isOutside).toBe(p < 1 - confidence);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.array(fc.record({ a: graded, b: graded }), { minLength: 10, maxLength: 60 }), (rows) => {
        const { p, interval } = compare(rows, scores(true));
        if (rows.every(({ a, b }) => a % 1 === 0 && b % 1 === 0) || p === null || interval === null) return;
        if (Math.abs(p - 0.05) > 1e-9) expect(interval.low > 0 || interval.high < 0).toBe(p < 0.05);
      }),
      { numRuns: 300 },
    );
  });
});

test('a row that was answered several times is one row: its averages are compared', () => {
  const rows = Array.from({ length: 8 }, (_, i) => ({ a: [0, 1, 0], b: i % 2 === 0 ? [1, 1] : [1] }));
  expect(pairedDifference(rows, scores(true))).toMatchObject({ pairs: 8, meanA: 1 / 3, meanB: 1, wins: 8 });
});

test('how many rows would settle it: 41 wins and 26 losses of 400 need about 930 for +3.8 pp, 3,300 for 2 pp', () => {
  const pairs = [...repeat({ a: 0, b: 1 }, 41), ...repeat({ a: 1, b: 0 }, 26), ...repeat({ a: 1, b: 1 }, 333)];
  const { spread, difference } = compare(pairs, scores(true));
  const needed = (effect: number) => rowsNeeded({ spread: spread ?? 0, effect, minimum: minimumPairs });
  expect(needed(difference ?? 0)).toBe(932);
  expect(needed(0.02)).toBe(3270);
});
