import type { ReleaseAllocation, ReleaseRail } from '../../records/index.ts';
import { type Arm, normalTail, type TwoArms } from '../../stats/index.ts';

/** The share that holds, and the calls of the candidate at which it is decided anew. */
export type Allocated = { share: number; next: number };

/** It is decided after so many calls of the candidate, and whenever there are half as many more again. */
const first = 30;
const growth = 1.5;

export const startAllocation = (share: number): Allocated => ({ share, next: first });

/** Mean and variance of the mean under a uniform prior; what lies in [0, 1] varies no more than hits and misses do. */
function posterior({ total }: Pick<TwoArms, 'total'>, arm: Arm): { mean: number; variance: number } {
  const { count, sum } = total[arm];
  const mean = (sum + 1) / (count + 2);
  return { mean, variance: (mean * (1 - mean)) / (count + 3) };
}

/** How likely it is that a rail does not lose half of what matters on it. */
function chance({ effect }: ReleaseRail, arms: Pick<TwoArms, 'total'>): number {
  const [a, b] = [posterior(arms, 'a'), posterior(arms, 'b')];
  return 1 - normalTail((b.mean - a.mean + effect / 2) / Math.sqrt(a.variance + b.variance));
}

/**
 * The next share: how likely it is that no rail loses what matters, by the worst of them, between floor and ceiling. That is
 * how often Thompson's rule (Biometrika 25 (1933) 285–294) would choose the candidate, with nothing drawn.
 */
export function nextShare(
  { floor, ceiling }: ReleaseAllocation,
  rails: readonly ReleaseRail[],
  seen: readonly Pick<TwoArms, 'total'>[],
): number {
  const chances = rails.flatMap((rail, i) => {
    const arms = seen[i];
    return arms === undefined ? [] : [chance(rail, arms)];
  });
  const share = Math.min(ceiling, Math.max(floor, Math.min(...chances)));
  return Math.round(share * 1_000) / 1_000;
}

export const nextDecision = (calls: number): number => Math.ceil(calls * growth);
