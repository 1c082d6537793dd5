import type { ReleaseAllocation, ReleaseRail } from '../../records/index.ts';
import { type Arm, normalTail, type TwoArms } from '../../stats/index.ts';

/** How likely it is that the worst rail does not lose half of what matters on it; rail null: nothing is watched. */
type Chance = { chance: number; rail: string | null };

/** A share and why: `calls` of the candidate had been seen. */
export type ShareDecision = Chance & { calls: number; share: number };

/**
 * The share that holds, and the calls of the candidate at which it is decided anew. There are some thirty decisions in a
 * million calls, so all are kept; what began before they were has none.
 */
export type Allocated = { share: number; next: number; decisions?: ShareDecision[] };

/** It is decided after so many calls of the candidate, and whenever there are half as many more again. */
const first = 30;
const growth = 1.5;

export const startAllocation = (share: number): Allocated => ({ share, next: first, decisions: [] });

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

/** Of the rails that were seen, the one that loses likeliest. */
function worstOf(rails: readonly ReleaseRail[], seen: readonly Pick<TwoArms, 'total'>[]): Chance {
  let worst: Chance = { chance: 1, rail: null };
  for (const [i, rail] of rails.entries()) {
    const arms = seen[i];
    if (arms === undefined) continue;
    const own = chance(rail, arms);
    if (worst.rail === null || own < worst.chance) worst = { chance: own, rail: rail.name };
  }
  return worst;
}

const rounded = (share: number) => Math.round(share * 1_000) / 1_000;

/**
 * The next share: how likely it is that no rail loses what matters, by the worst of them, between floor and ceiling. That is
 * how often Thompson's rule (Biometrika 25 (1933) 285–294) would choose the candidate, with nothing drawn.
 */
export function decideShare(
  { floor, ceiling }: ReleaseAllocation,
  rails: readonly ReleaseRail[],
  { seen, calls }: { seen: readonly Pick<TwoArms, 'total'>[]; calls: number },
): ShareDecision {
  const { chance, rail } = worstOf(rails, seen);
  return { calls, share: rounded(Math.min(ceiling, Math.max(floor, chance))), chance: rounded(chance), rail };
}

/** What holds after a decision. */
export const allocatedBy = (before: Pick<Allocated, 'decisions'>, decision: ShareDecision): Allocated => ({
  ...{ share: decision.share, next: Math.ceil(decision.calls * growth) },
  decisions: [...(before.decisions ?? []), decision],
});
