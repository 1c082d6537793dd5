import { studentQuantile } from '../student-quantile.ts';
import {
  confidence,
  type Diagnosis,
  diagnose,
  meanOf,
  minimumExamples,
  tooFew,
  usualMargin,
  type Words,
} from './diagnosis.ts';

/** Which answer a judge preferred, by the place where it was shown. */
export type Preference = 'first' | 'second' | 'tie';

/** One pair of answers, judged once in each order. */
export type SwappedPair = { one: Preference; other: Preference };

/** `consistent`: the share of pairs where both orders favour the same answer, or neither does. */
export type PositionBias = Diagnosis & { consistent: number | null };

const side = { first: 1, second: -1, tie: 0 };

/**
 * How much more often the answer shown first wins than the one shown second, over pairs that were judged in both orders: since
 * each answer stands first once, its quality does not count. From −1 (always the second) to 1 (always the first).
 * P. Wang et al., "Large Language Models are not Fair Evaluators", ACL 2024, arXiv:2305.17926.
 */
export function positionBias(pairs: readonly SwappedPair[], margin = usualMargin): PositionBias {
  const words: Words = {
    more: (amount) => `The answer shown first wins ${amount} more often than the one shown second`,
    less: (amount) => `The answer shown second wins ${amount} more often than the one shown first`,
    what: 'preference for a position',
    examples: 'pairs judged in both orders',
  };
  if (pairs.length < minimumExamples) return { ...tooFew(pairs.length, words), consistent: null };
  const leaning = pairs.map(({ one, other }) => (side[one] + side[other]) / 2);
  const consistent = leaning.filter((value) => value === 0).length / pairs.length;
  return { ...diagnose(meanOf(leaning, 1), margin, words), consistent };
}

/** What a judge and a person, or judges of other kinds on average, say of one answer, from 0 to 1. */
export type JudgedAnswer = { judge: number; reference: number };

/** Answers to one example: by the judge's own model or family, and by another. */
export type OwnAndOther = { own: JudgedAnswer; other: JudgedAnswer };

/**
 * How much more a judge gives to answers of its own kind than the reference does, beyond what it gives more to others: a
 * difference in differences, so neither a judge that is lenient to all nor a kind that is better counts.
 * A. Panickssery, S. R. Bowman and S. Feng, "LLM Evaluators Recognize and Favor Their Own Generations", NeurIPS 2024,
 * arXiv:2404.13076.
 */
export function selfPreference(examples: readonly OwnAndOther[], margin = usualMargin): Diagnosis {
  const words: Words = {
    more: (amount) => `The judge gives ${amount} too much to answers of its own kind, compared with others`,
    less: (amount) => `The judge gives ${amount} too little to answers of its own kind, compared with others`,
    what: 'preference for its own kind',
    examples: 'examples',
  };
  if (examples.length < minimumExamples) return tooFew(examples.length, words);
  const differences = examples.map(({ own, other }) => own.judge - own.reference - (other.judge - other.reference));
  return diagnose(meanOf(differences, 2), margin, words);
}

/** As {@link JudgedAnswer}, with how long the answer is: words, tokens or characters, always the same; above 0. */
export type MeasuredAnswer = JudgedAnswer & { length: number };

/**
 * How much more a judge gives than the reference for each doubling of an answer's length: the slope of judge − reference on the
 * logarithm of the length, so that long answers may well be better. Its interval holds where the spread is uneven: HC3 of
 * J. G. MacKinnon and H. White, Journal of Econometrics 29 (1985) 305–325, with Student's t.
 * Y. Dubois et al., "Length-Controlled AlpacaEval", COLM 2024, arXiv:2404.04475, on why it matters.
 */
export function lengthBias(answers: readonly MeasuredAnswer[], margin = usualMargin): Diagnosis {
  const words: Words = {
    more: (amount) => `For each doubling of the length the judge gives ${amount} more than it should`,
    less: (amount) => `For each doubling of the length the judge gives ${amount} less than it should`,
    what: 'influence of length',
    examples: 'answers',
  };
  const n = answers.length;
  const lengths = answers.map(({ length }) => Math.log2(length));
  const centre = lengths.reduce((sum, value) => sum + value, 0) / n;
  const squares = lengths.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  if (n < minimumExamples || !(squares > 1e-9))
    return tooFew(squares > 1e-9 ? n : 0, { ...words, examples: 'answers of different lengths' });
  const errors = answers.map(({ judge, reference }) => judge - reference);
  const mean = errors.reduce((sum, value) => sum + value, 0) / n;
  const slope = errors.reduce((sum, value, i) => sum + value * ((lengths[i] ?? 0) - centre), 0) / squares;
  const variance = errors.reduce((sum, value, i) => {
    const distance = (lengths[i] ?? 0) - centre;
    const leverage = 1 / n + distance ** 2 / squares;
    const residual = (value - mean - slope * distance) / Math.max(1 - leverage, 1e-9);
    return sum + (distance * residual) ** 2;
  }, 0);
  const reach = (studentQuantile((1 + confidence) / 2, n - 2) * Math.sqrt(variance)) / squares;
  return diagnose({ n, estimate: slope, interval: { low: slope - reach, high: slope + reach } }, margin, words);
}
