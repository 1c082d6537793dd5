import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { pairedBootstrap } from './paired-bootstrap.ts';
import { pairedDifference, type ScorePair } from './paired-difference.ts';

type Uniform = () => number;
type Shape = { name: string; bounded: boolean; truth: number; draw: (u: Uniform) => ScorePair };

const normal = (u: Uniform) => Math.sqrt(-2 * Math.log(u())) * Math.cos(2 * Math.PI * u());

const shapes: Shape[] = [
  {
    name: 'seconds, log-normal on both sides, correlated',
    bounded: false,
    truth: 0.2 * Math.exp((0.36 + 0.25) / 2),
    draw: (u) => {
      const row = 0.6 * normal(u);
      return { a: Math.exp(row + 0.5 * normal(u)), b: 1.2 * Math.exp(row + 0.5 * normal(u)) };
    },
  },
  { name: 'an exponential difference', bounded: false, truth: 1, draw: (u) => ({ a: 0, b: -Math.log(u()) }) },
  {
    name: 'graded scores, half of them ties',
    bounded: true,
    truth: 0.05,
    draw: (u) => ({ a: 0.5, b: u() < 0.5 ? 0.5 : 0.5 + (u() * 0.9 - 0.35) }),
  },
  {
    name: 'three repetitions of a 0 or 1 score, averaged by row',
    bounded: true,
    truth: -0.1 * (2 / 3),
    draw: (u) => {
      const p = Math.max(u(), u());
      const right = (rate: number) => ((u() < rate ? 1 : 0) + (u() < rate ? 1 : 0) + (u() < rate ? 1 : 0)) / 3;
      return { a: right(p), b: right(0.9 * p) };
    },
  },
  {
    name: 'the same model twice, graded',
    bounded: true,
    truth: 0,
    draw: (u) => {
      const row = Math.max(u(), u());
      const side = () => Math.min(1, Math.max(0, row + 0.2 * normal(u)));
      return { a: side(), b: side() };
    },
  },
];

/** Few rows go through the rule that picks the method; more go to the bootstrap, with resamples enough for a test. */
function simulatedCoverage(shape: Shape, rows: number, datasets: number): number {
  const generator = xoroshiro128plus(20260101 + rows);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 4294967296;
  let covered = 0;
  for (let seed = 0; seed < datasets; seed++) {
    const pairs = Array.from({ length: rows }, () => shape.draw(uniform));
    const interval =
      rows === 20
        ? pairedDifference(pairs, { bounded: shape.bounded, seed }).interval
        : pairedBootstrap(
            pairs.map(({ a, b }) => b - a),
            { confidence: 0.95, resamples: 399, seed },
          );
    if (interval && interval.low <= shape.truth && shape.truth <= interval.high) covered++;
  }
  return covered / datasets;
}

describe('a 95 % interval of graded scores covers the truth in about 95 % of simulated datasets', () => {
  for (const shape of shapes)
    for (const [rows, datasets] of [
      [20, 2000],
      [50, 2000],
      [200, 1000],
    ] as const)
      test(`${shape.name}, ${rows} rows`, () => {
        const covered = simulatedCoverage(shape, rows, datasets);
        expect(covered).toBeGreaterThanOrEqual(0.93);
        // At 20 rows of bounded scores the interval may err on the wide side, never on the narrow one.
        expect(covered).toBeLessThanOrEqual(shape.bounded && rows === 20 ? 0.99 : 0.975);
      });
});

/** Every outcome of that many rows: wins, losses, and what is said of them. */
function outcomes(rows: number) {
  return Array.from({ length: rows + 1 }, (_, wins) =>
    Array.from({ length: rows - wins + 1 }, (_, losses) => {
      const pairs = Array.from({ length: rows }, (_, i) => ({
        a: i >= wins && i < wins + losses ? 1 : 0,
        b: i < wins ? 1 : 0,
      }));
      return pairedDifference(pairs, { bounded: true, seed: 0 });
    }),
  ).flat();
}

const logFactorials = [0];
for (let n = 1; n <= 200; n++) logFactorials.push((logFactorials[n - 1] ?? 0) + Math.log(n));
const logFactorial = (n: number) => logFactorials[n] ?? Number.NaN;
const logPower = (p: number, n: number) => (n === 0 ? 0 : n * Math.log(p));

function probability(rows: number, wins: number, losses: number, winRate: number, lossRate: number): number {
  const ties = rows - wins - losses;
  return Math.exp(
    logFactorial(rows) -
      logFactorial(wins) -
      logFactorial(losses) -
      logFactorial(ties) +
      logPower(winRate, wins) +
      logPower(lossRate, losses) +
      logPower(1 - winRate - lossRate, ties),
  );
}

/** The rates at which B alone, and A alone, is right, when both hang on the same draw with probability `shared`. */
function rates(pA: number, pB: number, shared: number): { winRate: number; lossRate: number } {
  const bothRight = shared * Math.min(pA, pB) + (1 - shared) * pA * pB;
  return { winRate: pB - bothRight, lossRate: pA - bothRight };
}

describe('scores of 0 or 1, over every possible outcome and so without simulation', () => {
  for (const rows of [20, 50, 200]) {
    const all = outcomes(rows);
    const expected = (winRate: number, lossRate: number, says: (outcome: (typeof all)[number]) => boolean) =>
      all.reduce(
        (sum, outcome) =>
          says(outcome) ? sum + probability(rows, outcome.wins, outcome.losses, winRate, lossRate) : sum,
        0,
      );

    test(`the interval covers the true difference in 93 % or more, ${rows} rows`, () => {
      for (const [pA, pB] of [
        [0.1, 0.1],
        [0.1, 0.2],
        [0.5, 0.5],
        [0.5, 0.6],
        [0.9, 0.9],
        [0.9, 0.8],
      ] as const)
        for (const shared of [0, 0.3, 0.7]) {
          const { winRate, lossRate } = rates(pA, pB, shared);
          const covered = expected(winRate, lossRate, ({ interval }) =>
            interval ? interval.low <= pB - pA + 1e-12 && pB - pA - 1e-12 <= interval.high : false,
          );
          expect(covered, `${pA} against ${pB}, shared ${shared}`).toBeGreaterThanOrEqual(0.93);
          // Where fewer than five or so rows differ, a discrete interval cannot but cover too well.
          if (rows * (winRate + lossRate) > 10) expect(covered, `${pA} against ${pB}`).toBeLessThanOrEqual(0.97);
        }
    });

    test(`the same model twice is called different in at most 5 %, or 5.05 % by the mid-p, ${rows} rows`, () => {
      for (const rate of [0.01, 0.05, 0.1, 0.2, 0.25, 0.4])
        expect(
          expected(rate, rate, ({ decision }) => decision !== 'unclear'),
          `rate ${rate}`,
        ).toBeLessThanOrEqual(0.0505);
    });
  }
});
