import type { FailureKind } from '../records/index.ts';
import { byWeight, ofTwo, rendezvous } from './choose.ts';
import type { Health, Running, TargetState } from './health.ts';
import type { Attempt, AttemptFailure, KeyLike, Plan, Step, StopReason } from './plan.ts';
import { type Route, type RouteTarget, takesAfter } from './route.ts';
import { readVendorLimits } from './vendor-limits.ts';

export type PlanInput<Key extends KeyLike> = {
  route: Route;
  health: Health;
  /** Of a provider, now; empty: it needs none; null: it needs one and there is none. */
  keysOf(provider: string): readonly Key[] | null;
  /** The user or session whose calls stay together; null: not known. */
  stickyKey: string | null;
  /** The caller's own deadline, in milliseconds since 1970; null: the route's total time. */
  deadlineMs: number | null;
  nowMs: number;
  /** Uniform in [0, 1). */
  random(): number;
};

/** The vendor said no to the key, not to the call. */
const ofTheKey: ReadonlySet<FailureKind> = new Set(['auth', 'quota', 'rateLimited']);
/** Gone as fast as it came, often: worth another attempt at the same target before another one is tried. */
const blips: ReadonlySet<FailureKind> = new Set(['server', 'unreachable', 'cut', 'malformed']);
/** The same target may take the call later. */
const passing: ReadonlySet<FailureKind> = new Set([...blips, 'rateLimited', 'overloaded', 'timeout']);
const withoutKey: readonly KeyLike[] = [{ id: '' }];
/** Say less about the call than what another target said. */
const unspecific: ReadonlySet<FailureKind> = new Set(['auth', 'quota', 'notFound']);

class Try<Key extends KeyLike> implements Attempt<Key>, Running {
  probe = false;
  keyProbe = false;

  constructor(
    readonly number: number,
    readonly target: RouteTarget,
    readonly state: TargetState,
    readonly key: Key | null,
    readonly startMs: number,
    readonly hedge: boolean,
  ) {}

  get keyId(): string {
    return this.key?.id ?? '';
  }
}

/** What a plan remembers of a target of its route. */
type Tried = {
  state: TargetState | null;
  attempts: number;
  keysTurned: number;
  running: number;
  /** It will not take this call, however often it is asked. */
  done: boolean;
};

const newTried = (): Tried => ({ state: null, attempts: 0, keysTurned: 0, running: 0, done: false });

class CallPlan<Key extends KeyLike> implements Plan<Key> {
  readonly deadlineMs: number;
  readonly #in: PlanInput<Key>;
  readonly #tried: Tried[];
  #number = 0;
  #last: { attempt: Try<Key>; failure: AttemptFailure } | null = null;
  /** The failure that says most. */
  #told: { attempt: Try<Key>; failure: AttemptFailure } | null = null;
  /** Why a target was passed over, the latest that was. */
  #passed: { why: StopReason; target: RouteTarget; untilMs: number } | null = null;

  constructor(input: PlanInput<Key>) {
    this.#in = input;
    const ends = input.nowMs + input.route.settings.timeouts.totalMs;
    this.deadlineMs = input.deadlineMs === null ? ends : Math.min(ends, input.deadlineMs);
    this.#tried = input.route.targets.map(newTried);
  }

  next(nowMs: number): Step<Key> {
    this.#passed = null;
    if (nowMs >= this.deadlineMs) return this.#stop('deadline', nowMs);
    const last = this.#last;
    if (last === null) return (this.#number === 0 ? this.#first(nowMs) : null) ?? this.#goOn(null, nowMs);
    const { attempt, failure } = last;
    const tried = this.#of(attempt.target);
    if (ofTheKey.has(failure.kind) && this.#otherKey(attempt.target, nowMs)) {
      // The key's refusal was no attempt at the target.
      tried.attempts -= 1;
      tried.keysTurned += 1;
      return this.#hand(attempt.target, { nowMs, afterMs: 0, free: true });
    }
    if (!passing.has(failure.kind)) tried.done = true;
    return (blips.has(failure.kind) ? this.#again(last, nowMs) : null) ?? this.#goOn(failure.kind, nowMs);
  }

  /** The ordinary case: a model that was called by its own name. */
  #first(nowMs: number): Step<Key> | null {
    const { targets } = this.#in.route;
    const only = targets[0];
    if (only === undefined || only.after !== null || targets.length > 1 || this.#readyAt(only, nowMs) !== 0)
      return null;
    return this.#hand(only, { nowMs, afterMs: 0, free: true });
  }

  hedge(nowMs: number): Attempt<Key> | null {
    if (nowMs >= this.deadlineMs) return null;
    const { targets } = this.#in.route;
    const fresh = targets.filter((t) => t.after === null && this.#of(t).attempts === 0);
    const running = targets.filter((t) => this.#of(t).running > 0 && this.#mayRepeat(t));
    const target = this.#choose(fresh, nowMs) ?? this.#choose(running, nowMs);
    if (target === null || !this.#in.health.spend(this.#state(target, nowMs), nowMs)) return null;
    return this.#begin(target, { startMs: nowMs, hedge: true });
  }

  answered(attempt: Attempt<Key>, headers: Record<string, string>, nowMs: number): void {
    const limits = readVendorLimits(headers, nowMs);
    const { state, keyId } = attempt as Try<Key>;
    if (limits !== null) this.#in.health.limits(state, keyId, limits, nowMs);
  }

  begun(attempt: Attempt<Key>, nowMs: number): void {
    this.#in.health.firstContent(attempt as Try<Key>, nowMs);
  }

  ended(attempt: Attempt<Key>, failure: AttemptFailure | null, nowMs: number): void {
    const ended = attempt as Try<Key>;
    this.#of(ended.target).running -= 1;
    if (failure === null) {
      this.#in.health.succeeded(ended, nowMs);
      return;
    }
    this.#in.health.failed(ended, failure, nowMs);
    this.#last = { attempt: ended, failure };
    if (this.#told === null || !unspecific.has(failure.kind) || unspecific.has(this.#told.failure.kind))
      this.#told = this.#last;
  }

  left(attempt: Attempt<Key>): void {
    this.#of(attempt.target).running -= 1;
    this.#in.health.left(attempt as Try<Key>);
  }

  unfit(attempt: Attempt<Key>): void {
    this.left(attempt);
    this.#of(attempt.target).done = true;
  }

  #of(target: RouteTarget): Tried {
    const tried = this.#tried[this.#in.route.targets.indexOf(target)];
    if (tried === undefined) throw new Error('the target is not one of the route');
    return tried;
  }

  #state(target: RouteTarget, nowMs: number): TargetState {
    const tried = this.#of(target);
    tried.state ??= this.#in.health.state(target, nowMs);
    return tried.state;
  }

  #mayRepeat(target: RouteTarget): boolean {
    const { attempts, done } = this.#of(target);
    return !done && attempts < this.#in.route.settings.retries.attempts;
  }

  /** Whether the target has a key that is good now; a call goes round its keys once. */
  #otherKey(target: RouteTarget, nowMs: number): boolean {
    const keys = this.#in.keysOf(target.provider) ?? [];
    return this.#of(target).keysTurned < keys.length - 1 && this.#readyAt(target, nowMs) === 0;
  }

  /**
   * 0: it can take a call now; a time: then, because every key was told to wait; infinity: nobody knows. Remembers why a
   * target is passed over.
   */
  #readyAt(target: RouteTarget, nowMs: number): number {
    const { health } = this.#in;
    const state = this.#state(target, nowMs);
    const keys = this.#in.keysOf(target.provider);
    if (keys === null) return this.#pass('noKey', target, Number.POSITIVE_INFINITY);
    if (!health.lets(state, nowMs)) {
      const { reopenAtMs, probeUntilMs } = state.breaker;
      this.#pass('open', target, Math.max(reopenAtMs, Math.min(probeUntilMs, nowMs + 1_000)));
      return Number.POSITIVE_INFINITY;
    }
    let soonest = Number.POSITIVE_INFINITY;
    for (const { id } of keys.length === 0 ? withoutKey : keys) {
      const at = health.keyReadyAt(state, id, nowMs);
      if (at === 0) return 0;
      if (!health.keyRefused(state, id)) soonest = Math.min(soonest, at);
    }
    return this.#pass(soonest === Number.POSITIVE_INFINITY ? 'keysRefused' : 'cooling', target, soonest);
  }

  #pass(why: StopReason, target: RouteTarget, untilMs: number): number {
    this.#passed = { why, target, untilMs };
    return untilMs;
  }

  /** From 0 to 1: what the key with the most has left. */
  #headroom(target: RouteTarget, nowMs: number): number {
    const { health } = this.#in;
    const state = this.#state(target, nowMs);
    if (state.limits === null) return 1;
    const keys = this.#in.keysOf(target.provider) ?? [];
    let most = 0;
    for (const { id } of keys.length === 0 ? withoutKey : keys)
      if (health.keyReadyAt(state, id, nowMs) === 0) most = Math.max(most, health.headroom(state, id, nowMs));
    return most;
  }

  /** By the route's strategy, one that can take a call now, of the lowest priority that has one. */
  #choose(candidates: readonly RouteTarget[], nowMs: number): RouteTarget | null {
    const ready = candidates.filter((target) => this.#readyAt(target, nowMs) === 0);
    const first = ready[0];
    if (first === undefined || ready.length === 1) return first ?? null;
    const lowest = ready.reduce((least, { priority }) => Math.min(least, priority), first.priority);
    const tier = ready.filter(({ priority }) => priority === lowest);
    // One that has used up its rate limit would refuse the call.
    const withRoom = tier.filter((target) => this.#headroom(target, nowMs) > 0);
    return this.#byStrategy(withRoom.length === 0 ? tier : withRoom, nowMs);
  }

  #byStrategy(targets: readonly RouteTarget[], nowMs: number): RouteTarget | null {
    const { route, stickyKey, random, health } = this.#in;
    const { strategy, sticky } = route.settings;
    if (sticky !== null && stickyKey !== null) return rendezvous(targets, stickyKey);
    if (strategy === 'priority') return targets[0] ?? null;
    if (strategy === 'weighted') return byWeight(targets, random);
    const weighty = targets.filter(({ weight }) => weight > 0);
    const drawn = weighty.length === 0 ? targets : weighty;
    if (strategy === 'latency')
      return ofTwo(drawn, random, (target) => health.expectedWait(this.#state(target, nowMs), nowMs));
    return ofTwo(drawn, random, (target) => 1 - this.#headroom(target, nowMs));
  }

  /** The first target, or another after one failed, or the soonest of those that must be waited for. */
  #goOn(kind: FailureKind | null, nowMs: number): Step<Key> {
    const { health, route } = this.#in;
    const { targets, settings } = route;
    const takes = (t: RouteTarget) => (kind === null ? t.after === null : takesAfter(t, kind, settings));
    let fresh = targets.filter((t) => this.#of(t).attempts === 0 && takes(t));
    while (fresh.length > 0) {
      const target = this.#choose(fresh, nowMs);
      if (target === null) break;
      const state = this.#state(target, nowMs);
      // To move on to a target that is well harms nobody; to one that fails as well it only adds load.
      const free = kind === null || health.isWell(state, nowMs);
      if (free || health.spend(state, nowMs)) return this.#hand(target, { nowMs, afterMs: 0, free });
      this.#pass('retryBudget', target, nowMs);
      fresh = fresh.filter((other) => other !== target);
    }
    return this.#wait(takes, nowMs);
  }

  /** Another attempt at the target that has just failed. */
  #again(last: { attempt: Try<Key>; failure: AttemptFailure }, nowMs: number): Step<Key> | null {
    const { settings, targets } = this.#in.route;
    const { target, state } = last.attempt;
    const afterMs = this.#backoff(target, last.failure.retryAfterMs);
    const { maxBackoffMs } = settings.retries;
    if (!this.#mayRepeat(target) || this.#readyAt(target, nowMs) !== 0) return null;
    if (nowMs + afterMs >= this.deadlineMs) return null;
    if (afterMs > maxBackoffMs + settings.retries.backoffMs && targets.length > 1) return null;
    if (afterMs > settings.retries.maxWaitMs + settings.retries.backoffMs) return null;
    if (!this.#in.health.spend(state, nowMs)) {
      this.#pass('retryBudget', target, nowMs);
      return null;
    }
    return this.#hand(target, { nowMs, afterMs, free: false });
  }

  /** Full jitter (AWS Architecture Blog, 2015); on top of what the vendor asks for, where it does. */
  #backoff(target: RouteTarget, askedMs: number | null): number {
    const { backoffMs, maxBackoffMs } = this.#in.route.settings.retries;
    const tries = Math.max(1, this.#of(target).attempts);
    const ceiling = Math.min(maxBackoffMs, backoffMs * 2 ** (tries - 1));
    const drawn = this.#in.random();
    return Math.round(askedMs === null ? drawn * ceiling : askedMs + drawn * backoffMs);
  }

  /** The target that can take the call soonest, of those that may still be asked. */
  #wait(takes: (target: RouteTarget) => boolean, nowMs: number): Step<Key> {
    const { route, health } = this.#in;
    const last = this.#last;
    let soonest: { target: RouteTarget; afterMs: number } | null = null;
    let why: StopReason | null = this.#passed?.why ?? null;
    for (const target of route.targets) {
      const again = last !== null && last.attempt.target === target;
      if (!(again ? passing.has(last.failure.kind) : takes(target)) || !this.#mayRepeat(target)) continue;
      const readyAt = this.#readyAt(target, nowMs);
      if (readyAt === Number.POSITIVE_INFINITY) {
        why = this.#passed?.why ?? why;
        continue;
      }
      const asked = readyAt !== 0 ? readyAt - nowMs : again ? last.failure.retryAfterMs : null;
      const afterMs = this.#backoff(target, asked);
      if (asked !== null && asked > route.settings.retries.maxWaitMs) why = 'cooling';
      else if (nowMs + afterMs >= this.deadlineMs) why = 'deadline';
      else if (soonest === null || afterMs < soonest.afterMs) soonest = { target, afterMs };
    }
    if (soonest === null) {
      const more = last === null || passing.has(last.failure.kind) || route.targets.some(takes);
      return this.#stop(why ?? (more ? 'exhausted' : 'final'), nowMs);
    }
    const { target, afterMs } = soonest;
    if (last !== null && !health.spend(this.#state(target, nowMs), nowMs)) return this.#stop('retryBudget', nowMs);
    return this.#hand(target, { nowMs, afterMs, free: last === null });
  }

  /** Of the keys that are good the one with the most room; among equals each in turn. */
  #pickKey(target: RouteTarget, state: TargetState, atMs: number): Key | null {
    const keys = this.#in.keysOf(target.provider) ?? [];
    if (keys.length < 2) return keys[0] ?? null;
    const { health } = this.#in;
    let most = -1;
    let equals: Key[] = [];
    for (const key of keys) {
      if (health.keyReadyAt(state, key.id, atMs) !== 0) continue;
      const room = state.limits === null ? 1 : health.headroom(state, key.id, atMs);
      if (room > most) {
        equals = [];
        most = room;
      }
      if (room === most) equals.push(key);
    }
    const chosen = equals[state.turn % equals.length] ?? keys[0] ?? null;
    state.turn += 1;
    return chosen;
  }

  #hand(target: RouteTarget, { nowMs, afterMs, free }: { nowMs: number; afterMs: number; free: boolean }): Step<Key> {
    if (free) this.#in.health.earn(this.#state(target, nowMs));
    return { do: 'try', attempt: this.#begin(target, { startMs: nowMs + afterMs, hedge: false }), afterMs };
  }

  #begin(target: RouteTarget, { startMs, hedge }: { startMs: number; hedge: boolean }): Try<Key> {
    const state = this.#state(target, startMs);
    const tried = this.#of(target);
    this.#number += 1;
    tried.running += 1;
    tried.attempts += 1;
    const attempt = new Try(this.#number, target, state, this.#pickKey(target, state, startMs), startMs, hedge);
    this.#in.health.begin(attempt, this.deadlineMs);
    return attempt;
  }

  #stop(why: StopReason, nowMs: number): Step<Key> {
    const told = this.#told;
    if (told !== null) {
      const refused = told.failure.kind === 'auth' || told.failure.kind === 'quota';
      // Why another target was passed over is not why this one failed.
      const own = why === 'keysRefused' || why === 'noKey' ? 'exhausted' : why;
      return {
        do: 'stop',
        failure: { ...told.failure, why: refused ? 'keysRefused' : own, target: told.attempt.target.ref },
      };
    }
    return { do: 'stop', failure: notTried(why, this.#passed, this.#in.route, nowMs) };
  }
}

function notTried(
  why: StopReason,
  passed: { target: RouteTarget; untilMs: number } | null,
  route: Route,
  nowMs: number,
): AttemptFailure & { why: StopReason; target: string } {
  const target = passed?.target.ref ?? route.targets[0]?.ref ?? route.name ?? '';
  const waitMs = passed === null || passed.untilMs === Number.POSITIVE_INFINITY ? null : passed.untilMs - nowMs;
  const soon = waitMs === null ? '' : ` It is tried again in ${Math.max(1, Math.ceil(waitMs / 1_000))} s.`;
  const texts: Partial<Record<StopReason, [FailureKind, string]>> = {
    deadline: ['timeout', 'The deadline of the call had passed before it could be made.'],
    open: ['overloaded', `${target} failed too often lately and is left alone for a moment.${soon}`],
    cooling: ['rateLimited', `${target} has asked to wait.${soon}`],
    noKey: ['auth', `There is no key for ${passed?.target.provider ?? target}.`],
    keysRefused: ['auth', `${passed?.target.provider ?? target} refused every key there is for ${target}.`],
  };
  const [kind, message] = texts[why] ?? ['server', `${target} cannot take the call.`];
  return { kind, message, code: null, status: null, retryAfterMs: waitMs, why, target };
}

/**
 * Plans one call: which target and key, when to try again and where, when to give up. The same inputs give the same
 * plan.
 */
export function planCall<Key extends KeyLike>(input: PlanInput<Key>): Plan<Key> {
  return new CallPlan(input);
}
