/** Claude 3.7 to 4.5 think by a budget of tokens; later models only by effort. */
const byBudget = /claude-(?:3|(?:opus|sonnet|haiku)-4(?:-[015])?(?:$|[-@:]20\d{6}|[-@:]v\d|@|:))/;

export const takesBudget = (model: string): boolean => byBudget.test(model);

const budgets = new Map([
  ['minimal', 1024],
  ['low', 2048],
  ['medium', 8192],
  ['high', 16_384],
  ['xhigh', 32_768],
  ['max', 32_768],
]);
const smallest = 1024;

/** The budget for an effort, within what may be answered in all; null when no thought fits into that. */
export function budgetOf(effort: string | null, maxTokens: number | null): number | null {
  const budget = budgets.get(effort ?? 'medium') ?? smallest;
  if (maxTokens === null) return budget;
  return maxTokens <= smallest ? null : Math.max(smallest, Math.min(budget, Math.floor(maxTokens / 2)));
}
