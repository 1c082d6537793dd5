import type { AdmissionAsk, ControlStore } from '@wheelhouse/core/ports';
import {
  type Budget,
  type ControlScope,
  eachSubject,
  formatUsd,
  type Limit,
  type ProjectId,
  periodAt,
} from '@wheelhouse/core/records';
import type { Account, Moment } from './account.ts';
import { BalanceAccount } from './balance-account.ts';
import { WindowAccount } from './window-account.ts';

/** What holds for one subject. */
export type Rule = { scope: ControlScope; budgets: Budget[]; limit: Limit | null };

type ScopeRules = { bySubject: Map<string, Rule>; each: Rule | null };
type ProjectRules = Map<ControlScope, ScopeRules>;
type Listed = Awaited<ReturnType<ControlStore['snapshot']>>[number];

/** A subject's own rows come before those for each subject: budgets period by period, a limit as a whole. */
function rulesOf({ budgets, limits }: Listed): ProjectRules {
  const rules: ProjectRules = new Map();
  const place = ({ scope, subject }: Budget | Limit): Rule => {
    const scopeRules = rules.get(scope) ?? { bySubject: new Map(), each: null };
    rules.set(scope, scopeRules);
    const found = subject === eachSubject ? scopeRules.each : scopeRules.bySubject.get(subject);
    const rule = found ?? { scope, budgets: [], limit: null };
    if (subject === eachSubject) scopeRules.each = rule;
    else scopeRules.bySubject.set(subject, rule);
    return rule;
  };
  for (const budget of budgets) place(budget).budgets.push(budget);
  for (const limit of limits) place(limit).limit = limit;
  for (const { bySubject, each } of rules.values())
    for (const rule of bySubject.values()) {
      const own = new Set(rule.budgets.map(({ period }) => period));
      rule.budgets.push(...(each?.budgets ?? []).filter(({ period }) => !own.has(period)));
      rule.limit ??= each?.limit ?? null;
    }
  return rules;
}

const longestSubject = 200;
const dayMs = 86_400_000;

export type RuleDeps = {
  store: ControlStore;
  /** Other servers take from the same accounts. */
  shared: boolean;
  /** What was spent before this process began; alone it is all there is to know. */
  spentBefore(account: string): number;
  /** Makes a short name of a long one. */
  hash(text: string): string;
};

/** The account of a budget at this moment, and of the parts of a limit. */
export const budgetAccount = (project: ProjectId, { id }: Budget, subject: string, startMs: number) =>
  `${project}/${id}/${new Date(startMs).toISOString().slice(0, 10)}/${subject}`;
export const limitAccount = (
  project: ProjectId,
  { id }: Limit,
  subject: string,
  measure: 'requests' | 'tokens' | 'parallel',
) => `${project}/${id}/${measure}/${subject}`;

type Bundle = { accounts: Account[]; untilMs: number };

/** What was set, and the accounts that calls take from, in memory. */
export class RuleBook {
  readonly accounts = new Map<string, Account>();
  readonly #deps: RuleDeps;
  #rules = new Map<ProjectId, ProjectRules>();
  /** Of a subject in a scope of a project; made anew when a period ends and when rules change. */
  #bundles = new Map<Rule, Map<string, Bundle>>();

  constructor(deps: RuleDeps) {
    this.#deps = deps;
  }

  async refresh(): Promise<void> {
    const listed = await this.#deps.store.snapshot();
    this.#rules = new Map(listed.map((rows) => [rows.project, rulesOf(rows)]));
    this.#bundles = new Map();
  }

  /** What a call takes from; empty: nothing holds for it. */
  accountsFor({ by, user, nowMs }: Pick<AdmissionAsk, 'by' | 'user' | 'nowMs'>): readonly Account[] {
    const rules = this.#rules.get(by.project);
    if (rules === undefined) return none;
    let all: Account[] | null = null;
    for (const [scope, scopeRules] of rules) {
      const subject = scope === 'user' ? user : scope === 'project' ? by.project : by[scope];
      if (subject === null) continue;
      const rule = scopeRules.bySubject.get(subject) ?? scopeRules.each;
      if (rule === null) continue;
      const { accounts } = this.#bundle(by.project, rule, subject, nowMs);
      all = all === null ? accounts : all.concat(accounts);
    }
    return all ?? none;
  }

  #bundle(project: ProjectId, rule: Rule, subject: string, nowMs: number): Bundle {
    let ofRule = this.#bundles.get(rule);
    if (!ofRule) {
      ofRule = new Map();
      this.#bundles.set(rule, ofRule);
    }
    const found = ofRule.get(subject);
    if (found && nowMs < found.untilMs) return found;
    const bundle = this.#open(project, rule, subject, nowMs);
    ofRule.set(subject, bundle);
    return bundle;
  }

  #open(project: ProjectId, { scope, budgets, limit }: Rule, subject: string, nowMs: number): Bundle {
    const short = subject.length > longestSubject ? this.#deps.hash(subject) : subject;
    const whose = scope === 'project' ? 'this project' : `the ${scope === 'user' ? 'end user' : scope} ${subject}`;
    const accounts: Account[] = [];
    let untilMs = Number.POSITIVE_INFINITY;
    for (const budget of budgets) {
      const { startMs, endMs } = periodAt(budget.period, nowMs);
      if (endMs !== null) untilMs = Math.min(untilMs, endMs);
      accounts.push(this.#budget(budgetAccount(project, budget, short, startMs), budget, whose, endMs));
    }
    if (limit) {
      const window = (measure: 'requests' | 'tokens', max: number | null) => {
        if (max === null) return;
        const name = `${max} ${measure} a minute of ${whose}`;
        accounts.push(this.#window(limitAccount(project, limit, short, measure), measure, max, name));
      };
      window('requests', limit.requestsPerMinute);
      window('tokens', limit.tokensPerMinute);
      if (limit.parallelCalls !== null)
        accounts.push(this.#parallel(limitAccount(project, limit, short, 'parallel'), limit.parallelCalls, whose));
    }
    return { accounts, untilMs };
  }

  #budget(id: string, { amountNanoUsd, period, hard, alertAt }: Budget, whose: string, endMs: number | null): Account {
    const max = Number(amountNanoUsd);
    const name = `${formatUsd(amountNanoUsd)} ${period === 'total' ? 'in all' : `a ${period}`} of ${whose}`;
    const found = this.accounts.get(id);
    if (found instanceof BalanceAccount) return Object.assign(found, { max, hard, alertAt, name });
    const { shared, spentBefore } = this.#deps;
    const account = new BalanceAccount({
      ...{ id, measure: 'budget', max, hard, alertAt, name, shared, endMs },
      forgetAtMs: endMs === null ? null : endMs + 35 * dayMs,
      before: spentBefore(id),
    });
    this.accounts.set(id, account);
    return account;
  }

  #window(id: string, measure: 'requests' | 'tokens', max: number, name: string): Account {
    const found = this.accounts.get(id);
    if (found instanceof WindowAccount) return Object.assign(found, { max, name });
    const account = new WindowAccount({ id, measure, max, name, shared: this.#deps.shared });
    this.accounts.set(id, account);
    return account;
  }

  #parallel(id: string, max: number, whose: string): Account {
    const name = `${max} ${max === 1 ? 'call' : 'calls'} at a time of ${whose}`;
    const found = this.accounts.get(id);
    if (found instanceof BalanceAccount) return Object.assign(found, { max, name });
    const account = new BalanceAccount({
      ...{ id, measure: 'parallel', max, name, shared: this.#deps.shared },
      ...{ hard: true, alertAt: 1, endMs: null, forgetAtMs: null, before: 0 },
    });
    this.accounts.set(id, account);
    return account;
  }

  /** Forgets accounts that nothing would be lost with, and that nobody waits for. */
  tidy(at: Moment, awaited: (account: Account) => boolean): void {
    let gone = 0;
    for (const [id, account] of this.accounts)
      if (account.idle(at) && !awaited(account)) {
        this.accounts.delete(id);
        gone++;
      }
    if (gone > 0) this.#bundles = new Map();
  }
}

const none: readonly Account[] = [];
