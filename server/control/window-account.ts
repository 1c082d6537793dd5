import type { AllowanceAsk, AllowanceGrant } from '@wheelhouse/core/ports';
import type { Account, AccountTerms, Moment, Wanted } from './account.ts';

const slotMs = 1_000;
/** Slots before the present one that count with it. */
const before = 60;
const ringSize = 64;
const forgetMs = 120_000;

/**
 * How much per minute. What is taken counts in its second and the sixty after it, so that no 60 seconds, wherever they
 * begin, hold more than the maximum. Alone, slots are seconds of this server's clock, else of the store's.
 */
export class WindowAccount implements Account {
  readonly id: string;
  readonly measure: Account['measure'];
  readonly shared: boolean;
  max: number;
  name: string;
  readonly #amounts = new Float64Array(ringSize);
  readonly #slots = new Float64Array(ringSize).fill(-1);
  /** Alone: of the slots that count. */
  #sum = 0;
  /** The newest slot. */
  #slot = -1;
  /** Shared: what may be taken in the slot, and until when. */
  #granted = 0;
  #until = Number.NEGATIVE_INFINITY;
  /** As was last heard: of all servers, and when the oldest of it is free again. */
  #taken = 0;
  #freeAt = 0;
  readonly #unsaid = new Set<number>();

  constructor(terms: AccountTerms & { shared: boolean }) {
    this.id = terms.id;
    this.measure = terms.measure;
    this.shared = terms.shared;
    this.max = terms.max;
    this.name = terms.name;
  }

  #in(slot: number): number {
    const place = slot % ringSize;
    return this.#slots[place] === slot ? (this.#amounts[place] ?? 0) : 0;
  }

  #set(slot: number, amount: number): void {
    const place = slot % ringSize;
    this.#slots[place] = slot;
    this.#amounts[place] = amount;
  }

  /** Alone: drops what does not count any more. A clock that was set back stays where it was. */
  #advance(ms: number): void {
    const now = Math.floor(ms / slotMs);
    if (now <= this.#slot) return;
    const oldest = Math.max(this.#slot - before, 0);
    for (let slot = oldest; slot < Math.min(now - before, this.#slot + 1); slot++) {
      this.#sum -= this.#in(slot);
      this.#set(slot, 0);
    }
    this.#slot = now;
  }

  free({ ms, tick }: Moment): number {
    if (this.shared) return tick < this.#until ? this.#granted - this.#in(this.#slot) : 0;
    this.#advance(ms);
    return this.max - this.#sum;
  }

  take(amount: number, { ms }: Moment): number {
    if (this.shared) {
      // Without any answer of the store there is no slot; what was let through then is not counted.
      if (this.#slot >= 0) this.#change(this.#slot, amount);
      return this.#slot;
    }
    this.#advance(ms);
    this.#set(this.#slot, this.#in(this.#slot) + amount);
    this.#sum += amount;
    return this.#slot;
  }

  #change(slot: number, by: number): void {
    this.#set(slot, Math.max(this.#in(slot) + by, 0));
    this.#unsaid.add(slot);
  }

  settle(slot: number, taken: number, used: number, { ms }: Moment): void {
    if (slot < 0 || used === taken) return;
    if (!this.shared) this.#advance(ms);
    if (slot < this.#slot - before) return;
    if (this.shared) {
      this.#change(slot, used - taken);
      return;
    }
    const now = Math.max(this.#in(slot) + used - taken, 0);
    this.#sum += now - this.#in(slot);
    this.#set(slot, now);
  }

  waitMs(amount: number, { ms, tick }: Moment): number | null {
    if (amount > this.max) return null;
    if (this.shared) return Math.max(this.#freeAt - tick, 1);
    let short = amount - (this.max - this.#sum);
    for (let slot = Math.max(this.#slot - before, 0); slot <= this.#slot; slot++) {
      short -= this.#in(slot);
      if (short <= 0) return Math.max((slot + before + 1) * slotMs - ms, 1);
    }
    return before * slotMs;
  }

  ask({ need, least, last = false }: Wanted, { ms, tick }: Moment): AllowanceAsk | null {
    if (!this.shared) return null;
    const used = this.#in(this.#slot);
    const over = last || tick >= this.#until;
    const saysMore = over && (this.#unsaid.size > 0 || this.#granted > used);
    if (need === 0 && !saysMore) return null;
    // Nothing is taken while the ask is on its way: the store may be in the next slot already.
    this.#granted = used;
    this.#until = Number.NEGATIVE_INFINITY;
    const slots = [...this.#unsaid].filter((slot) => slot >= this.#slot - before && slot !== this.#slot);
    this.#unsaid.clear();
    if (this.#slot >= 0) slots.push(this.#slot);
    return {
      ...{ account: this.id, max: this.max, kind: 'window', keep: 0, need, least },
      used: slots.map((slot) => ({ slot, amount: this.#in(slot) })),
      spare: need > 0 ? Math.max(used, need) : 0,
      forgetAtMs: ms + forgetMs,
    };
  }

  granted(ask: AllowanceAsk, { slot, granted, validMs, taken, oldestSlot }: AllowanceGrant, sentAt: Moment): void {
    if (slot !== this.#slot) this.#set(slot, 0);
    this.#slot = slot;
    // What was settled meanwhile is said the next time.
    this.#granted = (ask.used.find((row) => row.slot === slot)?.amount ?? 0) + granted;
    this.#until = ask.need > 0 ? sentAt.tick + validMs : Number.NEGATIVE_INFINITY;
    this.#taken = taken + granted;
    const oldest = oldestSlot ?? slot;
    this.#freeAt = sentAt.tick + validMs + (oldest + before - slot) * slotMs;
  }

  unanswered(ask: AllowanceAsk): void {
    for (const { slot } of ask.used) this.#unsaid.add(slot);
  }

  /** Of others as was last heard, and of this server's own grant what is not taken yet. */
  left({ ms }: Moment): number {
    if (this.shared) return this.max - this.#taken + Math.max(this.#granted - this.#in(this.#slot), 0);
    this.#advance(ms);
    return this.max - this.#sum;
  }

  lapsed({ tick }: Moment): boolean {
    return tick >= this.#until;
  }

  quiet(): boolean {
    return this.#unsaid.size === 0 && this.#granted <= this.#in(this.#slot);
  }

  idle({ ms, tick }: Moment): boolean {
    if (this.shared) return this.#unsaid.size === 0 && tick > this.#until + (before + 1) * slotMs;
    this.#advance(ms);
    return this.#sum === 0;
  }
}
