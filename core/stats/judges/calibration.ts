import type { Interval } from '../interval.ts';
import { wilsonInterval } from '../two-proportions.ts';
import { uniformFrom } from '../uniform.ts';
import {
  confidence,
  type Diagnosis,
  diagnose,
  meanOf,
  minimumExamples,
  percentagePoints,
  tooFew,
  usualMargin,
  type Words,
} from './diagnosis.ts';

/** A judge's score, read as the chance that a person passes the answer, and whether one did. */
export type Forecast = { score: number; passed: boolean };

export type CalibrationBin = {
  /** Scores above `from` and up to `to`; the first bin has 0 too. */
  from: number;
  to: number;
  count: number;
  meanScore: number;
  /** Share that people passed, with its 95 % interval. */
  passRate: number;
  interval: Interval;
};

/** `estimate` is the mean score − the pass rate: above 0 for a lenient judge. */
export type Calibration = Diagnosis & {
  /** Bins of a tenth that have examples. */
  bins: CalibrationBin[];
  /**
   * Expected calibration error: how far scores are from the pass rate of their bin, on average over examples. Bins of few
   * examples make it large by chance: a judge without fault stays below `byChance` in 97.5 % of such samples.
   */
  error: { estimate: number; byChance: number } | null;
  /** Brier's score, the mean squared distance of scores from 1 and 0: 0 is best, and always 0.5 gets 0.25. */
  brier: { estimate: number; interval: Interval } | null;
};

const binCount = 10;
const resamples = 2000;

const words: Words = {
  more: (amount) => `The judge's scores are ${amount} higher than the share that people pass`,
  less: (amount) => `The judge's scores are ${amount} lower than the share that people pass`,
  what: 'error of calibration',
  examples: 'examples',
};

const binOf = (score: number) => Math.min(binCount - 1, Math.max(0, Math.ceil(score * binCount) - 1));

function binned(forecasts: readonly Forecast[]): CalibrationBin[] {
  const bins = Array.from({ length: binCount }, () => ({ count: 0, scores: 0, passed: 0 }));
  for (const { score, passed } of forecasts) {
    const bin = bins[binOf(score)];
    if (!bin) continue;
    bin.count++;
    bin.scores += score;
    if (passed) bin.passed++;
  }
  return bins.flatMap(({ count, scores, passed }, i) => {
    if (count === 0) return [];
    const interval = wilsonInterval({ count: passed, of: count }, confidence);
    const [from, to] = [i / binCount, (i + 1) / binCount];
    return [{ from, to, count, meanScore: scores / count, passRate: passed / count, interval }];
  });
}

const errorOf = (bins: readonly CalibrationBin[], n: number) =>
  bins.reduce((sum, { count, meanScore, passRate }) => sum + count * Math.abs(meanScore - passRate), 0) / n;

/**
 * The error that a judge whose scores are the very chances shows in no more than 2.5 % of samples with these scores.
 * J. Bröcker and L. A. Smith, Weather and Forecasting 22 (2007) 651–661.
 */
function errorByChance(forecasts: readonly Forecast[], seed: number): number {
  const uniform = uniformFrom(seed);
  const errors = new Float64Array(resamples);
  const gaps = new Float64Array(binCount);
  for (let r = 0; r < resamples; r++) {
    gaps.fill(0);
    for (const { score } of forecasts) {
      const bin = binOf(score);
      const passed = uniform() < score ? 1 : 0;
      gaps[bin] = (gaps[bin] ?? 0) + score - passed;
    }
    errors[r] = gaps.reduce((sum, gap) => sum + Math.abs(gap), 0) / forecasts.length;
  }
  return errors.sort()[Math.ceil(0.975 * resamples) - 1] ?? 0;
}

/**
 * Whether a judge's scores mean what they say: of the answers that it gives 0.8, do people pass 80 %?
 * M. P. Naeini, G. F. Cooper and M. Hauskrecht, AAAI 2015 (expected calibration error, bins of equal width); G. W. Brier,
 * Monthly Weather Review 78 (1950) 1–3.
 * @param options.seed fixes the resampling
 */
export function calibration(forecasts: readonly Forecast[], options: { seed: number; margin?: number }): Calibration {
  const n = forecasts.length;
  const margin = options.margin ?? usualMargin;
  const bins = binned(forecasts);
  if (n < minimumExamples) return { ...tooFew(n, words), bins, error: null, brier: null };
  const errors = forecasts.map(({ score, passed }) => score - (passed ? 1 : 0));
  const brier = meanOf(
    errors.map((error) => error * error),
    1,
  );
  const error = { estimate: errorOf(bins, n), byChance: errorByChance(forecasts, options.seed) };
  const told = diagnose(meanOf(errors, 1), margin, words);
  const all = { ...told, bins, error, brier: { estimate: brier.estimate, interval: brier.interval } };
  if (told.verdict === 'present') return all;
  const found = `scores are ${percentagePoints(error.estimate)} from their bins' pass rates on average`;
  if (error.estimate > error.byChance) {
    const chance = `more than the ${percentagePoints(error.byChance)} that chance explains`;
    return {
      ...all,
      verdict: 'present',
      sentence: `The judge is not off on the whole, but ${found}, ${chance} (${n} examples).`,
    };
  }
  if (told.verdict === 'negligible' && error.byChance > margin) {
    const sentence = `The judge is not off on the whole; ${found}, which may be chance (${n} examples).`;
    return { ...all, verdict: 'unclear', sentence };
  }
  return all;
}
