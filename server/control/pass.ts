import type { Admitted } from '@wheelhouse/core/ports';
import type { Account, Measure, Moment } from './account.ts';

/** Of those of a measure the one with the least left; null: there is none. */
function tightestOf(accounts: readonly Account[], measure: Measure, at: Moment): Account | null {
  let tightest: Account | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const account of accounts) {
    if (account.measure !== measure) continue;
    const left = account.left(at);
    if (tightest !== null && left >= least) continue;
    least = left;
    tightest = account;
  }
  return tightest;
}

const leftOf = (account: Account, at: Moment): string => String(Math.max(account.left(at), 0));

/** Names that are written out: an object whose names are put together is a slow one. */
function rateHeaders(accounts: readonly Account[], at: Moment): Record<string, string> {
  const requests = tightestOf(accounts, 'requests', at);
  const tokens = tightestOf(accounts, 'tokens', at);
  const headers: Record<string, string> = {};
  if (requests !== null) {
    headers['x-ratelimit-limit-requests'] = String(requests.max);
    headers['x-ratelimit-remaining-requests'] = leftOf(requests, at);
  }
  if (tokens !== null) {
    headers['x-ratelimit-limit-tokens'] = String(tokens.max);
    headers['x-ratelimit-remaining-tokens'] = leftOf(tokens, at);
  }
  return headers;
}

type Used = Parameters<Admitted['settle']>[0];

function usedOf(measure: Measure, taken: number, { tokens, costNanoUsd }: Used): number {
  // What nobody knows the price of cost what it may.
  if (measure === 'budget') return costNanoUsd === null ? taken : Number(costNanoUsd);
  if (measure === 'tokens') return tokens;
  return measure === 'parallel' ? 0 : taken;
}

/** @returns the slots that they count in */
function takeAll(accounts: readonly Account[], amounts: readonly number[], at: Moment): number[] {
  const slots: number[] = [];
  for (let place = 0; place < accounts.length; place += 1)
    slots.push(accounts[place]?.take(amounts[place] ?? 0, at) ?? 0);
  return slots;
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
    this.#slots = takeAll(accounts, amounts, at);
    this.#world = world;
    this.headers = rateHeaders(accounts, at);
  }

  #end(used: Used | null): void {
    if (!this.#open) return;
    this.#open = false;
    const at = this.#world.now();
    for (let place = 0; place < this.#accounts.length; place += 1) {
      const account = this.#accounts[place];
      if (account === undefined) continue;
      const taken = this.#amounts[place] ?? 0;
      account.settle(this.#slots[place] ?? 0, taken, used === null ? 0 : usedOf(account.measure, taken, used), at);
      this.#world.touch(account);
    }
  }

  settle(used: Used): void {
    this.#end(used);
  }

  release(): void {
    this.#end(null);
  }
}
