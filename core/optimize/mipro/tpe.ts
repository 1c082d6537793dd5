import { type Draw, drawWeighted } from '../draws.ts';

/** A choice of each category, by its number, and what it came to; more is better. */
export type Trial = { choice: readonly number[]; score: number };

/** What choices are likely: kernels, each with a weight, and in each a probability of every category of every dimension. */
export type Mixture = { weights: number[]; kernels: number[][][] };

const startupTrials = 10;
const drawnCandidates = 24;
/** The prior counts as much as one trial. */
const priorWeight = 1;

/** How many of the best trials are the good ones. */
export const goodCount = (trials: number): number => Math.min(Math.ceil(0.1 * trials), 25);

/** Trials count alike up to 25; beyond that the oldest count the less the older they are. */
export function trialWeights(count: number): number[] {
  const recent = 25;
  if (count < recent) return Array.from({ length: count }, () => 1);
  const old = count - recent;
  const ramp = Array.from({ length: old }, (_, i) =>
    old === 1 ? 1 / count : 1 / count + (i * (1 - 1 / count)) / (old - 1),
  );
  return [...ramp, ...Array.from({ length: recent }, () => 1)];
}

/** @param sizes how many categories each dimension has */
export function mixtureOf(choices: readonly (readonly number[])[], sizes: readonly number[]): Mixture {
  const weights = [...trialWeights(choices.length), priorWeight];
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const count = choices.length + 1;
  const kernel = (choice: readonly number[] | null) =>
    sizes.map((size, d) => {
      const row = Array.from({ length: size }, (_, i) => priorWeight / count + (choice?.[d] === i ? 1 : 0));
      const sum = row.reduce((all, value) => all + value, 0);
      return row.map((value) => value / sum);
    });
  return { weights: weights.map((weight) => weight / total), kernels: [...choices.map(kernel), kernel(null)] };
}

/** The logarithm of how likely a choice is. */
export function logLikelihood({ weights, kernels }: Mixture, choice: readonly number[]): number {
  let sum = 0;
  for (let k = 0; k < kernels.length; k++) {
    const rows = kernels[k] ?? [];
    let product = weights[k] ?? 0;
    for (let d = 0; d < choice.length; d++) product *= rows[d]?.[choice[d] ?? -1] ?? 0;
    sum += product;
  }
  return Math.log(sum);
}

const drawChoice = ({ weights, kernels }: Mixture, draw: Draw): number[] =>
  (kernels[drawWeighted(weights, draw)] ?? []).map((row) => drawWeighted(row, draw));

/** Good and other trials, each in their order in time; of equal ones the earlier is the better. */
export function splitTrials(trials: readonly Trial[]): { good: Trial[]; other: Trial[] } {
  const ranked = [...trials.keys()].sort((a, b) => (trials[b]?.score ?? 0) - (trials[a]?.score ?? 0) || a - b);
  const best = new Set(ranked.slice(0, goodCount(trials.length)));
  return { good: trials.filter((_, i) => best.has(i)), other: trials.filter((_, i) => !best.has(i)) };
}

/**
 * The next choice to try, by the tree-structured Parzen estimator over all dimensions at once: of 24 drawn from what good
 * trials chose the one that is most likelier there than among the others; the first ten are drawn evenly (Bergstra et al.
 * 2011; multivariate as in Falkner et al. 2018, with the constants of Optuna 4).
 */
export function suggestChoice(trials: readonly Trial[], sizes: readonly number[], draw: Draw): number[] {
  if (trials.length < startupTrials) return sizes.map((size) => Math.floor(draw() * size));
  const { good, other } = splitTrials(trials);
  const [likely, unlikely] = [good, other].map((side) =>
    mixtureOf(
      side.map(({ choice }) => choice),
      sizes,
    ),
  ) as [Mixture, Mixture];
  let best: { choice: number[]; gain: number } | null = null;
  for (let i = 0; i < drawnCandidates; i++) {
    const choice = drawChoice(likely, draw);
    const gain = logLikelihood(likely, choice) - logLikelihood(unlikely, choice);
    if (best === null || gain > best.gain) best = { choice, gain };
  }
  return best?.choice ?? [];
}
