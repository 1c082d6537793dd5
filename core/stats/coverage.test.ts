import { describe, expect, test } from 'vitest';
import { pairedDifference } from './paired-difference.ts';

/** Every outcome of that many rows: wins, losses, and what is said of them. */
function outcomes(rows: number) {
  return Array.from({ length: rows + 1 }, (_, wins) =>
    Array.from({ length: rows - wins + 1 }, (_, losses) => {
      const pairs = Array.from({ length: rows }, (_, i) => ({
        a: [i >= wins && i < wins + losses ? 1 : 0],
        b: [i < wins ? 1 : 0],
      }));
      return pairedDifference(pairs, { bounded: true, seed: 0 });
    }),
  ).flat();
}

const logFactorials = [0];
for (let n = 1; n <= 100; n++) logFactorials.push((logFactorials[n - 1] ?? 0) + Math.log(n));
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
  for (const rows of [20, 35, 50, 100]) {
    const all = outcomes(rows);
    const expected = (winRate: number, lossRate: number, says: (outcome: (typeof all)[number]) => boolean) =>
      all.reduce(
        (sum, outcome) =>
          says(outcome) ? sum + probability(rows, outcome.wins, outcome.losses, winRate, lossRate) : sum,
        0,
      );

    test(`the interval covers the true difference in 94 % or more, ${rows} rows`, () => {
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
          expect(covered, `${pA} against ${pB}, shared ${shared}`).toBeGreaterThanOrEqual(0.94);
          // Where fewer than five or so rows differ, a discrete interval cannot but cover too well.
          if (rows * (winRate + lossRate) > 10) expect(covered, `${pA} against ${pB}`).toBeLessThanOrEqual(0.975);
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
