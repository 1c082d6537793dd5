import { normalQuantile } from '../normal-quantile.ts';
import { wilsonInterval } from '../two-proportions.ts';
import type { Estimate, Labelled } from './by-regression.ts';

/** Labels that a stratum has on average where the scores can be cut anywhere. */
const labelsInStratum = 10;
/**
 * Labels that a stratum has on average at the least: one that often goes without would be given its neighbour's share, which
 * is a bias. Which strata there are hangs on the judge's scores alone, never on which rows happened to be labelled.
 */
const fewestLabels = 5;
const mostStrata = 5;

type Stratum = { rows: number; weights: number; squares: number; ones: number };

/** Upper ends of the strata: every score is its own where there are few, else they are cut into equal numbers of rows. */
function upperEnds(judged: readonly number[], labels: number): number[] {
  const wanted = Math.min(mostStrata, Math.max(2, Math.floor(labels / labelsInStratum)));
  const sorted = Float64Array.from(judged).sort();
  const distinct = new Set(sorted);
  const cuts = Array.from({ length: wanted }, (_, i) => sorted[Math.ceil((sorted.length * (i + 1)) / wanted) - 1] ?? 0);
  const fewest = (fewestLabels / labels) * sorted.length;
  const ends: number[] = [];
  let [below, before] = [0, 0];
  for (const end of distinct.size <= wanted ? distinct : new Set(cuts)) {
    while (below < sorted.length && (sorted[below] ?? 0) <= end) below++;
    if (below - before < fewest) continue;
    ends.push(end);
    before = below;
  }
  // What is left over at the top goes with the highest stratum.
  ends.splice(-1, 1, sorted.at(-1) ?? 0);
  return ends;
}

/** Strata in order of the judge's scores; one that no label fell into is joined to the one before it, or after it. */
function stratify(labelled: readonly Labelled[], judged: readonly number[]): Stratum[] {
  const ends = upperEnds(judged, labelled.length);
  const place = (score: number) =>
    Math.max(
      0,
      ends.findIndex((end) => score <= end),
    );
  const strata: Stratum[] = ends.map(() => ({ rows: 0, weights: 0, squares: 0, ones: 0 }));
  const at = (score: number) => strata[place(score)] as Stratum;
  for (const score of judged) at(score).rows++;
  for (const { judge, person, weight } of labelled) {
    const stratum = at(judge);
    stratum.weights += weight;
    stratum.squares += weight * weight;
    stratum.ones += weight * person;
  }
  const joined: Stratum[] = [];
  for (const stratum of strata) {
    const last = joined.at(-1);
    if (last && (stratum.weights === 0 || last.weights === 0)) {
      last.rows += stratum.rows;
      last.weights += stratum.weights;
      last.squares += stratum.squares;
      last.ones += stratum.ones;
    } else joined.push({ ...stratum });
  }
  return joined;
}

/**
 * Mean of labels of 0 and 1 over all rows: the share of ones in each stratum of the judge's scores, by how many rows are in it.
 * With a judge of 0 and 1 this is the prediction-powered mean at its best λ, by another road; the way here has an interval
 * that does not collapse where no error was seen. Weighted labels count as the number of even ones that tells as much.
 */
export function byStrata(labelled: readonly Labelled[], judged: readonly number[], confidence: number): Estimate {
  const strata = stratify(labelled, judged).map(({ rows, weights, squares, ones }) => {
    const effective = weights ** 2 / squares;
    const rate = ones / weights;
    // Rounding may put a share of all ones just beside 1, where the score interval is not exact.
    const count = ones >= weights ? effective : rate * effective;
    return {
      share: rows / judged.length,
      rate,
      effective,
      interval: wilsonInterval({ count, of: effective }, confidence),
    };
  });
  const over = (value: (stratum: (typeof strata)[number]) => number) =>
    strata.reduce((sum, stratum) => sum + value(stratum), 0);
  const estimate = over(({ share, rate }) => share * rate);
  const between = Math.max(0, over(({ share, rate }) => share * rate ** 2) - estimate ** 2);
  const sampled = (normalQuantile((1 + confidence) / 2) ** 2 * between) / judged.length;
  const below = over(({ share, rate, interval }) => (share * (rate - interval.low)) ** 2);
  const above = over(({ share, rate, interval }) => (share * (interval.high - rate)) ** 2);
  // One more of each stands for what few labels do not show.
  const unexplained = over(({ share, rate, effective }) => {
    const cautious = (rate * effective + 1) / (effective + 2);
    return share * cautious * (1 - cautious);
  });
  return {
    estimate,
    interval: { low: estimate - Math.sqrt(below + sampled), high: estimate + Math.sqrt(above + sampled) },
    spread: { unexplained: Math.sqrt(unexplained), foretold: Math.sqrt(between) },
  };
}
