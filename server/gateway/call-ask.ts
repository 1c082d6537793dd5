import type { AdmissionAsk, PriceReader } from '@wheelhouse/core/ports';
import type { Caller } from '@wheelhouse/core/records';
import { totalCostOf } from '@wheelhouse/core/trace';
import type { Task } from './task.ts';

export type AskInput = { task: Task; by: Caller; user: string | null; nowMs: number; prices: PriceReader };

/**
 * What a call is about to take; what it may cost is worked out when somebody asks. A class, not a literal with a getter:
 * V8 gives each such literal a shape of its own, and the shape holds on to the call and its connections.
 */
export class CallAsk implements AdmissionAsk {
  readonly by: Caller;
  readonly user: string | null;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly nowMs: number;
  readonly #task: Task;
  readonly #prices: PriceReader;
  /** undefined: nobody has asked. */
  #cost: bigint | null | undefined;

  constructor({ task, by, user, nowMs, prices }: AskInput) {
    this.by = by;
    this.user = user;
    this.model = task.target.route.targets[0]?.ref ?? task.target.ref;
    this.inputTokens = task.tokens.input;
    this.outputTokens = task.tokens.output;
    this.nowMs = nowMs;
    this.#task = task;
    this.#prices = prices;
  }

  /** The most, at the dearest of its targets; null: no price is known of any. */
  get costNanoUsd(): bigint | null {
    if (this.#cost === undefined) this.#cost = this.#dearest();
    return this.#cost;
  }

  #dearest(): bigint | null {
    const { target, tokens } = this.#task;
    const { project } = this.by;
    let most: bigint | null = null;
    for (const { provider, vendorModel } of target.route.targets) {
      const ask = { project, provider, models: [vendorModel], atMs: this.nowMs, serviceTier: null };
      const row = this.#prices.find(ask);
      if (row === null) continue;
      const counts = { inputUncached: tokens.input, outputText: tokens.output, requests: 1 };
      const cost = totalCostOf({ counts, source: 'estimated' }, row);
      if (cost !== null && (most === null || cost > most)) most = cost;
    }
    return most;
  }
}
