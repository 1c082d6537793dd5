import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { minimumPairs, pairedDifference, type ScorePair } from './paired-difference.ts';
import { pairsToSettle } from './sample-size.ts';

const scores = (bounded: boolean) => ({ bounded, seed: 11 });
const repeat = (pair: ScorePair, count: number): ScorePair[] => Array.from({ length: count }, () => pair);

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
        const forth = pairedDifference(pairs, scores(bounded));
        const back = pairedDifference(
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
        expect(pairedDifference(shuffled, scores(bounded))).toEqual(pairedDifference(pairs, scores(bounded)));
      }),
      { numRuns: 200 },
    );
  });

  test('an interval is finite, and in [−1, 1] for scores', () => {
    fc.assert(
      fc.property(anyPairs, ({ pairs, bounded }) => {
        const { interval, pairs: n } = pairedDifference(pairs, scores(bounded));
        if (interval === null) expect(n).toBeLessThan(minimumPairs);
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
    expect(pairedDifference([], scores(true))).toMatchObject({
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
    expect(pairedDifference([{ a: 0, b: 1 }], scores(true))).toMatchObject({
      pairs: 1,
      difference: 1,
      interval: null,
      spread: null,
      wins: 1,
      decision: 'too_few',
    });
    expect(
      pairedDifference(
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
    expect(pairedDifference(repeat({ a: 0, b: 1 }, 5), scores(true)).decision).toBe('too_few');
    expect(pairedDifference(repeat({ a: 0, b: 1 }, 6), scores(true)).decision).toBe('higher');
  });
});

describe('the rule that picks the method', () => {
  test('scores that are all 0 or 1 get the score interval and a McNemar p', () => {
    const pairs = [...repeat({ a: 1, b: 1 }, 30), ...repeat({ a: 0, b: 1 }, 12), ...repeat({ a: 1, b: 0 }, 2)];
    const result = pairedDifference(pairs, scores(true));
    expect(result.method).toBe('Tango score interval');
    expect(result.decision).toBe('higher');
    expect(result.mcnemarP).toBeCloseTo(0.01294, 4);
  });

  test('four wins of forty are not called a difference, though the interval leaves zero out', () => {
    const result = pairedDifference([...repeat({ a: 1, b: 1 }, 36), ...repeat({ a: 0, b: 1 }, 4)], scores(true));
    expect(result.interval?.low).toBeGreaterThan(0);
    expect(result.mcnemarP).toBeCloseTo(0.125, 10);
    expect(result.decision).toBe('unclear');
  });

  test('identical graded scores leave room for what so few rows cannot show', () => {
    const result = pairedDifference(repeat({ a: 0.7, b: 0.7 }, 20), scores(true));
    expect(result.method).toBe('adjusted Wald interval');
    expect(result.difference).toBe(0);
    expect(result.interval?.high).toBeGreaterThan(0.1);
    expect(result.interval?.low).toBe(-(result.interval?.high ?? 0));
    expect(pairedDifference(repeat({ a: 0.7, b: 0.7 }, 2000), scores(true)).interval?.high).toBeLessThan(0.002);
  });

  test('a cost that is the same on every row has no width', () => {
    expect(pairedDifference(repeat({ a: 0, b: 0 }, 10), scores(false))).toMatchObject({
      difference: 0,
      interval: { low: 0, high: 0 },
      method: 'Student t interval',
      decision: 'unclear',
    });
  });

  test('graded scores get the bootstrap, very many rows the t interval', () => {
    const waves = (n: number) => Array.from({ length: n }, (_, i) => ({ a: 0.5, b: 0.6 + 0.3 * Math.sin(i) }));
    expect(pairedDifference(waves(50), scores(true))).toMatchObject({
      method: 'symmetric bootstrap-t interval',
      decision: 'higher',
    });
    expect(pairedDifference(waves(3000), scores(true)).method).toBe('Student t interval');
  });
});

test('how many rows would settle it: 41 wins and 26 losses of 400 need about 930 for +3.8 pp, 3,300 for 2 pp', () => {
  const pairs = [...repeat({ a: 0, b: 1 }, 41), ...repeat({ a: 1, b: 0 }, 26), ...repeat({ a: 1, b: 1 }, 333)];
  const { spread, difference } = pairedDifference(pairs, scores(true));
  expect(pairsToSettle(spread ?? 0, difference ?? 0)).toBe(930);
  expect(pairsToSettle(spread ?? 0, 0.02)).toBe(3268);
});
