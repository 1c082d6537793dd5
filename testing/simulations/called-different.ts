import { minimumPairs, pairedDifference, type ScoreRow } from '@wheelhouse/core/stats';
import { binomial, normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Kind = { bounded: boolean; draw: (u: Uniform) => ScoreRow };
type Cell = { id: string; kind: string; rows: number };

const clamp = (value: number) => Math.min(1, Math.max(0, value));
const times = (count: number, make: () => number) => Array.from({ length: count }, make);

/** Both sides are the same model. */
const kinds: Record<string, Kind> = {
  'right or wrong, 20 % of rows differ': {
    bounded: true,
    draw: (u) => {
      const [differs, first] = [u() < 0.2, u() < 0.5 ? 1 : 0];
      return { a: [differs ? first : 1], b: [differs ? 1 - first : 1] };
    },
  },
  'right or wrong, half of the rows differ': {
    bounded: true,
    draw: (u) => ({ a: [binomial(u, 1, 0.5)], b: [binomial(u, 1, 0.5)] }),
  },
  'graded scores': {
    bounded: true,
    draw: (u) => {
      const middle = Math.max(u(), u());
      return { a: [clamp(middle + 0.2 * normal(u))], b: [clamp(middle + 0.2 * normal(u))] };
    },
  },
  'graded scores, 90 % of rows the same': {
    bounded: true,
    draw: (u) => (u() < 0.9 ? { a: [0.5], b: [0.5] } : { a: [u()], b: [u()] }),
  },
  'three repetitions, right or wrong': {
    bounded: true,
    draw: (u) => {
      const rate = Math.max(u(), u());
      return { a: times(3, () => binomial(u, 1, rate)), b: times(3, () => binomial(u, 1, rate)) };
    },
  },
  seconds: {
    bounded: false,
    draw: (u) => {
      const shared = 0.6 * normal(u);
      return { a: [Math.exp(shared + 0.5 * normal(u))], b: [Math.exp(shared + 0.5 * normal(u))] };
    },
  },
  'seconds with long tails': {
    bounded: false,
    draw: (u) => ({ a: [Math.exp(normal(u))], b: [Math.exp(normal(u))] }),
  },
};

const sizes = [minimumPairs, 8, 10, 15, 20, 35, 50, 100, 200, 500, 1000];

export const calledDifferent = defineSimulation<Cell>({
  name: 'called-different',
  about: 'How often pairedDifference calls two runs of the same model different, at every size it offers.',
  runs: 20_000,
  repeated: 60,
  cells: Object.entries(kinds).flatMap(([kind, { bounded }]) =>
    sizes
      // Left out for its time: between 17 and 34 rows of seconds permutations are drawn, thousands a run.
      .filter((rows) => bounded || rows !== 20)
      .map((rows) => ({ id: `${kind}, ${rows} rows`, kind, rows })),
  ),
  once: ({ kind, rows }, uniform) => {
    const { bounded, draw } = kinds[kind] as Kind;
    const sample = Array.from({ length: rows }, () => draw(uniform));
    const { decision } = pairedDifference(sample, { bounded, seed: Math.floor(uniform() * 2 ** 31) });
    return { different: decision === 'higher' || decision === 'lower' ? 1 : 0 };
  },
  claims: [
    {
      says: 'at most 5 % are called different (three standard errors allowed)',
      holds: (_, { different }) =>
        different !== undefined && different.value <= 0.05 + 3 * Math.sqrt(0.0475 / different.count),
    },
  ],
});
