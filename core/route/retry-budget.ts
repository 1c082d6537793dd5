/** What the budget of a target begins with and never passes, so that a quiet server can retry at all. */
export const reserve = 10;
/** What each call adds: retries are at most a tenth of them. */
export const perCall = 0.1;
/** One more after each of these. */
export const trickleMs = 10_000;

/** How many further attempts a target can be given. */
export type RetryBudget = { left: number; atMs: number };

export const newBudget = (nowMs: number): RetryBudget => ({ left: reserve, atMs: nowMs });

export function earn(budget: RetryBudget): void {
  budget.left = Math.min(reserve, budget.left + perCall);
}

function trickle(budget: RetryBudget, nowMs: number): void {
  const passed = Math.max(0, nowMs - budget.atMs);
  budget.left = Math.min(reserve, budget.left + passed / trickleMs);
  budget.atMs = Math.max(budget.atMs, nowMs);
}

/** Takes one, where there is one. */
export function spend(budget: RetryBudget, nowMs: number): boolean {
  trickle(budget, nowMs);
  if (budget.left < 1) return false;
  budget.left -= 1;
  return true;
}
