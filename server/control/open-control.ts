import { createHash } from 'node:crypto';
import type { Handlers } from '@wheelhouse/core/contract';
import type {
  Admission,
  AllowanceStore,
  AnswerCache,
  AnswerStore,
  Clock,
  ControlStore,
  Random,
} from '@wheelhouse/core/ports';
import { formatUsd, nanosToMs } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import type { Moment } from './account.ts';
import { type AwayPolicy, createAdmission } from './admission.ts';
import { createAnswerCache } from './answer-cache.ts';
import { BalanceAccount } from './balance-account.ts';
import { type ControlHandlerIds, createControlHandlers } from './control-handlers.ts';
import type { CachePolicies } from './plan-answer.ts';
import { RuleBook } from './rules.ts';

export type ControlDeps = {
  controls: ControlStore;
  /** In the record store: what was spent is written down there. */
  allowances: AllowanceStore;
  /** Where there is a Redis: what may be forgotten in minutes, and answers. */
  redis: { allowances: AllowanceStore; answers: AnswerStore } | null;
  /** No other server takes from the same accounts. */
  exclusive: boolean;
  whenAway: { budgets: AwayPolicy; limits: AwayPolicy };
  cache: { bytes: number; policies: CachePolicies };
  clock: Clock;
  random: Random;
  /** Milliseconds of a clock that only goes forward. */
  tick(): number;
  log: Pick<Logger, 'warn' | 'info'>;
};

export type Control = {
  admission: Admission;
  cache: AnswerCache;
  /** From the next call on. */
  setCachePolicies(policies: CachePolicies): void;
  handlers: Handlers<ControlHandlerIds>;
  /** Reads again what was set. */
  refresh(): Promise<void>;
  /** Says to other servers what was spent and what is held, as is done four times a second while there is something. */
  flush(): Promise<void>;
  /** Writes down what was spent, and gives back what is left in hand. */
  close(): Promise<void>;
};

const tidyMs = 30_000;

/** Says once when a budget reaches its mark, and once when it is used up. */
function createAlarm(book: RuleBook, log: ControlDeps['log']): () => void {
  const said = new WeakMap<BalanceAccount, number>();
  return () => {
    for (const account of book.accounts.values()) {
      if (!(account instanceof BalanceAccount) || account.measure !== 'budget') continue;
      const spent = account.spent + account.others;
      const share = spent >= account.max ? 1 : spent >= account.max * account.alertAt ? account.alertAt : 0;
      if (share <= (said.get(account) ?? 0)) continue;
      said.set(account, share);
      const { id, name } = account;
      const words = share === 1 ? 'a budget is used up' : 'a budget reached its mark';
      log.warn({ account: id, budget: name, spent: formatUsd(BigInt(Math.round(spent))) }, words);
    }
  };
}

/** Budgets, limits and the cache of answers. */
export async function openControl(deps: ControlDeps): Promise<Control> {
  const { controls, allowances, redis, clock, random, log } = deps;
  const shared = !deps.exclusive;
  const now = (): Moment => ({ ms: nanosToMs(clock.now()), tick: deps.tick() });
  // All figures that were written before are other processes': this one begins to count anew, under a name of its own.
  const before = shared ? new Map<string, { used: number }>() : await allowances.totals('');
  const book = new RuleBook({
    store: controls,
    shared,
    spentBefore: (account) => before.get(account)?.used ?? 0,
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  });
  await book.refresh();
  const pace = redis?.allowances ?? allowances;
  const admission = createAdmission({
    ...{ book, money: allowances, pace, now, log, whenAway: deps.whenAway },
    server: Buffer.from(random.bytes(9)).toString('base64url'),
  });
  const cache = createAnswerCache({
    ...deps.cache,
    behind: redis?.answers ?? null,
    nowMs: () => nanosToMs(clock.now()),
  });
  const alarm = createAlarm(book, log);
  const tidy = setInterval(() => {
    alarm();
    book.tidy(now(), admission.awaits);
    allowances.sweep().catch((err: unknown) => log.warn({ err }, 'accounts not swept'));
  }, tidyMs).unref();
  const refresh = () => book.refresh();
  const flush = () => admission.flush();
  return {
    admission,
    cache,
    setCachePolicies: cache.setPolicies,
    handlers: createControlHandlers({
      ...{ store: controls, book, shared, money: allowances, pace, cache, clock, random, now },
      ...{ flush, changed: refresh },
    }),
    ...{ refresh, flush },
    async close() {
      clearInterval(tidy);
      alarm();
      await admission.close();
    },
  };
}
