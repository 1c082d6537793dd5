import type { Agreement } from '../agreement/agreement.ts';
import { cohenKappa } from '../agreement/cohen-kappa.ts';
import { krippendorffAlpha } from '../agreement/krippendorff-alpha.ts';
import type { Interval } from '../interval.ts';
import { studentQuantile } from '../student-quantile.ts';
import { wilsonInterval } from '../two-proportions.ts';
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

/** What a judge and a person say of one answer, from 0 to 1. */
export type JudgedExample = { judge: number; person: number };

type Estimated = { n: number; estimate: number; interval: Interval };

/** How a judge agrees with people, over examples that were labelled without regard to what the judge said. */
export type JudgeAgreement = {
  n: number;
  /** Beyond chance: Krippendorff's alpha with distances, which for 0 and 1 is that of categories. Its verdict is the judge's. */
  alpha: Agreement;
  /** Mean judge − person: a judge that is lenient, or strict. */
  leniency: Diagnosis;
  /** Pearson's and Spearman's correlations; null where one side never varies or there are too few. */
  pearson: Estimated | null;
  spearman: Estimated | null;
  /** For judges and people who say 0 or 1; else null. */
  binary: {
    kappa: Agreement;
    accuracy: Estimated;
    /** Of what people passed, what the judge passed; null where they passed nothing. */
    sensitivity: Estimated | null;
    /** Of what people failed, what the judge failed. */
    specificity: Estimated | null;
  } | null;
};

const words: Words = {
  more: (amount) => `The judge scores ${amount} higher than people`,
  less: (amount) => `The judge scores ${amount} lower than people`,
  what: 'leniency or strictness',
  examples: 'examples',
};

function share(examples: readonly JudgedExample[]): Estimated | null {
  const n = examples.length;
  if (n === 0) return null;
  const count = examples.filter(({ judge, person }) => judge === person).length;
  return { n, estimate: count / n, interval: wilsonInterval({ count, of: n }, confidence) };
}

/** Ranks, equal values sharing the mean of theirs. */
function ranks(values: readonly number[]): number[] {
  const order = values.map((value, i) => ({ value, i })).sort((a, b) => a.value - b.value);
  const found = new Array<number>(values.length).fill(0);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && order[to]?.value === order[from]?.value) to++;
    for (const { i } of order.slice(from, to)) found[i] = (from + to + 1) / 2;
    from = to;
  }
  return found;
}

type Sums = { n: number; x: number; y: number; xx: number; yy: number; xy: number };

function correlationOf({ n, x, y, xx, yy, xy }: Sums): number {
  const spread = (xx - (x * x) / n) * (yy - (y * y) / n);
  return spread > 1e-18 * xx * yy ? Math.max(-1, Math.min(1, (xy - (x * y) / n) / Math.sqrt(spread))) : Number.NaN;
}

/** Pearson's correlation with the jackknife's interval on R. A. Fisher's scale, which needs no normal distribution. */
function correlation(xs: readonly number[], ys: readonly number[]): Estimated | null {
  const n = xs.length;
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / n;
  const [meanX, meanY] = [mean(xs), mean(ys)];
  const points = xs.map((x, i) => ({ x: x - meanX, y: (ys[i] ?? 0) - meanY }));
  const zero: Sums = { n: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
  const plus = (sums: Sums, { x, y }: { x: number; y: number }, by: 1 | -1): Sums => ({
    n: sums.n + by,
    x: sums.x + by * x,
    y: sums.y + by * y,
    xx: sums.xx + by * x * x,
    yy: sums.yy + by * y * y,
    xy: sums.xy + by * x * y,
  });
  const all = points.reduce<Sums>((sums, point) => plus(sums, point, 1), zero);
  const estimate = correlationOf(all);
  const without = points.map((point) => Math.atanh(correlationOf(plus(all, point, -1))));
  if (!without.every(Number.isFinite)) return null;
  const centre = mean(without);
  const variance = ((n - 1) / n) * without.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const reach = studentQuantile((1 + confidence) / 2, n - 1) * Math.sqrt(variance);
  const middle = Math.atanh(estimate);
  return { n, estimate, interval: { low: Math.tanh(middle - reach), high: Math.tanh(middle + reach) } };
}

/**
 * How far a judge and people say the same: chance-corrected agreement, correlation, and for verdicts of 0 and 1 the shares that
 * agree. A correlation alone does not show a judge that is lenient to all, nor do equal means show one that guesses.
 */
export function judgeAgreement(examples: readonly JudgedExample[], margin = usualMargin): JudgeAgreement {
  const n = examples.length;
  const [judge, person] = [examples.map((one) => one.judge), examples.map((one) => one.person)];
  const isBinary = [...judge, ...person].every((value) => value === 0 || value === 1);
  const accuracy = share(examples);
  const differences = examples.map((one) => one.judge - one.person);
  const enough = n >= minimumExamples;
  return {
    n,
    alpha: krippendorffAlpha(
      examples.map((one) => [one.judge, one.person]),
      'interval',
    ),
    leniency: enough ? diagnose(meanOf(differences, 1), margin, words) : tooFew(n, words),
    pearson: enough ? correlation(judge, person) : null,
    spearman: enough ? correlation(ranks(judge), ranks(person)) : null,
    binary:
      isBinary && accuracy
        ? {
            kappa: cohenKappa(
              examples.map((one) => ({ a: one.judge, b: one.person })),
              { categories: [0, 1], weights: 'none' },
            ),
            accuracy,
            sensitivity: share(examples.filter((one) => one.person === 1)),
            specificity: share(examples.filter((one) => one.person === 0)),
          }
        : null,
  };
}
