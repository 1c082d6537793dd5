import { periodAt } from '../../records/index.ts';

const dayMs = 86_400_000;
/** The last so many whole days say what days cost. */
const daysLookedAt = 7;

/** From when on costs have to be known. */
export const monthSpendFromMs = (nowMs: number): number =>
  Math.min(periodAt('month', nowMs).startMs, Math.floor(nowMs / dayMs) * dayMs - daysLookedAt * dayMs);

export type MonthSpend = { spentUsd: number; dayUsd: number; expectedUsd: number };

/**
 * What the month that runs will have cost at its end, in UTC: what was spent, and what its days left would cost if they are
 * as the last seven whole ones were. Days before anything was measured do not count.
 * @param days dollars of each day, which begins at midnight
 */
export function monthSpend(days: readonly { startMs: number; usd: number }[], nowMs: number): MonthSpend {
  const { startMs, endMs } = periodAt('month', nowMs);
  const todayMs = Math.floor(nowMs / dayMs) * dayMs;
  const sum = (from: number, until: number) =>
    days.filter((day) => day.startMs >= from && day.startMs < until).reduce((all, { usd }) => all + usd, 0);
  const firstMs = Math.min(...days.map((day) => day.startMs), nowMs);
  const fromMs = Math.max(todayMs - daysLookedAt * dayMs, firstMs);
  const whole = (todayMs - fromMs) / dayMs;
  const spentUsd = sum(startMs, Infinity);
  // On the first day of all there is only that day.
  const dayUsd =
    whole >= 1 ? sum(fromMs, todayMs) / whole : sum(todayMs, Infinity) / Math.max((nowMs - todayMs) / dayMs, 1 / 24);
  return { spentUsd, dayUsd, expectedUsd: spentUsd + (dayUsd * ((endMs ?? nowMs) - nowMs)) / dayMs };
}
