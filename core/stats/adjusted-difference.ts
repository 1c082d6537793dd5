import type { Interval } from './interval.ts';
import { studentQuantile } from './student-quantile.ts';

/** One row: B − A of it, and what was known of it before, such as its score under the version in production. */
export type CovariateRow = { difference: number; covariate: number };

/** All the rows that the comparison speaks for: mean of their covariate, and how it varies when they are a sample too. */
export type CovariatePopulation = {
  mean: number;
  /** Variance of the covariate and how many rows it was taken over; null: the mean is that of everything there is. */
  sampled: { variance: number; rows: number } | null;
};

export type AdjustedDifference = {
  difference: number;
  interval: Interval;
  /** Variance of the mean difference that is left, as a share of what it was; above 1 when the covariate tells nothing. */
  variance: number;
};

/** Below it, the slope is too uncertain to lean on. */
export const minimumCovariateRows = 20;

/**
 * The mean difference over a population, from rows of which each has a covariate whose mean over that population is known:
 * regression adjustment, known as CUPED. It takes away the part of chance that is due to which rows were drawn. The
 * interval does not suppose that the line fits (HC3 errors, Student's t at n − 2).
 * Deng, Xu, Kohavi & Walker, WSDM 2013; W. G. Cochran, Sampling Techniques (Wiley, 1977), chapters 7 and 12; J. S. Long &
 * L. H. Ervin, The American Statistician 54 (2000) 217–224.
 * @returns null below {@link minimumCovariateRows} rows, or when the covariate is the same on all
 */
export function adjustedDifference(
  rows: readonly CovariateRow[],
  { population, confidence }: { population: CovariatePopulation; confidence: number },
): AdjustedDifference | null {
  const n = rows.length;
  const mean = (read: (row: CovariateRow) => number) => rows.reduce((sum, row) => sum + read(row), 0) / n;
  const [centre, plain] = [mean((row) => row.covariate), mean((row) => row.difference)];
  const squares = rows.reduce((sum, row) => sum + (row.covariate - centre) ** 2, 0);
  if (n < minimumCovariateRows || !(squares > 1e-24 * n * centre * centre)) return null;
  const products = rows.reduce((sum, row) => sum + (row.covariate - centre) * (row.difference - plain), 0);
  const slope = products / squares;
  const shift = population.mean - centre;
  let [error, raw] = [0, 0];
  for (const row of rows) {
    const d = row.covariate - centre;
    const residual = row.difference - plain - slope * d;
    const leverage = 1 / n + (d * d) / squares;
    const weight = 1 / n + (shift * d) / squares;
    error += ((weight * residual) / (1 - leverage)) ** 2;
    raw += (row.difference - plain) ** 2 / (n * (n - 1));
  }
  if (population.sampled) error += (slope * slope * population.sampled.variance) / population.sampled.rows;
  const difference = plain + slope * shift;
  const reach = studentQuantile((1 + confidence) / 2, n - 2) * Math.sqrt(error);
  return {
    difference,
    interval: { low: difference - reach, high: difference + reach },
    variance: raw === 0 ? 1 : error / raw,
  };
}
