import type { FailureKind } from '@wheelhouse/core/records';
import {
  type Attempt,
  type AttemptFailure,
  createHealth,
  defaultSettings,
  type Health,
  type KeyLike,
  planCall,
  type Route,
  type RouteSettings,
  type RouteTarget,
  targetOf,
} from '@wheelhouse/core/route';

export const start = 1_700_000_000_000;

export const failure = (kind: FailureKind, more: Partial<AttemptFailure> = {}): AttemptFailure => ({
  kind,
  message: `it was ${kind}`,
  code: null,
  status: null,
  retryAfterMs: null,
  ...more,
});

/** Numbers in [0, 1) that a seed fixes: SplitMix32, whose neighbouring seeds have nothing in common. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

export const target = (name: string, more: Partial<RouteTarget> = {}): RouteTarget => ({
  ...targetOf(name, 'm'),
  ...more,
});
export const routeOf = (targets: RouteTarget[], settings: Partial<RouteSettings> = {}): Route => ({
  name: 'r',
  targets,
  settings: { ...defaultSettings, strategy: 'priority', ...settings },
});

export type World = {
  route: Route;
  health?: Health;
  keys?: Record<string, string[] | null>;
  seed?: number;
  nowMs?: number;
  deadlineMs?: number | null;
  stickyKey?: string | null;
};

export const open = (world: World) =>
  planCall<KeyLike>({
    route: world.route,
    health: world.health ?? createHealth(),
    keysOf: (provider) => {
      const ids = world.keys?.[provider];
      return ids === null ? null : (ids ?? []).map((id) => ({ id }));
    },
    stickyKey: world.stickyKey ?? null,
    deadlineMs: world.deadlineMs ?? null,
    nowMs: world.nowMs ?? start,
    random: seeded(world.seed ?? 1),
  });

type Outcome = AttemptFailure | null;
export type Answer = (attempt: Attempt, number: number) => { outcome: Outcome; tookMs?: number };

/** Carries out a plan against vendors that answer as given. */
export function run(world: World, answer: Answer) {
  const plan = open(world);
  const seen: { target: string; key: string | null; atMs: number }[] = [];
  let now = world.nowMs ?? start;
  for (;;) {
    const step = plan.next(now);
    if (step.do === 'stop') return { seen, plan, nowMs: now, stop: step.failure };
    const { attempt } = step;
    now += step.afterMs;
    seen.push({ target: attempt.target.ref, key: attempt.key?.id ?? null, atMs: now - (world.nowMs ?? start) });
    const { outcome, tookMs = 10 } = answer(attempt, seen.length);
    now += tookMs;
    plan.ended(attempt, outcome, now);
    if (outcome === null) return { seen, plan, nowMs: now, stop: null };
  }
}

export const always =
  (outcome: Outcome): Answer =>
  () => ({ outcome });
export const by =
  (outcomes: Record<string, Outcome>): Answer =>
  ({ target: { provider } }) => ({ outcome: outcomes[provider] ?? null });
export const targetsOf = ({ seen }: { seen: { target: string }[] }) => seen.map((s) => s.target);
