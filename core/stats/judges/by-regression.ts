import type { Interval } from '../interval.ts';
import { normalQuantile } from '../normal-quantile.ts';
import { studentQuantile } from '../student-quantile.ts';

/** A labelled row; it stands for `weight` rows like it. */
export type Labelled = { judge: number; person: number; weight: number };

export type Estimate = {
  estimate: number;
  interval: Interval;
  /** Standard deviations; see `CorrectedScore`. */
  spread: { unexplained: number; foretold: number };
};

/**
 * A weighted least-squares line through the labels over the judge's scores. Each row has its residual as it would be, and the
 * slope, were the line drawn without it: so the estimate leans on no row twice, and a row that pulls the line does not look
 * well explained (the HC3 residuals of J. G. MacKinnon and H. White, Journal of Econometrics 29 (1985) 305–325).
 */
function fit(labelled: readonly Labelled[]) {
  const weights = labelled.reduce((sum, { weight }) => sum + weight, 0);
  const average = (value: (row: Labelled) => number) =>
    labelled.reduce((sum, row) => sum + row.weight * value(row), 0) / weights;
  const judge = average((row) => row.judge);
  const person = average((row) => row.person);
  const variance = average((row) => (row.judge - judge) ** 2);
  const covariance = average((row) => (row.judge - judge) * (row.person - person));
  const isFlat = variance < 1e-12;
  const slope = isFlat ? 0 : covariance / variance;
  const left = labelled.map((row) => {
    const distance = row.judge - judge;
    const share = row.weight / weights;
    const leverage = share * (1 + (isFlat ? 0 : distance ** 2 / variance));
    const residual = (row.person - person - slope * distance) / Math.max(1 - leverage, 1e-9);
    return { residual, slope: isFlat ? 0 : slope - (share * distance * residual) / variance };
  });
  return { weights, person, slope, isFlat, left };
}

/**
 * The power-tuned prediction-powered mean: the labels' mean, moved by λ times how much higher the judge scored all rows than
 * those that were labelled, with the λ of least variance, the slope of the labels on the judge's scores (PPI++,
 * arXiv:2311.01453, section 6), for each label from the others (T. Zrnic and E. J. Candès, "Cross-prediction-powered
 * inference", PNAS 121 (2024) e2322083121). Labels stand in by the inverse of their probabilities (the same, "Active
 * statistical inference", arXiv:2403.03208), normalised, so that without the judge it is the labels' weighted mean.
 * @param judged the judge's scores of all rows, labelled or not
 * @param options.isSparse few errors of the judge can be seen in so many labels: two made-up residuals of 1, one up and one
 * down, stand for what was not
 */
export function byRegression(
  labelled: readonly Labelled[],
  judged: readonly number[],
  options: { confidence: number; isSparse: boolean },
): Estimate {
  const { weights, person, slope, isFlat, left } = fit(labelled);
  const rows = judged.length;
  const all = judged.reduce((sum, value) => sum + value, 0) / rows;
  const variance = judged.reduce((sum, value) => sum + (value - all) ** 2, 0) / Math.max(1, rows - 1);
  const over = (value: (row: Labelled, i: number) => number) =>
    labelled.reduce((sum, row, i) => sum + value(row, i), 0);
  // Of each labelled row the judge's score counts with the slope of the others, among all rows as among the labels.
  const moved = over((row, i) => {
    const own = left[i]?.slope ?? 0;
    return (row.judge - all) * ((own - slope) / rows - (row.weight / weights) * own);
  });
  const squares = over(({ weight }) => weight * weight);
  const effective = weights ** 2 / squares;
  const unexplained = over(({ weight }, i) => (weight * (left[i]?.residual ?? 0)) ** 2) / squares;
  const freedom = Math.max(1, effective - (isFlat ? 1 : 2));
  const p = (1 + options.confidence) / 2;
  const [perLabel, reach] = options.isSparse
    ? [(effective * unexplained + 2) / (effective + 2) ** 2, normalQuantile(p)]
    : [unexplained / effective, studentQuantile(p, freedom)];
  const foretold = slope ** 2 * variance;
  const half = reach * Math.sqrt(perLabel + foretold / rows);
  const estimate = person + moved;
  return {
    estimate,
    interval: { low: estimate - half, high: estimate + half },
    spread: { unexplained: Math.sqrt(perLabel * effective), foretold: Math.sqrt(foretold) },
  };
}
