import {
  type Budget,
  formatUsd,
  type MonitorMeasure,
  type MonitorRule,
  type NanoUsd,
  type ProjectId,
} from '@wheelhouse/core/records';
import { judgeThreshold } from '@wheelhouse/core/watch';
import { nothing, type RuleFound } from './look-at-rules.ts';
import { nameOf, showValue } from './measures.ts';

/** A budget and what those that it counts spent in its period; who spent nothing is not in it. */
export type BudgetUse = Pick<Budget, 'id' | 'scope' | 'period' | 'amountNanoUsd'> & {
  usedBy: { subject: string; spentNanoUsd: NanoUsd }[];
};
export type BudgetsOf = (project: ProjectId) => Promise<BudgetUse[]>;

const periods = { day: 'today', week: 'this week', month: 'this month', total: 'in all' } as const;
const noOne = { subject: '', spentNanoUsd: 0n };

/** How much of a budget is used; of one that stands for each, by whoever used most. */
export async function lookAtBudget(
  { budgetsOf }: { budgetsOf: BudgetsOf },
  project: ProjectId,
  { measure, rule }: { measure: Extract<MonitorMeasure, { kind: 'budget' }>; rule: MonitorRule },
): Promise<RuleFound> {
  const budget = (await budgetsOf(project)).find(({ id }) => id === measure.budget);
  if (budget === undefined)
    return { value: null, rows: 0, ...nothing(`There is no budget ${measure.budget}; it may have been removed.`) };
  const most = budget.usedBy.reduce((one, other) => (other.spentNanoUsd > one.spentNanoUsd ? other : one), noOne);
  const value = budget.amountNanoUsd === 0n ? 1 : Number(most.spentNanoUsd) / Number(budget.amountNanoUsd);
  const rows = budget.usedBy.length;
  if (rule.kind !== 'above' && rule.kind !== 'below') return { value, rows, ...nothing('') };
  const show = (one: number) => showValue(measure, one);
  const judged = judgeThreshold(rule, { value, name: nameOf(measure), show });
  const whose = budget.scope === 'project' ? 'The project' : rows === 0 ? 'Nobody' : `${budget.scope} ${most.subject}`;
  const amounts = `${rows === 0 && budget.scope !== 'project' ? 'any' : formatUsd(most.spentNanoUsd)} of ${formatUsd(budget.amountNanoUsd)} ${periods[budget.period]}`;
  return { value, rows, ...judged, sentence: `${judged.sentence} ${whose} spent ${amounts}.` };
}
