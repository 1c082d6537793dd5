import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { uniformFrom } from '../uniform.ts';
import { changePoint } from './change-point.ts';
import { chiSquareTail, chiSquareTest } from './chi-square-test.ts';
import { binnedCounts, jensenShannonDistance, populationStability, wassersteinDistance } from './distances.ts';
import { falseDiscoveries } from './false-discoveries.ts';
import { ksTest } from './ks-test.ts';
import { mixTest } from './mix-test.ts';
import { mmdTest } from './mmd-test.ts';

/** Computed by SciPy and statsmodels; `testing/fixtures/stats/make.py` makes them. */
const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/stats/shift.json', import.meta.url), 'utf8'),
) as {
  numbers: { name: string; a: number[]; b: number[]; distance: number; p: number; wasserstein: number }[];
  shares: { a: number[]; b: number[]; statistic: number; df: number; p: number; jensenShannon: number; psi: number }[];
  tails: { x: number; df: number; value: number }[];
  discovered: { p: number[]; corrected: number[] }[];
};

const relativeError = (actual: number, wanted: number) =>
  Math.abs(actual - wanted) / Math.max(1e-300, Math.abs(wanted));
const countsOf = ({ a, b }: { a: number[]; b: number[] }) => a.map((count, i) => ({ a: count, b: b[i] ?? 0 }));

describe('the same numbers as SciPy', () => {
  test.each(fixture.numbers)('two samples of numbers: $name', ({ a, b, distance, p, wasserstein }) => {
    const found = ksTest(a, b);
    expect(found.distance).toBeCloseTo(distance, 12);
    expect(relativeError(found.p, p)).toBeLessThan(1e-9);
    expect(wassersteinDistance(a, b)).toBeCloseTo(wasserstein, 10);
    expect(ksTest(b, a).p).toBeCloseTo(found.p, 12);
  });

  test('tails of chi-square to 1e-11 of their value', () => {
    for (const { x, df, value } of fixture.tails)
      if (value > 1e-250) expect(relativeError(chiSquareTail(x, df), value), `${x}, ${df}`).toBeLessThan(1e-11);
  });

  test('two samples of shares', () => {
    for (const one of fixture.shares) {
      const counts = countsOf(one);
      expect(jensenShannonDistance(counts)).toBeCloseTo(one.jensenShannon, 10);
      expect(populationStability(counts)).toBeCloseTo(one.psi, 10);
      const found = chiSquareTest(counts);
      expect(found.statistic).toBeCloseTo(one.statistic, 8);
      expect(found.df).toBe(one.df);
      expect(relativeError(found.p, one.p)).toBeLessThan(1e-9);
    }
  });

  test("Benjamini and Hochberg's correction", () => {
    for (const { p, corrected } of fixture.discovered)
      for (const [i, one] of falseDiscoveries(p).entries()) expect(one).toBeCloseTo(corrected[i] ?? Number.NaN, 12);
  });
});

describe('with ties', () => {
  /** All ways to choose which of the pooled values are the first sample's. */
  function* choices(size: number, take: number, from = 0): Generator<number[]> {
    if (take === 0) return yield [];
    for (let i = from; i <= size - take; i++) for (const rest of choices(size, take - 1, i + 1)) yield [i, ...rest];
  }

  test('Kolmogorov and Smirnov’s p is the share of all splits that part as far', () => {
    const small = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(small, small, (a, b) => {
        const all = [...a, ...b];
        const { distance, p } = ksTest(a, b);
        let [asFar, ways] = [0, 0];
        for (const chosen of choices(all.length, a.length)) {
          const [one, other] = [chosen.map((i) => all[i] ?? 0), all.filter((_, i) => !chosen.includes(i))];
          ways++;
          if (ksTest(one, other).distance >= distance - 1e-12) asFar++;
        }
        expect(p).toBeCloseTo(asFar / ways, 10);
      }),
      { numRuns: 60 },
    );
  });
});

describe('while nothing changed', () => {
  const uniform = uniformFrom(41);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const sample = <T>(size: number, draw: () => T): T[] => Array.from({ length: size }, draw);
  /** Where p is as likely to be anywhere, its largest distance from that is rarely above 1.95/√n; discrete ones lie above. */
  function expectNoSmaller(draw: () => number, runs: number) {
    const found = sample(runs, draw).sort((a, b) => a - b);
    const excess = Math.max(...found.map((p, i) => (i + 1) / runs - p));
    expect(excess).toBeLessThan(1.95 / Math.sqrt(runs));
    return found;
  }

  test('p-values of numbers are spread evenly', () => {
    const found = expectNoSmaller(() => ksTest(sample(60, normal), sample(50, normal)).p, 400);
    expect(found.filter((p) => p < 0.5).length).toBeGreaterThan(150);
  });

  test('p-values of shares are spread evenly', () => {
    const draw = () => Math.floor(4 * uniform() ** 2);
    const counts = () => sample(4, () => 0);
    const counted = () => {
      const [a, b] = [counts(), counts()];
      for (let i = 0; i < 120; i++) {
        const [one, other] = [draw(), draw()];
        a[one] = (a[one] ?? 0) + 1;
        b[other] = (b[other] ?? 0) + 1;
      }
      return countsOf({ a, b });
    };
    const found = expectNoSmaller(() => chiSquareTest(counted()).p, 600);
    expect(found.filter((p) => p < 0.5).length).toBeGreaterThan(240);
  });

  test('p-values of changes and of vectors are no smaller than they say', () => {
    expectNoSmaller(
      () => changePoint(sample(30, normal), { seed: Math.floor(1e9 * uniform()), orders: 99 })?.p ?? 1,
      300,
    );
    const vectors = (size: number) => sample(size, () => [normal(), normal(), normal()]);
    expectNoSmaller(() => mmdTest(vectors(12), vectors(10), { seed: Math.floor(1e9 * uniform()), splits: 99 }).p, 200);
  });

  test('p-values of mixes are no smaller than they say, however much of a row is the same thing', () => {
    const row = () => (uniform() < 0.5 ? [Math.ceil(20 * uniform()), 0] : [0, 1]);
    const found = expectNoSmaller(
      () => mixTest(sample(25, row), sample(25, row), { seed: Math.floor(1e9 * uniform()), splits: 99 }).p,
      300,
    );
    expect(found.filter((p) => p < 0.5).length).toBeGreaterThan(110);
  });
});

describe('what changed is found', () => {
  const uniform = uniformFrom(43);
  const sampleOf = <T>(size: number, one: T): T[] => Array.from({ length: size }, () => one);
  test('at its place, where values came one after another', () => {
    const values = Array.from({ length: 80 }, (_, i) => uniform() + (i < 50 ? 0 : 1));
    const found = changePoint(values, { seed: 1 });
    expect(found?.at).toBe(50);
    expect(found?.p).toBe(0.001);
    expect(changePoint([1, 1, 1], { seed: 1 })).toEqual({ at: 3, p: 1 });
    expect(changePoint([1], { seed: 1 })).toBeNull();
  });

  test('where the numbers part, and in which vectors', () => {
    const { at, distance } = ksTest([1, 2, 3, 4], [3, 4, 5, 6]);
    expect([at, distance]).toEqual([2, 0.5]);
    const near = () => [uniform() - 0.5, uniform() - 0.5];
    const [a, b] = [Array.from({ length: 30 }, near), Array.from({ length: 30 }, near)];
    b[4] = [3, 3];
    for (let i = 20; i < 30; i++) b[i] = [3 + uniform(), 3 + uniform()];
    const { p, witness } = mmdTest(a, b, { seed: 5 });
    expect(p).toBe(0.002);
    expect(Math.min(...witness.slice(20), witness[4] ?? 0)).toBeGreaterThan(Math.max(...witness.slice(5, 20)));
  });

  test('in mixes by what is counted on both sides, and never where all is one thing', () => {
    const rows = (first: number, second: number) => sampleOf(12, [first, second]);
    const { p, counts } = mixTest(rows(2, 0), rows(1, 1), { seed: 1, splits: 199 });
    expect([p, counts]).toEqual([
      0.005,
      [
        { a: 24, b: 12 },
        { a: 0, b: 12 },
      ],
    ]);
    expect(mixTest(rows(1, 0), rows(3, 0), { seed: 1, splits: 199 })).toMatchObject({ statistic: 0, p: 1 });
    const chi = chiSquareTest(counts).statistic;
    expect(mixTest(rows(2, 0), rows(1, 1), { seed: 1 }).statistic).toBeCloseTo(chi, 9);
  });

  test('numbers are counted by value while they are few, and in bins where not', () => {
    expect(binnedCounts([1, 1, 2], [2, 3])).toHaveLength(3);
    const many = Array.from({ length: 100 }, (_, i) => i);
    const counts = binnedCounts(many, many);
    expect(counts).toHaveLength(9);
    expect(counts.reduce((sum, { a }) => sum + a, 0)).toBe(100);
    expect(populationStability(counts)).toBe(0);
  });

  test('values that are seldom are counted together, and too few say nothing', () => {
    const many = chiSquareTest([
      { a: 50, b: 20 },
      { a: 50, b: 80 },
    ]);
    const seldom = Array.from({ length: 6 }, () => ({ a: 1, b: 1 }));
    expect(chiSquareTest([{ a: 50, b: 20 }, { a: 50, b: 80 }, ...seldom]).df).toBe(many.df + 1);
    expect(
      chiSquareTest([
        { a: 2, b: 1 },
        { a: 1, b: 3 },
      ]).p,
    ).toBe(1);
    expect(chiSquareTest([{ a: 9, b: 9 }]).p).toBe(1);
  });
});
