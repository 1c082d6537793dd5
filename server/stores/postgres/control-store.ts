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

export function createControlStore(db: Db): ControlStore {
  const remove = (table: 'budgets' | 'limits', action: string) => (by: Actor, id: string) =>
    inTransaction(db, async (tx) => {
      const row = await tx
        .deleteFrom(table)
        .where('project_id', '=', by.project)
        .where('id', '=', id)
        .returning(['scope', 'subject'])
        .executeTakeFirst();
      if (!row) return false;
      await recordChange(tx, by, { action, subject: id, detail: row });
      return true;
    });

  return {
    setBudget: (by, { id, scope, subject, period, amountNanoUsd, hard, alertAt }) =>
      inTransaction(db, async (tx) => {
        const terms = { amount_nano_usd: amountNanoUsd, hard, alert_at: alertAt };
        const row = await tx
          .insertInto('budgets')
          .values({ id, project_id: by.project, scope, subject, period, ...terms, created_by: by.actor })
          .onConflict((conflict) => conflict.columns(['project_id', 'scope', 'subject', 'period']).doUpdateSet(terms))
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { scope, subject, period, amountNanoUsd: String(amountNanoUsd), hard, alertAt };
        await recordChange(tx, by, { action: 'budget.set', subject: row.id, detail });
        return toBudget(row);
      }),

    setLimit: (by, { id, scope, subject, requestsPerMinute, tokensPerMinute, parallelCalls }) =>
      inTransaction(db, async (tx) => {
        const terms = {
          requests_per_minute: requestsPerMinute,
          tokens_per_minute: tokensPerMinute,
          parallel_calls: parallelCalls,
        };
        const row = await tx
          .insertInto('limits')
          .values({ id, project_id: by.project, scope, subject, ...terms, created_by: by.actor })
          .onConflict((conflict) => conflict.columns(['project_id', 'scope', 'subject']).doUpdateSet(terms))
          .returningAll()
          .executeTakeFirstOrThrow();
        const detail = { scope, subject, requestsPerMinute, tokensPerMinute, parallelCalls };
        await recordChange(tx, by, { action: 'limit.set', subject: row.id, detail });
        return toLimit(row);
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
