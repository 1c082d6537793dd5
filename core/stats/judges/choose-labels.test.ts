import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chooseLabels, judgeDoubt } from './choose-labels.ts';

const doubts = fc.array(fc.double({ min: 0, max: 0.5, noNaN: true }), { minLength: 1, maxLength: 60 });

describe('choosing rows to label', () => {
  test('as many as wanted, each once, with a probability; the same again by the same seed', () => {
    fc.assert(
      fc.property(doubts, fc.nat(70), fc.integer(), (all, count, seed) => {
        const chosen = chooseLabels(all, { count, seed });
        expect(chosen).toHaveLength(Math.min(count, all.length));
        expect(new Set(chosen.map(({ index }) => index)).size).toBe(chosen.length);
        for (const { probability } of chosen) {
          expect(probability).toBeGreaterThan(0);
          expect(probability).toBeLessThanOrEqual(1);
        }
        expect(chooseLabels(all, { count, seed })).toEqual(chosen);
      }),
    );
  });

  test('asking for more goes on from the same rows, and none gets less likely', () => {
    fc.assert(
      fc.property(doubts, fc.nat(30), fc.nat(30), fc.integer(), (all, count, more, seed) => {
        const [few, many] = [count, count + more].map((wanted) => chooseLabels(all, { count: wanted, seed }));
        few?.forEach(({ index, probability }, i) => {
          expect(many?.[i]?.index).toBe(index);
          expect(many?.[i]?.probability).toBeGreaterThanOrEqual(probability);
        });
      }),
    );
  });

  test('rows weighted by the inverse of their probability stand for all rows, doubtful or not', () => {
    const all = Array.from({ length: 50 }, (_, i) => judgeDoubt((i % 10) / 9));
    const runs = 4000;
    const sums = new Float64Array(all.length);
    for (let seed = 0; seed < runs; seed++)
      for (const { index, probability } of chooseLabels(all, { count: 12, seed }))
        sums[index] = (sums[index] ?? 0) + 1 / probability;
    // All rows together have one of about √(4 / 50 / runs) × their number.
    expect(Math.abs(sums.reduce((sum, value) => sum + value, 0) / runs / all.length - 1)).toBeLessThan(0.02);
    // A row's sum has a standard deviation of about √(runs × (1/p − 1)), with p at least 0.12.
    for (const sum of sums) expect(Math.abs(sum / runs - 1)).toBeLessThan(4.5 * Math.sqrt(7.4 / runs));
  });

  test('doubtful rows come more often, sure ones at least half as often as evenly', () => {
    const all = Array.from({ length: 100 }, (_, i) => (i < 20 ? 0.5 : 0));
    const counts = { doubtful: 0, sure: 0 };
    for (let seed = 0; seed < 500; seed++)
      for (const { index } of chooseLabels(all, { count: 10, seed })) counts[index < 20 ? 'doubtful' : 'sure']++;
    expect(counts.doubtful / 500 / 20).toBeGreaterThan(0.2);
    expect(counts.sure / 500 / 80).toBeGreaterThan(0.045);
  });
});
