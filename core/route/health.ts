import type { FailureKind } from '../records/index.ts';
import {
  type Breaker,
  type BreakerSettings,
  count,
  defaultBreaker,
  judge,
  lets,
  newBreaker,
  outcomes,
} from './breaker.ts';
import { isRefused, type KeyState, refuseKey, usableAt } from './key-state.ts';
import type { AttemptFailure } from './plan.ts';
import { earn, newBudget, type RetryBudget, spend } from './retry-budget.ts';
import type { RouteTarget } from './route.ts';
import type { VendorLimits } from './vendor-limits.ts';

/** What became known of a target or a key, for logs and alerts. */
export type HealthEvent =
  | { type: 'opened'; target: string; failure: string }
  | { type: 'closed'; target: string }
  | { type: 'keyRefused'; provider: string; key: string; failure: string }
  | { type: 'keyAccepted'; provider: string; key: string };

export type KeyHealth = {
  id: string;
  /** `refused`: wrong, without the right, or out of money; it is tried again, ever more rarely. */
  state: 'cooling' | 'refused';
  untilMs: number;
  reason: string;
};

export type TargetHealth = {
  target: string;
  provider: string;
  /** `open`: takes no calls; `probing`: one call at a time finds out whether it is back. */
  state: 'ok' | 'open' | 'probing';
  retryAtMs: number | null;
  running: number;
  /** Of the last half minute at most. */
  attempts: number;
  failures: number;
  /** Expected wait for the first content; null: not known yet. */
  latencyMs: number | null;
  /** From 0 to 1: what is left of the vendor's rate limit, as it said last. */
  headroom: number | null;
  lastFailure: { kind: FailureKind; message: string; atMs: number } | null;
  /** Keys that are not taken at the moment. */
  keys: KeyHealth[];
};

/** What is known of one target; made and changed by {@link Health} alone. */
export type TargetState = {
  readonly ref: string;
  readonly provider: string;
  running: number;
  readonly breaker: Breaker;
  readonly budget: RetryBudget;
  latencyMs: number;
  latencyAtMs: number;
  /** Counts calls, so that keys take turns. */
  turn: number;
  lastFailure: TargetHealth['lastFailure'];
  /** Of this target alone, by id; null while there is nothing to say. */
  keys: Map<string, KeyState> | null;
  limits: Map<string, VendorLimits> | null;
};

/** An attempt as health knows it. */
export type Running = {
  readonly state: TargetState;
  /** Empty: without a key. */
  readonly keyId: string;
  readonly startMs: number;
  /** Whether it finds out if the target, or the key, is back. */
  probe: boolean;
  keyProbe: boolean;
};

/** Whether the target itself is at fault, and not the request, the key or the vendor's counting of calls. */
const faults: ReadonlySet<FailureKind> = new Set([
  'overloaded',
  'server',
  'unreachable',
  'timeout',
  'cut',
  'malformed',
]);
/** How fast an old measure of latency fades. */
const fadeMs = 10_000;
const mostTargets = 4_096;
/** Fewer outcomes than these say nothing against a target. */
const fewOutcomes = 3;
/** What a vendor said about its limits is believed for this long. */
const limitsKeptMs = 60_000;

export type HealthOptions = {
  breaker?: Partial<BreakerSettings>;
  changed?: (event: HealthEvent) => void;
};

/**
 * How the targets and keys of this server are: shared by all calls, in memory, without a clock of its own. A closed
 * circuit and good keys, the ordinary case, cost a look-up.
 */
export class Health {
  readonly #targets = new Map<string, TargetState>();
  /** Keys that their provider refuses whatever the model, by provider and id. */
  readonly #refused = new Map<string, Map<string, KeyState>>();
  #settings: BreakerSettings;
  readonly #changed: (event: HealthEvent) => void;

  constructor(options: HealthOptions = {}) {
    this.#settings = { ...defaultBreaker, ...options.breaker };
    this.#changed = options.changed ?? (() => {});
  }

  state(target: RouteTarget, nowMs: number): TargetState {
    const known = this.#targets.get(target.ref);
    if (known) return known;
    if (this.#targets.size >= mostTargets) this.#forgetOne();
    const made: TargetState = {
      ref: target.ref,
      provider: target.provider,
      running: 0,
      breaker: newBreaker(),
      budget: newBudget(nowMs),
      latencyMs: 0,
      latencyAtMs: 0,
      turn: 0,
      lastFailure: null,
      keys: null,
      limits: null,
    };
    this.#targets.set(target.ref, made);
    return made;
  }

  /** Names come from callers, so that there may be ever new ones. */
  #forgetOne(): void {
    for (const [ref, state] of this.#targets)
      if (state.running === 0) {
        this.#targets.delete(ref);
        return;
      }
  }

  lets(state: TargetState, nowMs: number): boolean {
    return lets(state.breaker, nowMs);
  }

  /** Whether more than half of its latest attempts ended well, or there were too few to say. */
  isWell(state: TargetState, nowMs: number): boolean {
    const { attempts, bad } = outcomes(state.breaker, this.#settings, nowMs);
    return !state.breaker.open && (attempts < fewOutcomes || bad * 2 < attempts);
  }

  /** 0: usable now; otherwise when it may be tried again. */
  keyReadyAt(state: TargetState, keyId: string, nowMs: number): number {
    if (state.keys === null && this.#refused.size === 0) return 0;
    return Math.max(usableAt(state.keys?.get(keyId), nowMs), usableAt(this.#refusedKey(state, keyId), nowMs));
  }

  /** Whether the vendor refused it, rather than told it to come back later. */
  keyRefused(state: TargetState, keyId: string): boolean {
    return isRefused(state.keys?.get(keyId)) || this.#refusedKey(state, keyId) !== undefined;
  }

  #refusedKey(state: TargetState, keyId: string): KeyState | undefined {
    return this.#refused.size === 0 ? undefined : this.#refused.get(state.provider)?.get(keyId);
  }

  /** From 0 to 1; 1 where the vendor says nothing. */
  headroom(state: TargetState, keyId: string, nowMs: number): number {
    const limits = state.limits?.get(keyId);
    return limits === undefined || (limits.wholeAtMs ?? 0) <= nowMs ? 1 : limits.share;
  }

  /** What a call is expected to wait there: peak EWMA of time to first content, times the calls in front of it. */
  expectedWait(state: TargetState, nowMs: number): number {
    return this.#latency(state, nowMs) * (state.running + 1);
  }

  #latency(state: TargetState, nowMs: number): number {
    return state.latencyMs * Math.exp(-Math.max(0, nowMs - state.latencyAtMs) / fadeMs);
  }

  #measure(state: TargetState, sampleMs: number, nowMs: number): void {
    const faded = this.#latency(state, nowMs);
    const weight = faded === 0 ? 0 : Math.exp(-Math.max(0, nowMs - state.latencyAtMs) / fadeMs);
    // A peak counts at once, a better time bit by bit.
    state.latencyMs = sampleMs > faded ? sampleMs : Math.max(1, state.latencyMs * weight + sampleMs * (1 - weight));
    state.latencyAtMs = nowMs;
  }

  /** An attempt is handed out. */
  begin(running: Running, probeUntilMs: number): void {
    const { state, keyId, startMs } = running;
    state.running += 1;
    if (state.breaker.open) {
      running.probe = true;
      state.breaker.probeUntilMs = probeUntilMs;
    }
    if (state.keys === null && this.#refused.size === 0) return;
    for (const known of [state.keys?.get(keyId), this.#refusedKey(state, keyId)])
      if (known !== undefined && isRefused(known)) {
        // One call at a time finds out whether a refused key is good again.
        running.keyProbe = true;
        known.untilMs = startMs + known.forMs;
      }
  }

  earn(state: TargetState): void {
    earn(state.budget);
  }

  /** Takes a further attempt out of the target's budget. */
  spend(state: TargetState, nowMs: number): boolean {
    return spend(state.budget, nowMs);
  }

  limits(state: TargetState, keyId: string, limits: VendorLimits, nowMs: number): void {
    state.limits ??= new Map();
    const wholeAtMs = Math.min(limits.wholeAtMs ?? Number.POSITIVE_INFINITY, nowMs + limitsKeptMs);
    state.limits.set(keyId, { share: limits.share, wholeAtMs });
  }

  firstContent({ state, keyId, startMs }: Running, nowMs: number): void {
    this.#measure(state, Math.max(0, nowMs - startMs), nowMs);
    this.#acceptKey(state, keyId);
  }

  left({ state, keyId, probe, keyProbe }: Running): void {
    state.running -= 1;
    if (probe) state.breaker.probeUntilMs = 0;
    if (!keyProbe) return;
    for (const known of [state.keys?.get(keyId), this.#refusedKey(state, keyId)]) if (known) known.untilMs = 0;
  }

  succeeded({ state, keyId, probe }: Running, nowMs: number): void {
    state.running -= 1;
    this.#judge(state, true, probe, nowMs);
    this.#acceptKey(state, keyId);
  }

  failed({ state, keyId, probe, startMs }: Running, failure: AttemptFailure, nowMs: number): void {
    state.running -= 1;
    state.lastFailure = { kind: failure.kind, message: failure.message, atMs: nowMs };
    const atFault = faults.has(failure.kind);
    this.#judge(state, !atFault, probe, nowMs);
    // A target that fails at once must not look like the fastest.
    if (atFault) this.#measure(state, Math.max(nowMs - startMs, 2 * this.#latency(state, nowMs), 1_000), nowMs);
    if (failure.kind === 'auth' || failure.kind === 'quota' || failure.kind === 'rateLimited')
      this.#refuseKey(state, keyId, { failure, startMs, nowMs });
    else if (!atFault) this.#acceptKey(state, keyId);
  }

  #judge(state: TargetState, well: boolean, probe: boolean, nowMs: number): void {
    const { breaker } = state;
    if (probe) {
      judge(breaker, well, this.#settings, nowMs);
      if (well) this.#changed({ type: 'closed', target: state.ref });
    } else if (count(breaker, well, this.#settings, nowMs))
      this.#changed({ type: 'opened', target: state.ref, failure: state.lastFailure?.message ?? '' });
  }

  #refuseKey(
    state: TargetState,
    keyId: string,
    { failure, startMs, nowMs }: { failure: AttemptFailure; startMs: number; nowMs: number },
  ): void {
    // A vendor counts calls, and gives rights, by model; a wrong key and an empty account are so for every model.
    const here = failure.kind === 'rateLimited' || failure.status === 403;
    let keys = here ? state.keys : (this.#refused.get(state.provider) ?? null);
    if (keys === null) {
      keys = new Map();
      if (here) state.keys = keys;
      else this.#refused.set(state.provider, keys);
    }
    const before = keys.get(keyId);
    const after = refuseKey(before, failure, { startMs, nowMs });
    keys.set(keyId, after);
    if (isRefused(after) && before?.kind !== after.kind)
      this.#changed({ type: 'keyRefused', provider: state.provider, key: keyId, failure: failure.message });
  }

  #acceptKey(state: TargetState, keyId: string): void {
    if (state.keys === null && this.#refused.size === 0) return;
    const refused = this.#refused.get(state.provider);
    const known = [state.keys?.get(keyId), refused?.get(keyId)];
    if (state.keys?.delete(keyId) && state.keys.size === 0) state.keys = null;
    if (refused?.delete(keyId) && refused.size === 0) this.#refused.delete(state.provider);
    if (known.some(isRefused)) this.#changed({ type: 'keyAccepted', provider: state.provider, key: keyId });
  }

  /** Holds from now on, for circuits that are open already too. */
  configure(breaker: Partial<BreakerSettings>): void {
    this.#settings = { ...defaultBreaker, ...breaker };
  }

  /** A provider's keys were changed: each is good until it is refused again. */
  forgetKeys(provider: string): void {
    this.#refused.delete(provider);
    for (const state of this.#targets.values())
      if (state.provider === provider) {
        state.keys = null;
        state.limits = null;
      }
  }

  /** Every target that was called, the latest failures and what is left of its limits. */
  report(nowMs: number): TargetHealth[] {
    return [...this.#targets.values()].map((state) => {
      const { breaker } = state;
      const { attempts, bad } = outcomes(breaker, this.#settings, nowMs);
      const shares = [...(state.limits ?? [])].map(([id]) => this.headroom(state, id, nowMs));
      const keys = [...(state.keys ?? []), ...(this.#refused.get(state.provider) ?? [])];
      const probing = nowMs < breaker.probeUntilMs;
      return {
        target: state.ref,
        provider: state.provider,
        state: breaker.open ? (probing ? 'probing' : 'open') : 'ok',
        retryAtMs: breaker.open ? breaker.reopenAtMs : null,
        running: state.running,
        attempts,
        failures: bad,
        latencyMs: state.latencyAtMs === 0 ? null : Math.round(this.#latency(state, nowMs)),
        headroom: shares.length === 0 ? null : Math.max(...shares),
        lastFailure: state.lastFailure,
        keys: keys.map(([id, key]) => ({
          id,
          state: key.kind === 'rateLimited' ? 'cooling' : 'refused',
          untilMs: key.untilMs,
          reason: key.reason,
        })),
      };
    });
  }
}

export const createHealth = (options?: HealthOptions): Health => new Health(options);
