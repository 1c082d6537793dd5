import type { Handlers } from '@wheelhouse/core/contract';
import type { AllowanceStore, Clock, ControlStore, Random } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Budget,
  type BudgetId,
  eachSubject,
  idRandomBytes,
  type Limit,
  type LimitId,
  nanosToMs,
  newId,
  type ProjectId,
  periodAt,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { Moment } from './account.ts';
import type { CountedCache } from './answer-cache.ts';
import { BalanceAccount } from './balance-account.ts';
import type { RuleBook } from './rules.ts';
import { WindowAccount } from './window-account.ts';

export type ControlHandlerDeps = {
  store: ControlStore;
  book: RuleBook;
  /** Other servers take from the same accounts. */
  shared: boolean;
  money: AllowanceStore;
  pace: AllowanceStore;
  cache: CountedCache;
  /** Says what was spent, so that what is read is true. */
  flush(): Promise<void>;
  /** Before a change is answered, calls meet it. */
  changed(): Promise<void>;
  clock: Clock;
  random: Random;
  now(): Moment;
};

/** How many subjects of one row are shown. */
const mostShown = 50;

type Scoped = { scope: Budget['scope']; subject?: string | undefined };

/** Whose row it is; a project has no other name here than its own. */
function subjectOf(by: Actor, { scope, subject }: Scoped): string {
  if (scope === 'project') {
    if (subject === undefined || subject === by.project) return by.project;
    throw new WheelhouseError('invalid_request', 'A row of the scope `project` is of the project that is asked.', {
      param: 'subject',
      hint: 'Leave `subject` out.',
    });
  }
  if (subject !== undefined) return subject;
  throw new WheelhouseError('invalid_request', `\`subject\` is missing: which ${scope} is it?`, {
    param: 'subject',
    hint: `Give an id, or ${eachSubject} for each ${scope} that has no row of its own.`,
  });
}

/** Exact: nano-dollars of a decimal text with at most nine digits after its point. */
function nanosOf(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

const budgetBody = ({ amountNanoUsd, ...rest }: Budget) => ({ ...rest, amountNanoUsd: String(amountNanoUsd) });

type Totals = Awaited<ReturnType<AllowanceStore['totals']>>;
export type ControlHandlerIds =
  | 'listBudgets'
  | 'setBudget'
  | 'removeBudget'
  | 'listLimits'
  | 'setLimit'
  | 'removeLimit'
  | 'getGatewayUsage';

/** Budgets and limits of a project, and how much of them is used. */
export function createControlHandlers(deps: ControlHandlerDeps): Handlers<ControlHandlerIds> {
  const { store, book } = deps;
  const nowMs = () => nanosToMs(deps.clock.now());
  const id = <P extends 'bg' | 'lm'>(prefix: P) => newId(prefix, nowMs(), deps.random.bytes(idRandomBytes));
  const rowsOf = async (project: ProjectId) => {
    const found = (await store.snapshot()).find((rows) => rows.project === project);
    return found ?? { budgets: [], limits: [] };
  };

  /** What stands in the store, and in memory where the store is not told. */
  async function totals(project: ProjectId): Promise<Totals> {
    await deps.flush();
    const found = await deps.money.totals(`${project}/`);
    if (deps.shared && deps.pace !== deps.money)
      for (const [account, total] of await deps.pace.totals(`${project}/`)) found.set(account, total);
    for (const account of book.accounts.values()) {
      if (!account.id.startsWith(`${project}/`)) continue;
      if (account instanceof WindowAccount) {
        if (!deps.shared) found.set(account.id, { used: account.max - account.left(deps.now()), held: 0 });
      } else if (account instanceof BalanceAccount && !deps.shared)
        found.set(account.id, { used: found.get(account.id)?.used ?? 0, held: account.reserved });
    }
    return found;
  }

  function usedBudget(project: ProjectId, budget: Budget, found: Totals) {
    const { startMs, endMs } = periodAt(budget.period, nowMs());
    const start = new Date(startMs).toISOString();
    const prefix = `${project}/${budget.id}/${start.slice(0, 10)}/`;
    const amount = Number(budget.amountNanoUsd);
    const usedBy = [...found]
      .filter(([account, { used, held }]) => account.startsWith(prefix) && used + held > 0)
      .sort(([, a], [, b]) => b.used - a.used)
      .slice(0, mostShown)
      .map(([account, { used, held }]) => ({
        subject: account.slice(prefix.length),
        spentNanoUsd: String(used),
        reservedNanoUsd: String(held),
        state:
          used >= amount ? ('used' as const) : used >= amount * budget.alertAt ? ('alert' as const) : ('ok' as const),
      }));
    const periodEnd = endMs === null ? null : new Date(endMs).toISOString();
    return { ...budgetBody(budget), usedBy, periodStart: start, periodEnd };
  }

  function usedLimit(project: ProjectId, limit: Limit, found: Totals) {
    const bySubject = new Map<string, { subject: string; requests: number; tokens: number; parallel: number }>();
    for (const measure of ['requests', 'tokens', 'parallel'] as const) {
      const prefix = `${project}/${limit.id}/${measure}/`;
      for (const [account, { used, held }] of found) {
        if (!account.startsWith(prefix) || used + held === 0) continue;
        const subject = account.slice(prefix.length);
        const row = bySubject.get(subject) ?? { subject, requests: 0, tokens: 0, parallel: 0 };
        row[measure] = used + held;
        bySubject.set(subject, row);
      }
    }
    const usedBy = [...bySubject.values()]
      .sort((a, b) => b.requests - a.requests || b.tokens - a.tokens || b.parallel - a.parallel)
      .slice(0, mostShown);
    return { ...limit, usedBy };
  }

  return {
    listBudgets: async ({ by }) => ({ data: (await rowsOf(by.project)).budgets.map(budgetBody) }),
    async setBudget({ by, body: { scope, subject, period, usd, hard, alertAt } }) {
      const whose = { scope, subject: subjectOf(by, { scope, subject }) };
      const terms = { ...whose, period, amountNanoUsd: nanosOf(usd), hard, alertAt };
      const budget = await store.setBudget(by, { id: id('bg'), ...terms });
      await deps.changed();
      return budgetBody(budget);
    },
    async removeBudget({ by, params }) {
      const removed = await store.removeBudget(by, params.budgetId as BudgetId);
      await deps.changed();
      return { removed };
    },
    listLimits: async ({ by }) => ({ data: (await rowsOf(by.project)).limits }),
    async setLimit({ by, body }) {
      const limit = await store.setLimit(by, { id: id('lm'), ...body, subject: subjectOf(by, body) });
      await deps.changed();
      return limit;
    },
    async removeLimit({ by, params }) {
      const removed = await store.removeLimit(by, params.limitId as LimitId);
      await deps.changed();
      return { removed };
    },
    async getGatewayUsage({ by: { project } }) {
      const [{ budgets, limits }, found] = await Promise.all([rowsOf(project), totals(project)]);
      return {
        budgets: budgets.map((budget) => usedBudget(project, budget, found)),
        limits: limits.map((limit) => usedLimit(project, limit, found)),
        cache: deps.cache.counts(),
      };
    },
  };
}
