import type { Admitted } from '@wheelhouse/core/ports';
import type { Account, Measure, Moment } from './account.ts';

const rateNames = ['requests', 'tokens'] as const;

/** Of each measure the account with the least left. */
function rateHeaders(accounts: readonly Account[], at: Moment): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const measure of rateNames) {
    let tightest: Account | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const account of accounts) {
      if (account.measure !== measure) continue;
      const left = account.left(at);
      if (left < least) {
        least = left;
        tightest = account;
      }
    }
    if (tightest === null) continue;
    headers[`x-ratelimit-limit-${measure}`] = String(tightest.max);
    headers[`x-ratelimit-remaining-${measure}`] = String(Math.max(least, 0));
  }
  return headers;
}

/** What an admitted call has taken, until it says what it used. */
export class Pass implements Admitted {
  readonly headers: Record<string, string>;
  readonly #accounts: readonly Account[];
  readonly #amounts: readonly number[];
  readonly #slots: readonly number[];
  readonly #world: { now(): Moment; touch(account: Account): void };
  #open = true;

  constructor(
    { accounts, amounts }: { accounts: readonly Account[]; amounts: readonly number[] },
    at: Moment,
    world: { now(): Moment; touch(account: Account): void },
  ) {
    this.#accounts = accounts;
    this.#amounts = amounts;
    this.#slots = accounts.map((account, place) => account.take(amounts[place] ?? 0, at));
    this.#world = world;
    this.headers = rateHeaders(accounts, at);
  }

  #end(usedOf: (measure: Measure, taken: number) => number): void {
    if (!this.#open) return;
    this.#open = false;
    const at = this.#world.now();
    this.#accounts.forEach((account, place) => {
      const taken = this.#amounts[place] ?? 0;
      account.settle(this.#slots[place] ?? 0, taken, usedOf(account.measure, taken), at);
      this.#world.touch(account);
    });
  }

  settle({ tokens, costNanoUsd }: Parameters<Admitted['settle']>[0]): void {
    this.#end((measure, taken) => {
      // What nobody knows the price of cost what it may.
      if (measure === 'budget') return costNanoUsd === null ? taken : Number(costNanoUsd);
      if (measure === 'tokens') return tokens;
      return measure === 'parallel' ? 0 : taken;
    });
  }

  release(): void {
    this.#end(() => 0);
  }
}
