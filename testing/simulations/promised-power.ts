import { minimumPairs, pairedDifference, rowsNeeded, type ScoreRow, spreadOfRates } from '@wheelhouse/core/stats';
import { binomial, normal } from './draws.ts';
import { defineSimulation, type Uniform } from './simulation.ts';

type Planted = { spread: number; effect: number; draw: (u: Uniform) => ScoreRow };
type Cell = { id: string; planted: string; rows: number; promised: number };

/** Right or wrong; with probability `shared` both sides hang on the same draw. */
function rates(pA: number, pB: number, shared: number): Planted {
  const bothRight = shared * Math.min(pA, pB) + (1 - shared) * pA * pB;
  return {
    spread: spreadOfRates(pB - bothRight, pA - bothRight),
    effect: pB - pA,
    draw: (u) => {
      if (u() >= shared) return { a: [binomial(u, 1, pA)], b: [binomial(u, 1, pB)] };
      const difficulty = u();
      return { a: [difficulty < pA ? 1 : 0], b: [difficulty < pB ? 1 : 0] };
    },
  };
}

/** Grades far enough from 0 and 1 not to reach them. */
const graded = (effect: number, noise: number): Planted => ({
  spread: noise * Math.SQRT2,
  effect,
  draw: (u) => {
    const middle = 0.45 + 0.1 * u();
    return { a: [middle + noise * normal(u)], b: [middle + effect + noise * normal(u)] };
  },
});

/** So many answers to each row, right with the row's own rate; B's is higher by `effect` on every row. */
function repeated(effect: number, repetitions: number): Planted {
  // Rates are uniform in [0.3, 0.9 − effect]; the variance of an answer about its row is that of a coin.
  const [from, to] = [0.3, 0.9 - effect];
  const coin = (low: number, high: number) => (low + high) / 2 - (low * low + low * high + high * high) / 3;
  const variance = (coin(from, to) + coin(from + effect, to + effect)) / repetitions;
  return {
    spread: Math.sqrt(variance),
    effect,
    draw: (u) => {
      const rate = from + (to - from) * u();
      const answers = (p: number) => Array.from({ length: repetitions }, () => binomial(u, 1, p));
      return { a: answers(rate), b: answers(rate + effect) };
    },
  };
}

const planted: Record<string, Planted> = {
  '70 % to 75 % right, half of the difficulty shared': rates(0.7, 0.75, 0.5),
  '70 % to 75 % right, 80 % of the difficulty shared': rates(0.7, 0.75, 0.8),
  '90 % to 95 % right, half of the difficulty shared': rates(0.9, 0.95, 0.5),
  'grades 5 pp higher, noise of 10 pp': graded(0.05, 0.1),
  'grades 5 pp higher, noise of 5 pp': graded(0.05, 0.05),
  '5 pp more often right, three answers to a row': repeated(0.05, 3),
  '70 % to 80 % right, 70 % of the difficulty shared': rates(0.7, 0.8, 0.7),
  '70 % to 80 % right, 80 % of the difficulty shared': rates(0.7, 0.8, 0.8),
  '85 % to 95 % right, half of the difficulty shared': rates(0.85, 0.95, 0.5),
  'grades 10 pp higher, noise of 20 pp': graded(0.1, 0.2),
  '10 pp more often right, three answers to a row': repeated(0.1, 3),
};

const promises = Object.entries(planted).flatMap(([name, { spread, effect }]): Cell[] => {
  if (effect > 0.06) return [{ id: `${name}, 100 rows`, planted: name, rows: 100, promised: 0.6 }];
  return [0.8, 0.9].map((promised) => {
    const rows = rowsNeeded({ spread, effect, power: promised, minimum: minimumPairs });
    return { id: `${name}, ${rows} rows for ${promised * 100} %`, planted: name, rows, promised };
  });
});

export const promisedPower = defineSimulation<Cell>({
  name: 'promised-power',
  about:
    'How often a planted gain is found: 5 pp at the sizes that rowsNeeded names for 80 % and 90 %, and 10 pp at 100 rows.',
  runs: 20_000,
  repeated: 100,
  cells: promises,
  once: (cell, uniform) => {
    const { draw } = planted[cell.planted] as Planted;
    const sample = Array.from({ length: cell.rows }, () => draw(uniform));
    const { decision } = pairedDifference(sample, { bounded: true, seed: 1 });
    return { found: decision === 'higher' ? 1 : 0, mistaken: decision === 'lower' ? 1 : 0 };
  },
  claims: [
    {
      says: 'the gain is found as often as promised, to a percentage point',
      holds: ({ promised }, { found }) => found !== undefined && found.value >= promised - 0.01,
    },
    { says: 'a loss is seldom claimed', holds: (_, { mistaken }) => mistaken !== undefined && mistaken.value <= 0.001 },
  ],
});
