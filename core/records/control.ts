import type { BudgetId, LimitId } from './ids.ts';
import type { NanoUsd } from './money.ts';

/** Whose calls count together. `user`: an end user, as requests name one. */
export const controlScopes = ['project', 'team', 'person', 'key', 'user'] as const;
export type ControlScope = (typeof controlScopes)[number];

/** The subject that stands for each one of the scope that has no row of its own. */
export const eachSubject = '*';

/** Periods begin at midnight UTC; weeks on Monday. */
export const budgetPeriods = ['day', 'week', 'month', 'total'] as const;
export type BudgetPeriod = (typeof budgetPeriods)[number];

/** What the calls of a subject may cost in a period. */
export type Budget = {
  id: BudgetId;
  scope: ControlScope;
  /** An id of the scope, or {@link eachSubject}; of a project its own id. */
  subject: string;
  period: BudgetPeriod;
  amountNanoUsd: NanoUsd;
  /** Hard: a call that could pass it is refused. Soft: it only raises an alert. */
  hard: boolean;
  /** From which share of the amount on it is marked, above 0 and up to 1. */
  alertAt: number;
  createdBy: string;
  createdAt: string;
};

/** How fast and how many at once; null: not limited. */
export type Limit = {
  id: LimitId;
  scope: ControlScope;
  subject: string;
  requestsPerMinute: number | null;
  tokensPerMinute: number | null;
  parallelCalls: number | null;
  createdBy: string;
  createdAt: string;
};

const dayMs = 86_400_000;
/** 1970-01-01 was a Thursday. */
const firstMondayMs = 4 * dayMs;

/** The period that holds this moment; `endMs` null: it has none. */
export function periodAt(period: BudgetPeriod, nowMs: number): { startMs: number; endMs: number | null } {
  if (period === 'total') return { startMs: 0, endMs: null };
  if (period === 'month') {
    const now = new Date(nowMs);
    const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
    return { startMs: Date.UTC(year, month, 1), endMs: Date.UTC(year, month + 1, 1) };
  }
  const length = period === 'day' ? dayMs : 7 * dayMs;
  const origin = period === 'day' ? 0 : firstMondayMs;
  const startMs = origin + Math.floor((nowMs - origin) / length) * length;
  return { startMs, endMs: startMs + length };
}
