import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decidingRows } from './deciding-rows.ts';
import type { ScoreRow } from './difference-sample.ts';
import { flakiness } from './flakiness.ts';
import { pairedDifference } from './paired-difference.ts';

const options = { bounded: true, seed: 1 };
const row = (a: number, b: number): ScoreRow => ({ a: [a], b: [b] });

describe('the rows a comparison hangs on', () => {
  test('are those furthest from the mean difference, with what they add to it', () => {
    const rows = [...Array.from({ length: 19 }, () => row(0.5, 0.55)), row(0, 1)];
    const { rows: found } = decidingRows(rows, { ...options, shown: 3 });
    const all = pairedDifference(rows, options).difference ?? 0;
    const without = pairedDifference(rows.slice(0, 19), options).difference ?? 0;
    expect(found[0]).toEqual({ index: 19, difference: 1, influence: expect.closeTo(all - without, 12) });
  });

  test('are counted: without the sixth of six wins there is no verdict', () => {
    const rows = [...Array.from({ length: 44 }, () => row(1, 1)), ...Array.from({ length: 6 }, () => row(0, 1))];
    expect(decidingRows(rows, { ...options, shown: 1 }).toOverturn).toBe(1);
    expect(decidingRows(rows.slice(0, 46), { ...options, shown: 1 }).toOverturn).toBeNull();
  });

  test('the verdict stands without one fewer than are counted, and falls without as many', () => {
    const grade = fc.integer({ min: 0, max: 10 }).map((n) => n / 10);
    fc.assert(
      fc.property(fc.array(fc.record({ a: grade, b: grade }), { minLength: 6, maxLength: 40 }), (pairs) => {
        const rows = pairs.map(({ a, b }) => row(a * 0.7, b));
        const { decision } = pairedDifference(rows, options);
        const { toOverturn } = decidingRows(rows, { ...options, shown: 5 });
        if (toOverturn === null) {
          expect(['unclear', 'too_few']).toContain(decision);
          return;
        }
        const sign = decision === 'higher' ? 1 : -1;
        const ordered = rows.toSorted(
          (x, y) => sign * ((y.b[0] ?? 0) - (y.a[0] ?? 0) - ((x.b[0] ?? 0) - (x.a[0] ?? 0))),
        );
        expect(pairedDifference(ordered.slice(toOverturn - 1), options).decision).toBe(decision);
        expect(pairedDifference(ordered.slice(toOverturn), options).decision).not.toBe(decision);
      }),
      { numRuns: 200 },
    );
  });

  test('there are none in nothing, and none where all are alike', () => {
    expect(decidingRows([], { ...options, shown: 5 })).toEqual({ rows: [], toOverturn: null });
    expect(decidingRows(Array(10).fill(row(0, 0)), { ...options, shown: 5 })).toEqual({ rows: [], toOverturn: null });
  });
});

describe('flakiness', () => {
  test('is unknown without repetitions, and nought where answers repeat', () => {
    expect(flakiness([row(0, 1), row(1, 1)], { shown: 5 })).toEqual({ a: null, b: null, share: null, rows: [] });
    const steady = Array.from({ length: 5 }, (_, i) => ({ a: [i, i], b: [i, i, i] }));
    expect(flakiness(steady, { shown: 5 })).toEqual({ a: 0, b: 0, share: 0, rows: [] });
  });

  test('is pooled over rows, and names the rows that vary most', () => {
    const rows = [
      { a: [1, 1], b: [0, 1] },
      { a: [0.4, 0.6], b: [0, 0] },
      { a: [1, 1], b: [1] },
    ];
    const found = flakiness(rows, { shown: 5 });
    expect(found.a).toBeCloseTo(Math.sqrt(0.02 / 3), 12);
    expect(found.b).toBeCloseTo(Math.sqrt(0.5 / 2), 12);
    expect(found.rows).toEqual([
      { index: 0, a: 0, b: expect.closeTo(Math.SQRT1_2, 12) },
      { index: 1, a: expect.closeTo(Math.sqrt(0.02), 12), b: 0 },
    ]);
  });

  test('is all of the uncertainty where rows differ by their noise alone, and none where they differ by themselves', () => {
    const noise = Array.from({ length: 40 }, (_, i) => ({ a: [0.5, 0.5], b: i % 2 ? [0, 1] : [1, 0] }));
    expect(flakiness(noise, { shown: 0 }).share).toBe(0);
    const coin = Array.from({ length: 64 }, (_, i) => ({ a: [0, 0], b: [i & 1, (i >> 1) & 1] }));
    expect(flakiness(coin, { shown: 0 }).share).toBeCloseTo(1, 1);
    const turned = coin.map(({ a, b }) => ({ a: b, b: a }));
    expect(flakiness(turned, { shown: 0 }).share).toBe(flakiness(coin, { shown: 0 }).share);
    expect(
      flakiness(
        coin.map(({ a, b }) => ({ a, b: [...b, ...b] })),
        { shown: 0 },
      ).share,
    ).toBeLessThan(0.5);
    const real = Array.from({ length: 40 }, (_, i) => ({ a: [0, 0], b: [i / 40, i / 40] }));
    expect(flakiness(real, { shown: 0 }).share).toBe(0);
  });
});
