import type { AllowanceAsk, AllowanceGrant } from '@wheelhouse/core/ports';
import type { Account, AccountTerms, Moment, Wanted } from './account.ts';

/** Before the store lets others have what is held here, it is not used any more. */
const marginMs = 10_000;
const renewMs = 15_000;
const forgetMs = 10 * 60_000;

export type BalanceTerms = AccountTerms & {
  shared: boolean;
  /** Soft: there is always room. */
  hard: boolean;
  /** From which share on it is marked. */
  alertAt: number;
  /** End of its period; null: it has none. */
  endMs: number | null;
  /** When its rows may be forgotten; null: never. Parallel calls are forgotten a while after they were heard of last. */
  forgetAtMs: number | null;
  /** What was spent before this process began to count. */
  before: number;
};

/** Money, or calls at the same time: what is taken stays taken until it is settled. */
export class BalanceAccount implements Account {
  readonly id: string;
  readonly measure: Account['measure'];
  readonly shared: boolean;
  readonly endMs: number | null;
  max: number;
  name: string;
  hard: boolean;
  alertAt: number;
  /** By this process, for good. */
  spent = 0;
  /** By calls that run. */
  reserved = 0;
  /** By everyone else, as was last heard. */
  others: number;
  /** In hand, the reserved included. */
  #lease = 0;
  #validUntil = 0;
  #askedAt = Number.NEGATIVE_INFINITY;
  #pace = 0;
  #spare = 0;
  #dirty = false;
  readonly #forgetAtMs: number | null;

  constructor(terms: BalanceTerms) {
    this.id = terms.id;
    this.measure = terms.measure;
    this.shared = terms.shared;
    this.endMs = terms.endMs;
    this.max = terms.max;
    this.name = terms.name;
    this.hard = terms.hard;
    this.alertAt = terms.alertAt;
    this.others = terms.before;
    this.#forgetAtMs = terms.forgetAtMs;
  }

  /** Only what has an end must not be taken twice. */
  get #leases(): boolean {
    return this.shared && this.hard;
  }

  free({ tick }: Moment): number {
    if (!this.hard) return Number.POSITIVE_INFINITY;
    if (!this.shared) return this.max - this.others - this.spent - this.reserved;
    return tick < this.#validUntil ? this.#lease - this.reserved : 0;
  }

  left(): number {
    return this.max - this.others - this.spent - this.reserved;
  }

  take(amount: number): number {
    this.reserved += amount;
    this.#pace += amount;
    return 0;
  }

  settle(_slot: number, taken: number, used: number): void {
    this.reserved -= taken;
    this.spent += used;
    if (this.#leases) this.#lease = Math.max(this.#lease - used, this.reserved);
    if (used !== 0) this.#dirty = true;
  }

  waitMs(_amount: number, { ms }: Moment): number | null {
    if (this.measure === 'parallel') return 1_000;
    return this.endMs === null ? null : Math.max(this.endMs - ms, 0);
  }

  ask({ need, least, last = false }: Wanted, { ms, tick }: Moment): AllowanceAsk | null {
    const leases = this.#leases;
    if (!leases) this.#lease = 0;
    else if (tick >= this.#validUntil) this.#lease = this.reserved;
    const inHand = this.#lease - this.reserved;
    const short = leases ? Math.max(need - inHand, 0) : 0;
    const kept = last ? 0 : this.#spare;
    const givesBack = leases && need === 0 && inHand > kept;
    const renews = leases && this.#lease > 0 && tick - this.#askedAt > renewMs;
    if (short === 0 && !this.#dirty && !givesBack && !renews) {
      this.#slacken();
      return null;
    }
    if (givesBack) this.#lease = this.reserved + kept;
    this.#slacken();
    this.#dirty = false;
    this.#askedAt = tick;
    return {
      account: this.id,
      max: this.max,
      kind: 'balance',
      used: [{ slot: 0, amount: this.spent }],
      keep: this.#lease,
      need: short,
      least: short === 0 ? 0 : Math.max(least - inHand, 1),
      spare: short === 0 ? 0 : this.#spare,
      forgetAtMs: this.measure === 'parallel' ? ms + forgetMs : this.#forgetAtMs,
    };
  }

  /** Twice what went since the last look is kept at hand; half as much after each look at which nothing did. */
  #slacken(): void {
    this.#spare = Math.max(2 * this.#pace, Math.floor(this.#spare / 2));
    this.#pace = 0;
  }

  granted(ask: AllowanceAsk, grant: AllowanceGrant, sentAt: Moment): void {
    if (this.#leases) this.#lease += grant.granted;
    this.#validUntil = sentAt.tick + grant.validMs - marginMs;
    this.others = grant.taken - (ask.used[0]?.amount ?? 0) - ask.keep;
  }

  unanswered(): void {
    this.#dirty = true;
    this.#askedAt = Number.NEGATIVE_INFINITY;
  }

  lapsed({ tick }: Moment): boolean {
    return tick >= this.#validUntil;
  }

  quiet(): boolean {
    return !this.#dirty && this.#lease === 0;
  }

  idle({ ms }: Moment): boolean {
    if (this.reserved !== 0 || this.#dirty || this.#lease !== 0) return false;
    return this.shared || (this.endMs !== null && this.endMs < ms) || (this.measure === 'parallel' && this.spent === 0);
  }
}
