import { adjustedDifference, type CovariatePopulation, type CovariateRow } from '@wheelhouse/core/stats';
import { exponential, normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Kind = { truth: number; mean: number; variance: number; draw: (u: Uniform) => CovariateRow };
type Cell = { id: string; kind: string; rows: number; population: 'known' | 'sampled' };

const clamp = (value: number) => Math.min(1, Math.max(0, value));

const kinds: Record<string, Kind> = {
  'on a line, correlation 0.8': {
    ...{ truth: 0.1, mean: 0, variance: 1 },
    draw: (u) => {
      const covariate = normal(u);
      return { covariate, difference: 0.1 + 0.8 * covariate + 0.6 * normal(u) };
    },
  },
  'no relation': {
    ...{ truth: 0, mean: 0, variance: 1 },
    draw: (u) => ({ covariate: normal(u), difference: normal(u) }),
  },
  'a curve, long tail': {
    // Covariate exponential: mean and variance 1; its square has mean 2.
    ...{ truth: 0.2, mean: 1, variance: 1 },
    draw: (u) => {
      const covariate = exponential(u);
      return { covariate, difference: 0.1 * covariate * covariate + 0.3 * normal(u) };
    },
  },
  'production grades, gains where they are low': {
    ...{ truth: 0.15, mean: 0.5, variance: 1 / 12 },
    draw: (u) => {
      const covariate = u();
      return { covariate, difference: 0.3 * (1 - covariate) + 0.1 * (clamp(0.5 + 0.3 * normal(u)) - 0.5) };
    },
  },
};

const sampledRows = 1000;

export const covariates = defineSimulation<Cell>({
  name: 'covariates',
  about:
    'How often the 95 % interval of adjustedDifference holds the true mean difference, and the variance that is left, where the mean of the covariate is known and where it was taken over 1,000 other rows.',
  runs: 20_000,
  repeated: 60,
  cells: Object.keys(kinds).flatMap((kind) =>
    (['known', 'sampled'] as const).flatMap((population) =>
      [20, 50, 200].map((rows) => ({ id: `${kind}, mean ${population}, ${rows} rows`, kind, rows, population })),
    ),
  ),
  once: ({ kind, rows, population }, uniform) => {
    const { truth, mean, variance, draw } = kinds[kind] as Kind;
    const sample = Array.from({ length: rows }, () => draw(uniform));
    const error = population === 'known' ? 0 : Math.sqrt(variance / sampledRows) * normal(uniform);
    const all: CovariatePopulation = {
      mean: mean + error,
      sampled: population === 'known' ? null : { variance, rows: sampledRows },
    };
    const found = adjustedDifference(sample, { population: all, confidence: 0.95 });
    return {
      covered: found && (found.interval.low <= truth && truth <= found.interval.high ? 1 : 0),
      variance: found?.variance ?? null,
    };
  },
  claims: [{ says: 'covers at least 94 %', holds: (_, { covered }) => covered !== undefined && covered.value >= 0.94 }],
});
