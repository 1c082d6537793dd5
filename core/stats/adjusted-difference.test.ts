import { describe, expect, test } from 'vitest';
import { adjustedDifference, minimumCovariateRows } from './adjusted-difference.ts';

const rows = Array.from({ length: 60 }, (_, i) => {
  const covariate = ((i * 37) % 60) / 60;
  return { covariate, difference: 0.3 - 0.2 * covariate + 0.05 * Math.sin(i * i) };
});
const population = { mean: 0.7, sampled: null };

describe('a difference adjusted by what was known of each row', () => {
  test('is that of the population, where the rows drawn are not typical', () => {
    const found = adjustedDifference(rows, { population, confidence: 0.95 });
    expect(found?.difference).toBeCloseTo(0.3 - 0.2 * 0.7, 1);
    expect(found?.interval.low).toBeLessThan(0.16);
    expect(found?.interval.high).toBeGreaterThan(0.16);
  });

  test('has less of the variance, and more when the population is a sample too', () => {
    const mean = rows.reduce((sum, { covariate }) => sum + covariate, 0) / rows.length;
    const known = adjustedDifference(rows, { population: { mean, sampled: null }, confidence: 0.95 });
    const sampled = adjustedDifference(rows, {
      population: { mean, sampled: { variance: 1 / 12, rows: 60 } },
      confidence: 0.95,
    });
    expect(known?.variance).toBeLessThan(0.4);
    expect(sampled?.variance).toBeGreaterThan((known?.variance ?? 0) + 0.3);
  });

  test('is refused below 20 rows, and when the covariate is the same on all', () => {
    expect(adjustedDifference(rows.slice(0, minimumCovariateRows - 1), { population, confidence: 0.95 })).toBeNull();
    const flat = rows.map(({ difference }) => ({ difference, covariate: 0.4 }));
    expect(adjustedDifference(flat, { population, confidence: 0.95 })).toBeNull();
  });
});
