import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cohenKappa } from './cohen-kappa.ts';
import { fleissKappa } from './fleiss-kappa.ts';
import { krippendorffAlpha } from './krippendorff-alpha.ts';

type Units = (number | null)[][];
type Levels = { nominal: number; ordinal: number; interval: number };

const fixture = JSON.parse(
  readFileSync(new URL('../../../testing/fixtures/judges/agreement.json', import.meta.url), 'utf8'),
) as {
  cohen: { a: number[]; b: number[]; categories: number; none: number; linear: number; quadratic: number }[];
  fleiss: { units: Units; kappa: number }[];
  alpha: ({ units: Units } & Levels)[];
};

const levels = ['nominal', 'ordinal', 'interval'] as const;
const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const paired = (a: readonly number[], b: readonly number[]) => a.map((value, i) => ({ a: value, b: b[i] ?? 0 }));

describe('agreement, the same as other packages to 1e-8', () => {
  test("Cohen's kappa, plain and weighted, as scikit-learn", () => {
    for (const { a, b, categories, ...wanted } of fixture.cohen)
      for (const weights of ['none', 'linear', 'quadratic'] as const)
        expect(cohenKappa(paired(a, b), { categories: range(categories), weights }).value, weights).toBeCloseTo(
          wanted[weights],
          8,
        );
  });

  test("Fleiss' kappa as statsmodels", () => {
    for (const { units, kappa } of fixture.fleiss) expect(fleissKappa(units).value).toBeCloseTo(kappa, 8);
  });

  test("Krippendorff's alpha with missing ratings as krippendorff", () => {
    for (const { units, ...wanted } of fixture.alpha)
      for (const level of levels) expect(krippendorffAlpha(units, level).value, level).toBeCloseTo(wanted[level], 8);
  });
});

const someUnits = fc.array(fc.array(fc.option(fc.integer({ min: 0, max: 4 })), { minLength: 2, maxLength: 4 }), {
  minLength: 5,
  maxLength: 40,
});

describe('laws of agreement', () => {
  test('alpha does not depend on the order of units and raters, nor on those who said nothing', () => {
    fc.assert(
      fc.property(someUnits, fc.constantFrom(...levels), (units, level) => {
        const turned = [...units].reverse().map((unit) => [null, ...[...unit].reverse()]);
        const [one, other] = [krippendorffAlpha(units, level), krippendorffAlpha(turned, level)];
        expect(other.value ?? 9).toBeCloseTo(one.value ?? 9, 10);
        expect(other.interval?.low ?? 9).toBeCloseTo(one.interval?.low ?? 9, 8);
      }),
    );
  });

  test('nominal alpha sees names only, ordinal their order, interval their distances up to scale', () => {
    fc.assert(
      fc.property(someUnits, (units) => {
        const mapped = (map: (value: number) => number) =>
          units.map((unit) => unit.map((x) => (x === null ? x : map(x))));
        const same = (level: (typeof levels)[number], map: (value: number) => number) =>
          expect(krippendorffAlpha(mapped(map), level).value ?? 9).toBeCloseTo(
            krippendorffAlpha(units, level).value ?? 9,
            9,
          );
        same('nominal', (x) => [3, 0, 4, 1, 2][x] ?? 0);
        same('ordinal', (x) => 2 ** x);
        same('interval', (x) => 7 - 0.3 * x);
      }),
    );
  });

  test('kappa takes the raters in either order, and the interval holds the value', () => {
    const ratings = fc.array(fc.record({ a: fc.integer({ min: 0, max: 2 }), b: fc.integer({ min: 0, max: 2 }) }), {
      minLength: 30,
      maxLength: 60,
    });
    fc.assert(
      fc.property(ratings, (pairs) => {
        const options = { categories: [0, 1, 2], weights: 'linear' } as const;
        const { value, interval } = cohenKappa(pairs, options);
        const turned = cohenKappa(
          pairs.map(({ a, b }) => ({ a: b, b: a })),
          options,
        );
        expect(turned.value ?? 9).toBeCloseTo(value ?? 9, 10);
        if (value === null || interval === null) return;
        expect(interval.low).toBeLessThanOrEqual(value + 1e-9);
        expect(interval.high).toBeGreaterThanOrEqual(value - 1e-9);
      }),
    );
  });
});

describe('what is said of agreement', () => {
  const units = (agreeing: number, differing: number) => [
    ...range(agreeing).map((i) => [i % 2, i % 2]),
    ...range(differing).map((i) => [i % 2, (i + 1) % 2]),
  ];

  test('agreement without a flaw is not taken for certain: thirty units leave much open, a thousand little', () => {
    const few = krippendorffAlpha(units(30, 0), 'nominal');
    expect(few.value).toBe(1);
    expect(few.interval?.high).toBe(1);
    expect(few.interval?.low).toBeLessThan(0.8);
    expect(few.verdict).toBe('tentative');
    expect(krippendorffAlpha(units(1000, 0), 'nominal').interval?.low).toBeGreaterThan(0.98);
  });

  test('one unit that disagrees is seen, and not taken for the only one there is', () => {
    const { value, interval } = krippendorffAlpha(units(39, 1), 'nominal');
    expect(value).toBeCloseTo(0.95, 1);
    expect(interval?.high).toBeLessThan(0.995);
    expect(interval?.high).toBeGreaterThan(value ?? 9);
    expect(interval?.low).toBeLessThan(0.8);
  });

  test('verdicts go by the whole interval', () => {
    expect(krippendorffAlpha(units(1000, 10), 'nominal').verdict).toBe('reliable');
    expect(krippendorffAlpha(units(1000, 140), 'nominal').verdict).toBe('tentative');
    expect(krippendorffAlpha(units(500, 500), 'nominal').verdict).toBe('unreliable');
    expect(krippendorffAlpha(units(28, 1), 'nominal').verdict).toBe('too_few');
  });

  test('one category for all tells nothing, and is not called agreement', () => {
    const all = range(50).map(() => ['good', 'good', null]);
    expect(krippendorffAlpha(all, 'nominal')).toMatchObject({
      units: 50,
      value: null,
      interval: null,
      verdict: 'too_few',
    });
    expect(fleissKappa(all).value).toBeNull();
    expect(
      cohenKappa(paired(range(50).fill(1), range(50).fill(1)), { categories: [0, 1], weights: 'none' }).value,
    ).toBeNull();
    expect(krippendorffAlpha([], 'ordinal').value).toBeNull();
  });
});
