import { estimateDifference, minimumRows, type ScoreRow } from './difference-sample.ts';
import type { Interval } from './interval.ts';

/**
 * What is claimed of the mean of B − A: that it is not below −margin (`not_lower`), not above margin (`not_higher`), or
 * neither (`equivalent`).
 */
export type MarginClaim = { claim: 'not_lower' | 'not_higher' | 'equivalent'; margin: number };

export type MarginVerdict = {
  /** `held` and `failed` are each wrong with a chance of at most `risk`. */
  state: 'held' | 'failed' | 'inconclusive';
  /** How likely rows that speak so well for the claim were, if it just failed; null below `minimum`. */
  p: number | null;
  /** The interval the verdict goes by, at confidence 1 − 2 · risk; null below `minimum`. */
  interval: Interval | null;
  confidence: number;
  /** The fewest rows that can have a verdict. */
  minimum: number;
};

/**
 * Whether B keeps within a margin of A: non-inferiority by one one-sided test, equivalence by two (TOST).
 * D. J. Schuirmann, J. Pharmacokinetics and Biopharmaceutics 15 (1987) 657–680.
 * @param options.risk how often `held`, and how often `failed`, may be wrong; below 0.5
 */
export function marginVerdict(
  rows: readonly ScoreRow[],
  { claim, margin }: MarginClaim,
  { bounded, risk }: { bounded: boolean; risk: number },
): MarginVerdict {
  const confidence = 1 - 2 * risk;
  const minimum = minimumRows({ bounded });
  if (rows.length < minimum) return { state: 'inconclusive', p: null, interval: null, confidence, minimum };
  const estimate = estimateDifference(rows, { bounded });
  const claims = {
    notLower: { p: estimate.pAbove(-margin), failed: estimate.pBelow(-margin) <= risk },
    notHigher: { p: estimate.pBelow(margin), failed: estimate.pAbove(margin) <= risk },
  };
  const needed = {
    not_lower: [claims.notLower],
    not_higher: [claims.notHigher],
    equivalent: [claims.notLower, claims.notHigher],
  }[claim];
  const p = Math.max(...needed.map((one) => one.p));
  const broken = needed.some((one) => one.failed) ? 'failed' : 'inconclusive';
  return { state: p <= risk ? 'held' : broken, p, interval: estimate.interval(confidence), confidence, minimum };
}
