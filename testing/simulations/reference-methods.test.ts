import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referenceIntervals } from './reference-methods.ts';
import { uniformOf } from './simulation.ts';

const { cases } = JSON.parse(
  readFileSync(new URL('../fixtures/stats/paired-bootstrap.json', import.meta.url), 'utf8'),
) as { cases: { name: string; differences: number[]; low: number; high: number }[] };

test('the symmetric bootstrap-t is that of NumPy within Monte Carlo error, which is 3 % of its width', () => {
  for (const { name, differences, low, high } of cases) {
    const interval = referenceIntervals(differences, 20_000, uniformOf(7, name)).symmetricBootstrapT;
    expect(Math.abs(interval.low - low) / (high - low), name).toBeLessThan(0.03);
    expect(Math.abs(interval.high - high) / (high - low), name).toBeLessThan(0.03);
  }
});

test('the others lie around the mean, and lean where the sample does', () => {
  const skewed = Array.from({ length: 40 }, (_, i) => Math.exp((3 * i) / 40));
  const mean = skewed.reduce((sum, value) => sum + value, 0) / skewed.length;
  const { student, bca, bootstrapT } = referenceIntervals(skewed, 2000, uniformOf(3));
  expect(student.high - mean).toBeCloseTo(mean - student.low, 9);
  for (const { low, high } of [bca, bootstrapT]) expect(high - mean).toBeGreaterThan(mean - low);
});
