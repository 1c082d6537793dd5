import type { ControlStore } from '@wheelhouse/core/ports';
import type { Actor, Budget, Limit, ProjectId } from '@wheelhouse/core/records';
import type { FakeAuditStore } from './audit-store.ts';

type Owned<Row> = Row & { project: ProjectId };

/** What the audit log says of it. */
function saidOf(row: Budget | Limit) {
  if (!('hard' in row)) {
    const { requestsPerMinute, tokensPerMinute, parallelCalls } = row;
    return { requestsPerMinute, tokensPerMinute, parallelCalls };
  }
  const { period, amountNanoUsd, hard, alertAt } = row;
  return { period, amountNanoUsd: String(amountNanoUsd), hard, alertAt };
}

export function fakeControlStore(audit: FakeAuditStore): ControlStore {
  const budgets: Owned<Budget>[] = [];
  const limits: Owned<Limit>[] = [];
  /** In the place of the row that is the same, under its id. */
  function set<Row extends Budget | Limit>(rows: Owned<Row>[], row: Owned<Row>, same: (other: Owned<Row>) => boolean) {
    const found = rows.find((other) => other.project === row.project && same(other));
    if (!found) {
      rows.push(row);
      return row;
    }
    const { id, createdBy, createdAt } = found;
    return Object.assign(found, row, { id, createdBy, createdAt });
  }
  const remove =
    <Row extends Budget | Limit>(rows: Owned<Row>[], action: string) =>
    async (by: Actor, id: string) => {
      const found = rows.find((row) => row.id === id && row.project === by.project);
      if (!found) return false;
      rows.splice(rows.indexOf(found), 1);
      const { scope, subject } = found;
      audit.record(by, { action, subject: id, detail: { scope, subject, before: saidOf(found), after: null } });
      return true;
    };
  const was = <Row extends Budget | Limit>(rows: Owned<Row>[], by: Actor, isSame: (row: Row) => boolean) => {
    const found = rows.find((row) => row.project === by.project && isSame(row));
    return found ? saidOf(found) : null;
  };
  const bare = <Row extends object>({ project: _, ...row }: Owned<Row>) => structuredClone(row) as unknown as Row;
  return {
    setBudget: async (by, budget) => {
      const given = { ...budget, project: by.project, createdBy: by.actor, createdAt: audit.now() };
      const isSame = (other: Budget) =>
        other.scope === budget.scope && other.subject === budget.subject && other.period === budget.period;
      const before = was(budgets, by, isSame);
      const row = set<Budget>(budgets, given, isSame);
      const { scope, subject } = row;
      const detail = { scope, subject, before, after: saidOf(row) };
      audit.record(by, { action: 'budget.set', subject: row.id, detail });
      return bare<Budget>(row);
    },
    setLimit: async (by, limit) => {
      const given = { ...limit, project: by.project, createdBy: by.actor, createdAt: audit.now() };
      const isSame = (other: Limit) => other.scope === limit.scope && other.subject === limit.subject;
      const before = was(limits, by, isSame);
      const row = set<Limit>(limits, given, isSame);
      const { scope, subject } = row;
      const detail = { scope, subject, before, after: saidOf(row) };
      audit.record(by, { action: 'limit.set', subject: row.id, detail });
      return bare<Limit>(row);
    },
    removeBudget: remove(budgets, 'budget.remove'),
    removeLimit: remove(limits, 'limit.remove'),
    snapshot: async () => {
      const projects = [...new Set([...budgets, ...limits].map(({ project }) => project))];
      return projects.map((project) => ({
        project,
        budgets: budgets.filter((row) => row.project === project).map((row) => bare<Budget>(row)),
        limits: limits.filter((row) => row.project === project).map((row) => bare<Limit>(row)),
      }));
    },
  };
}
