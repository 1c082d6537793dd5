import type { Interval } from '../interval.ts';
import { countUnusual, informative } from '../mean-interval.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { byRegression, type Estimate, type Labelled } from './by-regression.ts';
import { byStrata } from './by-strata.ts';

/** What a person said, and the probability with which the row was chosen to be labelled, above 0 and up to 1. */
export type Label<T> = { value: T; probability: number };

/** What a judge said of one row, from 0 to 1; `label` in the same unit where a person looked at it, else null. */
export type JudgedRow = { judge: number; label: Label<number> | null };

/** What a judge said of both answers to one row; a person who looked at it labelled both. */
export type JudgedPair = { judgeA: number; judgeB: number; label: Label<{ a: number; b: number }> | null };

/** The mean that people would give, from a judge's scores of all rows and people's labels of some. */
export type CorrectedScore = {
  rows: number;
  labels: number;
  /** Mean of the judge's scores; null without rows. */
  raw: number | null;
  /** null below {@link minimumLabels}, as all that follows. */
  estimate: number | null;
  interval: Interval | null;
  confidence: number;
  /** The method that made the interval. */
  method: string;
  /** The interval that the labels give without the judge, by the same method. */
  labelsAlone: Interval | null;
  /** How many labels would give as narrow an interval without the judge. */
  worthLabels: number | null;
  /** Standard deviation of what people say beyond what the judge foretells of it, and of what it foretells. */
  spread: { unexplained: number; foretold: number } | null;
};

export type CorrectedDifference = CorrectedScore & {
  /** Where B lies as far as rows and labels tell. */
  decision: 'higher' | 'lower' | 'unclear' | 'too_few';
};

const confidence = 0.95;

/** With fewer labels intervals cover less than they promise (93 % at 20), and are too wide to be of use. */
export const minimumLabels = 30;

const clamp = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

type Method = { name: string; estimate(labelled: readonly Labelled[], judged: readonly number[]): Estimate };

const strata: Method = {
  name: 'labels by strata of the judge’s scores, score intervals',
  estimate: (labelled, judged) => byStrata(labelled, judged, confidence),
};
const regression: Method = {
  name: 'power-tuned prediction-powered, Student t interval',
  estimate: (labelled, judged) => byRegression(labelled, judged, { confidence, isSparse: false }),
};
const sparseRegression: Method = {
  name: 'power-tuned prediction-powered, adjusted Wald interval',
  estimate: (labelled, judged) => byRegression(labelled, judged, { confidence, isSparse: true }),
};

/** Whether so few labels differ from what the judge said, or from each other, that their spread says too little. */
function isSparse(labelled: readonly Labelled[]): boolean {
  const unusual = (values: number[]) => countUnusual(Float64Array.from(values).sort());
  const errors = labelled.map(({ judge, person }) => person - judge);
  return unusual(errors) < informative || unusual(labelled.map(({ person }) => person)) === 0;
}

const areWhole = (labelled: readonly Labelled[]) => labelled.every(({ person }) => Number.isInteger(person));

function correct(rows: readonly JudgedRow[], range: Interval, pick: (labelled: Labelled[]) => Method): CorrectedScore {
  const judged = rows.map(({ judge }) => judge);
  const labelled = rows.flatMap(({ judge, label }) =>
    label === null ? [] : [{ judge, person: label.value, weight: 1 / label.probability }],
  );
  const counted = {
    rows: rows.length,
    labels: labelled.length,
    raw: rows.length === 0 ? null : mean(judged),
    confidence,
  };
  if (labelled.length < minimumLabels)
    return {
      ...counted,
      estimate: null,
      interval: null,
      method: `none below ${minimumLabels} labels`,
      labelsAlone: null,
      worthLabels: null,
      spread: null,
    };
  const method = pick(labelled);
  const within = ({ low, high }: Interval) => ({
    low: clamp(low, range.low, range.high),
    high: clamp(high, range.low, range.high),
  });
  const { estimate, interval, spread } = method.estimate(labelled, judged);
  const alone = method.estimate(
    labelled.map((row) => ({ ...row, judge: 0 })),
    judged.map(() => 0),
  );
  const narrower = (alone.interval.high - alone.interval.low) / (interval.high - interval.low);
  return {
    ...counted,
    estimate: clamp(estimate, range.low, range.high),
    interval: within(interval),
    method: method.name,
    labelsAlone: within(alone.interval),
    worthLabels: Math.round(labelled.length * narrower ** 2),
    spread,
  };
}

/**
 * The mean score that people would give to all rows, with a 95 % interval: what the judge says of every row, corrected by
 * what people say of some. Unbiased whatever the judge's errors are, as long as the labelled rows were chosen by chance,
 * each with the probability that stands at its label ({@link chooseLabels}; where all rows had the same, any number does).
 * A judge that tells much makes the interval narrower than the labels alone would; one that tells nothing is left out.
 *
 * Labels of 0 and 1: the judge's scores make strata, and each has its own share of ones, with Wilson's interval
 * (A. Tenenbein, J. Amer. Statist. Assoc. 65 (1970) 1350–1361), put together as G. Y. Zou and A. Donner do, Statistics in
 * Medicine 27 (2008) 1693–1702; a judge that was never seen to err is not taken for one that never does. Other labels: the
 * power-tuned prediction-powered mean, which is the regression estimator of survey sampling: A. N. Angelopoulos, J. C. Duchi
 * and T. Zrnic, "PPI++", arXiv:2311.01453 (2023), with Student's t; where few labels differ from what the judge said, with the
 * variance of {@link correctedDifference}.
 */
export function correctedScore(rows: readonly JudgedRow[]): CorrectedScore {
  return correct(rows, { low: 0, high: 1 }, (labelled) => {
    if (areWhole(labelled)) return strata;
    return isSparse(labelled) ? sparseRegression : regression;
  });
}

/**
 * B − A as people would score it, over rows whose two answers a judge scored and people labelled for some: so a judge that
 * favours one side does no harm. As {@link correctedScore}; labels of 0 and 1, and others of which few differ from what the
 * judge said, get the adjusted Wald variance of D. G. Bonett and R. M. Price, J. Educ. Behav. Statist. 37 (2012) 479–488.
 */
export function correctedDifference(pairs: readonly JudgedPair[]): CorrectedDifference {
  const rows = pairs.map(({ judgeA, judgeB, label }) => ({
    judge: judgeB - judgeA,
    label: label && { value: label.value.b - label.value.a, probability: label.probability },
  }));
  const corrected = correct(rows, { low: -1, high: 1 }, (labelled) =>
    areWhole(labelled) || isSparse(labelled) ? sparseRegression : regression,
  );
  const { interval } = corrected;
  const side = interval === null ? 'too_few' : interval.low > 0 ? 'higher' : interval.high < 0 ? 'lower' : 'unclear';
  return { ...corrected, decision: side };
}

/**
 * Labels in all that bring the interval of the same rows to that half-width, going by the labels there are.
 * null when labels cannot do it, since even with all rows labelled it stays wider: more rows are needed.
 * @param halfWidth above 0, for example 0.05 for ± 5 pp
 */
export function labelsNeeded(corrected: CorrectedScore, halfWidth: number): number | null {
  if (corrected.spread === null) return null;
  const { unexplained, foretold } = corrected.spread;
  const allowed = (halfWidth / normalQuantile((1 + corrected.confidence) / 2)) ** 2;
  const left = allowed - foretold ** 2 / corrected.rows;
  const labels = left > 0 ? Math.ceil(unexplained ** 2 / left) : Infinity;
  return labels > corrected.rows ? null : Math.max(labels, minimumLabels);
}
