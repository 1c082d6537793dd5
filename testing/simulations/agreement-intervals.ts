import { type Agreement, cohenKappa, fleissKappa, krippendorffAlpha } from '../../core/stats/index.ts';
import { defineSimulation, type GridCell, type Uniform } from './simulation.ts';

type Cell = GridCell & { units: number; truth: number; draw: (u: Uniform) => Agreement };

const sizes = [30, 50, 100];

/** Two raters of 0 and 1 with the same share of ones: kappa is how often they agree for a reason. */
function twoRaters(kappa: number, ones: number, units: number): Cell {
  const coin = (u: Uniform) => (u() < ones ? 1 : 0);
  return {
    id: `Cohen's kappa ${kappa}, ${ones * 100} % ones, ${units} units`,
    units,
    truth: kappa,
    draw: (u) => {
      const ratings = Array.from({ length: units }, () => {
        const a = coin(u);
        return { a, b: u() < kappa ? a : coin(u) };
      });
      return cohenKappa(ratings, { categories: [0, 1], weights: 'none' });
    },
  };
}

/** Raters who see the unit's true grade with a probability, and else say any: each pair agrees for a reason with its square. */
function manyRaters(sees: number, units: number, kind: 'fleiss' | 'alpha'): Cell {
  const grades = 4;
  const missing = kind === 'alpha' ? 0.25 : 0;
  const grade = (u: Uniform) => Math.floor(u() * grades);
  return {
    id: `${kind === 'alpha' ? "Krippendorff's alpha, ordinal, 4 raters of whom a quarter is missing" : "Fleiss' kappa, 3 raters"}, agreement ${sees}, ${units} units`,
    units,
    truth: sees,
    draw: (u) => {
      const ratings = Array.from({ length: units }, () => {
        const truth = grade(u);
        return Array.from({ length: kind === 'alpha' ? 4 : 3 }, () => {
          const said = u() < Math.sqrt(sees) ? truth : grade(u);
          return u() < missing ? null : said;
        });
      });
      return kind === 'alpha' ? krippendorffAlpha(ratings, 'ordinal') : fleissKappa(ratings);
    },
  };
}

export const agreementIntervals = defineSimulation<Cell>({
  name: 'agreement-intervals',
  about:
    'Agreement of raters whose true agreement is known. Observed: whether the 95 % interval covers it, its width, and the estimate − the truth.',
  runs: 20_000,
  repeated: 60,
  cells: sizes.flatMap((units) => [
    ...[0.4, 0.8, 0.95].flatMap((kappa) => [0.5, 0.8].map((ones) => twoRaters(kappa, ones, units))),
    ...(['fleiss', 'alpha'] as const).flatMap((kind) => [0.5, 0.85].map((sees) => manyRaters(sees, units, kind))),
  ]),
  once: ({ truth, draw }, u) => {
    const { value, interval } = draw(u);
    if (value === null || interval === null) return { refused: 1, covered: null, width: null, bias: null };
    const covered = interval.low <= truth + 1e-12 && truth - 1e-12 <= interval.high ? 1 : 0;
    return { refused: 0, covered, width: interval.high - interval.low, bias: value - truth };
  },
  claims: [
    {
      says: 'the interval covers the truth in 94 % or more from 50 units on, within the error of so many runs',
      holds: ({ units }, { covered }) =>
        units < 50 || (covered !== undefined && covered.value + 3 * covered.error >= 0.94),
    },
    {
      says: 'and in 91 % or more at the least that is offered',
      holds: (_, { covered }) => covered !== undefined && covered.value + 3 * covered.error >= 0.91,
    },
    {
      says: 'the estimate is within 2 pp of the truth on average',
      holds: (_, { bias }) => bias !== undefined && Math.abs(bias.value) < 0.02,
    },
  ],
});
