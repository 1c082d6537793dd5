import type { Interval } from '../interval.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { type Proportion, proportionDifference, wilsonInterval } from '../two-proportions.ts';

/** How a judge of 0 and 1 did on examples that people labelled, which need not come from the rows to be corrected. */
export type JudgeRates = {
  /** Of what people passed, how much the judge passed: its sensitivity. */
  passed: Proportion;
  /** Of what people failed, how much the judge failed: its specificity. */
  failed: Proportion;
};

export type CorrectedRate = {
  /** Share that the judge passed. */
  raw: number;
  /** Share that people would pass; null when `why` says so. */
  estimate: number | null;
  interval: Interval | null;
  confidence: number;
  sensitivity: Interval | null;
  specificity: Interval | null;
  /** Why there is no estimate: too few labelled examples of a kind, or a judge that cannot be told from a coin. */
  why: 'too_few' | 'no_better_than_chance' | null;
};

const confidence = 0.95;

/** Of each kind, passed and failed by people. */
export const minimumOfEachKind = 10;

/** Two proportions with a made-up success and failure, as Lang and Reiczigel have them. */
const cautious = ({ count, of }: Proportion) => ({ rate: (count + 1) / (of + 2), of: of + 2 });

/**
 * The share that people would pass, from the share that a judge passed and how often it errs on examples of either kind.
 * For labels from other data than the rows, where the judge errs as often on each kind but the kinds are mixed otherwise;
 * with labels of the rows themselves {@link correctedScore} tells more.
 * W. J. Rogan and B. Gladen, American Journal of Epidemiology 107 (1978) 71–76; interval of Zs. Lang and J. Reiczigel,
 * Preventive Veterinary Medicine 113 (2014) 13–22, which counts that the rates are estimates themselves.
 * @param judged rows that the judge passed, of how many
 */
export function roganGladen(judged: Proportion, rates: JudgeRates): CorrectedRate {
  const raw = judged.count / judged.of;
  const told = (rate: Proportion) => (rate.of === 0 ? null : wilsonInterval(rate, confidence));
  const known = { raw, confidence, sensitivity: told(rates.passed), specificity: told(rates.failed) };
  const none = { estimate: null, interval: null };
  if (rates.passed.of < minimumOfEachKind || rates.failed.of < minimumOfEachKind)
    return { ...known, ...none, why: 'too_few' };
  const wrong = { count: rates.failed.of - rates.failed.count, of: rates.failed.of };
  if (proportionDifference(rates.passed, wrong, confidence).low <= 0)
    return { ...known, ...none, why: 'no_better_than_chance' };
  const specificity = rates.failed.count / rates.failed.of;
  const power = rates.passed.count / rates.passed.of + specificity - 1;
  return {
    ...known,
    estimate: Math.min(1, Math.max(0, (raw + specificity - 1) / power)),
    interval: interval(judged, rates),
    why: null,
  };
}

function interval(judged: Proportion, rates: JudgeRates): Interval {
  const z = normalQuantile((1 + confidence) / 2);
  const [passed, failed] = [cautious(rates.passed), cautious(rates.failed)];
  const of = judged.of + z * z;
  const rate = (judged.count + (z * z) / 2) / of;
  const power = passed.rate + failed.rate - 1;
  const centre = (rate + failed.rate - 1) / power;
  const ofPassed = (passed.rate * (1 - passed.rate)) / passed.of;
  const ofFailed = (failed.rate * (1 - failed.rate)) / failed.of;
  const shift = 2 * z * z * (centre * ofPassed - (1 - centre) * ofFailed);
  const variance = (rate * (1 - rate)) / of + centre ** 2 * ofPassed + (1 - centre) ** 2 * ofFailed;
  const reach = (z * Math.sqrt(variance)) / power;
  const bound = (value: number) => Math.min(1, Math.max(0, value));
  return { low: bound(centre + shift - reach), high: bound(centre + shift + reach) };
}
