import { incompleteBeta } from './incomplete-beta.ts';

/** P(X ≤ k) for X binomial with n tosses of a fair coin. */
const binomialCdf = (k: number, n: number) => (k >= n ? 1 : incompleteBeta(0.5, n - k, k + 1));

/**
 * McNemar's two-sided test that wins and losses are equally likely, given how many pairs differ: the exact p, and
 * the mid-p, which is less conservative and still keeps its level.
 * Fagerland, Lydersen & Laake, BMC Medical Research Methodology 13:91 (2013).
 */
export function mcnemar(wins: number, losses: number): { exact: number; midP: number } {
  const differing = wins + losses;
  const fewer = Math.min(wins, losses);
  if (differing === 0) return { exact: 1, midP: 1 };
  const upTo = binomialCdf(fewer, differing);
  const below = fewer === 0 ? 0 : binomialCdf(fewer - 1, differing);
  const exact = Math.min(1, 2 * upTo);
  return { exact, midP: wins === losses ? 1 - (upTo - below) / 2 : upTo + below };
}
