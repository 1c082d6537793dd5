import { type AbuseKind, type AbuseRates, abuseKinds } from '../../records/index.ts';

/** What is put on each call, as shares of what is there: much finds who does little else, little finds who does it now and then. */
const stakes = [0.05, 0.2, 0.5] as const;
const parts = abuseKinds.length * stakes.length;
const dayMs = 24 * 3_600_000;
/** Evidence halves in so long. */
const halfLifeMs = 3 * dayMs;
/** Beyond it a kind is so usual in a project that it says nothing. */
const usual = 0.5;
/**
 * Days on which evidence begins anew within a month, and what those before leave at most: 30 and the sum of
 * 2^(-d/3) over days before.
 */
const beginningsOfMonth = 35;

/** Evidence against a user, by kind and stake: each is what one unit became that was set against each beginning. */
export type Evidence = { day: number; atMs: number; stakes: Record<AbuseKind, number[]> };

export const noEvidence = (): Evidence => ({
  ...{ day: -1, atMs: 0 },
  stakes: Object.fromEntries(abuseKinds.map((kind) => [kind, stakes.map(() => 0)])) as Record<AbuseKind, number[]>,
});

/** Time goes by before a call: what is there fades, and on a new day one more unit is set. Changes the evidence. */
export function waitUntil(evidence: Evidence, atMs: number): void {
  const day = Math.floor(atMs / dayMs);
  const fades = evidence.day < 0 ? 1 : 2 ** (-Math.max(0, atMs - evidence.atMs) / halfLifeMs);
  const begins = day > evidence.day ? 1 : 0;
  for (const kind of abuseKinds) evidence.stakes[kind] = evidence.stakes[kind].map((held) => held * fades + begins);
  evidence.day = Math.max(day, evidence.day);
  evidence.atMs = Math.max(atMs, evidence.atMs);
}

/**
 * Sees how much a call speaks of a kind, from 0 to 1. Where honest users' calls speak of it by `chance` at most, on average
 * and whatever came before, what is there does not grow on average. Whether it grew. Changes the evidence.
 */
export function see(evidence: Evidence, kind: AbuseKind, speaks: number, rates: Pick<AbuseRates, 'chance'>): boolean {
  const chance = rates.chance[kind];
  if (chance >= usual) return false;
  evidence.stakes[kind] = evidence.stakes[kind].map((held, i) => held * (1 + (stakes[i] ?? 0) * (speaks / chance - 1)));
  return speaks > chance;
}

/** All of it, or that of some kinds: the mean over all kinds and stakes. */
export function amountOf(evidence: Evidence, kinds: readonly AbuseKind[] = abuseKinds): number {
  let sum = 0;
  for (const kind of kinds) for (const held of evidence.stakes[kind]) sum += held;
  return sum / parts;
}

/**
 * An honest user shows this much in a month at most one time in so many. The amount, less the days on which it began, is a
 * supermartingale: it reaches `amount` within a month with a chance of at most the beginnings of a month over it.
 */
export const oneInOf = (amount: number): number => Math.max(1, amount / beginningsOfMonth);
