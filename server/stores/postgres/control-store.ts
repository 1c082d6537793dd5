import type { ControlStore } from '@wheelhouse/core/ports';
import type { Actor, Budget, BudgetId, Limit, LimitId, ProjectId } from '@wheelhouse/core/records';
import type { Selectable } from 'kysely';
import type { Database, Db } from './database.ts';
import { inTransaction } from './in-transaction.ts';
import { recordChange } from './record-change.ts';

const toBudget = (row: Selectable<Database['budgets']>): Budget => ({
  id: row.id as BudgetId,
  scope: row.scope,
  subject: row.subject,
  period: row.period,
  amountNanoUsd: BigInt(row.amount_nano_usd),
  hard: row.hard,
  alertAt: row.alert_at,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

const numberOf = (text: string | null) => (text === null ? null : Number(text));
const toLimit = (row: Selectable<Database['limits']>): Limit => ({
  id: row.id as LimitId,
  scope: row.scope,
  subject: row.subject,
  requestsPerMinute: numberOf(row.requests_per_minute),
  tokensPerMinute: numberOf(row.tokens_per_minute),
  parallelCalls: numberOf(row.parallel_calls),
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
});

/** What the audit log says of them. */
const termsOf = ({ period, amountNanoUsd, hard, alertAt }: Budget) => ({
  ...{ period, amountNanoUsd: String(amountNanoUsd), hard, alertAt },
});
const ratesOf = ({ requestsPerMinute, tokensPerMinute, parallelCalls }: Limit) => ({
  ...{ requestsPerMinute, tokensPerMinute, parallelCalls },
});

export function createControlStore(db: Db): ControlStore {
  const remove = (table: 'budgets' | 'limits', action: string) => (by: Actor, id: string) =>
    inTransaction(db, async (tx) => {
      const row = await tx
        .deleteFrom(table)
        .where('project_id', '=', by.project)
        .where('id', '=', id)
        .returningAll()
        .executeTakeFirst();
      if (!row) return false;
      const { scope, subject } = row;
      const before = 'hard' in row ? termsOf(toBudget(row)) : ratesOf(toLimit(row));
      await recordChange(tx, by, { action, subject: id, detail: { scope, subject, before, after: null } });
      return true;
    });

  return {
    setBudget: (by, { id, scope, subject, period, amountNanoUsd, hard, alertAt }) =>
      inTransaction(db, async (tx) => {
        const terms = { amount_nano_usd: amountNanoUsd, hard, alert_at: alertAt };
        const was = await tx
          .selectFrom('budgets')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('scope', '=', scope)
          .where('subject', '=', subject)
          .where('period', '=', period)
          .forUpdate()
          .executeTakeFirst();
        const row = await tx
          .insertInto('budgets')
          .values({ id, project_id: by.project, scope, subject, period, ...terms, created_by: by.actor })
          .onConflict((conflict) => conflict.columns(['project_id', 'scope', 'subject', 'period']).doUpdateSet(terms))
          .returningAll()
          .executeTakeFirstOrThrow();
        const budget = toBudget(row);
        const detail = { scope, subject, before: was ? termsOf(toBudget(was)) : null, after: termsOf(budget) };
        await recordChange(tx, by, { action: 'budget.set', subject: row.id, detail });
        return budget;
      }),

    setLimit: (by, { id, scope, subject, requestsPerMinute, tokensPerMinute, parallelCalls }) =>
      inTransaction(db, async (tx) => {
        const terms = {
          requests_per_minute: requestsPerMinute,
          tokens_per_minute: tokensPerMinute,
          parallel_calls: parallelCalls,
        };
        const was = await tx
          .selectFrom('limits')
          .selectAll()
          .where('project_id', '=', by.project)
          .where('scope', '=', scope)
          .where('subject', '=', subject)
          .forUpdate()
          .executeTakeFirst();
        const row = await tx
          .insertInto('limits')
          .values({ id, project_id: by.project, scope, subject, ...terms, created_by: by.actor })
          .onConflict((conflict) => conflict.columns(['project_id', 'scope', 'subject']).doUpdateSet(terms))
          .returningAll()
          .executeTakeFirstOrThrow();
        const limit = toLimit(row);
        const detail = { scope, subject, before: was ? ratesOf(toLimit(was)) : null, after: ratesOf(limit) };
        await recordChange(tx, by, { action: 'limit.set', subject: row.id, detail });
        return limit;
      }),

    removeBudget: remove('budgets', 'budget.remove'),
    removeLimit: remove('limits', 'limit.remove'),

    async snapshot() {
      const budgets = await db.selectFrom('budgets').selectAll().orderBy('id').execute();
      const limits = await db.selectFrom('limits').selectAll().orderBy('id').execute();
      const projects = [...new Set([...budgets, ...limits].map((row) => row.project_id))];
      return projects.map((project) => ({
        project: project as ProjectId,
        budgets: budgets.filter((row) => row.project_id === project).map(toBudget),
        limits: limits.filter((row) => row.project_id === project).map(toLimit),
      }));
    },
  };
}
