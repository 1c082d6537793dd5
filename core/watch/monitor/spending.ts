import type { MonitorSpending } from '../../records/index.ts';

const dayOf = (at: string) => at.slice(0, 10);
const nano = (usd: number) => BigInt(Math.round(usd * 1e9));

/** What was spent on the day of a moment. */
export const spentOn = (spent: MonitorSpending | undefined, at: string): bigint =>
  spent?.day === dayOf(at) ? BigInt(spent.nanoUsd) : 0n;

/** Whether there is room for as much as the last look cost. A new day begins with nothing spent. */
export const hasRoom = (
  spent: MonitorSpending | undefined,
  { at, budgetUsd }: { at: string; budgetUsd: number },
): boolean => spent?.day !== dayOf(at) || BigInt(spent.nanoUsd) + BigInt(spent.lastNanoUsd) <= nano(budgetUsd);

/** With what a look cost; what has no price counts nothing. */
export function withSpent(
  spent: MonitorSpending | undefined,
  { at, nanoUsd }: { at: string; nanoUsd: bigint },
): MonitorSpending | undefined {
  if (nanoUsd === 0n) return spent;
  return { day: dayOf(at), nanoUsd: String(spentOn(spent, at) + nanoUsd), lastNanoUsd: String(nanoUsd) };
}
