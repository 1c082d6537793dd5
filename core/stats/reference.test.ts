import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { adjustedDifference } from './adjusted-difference.ts';
import { bcaFrom } from './bca-interval.ts';
import { bettingInterval } from './betting-sequence.ts';
import { marginVerdict } from './margin-verdict.ts';
import { mcnemar } from './mcnemar.ts';
import { normalQuantile } from './normal-quantile.ts';
import { normalTail } from './normal-tail.ts';
import { pairedDifference } from './paired-difference.ts';
import { quantileInterval } from './quantile-interval.ts';
import { powerOf, rowsNeeded } from './rows-needed.ts';
import { signFlipTest } from './sign-flip-test.ts';
import { studentQuantile, studentTail } from './student-quantile.ts';
import { holm, proportionDifference, wilsonInterval } from './two-proportions.ts';
import { wilcoxon } from './wilcoxon.ts';

/** Computed by SciPy and statsmodels; `testing/fixtures/stats/make.py` makes them. */
const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../testing/fixtures/stats/${name}.json`, import.meta.url), 'utf8')) as T;

const relativeError = (actual: number, wanted: number) => Math.abs(actual - wanted) / Math.max(1e-12, Math.abs(wanted));

const near = (actual: number | undefined, wanted: number, what: string) =>
  expect(Math.abs((actual ?? Number.NaN) - wanted), what).toBeLessThan(1e-8);

type Bounds = { low: number; high: number };

describe('the same numbers as SciPy', () => {
  const quantiles = fixture<{
    normal: { p: number; value: number }[];
    student: { p: number; df: number; value: number }[];
    tails: { z: number; value: number }[];
  }>('quantiles');

  test('normal quantiles to 1e-12', () => {
    for (const { p, value } of quantiles.normal)
      expect(relativeError(normalQuantile(p), value), `p ${p}`).toBeLessThan(1e-12);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });

  test('tails of the normal distribution to 1e-12 of their value, far out too', () => {
    for (const { z, value } of quantiles.tails)
      expect(Math.abs(normalTail(z) / value - 1), `z ${z}`).toBeLessThan(1e-12);
    expect(normalTail(Infinity)).toBe(0);
    expect(normalTail(-Infinity)).toBe(1);
  });

  test("Student's t quantiles to 1e-9, and tails that lead back", () => {
    for (const { p, df, value } of quantiles.student) {
      expect(relativeError(studentQuantile(p, df), value), `p ${p}, ${df} degrees`).toBeLessThan(1e-9);
      expect(relativeError(studentTail(value, df), 1 - p), `t ${value}, ${df} degrees`).toBeLessThan(1e-9);
    }
  });

  test("McNemar's exact p and mid-p to 1e-9", () => {
    for (const { wins, losses, exact, midP } of fixture<{
      cases: { wins: number; losses: number; exact: number; midP: number }[];
    }>('mcnemar').cases) {
      expect(relativeError(mcnemar(wins, losses).exact, exact), `exact ${wins}:${losses}`).toBeLessThan(1e-9);
      expect(relativeError(mcnemar(wins, losses).midP, midP), `mid-p ${wins}:${losses}`).toBeLessThan(1e-9);
    }
  });

  test('of unskewed seconds, the paired t test, its interval, and the tests of margins (TOST), to 1e-8', () => {
    type Case = Bounds & Record<'margin' | 'p' | 'notLower' | 'notHigher' | 'equivalent', number>;
    for (const one of fixture<{ cases: (Case & { a: number[]; b: number[] })[] }>('student').cases) {
      const rows = one.a.map((a, i) => ({ a: [a], b: [one.b[i] ?? Number.NaN] }));
      const found = pairedDifference(rows, { bounded: false, seed: 0 });
      near(found.p ?? undefined, one.p, 'p');
      near(found.interval?.low, one.low, 'low');
      near(found.interval?.high, one.high, 'high');
      const claims = { not_lower: one.notLower, not_higher: one.notHigher, equivalent: one.equivalent };
      for (const claim of ['not_lower', 'not_higher', 'equivalent'] as const) {
        const { p } = marginVerdict(rows, { claim, margin: one.margin }, { bounded: false, risk: 0.05 });
        near(p ?? undefined, claims[claim], claim);
      }
    }
  });

  test('signed ranks and permutations, exact, to 1e-8', () => {
    type Case = { differences: number[]; p: number };
    const cases = fixture<{ wilcoxon: Case[]; permutation: Case[] }>('ranks');
    for (const { differences, p } of cases.wilcoxon)
      near(wilcoxon(differences).p, p, `Wilcoxon of ${differences.length}`);
    for (const { differences, p } of cases.permutation)
      near(signFlipTest(differences, { seed: 0 }), p, `permutations of ${differences.length}`);
  });

  test('BCa intervals from the same resamples to 1e-8', () => {
    for (const { name, low, high, ...given } of fixture<{
      cases: (Bounds & { name: string; estimate: number; resampled: number[]; leftOut: number[] })[];
    }>('bca').cases) {
      const interval = bcaFrom(given, 0.95);
      near(interval.low, low, `${name}, low`);
      near(interval.high, high, `${name}, high`);
    }
  });

  test('the betting interval of a grid of means, to the grid', () => {
    for (const { name, values, low, high } of fixture<{
      cases: (Bounds & { name: string; values: number[] })[];
    }>('betting').cases) {
      const interval = bettingInterval(values, { low: 0, high: 1, risk: 0.05 });
      expect(Math.abs(Math.max(1e-4, interval.low) - low), `${name}, low`).toBeLessThan(2e-4);
      expect(Math.abs(Math.min(1 - 1e-4, interval.high) - high), `${name}, high`).toBeLessThan(2e-4);
    }
  });

  test('intervals of quantiles, which are values that were seen', () => {
    for (const { values, quantile, low, high } of fixture<{
      quantiles: { values: number[]; quantile: number; low: number | null; high: number | null }[];
    }>('families').quantiles)
      expect(quantileInterval(values, { quantile, confidence: 0.95 })).toEqual({
        low: low ?? -Infinity,
        high: high ?? Infinity,
      });
  });
});

describe('the same numbers as statsmodels, to 1e-8', () => {
  const families = fixture<{
    holm: { p: number[]; corrected: number[] }[];
    wilson: (Bounds & { count: number; of: number })[];
    newcombe: (Bounds & { a: [number, number]; b: [number, number] })[];
  }>('families');

  test("Holm's correction", () => {
    for (const { p, corrected } of families.holm)
      for (const [i, value] of holm(p).entries()) near(value, corrected[i] ?? Number.NaN, `p ${p[i]}`);
  });

  test('intervals of a proportion (Wilson) and of two (Newcombe)', () => {
    for (const { count, of, low, high } of families.wilson) {
      near(wilsonInterval({ count, of }, 0.95).low, low, `${count} of ${of}`);
      near(wilsonInterval({ count, of }, 0.95).high, high, `${count} of ${of}`);
    }
    for (const { a, b, low, high } of families.newcombe) {
      const interval = proportionDifference({ count: a[0], of: a[1] }, { count: b[0], of: b[1] }, 0.95);
      near(interval.low, low, `${a} against ${b}`);
      near(interval.high, high, `${a} against ${b}`);
    }
  });

  test('the power of a paired t test, and the rows that reach one', () => {
    const { cases, needed } = fixture<{
      cases: { effect: number; rows: number; risk: number; power: number }[];
      needed: { effect: number; power: number; rows: number }[];
    }>('power');
    for (const { power, ...question } of cases)
      near(powerOf({ spread: 1, ...question }), power, `effect ${question.effect}, ${question.rows} rows`);
    for (const { rows, ...question } of needed)
      expect(rowsNeeded({ spread: 1, minimum: 6, ...question }), JSON.stringify(question)).toBe(rows);
  });

  test('regression on a covariate with HC3 errors', () => {
    for (const { covariates, differences, mean, difference, low, high } of fixture<{
      cases: (Bounds & { covariates: number[]; differences: number[]; mean: number; difference: number })[];
    }>('regression').cases) {
      const rows = covariates.map((covariate, i) => ({ covariate, difference: differences[i] ?? Number.NaN }));
      const found = adjustedDifference(rows, { population: { mean, sampled: null }, confidence: 0.95 });
      near(found?.difference, difference, 'difference');
      near(found?.interval.low, low, 'low');
      near(found?.interval.high, high, 'high');
    }
  });
});
