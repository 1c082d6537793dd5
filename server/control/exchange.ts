import type { AllowanceAsk, AllowanceGrant, AllowanceStore } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';
import { type Account, type Moment, nothingWanted, type Wanted } from './account.ts';

const lookMs = 250;
const awayLookMs = 1_000;
const mostAsks = 1_000;

/** A call that waits for the store. */
export type Waiting = {
  accounts: readonly Account[];
  amounts: readonly number[];
  /** In which round of each lane it was counted last. */
  rounds: Map<Lane, number>;
};

export type LaneDeps = {
  store: AllowanceStore;
  /** This process's own name there. */
  server: string;
  now(): Moment;
  /** Calls wait no longer than this for an answer. */
  patienceMs: number;
  /** A round has ended, or the store did not answer in time. */
  ended(lane: Lane): void;
  /** Whether the account is one of this store's. */
  serves(account: Account): boolean;
  /** Calls that wait, some of them for this lane. */
  waiting(): Iterable<Waiting>;
  log: Pick<Logger, 'warn' | 'info'>;
};

/**
 * The way to one store of accounts: one exchange at a time, for all calls that wait and all that is to be said. While the
 * store is away, nobody waits for it; it is asked again every second.
 */
export class Lane {
  /** Accounts that may have something to say. */
  readonly live = new Set<Account>();
  away = false;
  round = 0;
  readonly #deps: LaneDeps;
  /** Of the last round. */
  #answers = new Map<Account, AllowanceGrant>();
  #running: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(deps: LaneDeps) {
    this.#deps = deps;
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  /** Soon: everything that is to be said. */
  touch(account: Account): void {
    this.live.add(account);
    if (this.#timer === null && !this.#closed) this.#timer = setTimeout(() => this.#look(), lookMs).unref();
  }

  #look(): void {
    this.#timer = null;
    const { tick } = this.#deps.now();
    if (!this.busy && (!this.away || tick - this.#lookedAt >= awayLookMs)) {
      this.#lookedAt = tick;
      this.start();
    }
    for (const account of this.live) if (account.quiet()) this.live.delete(account);
    if (this.live.size > 0 && !this.#closed) this.#timer = setTimeout(() => this.#look(), lookMs).unref();
  }

  /** Begins a round unless one runs; its end begins the next one where calls wait. */
  start(): void {
    if (this.#running !== null) return;
    const asked = this.#collect();
    if (asked.length > 0) this.#running = this.#exchange(asked);
  }

  #collect(last = false): { account: Account; ask: AllowanceAsk }[] {
    const now = this.#deps.now();
    this.round++;
    const wanted = new Map<Account, Wanted>();
    for (const call of this.#deps.waiting()) {
      call.accounts.forEach((account, place) => {
        if (!this.#deps.serves(account)) return;
        // It may have been quiet while the call waited.
        this.live.add(account);
        const amount = call.amounts[place] ?? 0;
        const { need, least } = wanted.get(account) ?? { need: 0, least: amount };
        wanted.set(account, { need: need + amount, least: Math.min(least, amount) });
        call.rounds.set(this, this.round);
      });
    }
    const asked: { account: Account; ask: AllowanceAsk }[] = [];
    for (const account of this.live) {
      const ask = account.ask(wanted.get(account) ?? (last ? { ...nothingWanted, last } : nothingWanted), now);
      if (ask) asked.push({ account, ask });
      if (asked.length === mostAsks) break;
    }
    return asked;
  }

  async #exchange(asked: { account: Account; ask: AllowanceAsk }[]): Promise<void> {
    const { store, server, now, patienceMs, ended } = this.#deps;
    const sentAt = now();
    this.#answers = new Map();
    const patience = setTimeout(() => this.#lose(new Error(`no answer in ${patienceMs} ms`)), patienceMs).unref();
    try {
      const grants = await store.exchange(
        server,
        asked.map(({ ask }) => ask),
      );
      asked.forEach(({ account, ask }, place) => {
        const grant = grants[place];
        if (grant) {
          account.granted(ask, grant, sentAt);
          this.#answers.set(account, grant);
        } else account.unanswered(ask);
      });
      if (this.away) this.#deps.log.info('budgets and limits are shared again');
      this.away = false;
    } catch (error) {
      for (const { account, ask } of asked) account.unanswered(ask);
      this.#lose(error);
    } finally {
      clearTimeout(patience);
      this.#running = null;
    }
    ended(this);
  }

  #lose(error: unknown): void {
    if (!this.away) this.#deps.log.warn({ err: error }, 'the store of budgets and limits is away');
    this.away = true;
    this.#deps.ended(this);
  }

  /** Whether the store was asked for this call, and there is not enough. */
  refused(call: Waiting, account: Account, amount: number, at: Moment): boolean {
    const answer = this.#answers.get(account);
    if (answer === undefined || call.rounds.get(this) !== this.round) return false;
    // What was granted and ran out on its way has to be asked for anew.
    if (answer.granted > 0 && account.lapsed(at)) return false;
    return account.free(at) + answer.room - answer.granted < amount;
  }

  /** Says what is to be said, now. */
  async flush(last = false): Promise<void> {
    // Its end may begin the next one.
    while (this.#running !== null) await this.#running;
    const asked = this.#collect(last);
    if (asked.length === 0) return;
    this.#running = this.#exchange(asked);
    await this.#running;
    if (asked.length === mostAsks && !this.away) await this.flush(last);
  }

  /** Gives back what is left in hand. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.flush(true);
  }
}
