import type { Interval } from '../interval.ts';
import { estimateMean } from '../mean-interval.ts';

/** What is wrong with a judge in one respect, as far as the examples tell. */
export type Diagnosis = {
  /** Examples that it rests on. */
  n: number;
  /** null below {@link minimumExamples}, as the interval. */
  estimate: number | null;
  interval: Interval | null;
  confidence: number;
  /**
   * `present`: surely there and not surely smaller than what matters; `negligible`: surely smaller than what matters;
   * `unclear`: neither.
   */
  verdict: 'present' | 'negligible' | 'unclear' | 'too_few';
  /** One sentence, for people. */
  sentence: string;
};

export const confidence = 0.95;

/** Fewer examples say nothing of use about a judge. */
export const minimumExamples = 20;

/** What matters, where nothing else is said: 5 pp. */
export const usualMargin = 0.05;

export function percentagePoints(value: number): string {
  const rounded = Math.round(value * 1000) / 10;
  return `${rounded < 0 ? '−' : ''}${Math.abs(rounded)} pp`;
}

/** How a diagnosis is told: what there is more or less of, and what one example is. */
export type Words = {
  /** "The judge scores its own kind {12 pp higher} than people do". */
  more: (amount: string) => string;
  less: (amount: string) => string;
  /** "preference for its own kind" */
  what: string;
  /** "pairs" */
  examples: string;
};

export function tooFew(n: number, words: Words): Diagnosis {
  const sentence = `Too few to tell: ${n} ${words.examples}, and ${minimumExamples} are the least that say anything.`;
  return { n, estimate: null, interval: null, confidence, verdict: 'too_few', sentence };
}

/** Puts a verdict to an estimate: `margin` is the size from which it matters, in the same unit. */
export function diagnose(
  { n, estimate, interval }: { n: number; estimate: number; interval: Interval },
  margin: number,
  words: Words,
): Diagnosis {
  const told = { n, estimate, interval, confidence };
  const span = `95 % interval ${percentagePoints(interval.low)} to ${percentagePoints(interval.high)}, ${n} ${words.examples}`;
  if (interval.low > -margin && interval.high < margin) {
    const sentence = `No ${words.what} of ${percentagePoints(margin)} or more (${span}).`;
    return { ...told, verdict: 'negligible', sentence };
  }
  if (interval.low > 0 || interval.high < 0) {
    const amount = percentagePoints(Math.abs(estimate));
    const sentence = `${estimate > 0 ? words.more(amount) : words.less(amount)} (${span}).`;
    return { ...told, verdict: 'present', sentence };
  }
  return { ...told, verdict: 'unclear', sentence: `Whether there is any ${words.what} is not clear yet (${span}).` };
}

/** The mean of values that lie within ± `range`, with its interval. */
export function meanOf(values: readonly number[], range: number): { n: number; estimate: number; interval: Interval } {
  const sorted = Float64Array.from(values, (value) => value / range).sort();
  const { low, high } = estimateMean(sorted, { bounded: true }).interval(confidence);
  const estimate = (sorted.reduce((sum, value) => sum + value, 0) / sorted.length) * range;
  return { n: values.length, estimate, interval: { low: Math.max(-1, low) * range, high: Math.min(1, high) * range } };
}
