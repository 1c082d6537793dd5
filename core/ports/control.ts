import type { Actor, Budget, BudgetId, Limit, LimitId, ProjectId } from '../records/index.ts';
import type { CachedAnswer, KeptQuestion } from './admission.ts';

/** What a project set; a row of one scope, subject (and period) replaces the one before and keeps its id. */
export type ControlStore = {
  setBudget(by: Actor, budget: Omit<Budget, 'createdBy' | 'createdAt'>): Promise<Budget>;
  setLimit(by: Actor, limit: Omit<Limit, 'createdBy' | 'createdAt'>): Promise<Limit>;
  removeBudget(by: Actor, id: BudgetId): Promise<boolean>;
  removeLimit(by: Actor, id: LimitId): Promise<boolean>;
  /** Of every project, by id. */
  snapshot(): Promise<{ project: ProjectId; budgets: Budget[]; limits: Limit[] }[]>;
};

/**
 * What one server wants of an account that it shares with others. All figures are absolute, so that an ask that was sent
 * twice counts once.
 */
export type AllowanceAsk = {
  account: string;
  max: number;
  /**
   * `window`: what was taken counts for 60 to 61 seconds, in slots of a second of the store's clock. `balance`: what was
   * spent counts for good, what is held until it is given back or lapses.
   */
  kind: 'window' | 'balance';
  /** What this server has used so far; of a balance one row with slot 0. */
  used: { slot: number; amount: number }[];
  /** Of a balance: what it has in hand besides, and keeps. */
  keep: number;
  /** What it needs more, all together, for calls that wait; nothing is granted when not even the least has room. */
  need: number;
  least: number;
  /** What it would like beyond that. It gets a quarter of what is left at the most. */
  spare: number;
  /** When the rows may be forgotten; null: never. */
  forgetAtMs: number | null;
};

export type AllowanceGrant = {
  /** Of a window: the slot that the grant is for. */
  slot: number;
  /** How long the grant may be used, counted from when the ask was sent. */
  validMs: number;
  granted: number;
  /** What was left before. */
  room: number;
  /** What all servers have taken, this one included, without what is granted now. */
  taken: number;
  /** Of a window: the oldest slot that counts; null: none does. */
  oldestSlot: number | null;
};

/** Accounts that several servers take from, and never more than there is. */
export type AllowanceStore = {
  /** One action for all asks; grants in their order. `server`: one process's own name. */
  exchange(server: string, asks: AllowanceAsk[]): Promise<AllowanceGrant[]>;
  /** What stands on accounts with this beginning: spent and held of all servers; of windows what counts now. */
  totals(prefix: string): Promise<Map<string, { used: number; held: number }>>;
  /** Removes what may be forgotten. */
  sweep(): Promise<void>;
};

/** Answers that replicas share, under names that hold the tenant. What is not there, or cannot be reached, is null. */
export type AnswerStore = {
  get(name: string): Promise<CachedAnswer | null>;
  put(name: string, answer: CachedAnswer, ttlSeconds: number): void;
  /** The questions placed last under a name. */
  questions(name: string): Promise<KeptQuestion[]>;
  /** Of the oldest only so many are kept that there are `most`. */
  place(name: string, question: KeptQuestion, options: { ttlSeconds: number; most: number }): void;
};
