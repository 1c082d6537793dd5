import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { mcnemar } from './mcnemar.ts';
import { normalQuantile } from './normal-quantile.ts';
import { pairedBootstrap } from './paired-bootstrap.ts';
import { studentQuantile } from './student-quantile.ts';
import { tangoInterval } from './tango-interval.ts';

/** Computed by SciPy; `testing/fixtures/stats/make.py` makes them. */
const fixture = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`../../testing/fixtures/stats/${name}.json`, import.meta.url), 'utf8')) as T;

const relativeError = (actual: number, wanted: number) => Math.abs(actual - wanted) / Math.max(1e-12, Math.abs(wanted));

describe('the same numbers as SciPy', () => {
  const quantiles = fixture<{
    normal: { p: number; value: number }[];
    student: { p: number; df: number; value: number }[];
  }>('quantiles');

  test('normal quantiles to 1e-12', () => {
    for (const { p, value } of quantiles.normal)
      expect(relativeError(normalQuantile(p), value), `p ${p}`).toBeLessThan(1e-12);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
  });

  test("Student's t quantiles to 1e-9", () => {
    for (const { p, df, value } of quantiles.student)
      expect(relativeError(studentQuantile(p, df), value), `p ${p}, ${df} degrees`).toBeLessThan(1e-9);
  });

  test("McNemar's exact p and mid-p to 1e-9", () => {
    for (const { wins, losses, exact, midP } of fixture<{
      cases: { wins: number; losses: number; exact: number; midP: number }[];
    }>('mcnemar').cases) {
      expect(relativeError(mcnemar(wins, losses).exact, exact), `exact ${wins}:${losses}`).toBeLessThan(1e-9);
      expect(relativeError(mcnemar(wins, losses).midP, midP), `mid-p ${wins}:${losses}`).toBeLessThan(1e-9);
    }
  });

  test("Tango's interval to 1e-6, which is what the numeric likelihood gives", () => {
    for (const { wins, losses, pairs, low, high } of fixture<{
      cases: { wins: number; losses: number; pairs: number; low: number; high: number }[];
    }>('tango').cases) {
      const interval = tangoInterval(wins, losses, pairs, 0.95);
      expect(Math.abs(interval.low - low), `low ${wins}:${losses} of ${pairs}`).toBeLessThan(1e-6);
      expect(Math.abs(interval.high - high), `high ${wins}:${losses} of ${pairs}`).toBeLessThan(1e-6);
    }
  });

  test('the bootstrap interval within Monte Carlo error, which is 3 % of its width', () => {
    for (const { name, differences, low, high } of fixture<{
      cases: { name: string; differences: number[]; low: number; high: number }[];
    }>('paired-bootstrap').cases) {
      const interval = pairedBootstrap(differences, { confidence: 0.95, resamples: 20_000, seed: 7 });
      expect(Math.abs(interval.low - low) / (high - low), name).toBeLessThan(0.03);
      expect(Math.abs(interval.high - high) / (high - low), name).toBeLessThan(0.03);
    }
  });
});
