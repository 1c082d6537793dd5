import { type AbuseCall, type AbuseKind, type AbuseRates, abuseKinds } from '../../records/index.ts';
import { speaksOf } from './risk-of.ts';

/** With fewer users nothing can be learned of them. */
const leastUsers = 20;
/** A user with fewer calls is too little known. */
const leastCalls = 20;
/** All but so many users do it less often than is assumed of every one. */
const covered = 0.95;

/** What is assumed of honest users at least: where hardly anybody does a thing, a first one is still no attack. */
export const leastChance: Record<AbuseKind, number> = {
  ...{ injection: 0.02, extraction: 0.02, probing: 0.02 },
  ...{ scraping: 0.2, farming: 0.01 },
};
const mostChance = 0.5;

/** Places among users that the tail is read from, and how far out is beyond all of them. */
const tail = { low: 0.8, high: 0.95, beyond: 0.0001 };
/** Less in ten minutes harms nobody: 20 cents, a hundred thousand tokens. */
const leastSpend = { nanoUsd: 200_000_000, tokens: 100_000 };

const at = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;

/**
 * What no honest user spends in ten minutes, from the most that each did: the tail is taken to fall as a power (Pareto),
 * whose exponent is read between the 80th and the 95th in a hundred, so that the few who may be abusing it move nothing. null:
 * nothing is known.
 */
export function spendBound(peaks: readonly number[], least: number): number | null {
  const sorted = peaks.filter((peak) => peak > 0).sort((a, b) => a - b);
  if (sorted.length < leastUsers) return null;
  const [low, high] = [at(sorted, tail.low), at(sorted, tail.high)];
  const thickness = Math.log(Math.max(high / low, 1.05)) / Math.log((1 - tail.low) / (1 - tail.high));
  return Math.max(least, high * ((1 - tail.high) / tail.beyond) ** thickness);
}

/** How often calls of the user spoke of each kind, on average; null: too few calls. */
function ratesOf(calls: readonly AbuseCall[]): Record<AbuseKind, number> | null {
  if (calls.length < leastCalls) return null;
  const sums = Object.fromEntries(abuseKinds.map((kind) => [kind, 0])) as Record<AbuseKind, number>;
  calls.forEach((_, i) => {
    for (const [kind, said] of Object.entries(speaksOf(calls, i))) sums[kind as AbuseKind] += said;
  });
  for (const kind of abuseKinds) sums[kind] /= calls.length;
  return sums;
}

/**
 * What honest users of a project do. A form of words that most users share is the app's, a project in which people talk of
 * attacks has many calls that look like one: the chance of each kind is what 95 of 100 users stay below.
 * @param users the newest calls of some users, the oldest first
 * @param peaks the most that each user spent in ten minutes
 */
export function learnRates(
  users: readonly (readonly AbuseCall[])[],
  { peaks, learnedMs }: { peaks: { nanoUsd: readonly number[]; tokens: readonly number[] }; learnedMs: number },
): AbuseRates {
  const known = users.flatMap((calls) => ratesOf(calls) ?? []);
  const chance = { ...leastChance };
  if (known.length >= leastUsers)
    for (const kind of abuseKinds) {
      const sorted = known.map((rates) => rates[kind]).sort((a, b) => a - b);
      chance[kind] = Math.min(mostChance, Math.max(leastChance[kind], at(sorted, covered)));
    }
  return {
    ...{ learnedMs, users: known.length, chance },
    spend: {
      nanoUsd: spendBound(peaks.nanoUsd, leastSpend.nanoUsd),
      tokens: spendBound(peaks.tokens, leastSpend.tokens),
    },
  };
}
