import type { Admission, AdmissionAsk, Admitted, AllowanceStore } from '@wheelhouse/core/ports';
import { formatUsd, WheelhouseError } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import type { Account, Measure, Moment } from './account.ts';
import { BalanceAccount } from './balance-account.ts';
import { Lane, type Waiting } from './exchange.ts';
import { Pass } from './pass.ts';
import type { RuleBook } from './rules.ts';

export type AwayPolicy = 'allow' | 'refuse';

export type AdmissionDeps = {
  book: RuleBook;
  /** Where what was spent is kept. */
  money: AllowanceStore;
  /** Where servers share what may be done in a minute and at a time. */
  pace: AllowanceStore;
  /** What becomes of calls while a shared store does not answer. */
  whenAway: { budgets: AwayPolicy; limits: AwayPolicy };
  server: string;
  now(): Moment;
  patienceMs?: number;
  log: Pick<Logger, 'warn' | 'info'>;
};

export type OpenAdmission = Admission & {
  /** Whether calls wait for it, or it has something to say. */
  awaits(account: Account): boolean;
  /** Says what was spent. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

const freePass: Admitted = Object.freeze({ settle() {}, release() {}, headers: Object.freeze({}), free: true });

type Taking = Pick<Waiting, 'accounts' | 'amounts'>;
type Call = Waiting & { resolve(pass: Admitted): void; reject(error: Error): void };

function amountOf(measure: Measure, { inputTokens, outputTokens, costNanoUsd }: AdmissionAsk): number {
  if (measure === 'budget') return costNanoUsd === null ? 0 : Number(costNanoUsd);
  return measure === 'tokens' ? inputTokens + outputTokens : 1;
}

/** Without a price nothing can be reserved, and what nobody can count must not pass a hard budget. */
function refuseUnpriced(accounts: readonly Account[], { costNanoUsd, model }: AdmissionAsk): void {
  if (costNanoUsd !== null) return;
  const hard = accounts.find(
    (account) => account instanceof BalanceAccount && account.measure === 'budget' && account.hard,
  );
  if (hard)
    throw new WheelhouseError(
      'budget_exceeded',
      `No price is known for ${model}, and the budget of ${hard.name} is hard.`,
      {
        param: 'model',
        hint: `Set a price with \`wheelhouse prices set ${model} --input … --output …\` (0 where it costs nothing), or make the budget soft.`,
      },
    );
}

function refusal(account: Account, amount: number, at: Moment): WheelhouseError {
  const wait = account.waitMs(amount, at);
  const options = wait === null ? {} : { retryAfterMs: Math.ceil(wait) };
  if (account.measure === 'budget')
    return new WheelhouseError(
      'budget_exceeded',
      `The budget of ${account.name} does not have the ${formatUsd(BigInt(Math.ceil(amount)))} that this call may cost.`,
      options,
    );
  const reason =
    amount > account.max
      ? `This call may take ${amount} ${account.measure}, and the limit is ${account.name}.`
      : `The limit of ${account.name} is reached.`;
  return new WheelhouseError('rate_limited', reason, options);
}

/**
 * Budgets and limits over {@link RuleBook}'s accounts. A call takes from all of its accounts or from none. Where nothing
 * has to be asked of other servers it is answered at once.
 */
export function createAdmission(deps: AdmissionDeps): OpenAdmission {
  const { book, now, whenAway } = deps;
  const waiting = new Set<Call>();
  const says = (account: Account) => account.shared || account.measure === 'budget';
  const lane = (store: AllowanceStore, ofMoney: boolean) =>
    new Lane({
      serves: (account) => says(account) && (account.measure === 'budget') === ofMoney,
      ...{ store, server: deps.server, now, log: deps.log, ended, waiting: () => waiting },
      patienceMs: deps.patienceMs ?? 1_000,
    });
  const money = lane(deps.money, true);
  const pace = lane(deps.pace, false);
  const laneOf = (account: Account) => (account.measure === 'budget' ? money : pace);
  const touch = (account: Account) => {
    if (says(account)) laneOf(account).touch(account);
  };

  const world = { now, touch };

  /** The first account that has too little; -1: all have enough. What a policy lets through has enough. */
  function lacking({ accounts, amounts }: Taking, at: Moment): number {
    for (let place = 0; place < accounts.length; place++) {
      const account = accounts[place];
      if (account === undefined || account.free(at) >= (amounts[place] ?? 0)) continue;
      if (account.shared && laneOf(account).away && policyOf(account) === 'allow') continue;
      return place;
    }
    return -1;
  }
  const policyOf = (account: Account): AwayPolicy =>
    account.measure === 'budget' ? whenAway.budgets : whenAway.limits;

  /** Why a call cannot be admitted now; null: it has to wait for the store. */
  function whyNot(call: Waiting, place: number, at: Moment): WheelhouseError | null {
    const account = call.accounts[place];
    const amount = call.amounts[place] ?? 0;
    if (account === undefined) return null;
    if (!account.shared || amount > account.max) return refusal(account, amount, at);
    const its = laneOf(account);
    if (its.away)
      return new WheelhouseError('store_unavailable', 'What is left of a budget or limit cannot be asked for now.', {
        retryAfterMs: 1_000,
      });
    return its.refused(call, account, amount, at) ? refusal(account, amount, at) : null;
  }

  function ended(): void {
    const at = now();
    let more = false;
    for (const call of waiting) {
      const place = lacking(call, at);
      const error = place < 0 ? null : whyNot(call, place, at);
      if (place >= 0 && error === null) {
        more = true;
        continue;
      }
      waiting.delete(call);
      if (error) call.reject(error);
      else call.resolve(admitNow(call, at));
    }
    if (more) startLanes();
  }

  function startLanes(): void {
    const at = now();
    for (const call of waiting) {
      const account = call.accounts[lacking(call, at)];
      if (account) laneOf(account).start();
    }
  }

  function admitNow(call: Taking, at: Moment): Admitted {
    for (const account of call.accounts) touch(account);
    return new Pass(call, at, world);
  }

  return {
    admit(ask) {
      const accounts = book.accountsFor(ask);
      if (accounts.length === 0) return freePass;
      refuseUnpriced(accounts, ask);
      const amounts = accounts.map(({ measure }) => amountOf(measure, ask));
      const call = { accounts, amounts };
      const at = now();
      const place = lacking(call, at);
      if (place < 0) return admitNow(call, at);
      const asking: Waiting = { ...call, rounds: new Map() };
      const error = whyNot(asking, place, at);
      if (error) throw error;
      return new Promise((resolve, reject) => {
        waiting.add({ ...asking, resolve, reject });
        for (const account of accounts) touch(account);
        startLanes();
      });
    },
    awaits: (account) => laneOf(account).live.has(account),
    async flush() {
      await Promise.all([money.flush(), pace.flush()]);
    },
    async close() {
      await Promise.all([money.close(), pace.close()]);
    },
  };
}
