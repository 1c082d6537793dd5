import { describe, expect, it } from 'vitest';
import { pairedDifference, uniformFrom } from '../../stats/index.ts';
import { goodCount, logLikelihood, mixtureOf, splitTrials, suggestChoice, type Trial, trialWeights } from './tpe.ts';
import { trialCount } from './trial-count.ts';

const likelihood = (choices: number[][], sizes: number[], choice: number[]) =>
  Math.exp(logLikelihood(mixtureOf(choices, sizes), choice));

describe('the Parzen estimator', () => {
  // Two kernels of weight 1/2. (0, 1): [1.5, 0.5] / 2 and [0.5, 1.5, 0.5] / 2.5; the prior: 1/2 and 1/3.
  const good = [[0, 1]];
  // Three kernels of weight 1/3, whose rows have 4/3 where they chose and 1/3 elsewhere.
  const other = [
    [1, 0],
    [1, 2],
  ];
  const sizes = [2, 3];

  it('has the densities that were computed by hand', () => {
    expect(likelihood(good, sizes, [0, 1])).toBeCloseTo(0.5 * 0.75 * 0.6 + 0.5 / 6, 12);
    expect(likelihood(good, sizes, [1, 0])).toBeCloseTo(0.5 * 0.25 * 0.2 + 0.5 / 6, 12);
    expect(likelihood(other, sizes, [0, 1])).toBeCloseTo((0.2 / 6 + 0.2 / 6 + 1 / 6) / 3, 12);
    expect(likelihood(other, sizes, [1, 0])).toBeCloseTo((0.8 * (2 / 3) + 0.8 / 6 + 1 / 6) / 3, 12);
    const gain = logLikelihood(mixtureOf(good, sizes), [0, 1]) - logLikelihood(mixtureOf(other, sizes), [0, 1]);
    expect(gain).toBeCloseTo(1.377326, 5);
  });

  it('is a distribution over all choices', () => {
    const all = [0, 1].flatMap((a) => [0, 1, 2].map((b) => [a, b]));
    for (const choices of [[], good, other])
      expect(all.reduce((sum, choice) => sum + likelihood(choices, sizes, choice), 0)).toBeCloseTo(1, 12);
  });

  it('counts the oldest of many trials the less', () => {
    expect(trialWeights(24)).toEqual(Array.from({ length: 24 }, () => 1));
    expect(trialWeights(28).slice(0, 4)).toEqual([1 / 28, 1 / 28 + 27 / 28 / 2, 1, 1]);
    expect([1, 10, 11, 249, 900].map(goodCount)).toEqual([1, 1, 2, 25, 25]);
  });

  it('takes the best tenth as good, of equals the earlier, in their order in time', () => {
    const trials = Array.from({ length: 21 }, (_, i) => ({ choice: [i], score: [3, 7, 11].includes(i) ? 1 : 0 }));
    expect(splitTrials(trials).good.map(({ choice }) => choice[0])).toEqual([3, 7, 11]);
    const even = trials.map(({ choice }) => ({ choice, score: 0.5 }));
    expect(splitTrials(even).good.map(({ choice }) => choice[0])).toEqual([0, 1, 2]);
    expect(splitTrials(even).other).toHaveLength(18);
  });

  it('tries as many combinations as the formula says', () => {
    expect([trialCount(2, 6), trialCount(1, 6), trialCount(4, 12), trialCount(2, 18)]).toEqual([10, 9, 28, 27]);
  });
});

describe('searching by it', () => {
  const sizes = [6, 6, 6];
  type Landscape = (choice: readonly number[]) => number;
  const tables = (seed: number) => {
    const draw = uniformFrom(seed);
    return sizes.map((size) => Array.from({ length: size }, draw));
  };
  const additive = (seed: number): Landscape => {
    const worth = tables(seed);
    return (choice) => choice.reduce((sum, value, d) => sum + (worth[d]?.[value] ?? 0), 0) / 3;
  };
  /** What the second dimension is worth depends on the first. */
  const interacting = (seed: number): Landscape => {
    const plain = additive(seed);
    const draw = uniformFrom(seed + 1000);
    const pairs = Array.from({ length: 36 }, draw);
    return (choice) => (plain(choice) + (pairs[(choice[0] ?? 0) * 6 + (choice[1] ?? 0)] ?? 0)) / 2;
  };
  const every = Array.from({ length: 216 }, (_, i) => [Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6]);

  function bestOf(score: Landscape, seed: number, next: (trials: Trial[], draw: () => number) => number[]): number {
    const draw = uniformFrom(seed);
    const trials: Trial[] = [];
    for (let t = 0; t < 60; t++) {
      const choice = next(trials, draw);
      trials.push({ choice, score: score(choice) });
    }
    return Math.max(...trials.map((trial) => trial.score));
  }

  it.each([
    ['additive', additive],
    ['interacting', interacting],
  ])('comes nearer to the best of all than drawing evenly does: %s', (_, landscape) => {
    const rows = Array.from({ length: 60 }, (_, seed) => {
      const score = landscape(seed);
      const top = Math.max(...every.map(score));
      const random = bestOf(score, seed, (_, draw) => sizes.map((size) => Math.floor(draw() * size)));
      const searched = bestOf(score, seed, (trials, draw) => suggestChoice(trials, sizes, draw));
      expect(searched).toBeLessThanOrEqual(top);
      return { a: [top - random], b: [top - searched] };
    });
    const { difference, interval, meanB } = pairedDifference(rows, { bounded: true, seed: 1 });
    expect(difference).toBeLessThan(0);
    expect(interval?.high).toBeLessThan(0);
    expect(meanB).toBeLessThan(0.03);
  });
});
