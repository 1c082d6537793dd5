import type { PredictorCall } from '../program/index.ts';
import { inputTokens, type NanoUsd, outputTokens } from '../records/index.ts';

/** How much may be spent in all; at least one of them. */
export type Budget = {
  costNanoUsd?: NanoUsd;
  /** Calls of models. */
  calls?: number;
  minutes?: number;
};

/** What something took, as JSON. */
export type Expense = {
  calls: number;
  /** Of the calls whose price is known; a decimal integer. */
  costNanoUsd: string;
  /** Calls that were answered and whose price is not known. */
  unpriced: number;
  inputTokens: number;
  outputTokens: number;
  /** Calls that were answered and whose tokens are not known. */
  uncounted: number;
};

export type Spent = {
  calls: number;
  /** null: the price of some calls is not known. */
  costNanoUsd: NanoUsd | null;
  /** null: those of some calls are not known. */
  tokens: { input: number; output: number } | null;
  minutes: number;
};

/** What a running sum holds. */
export type Sum = Omit<Expense, 'costNanoUsd'> & { costNanoUsd: NanoUsd; ms: number };
/** What is not to be spent. */
export type Reserve = Pick<Sum, 'calls' | 'costNanoUsd' | 'ms'>;
export const nothing = (): Sum => ({
  ...{ calls: 0, costNanoUsd: 0n, unpriced: 0, ms: 0 },
  ...{ inputTokens: 0, outputTokens: 0, uncounted: 0 },
});

export function addTo(sum: Sum, expense: Expense): void {
  sum.calls += expense.calls;
  sum.costNanoUsd += BigInt(expense.costNanoUsd);
  sum.unpriced += expense.unpriced;
  sum.inputTokens += expense.inputTokens;
  sum.outputTokens += expense.outputTokens;
  sum.uncounted += expense.uncounted;
}

export function spentOf(sum: Sum, ms: number): Spent {
  const { calls, costNanoUsd, unpriced, uncounted, inputTokens: input, outputTokens: output } = sum;
  return {
    calls,
    costNanoUsd: unpriced > 0 ? null : costNanoUsd,
    tokens: uncounted > 0 ? null : { input, output },
    minutes: ms / 60_000,
  };
}

export function expenseOf(calls: readonly PredictorCall[]): Expense {
  const sum = nothing();
  for (const { asks } of calls)
    for (const { text, costNanoUsd, usage } of asks) {
      sum.calls++;
      sum.costNanoUsd += costNanoUsd ?? 0n;
      if (text === null) continue;
      if (costNanoUsd === null) sum.unpriced++;
      if (usage) {
        sum.inputTokens += inputTokens(usage);
        sum.outputTokens += outputTokens(usage);
      } else sum.uncounted++;
    }
  const { ms: _, costNanoUsd, ...rest } = sum;
  return { ...rest, costNanoUsd: String(costNanoUsd) };
}

/** How much of the budget is gone or kept back, 0 to 1 and more: the largest share of its members. */
export function shareSpent(budget: Budget, spent: Sum, reserve: Reserve): number {
  const share = (used: number, of: number | undefined) => (of === undefined ? 0 : of <= 0 ? 1 : used / of);
  const { costNanoUsd } = budget;
  return Math.max(
    share(spent.calls + reserve.calls, budget.calls),
    share(Number(spent.costNanoUsd + reserve.costNanoUsd), costNanoUsd === undefined ? undefined : Number(costNanoUsd)),
    share((spent.ms + reserve.ms) / 60_000, budget.minutes),
  );
}

/** How many more calls may be begun at the same time, so that the share of a budget of calls is kept to the call; at least one. */
export const callsLeft = (
  budget: Budget,
  spent: Sum,
  { share, reserve }: { share: number; reserve: Reserve },
): number =>
  budget.calls === undefined ? Infinity : Math.max(1, Math.ceil(budget.calls * share - reserve.calls - spent.calls));
