import { describe, expect, it } from 'vitest';
import {
  type Answer,
  always,
  by,
  failure,
  open,
  routeOf,
  run,
  start,
  target,
  targetsOf,
} from '../../testing/route/run-plan.ts';
import { createHealth, type Health, type HealthEvent } from './health.ts';
import type { AttemptFailure } from './plan.ts';
import { targetOf } from './route.ts';

describe('hard case 16: keys', () => {
  const keys = { a: ['k1', 'k2', 'k3', 'k4', 'k5'] };
  const route = routeOf([target('a')]);
  const bad =
    (refused: string[], outcome: AttemptFailure | null): Answer =>
    ({ key }) => ({ outcome: refused.includes(key?.id ?? '') ? outcome : null });

  it('cools the one key that is told to slow down, and no other', () => {
    const health = createHealth();
    const limited = failure('rateLimited', { status: 429, retryAfterMs: 10_000 });
    for (let seed = 0; seed < 40; seed += 1) {
      const found = run({ route, health, keys, seed, nowMs: start + seed }, bad(['k2'], limited));
      expect(found.stop).toBeNull();
      expect(found.nowMs - start - seed).toBeLessThanOrEqual(20);
    }
    const cooled = health.report(start + 50)[0]?.keys;
    expect(cooled).toMatchObject([{ id: 'k2', state: 'cooling' }]);
  });

  it('asks a refused key no more, says so once, and the call succeeds with another', () => {
    const events: HealthEvent[] = [];
    const health = createHealth({ changed: (event) => events.push(event) });
    const refusal = failure('auth', { status: 401 });
    let asked = 0;
    for (let seed = 0; seed < 40; seed += 1) {
      const found = run({ route, health, keys, seed, nowMs: start + seed }, bad(['k1', 'k3', 'k4'], refusal));
      expect(found.stop).toBeNull();
      asked += found.seen.length - 1;
    }
    expect(asked).toBe(3);
    expect(events.map((e) => (e.type === 'keyRefused' ? e.key : e.type)).sort()).toEqual(['k1', 'k3', 'k4']);
  });

  it('refuses the call for the server’s keys, not the caller’s, when all are refused', () => {
    const health = createHealth();
    const found = run({ route, health, keys }, always(failure('auth', { status: 401 })));
    expect(found.seen.map((s) => s.key).sort()).toEqual(keys.a);
    expect(found.stop).toMatchObject({ kind: 'auth', why: 'keysRefused' });
    const next = run({ route, health, keys, nowMs: start + 1_000 }, always(null));
    expect(next).toMatchObject({ seen: [], stop: { kind: 'auth', why: 'keysRefused' } });
  });

  it('tries a refused key again after a while, with one call at a time', () => {
    const events: string[] = [];
    const health = createHealth({ changed: ({ type }) => events.push(type) });
    const one = { route, health, keys: { a: ['k'] } };
    run(one, always(failure('quota', { status: 402 })));
    const later = { ...one, nowMs: start + 61_000 };
    const probe = open(later);
    const first = probe.next(later.nowMs);
    expect(first.do).toBe('try');
    expect(open(later).next(later.nowMs)).toMatchObject({ do: 'stop', failure: { why: 'keysRefused' } });
    if (first.do === 'try') probe.ended(first.attempt, null, later.nowMs + 10);
    expect(run({ ...later, nowMs: later.nowMs + 20 }, always(null)).stop).toBeNull();
    expect(events).toEqual(['keyRefused', 'keyAccepted']);
  });

  it('gives good keys their turn', () => {
    const health = createHealth();
    run({ route, health, keys }, bad(['k1'], failure('auth', { status: 401 })));
    const used = new Map<string, number>();
    for (let i = 0; i < 40; i += 1) {
      const key = run({ route, health, keys, nowMs: start + 100 + i }, always(null)).seen[0]?.key ?? '';
      used.set(key, (used.get(key) ?? 0) + 1);
    }
    expect([...used].sort()).toEqual(['k2', 'k3', 'k4', 'k5'].map((key) => [key, 10]));
  });

  it('says nothing new about a key that is refused again, or at the same time', () => {
    const events: string[] = [];
    const health = createHealth({ changed: ({ type }) => events.push(type) });
    const world = { route, health, keys: { a: ['k'] } };
    const plans = [open(world), open(world)];
    const steps = plans.map((plan) => plan.next(start));
    const refusal = failure('auth', { status: 401 });
    for (const [i, step] of steps.entries()) if (step.do === 'try') plans[i]?.ended(step.attempt, refusal, start + i);
    run({ ...world, nowMs: start + 61_000 }, always(refusal));
    expect(events).toEqual(['keyRefused']);
    run({ ...world, nowMs: start + 300_000 }, always(failure('contextWindow')));
    expect(events).toEqual(['keyRefused', 'keyAccepted']);
  });

  it('calls that are told to slow down together are told so once', () => {
    const health = createHealth();
    const world = { route, health, keys: { a: ['k'] } };
    const plans = Array.from({ length: 5 }, () => open(world));
    const steps = plans.map((plan) => plan.next(start));
    for (const [i, step] of steps.entries())
      if (step.do === 'try') plans[i]?.ended(step.attempt, failure('rateLimited'), start + 10);
    expect(health.report(start + 10)[0]?.keys).toMatchObject([{ untilMs: start + 1_010 }]);
  });

  it('turning to another key is no attempt at the target, and goes round the keys once', () => {
    const two = { route, keys: { a: ['k1', 'k2'] } };
    const kinds = [failure('auth', { status: 401 }), failure('server'), null];
    const found = run(two, (_, number) => ({ outcome: kinds[number - 1] ?? null }));
    expect(found).toMatchObject({ stop: null, seen: { length: 3 } });
    const limited = failure('rateLimited', { retryAfterMs: 0 });
    expect(run({ route, keys }, always(limited)).seen).toHaveLength(5 + 1);
  });

  it('a key without the right to one model is good for the others', () => {
    const health = createHealth();
    const one = { health, keys: { a: ['k'] } };
    run({ ...one, route }, always(failure('auth', { status: 403 })));
    const other = routeOf([targetOf('a', 'other')]);
    expect(run({ ...one, route: other, nowMs: start + 20 }, always(null)).stop).toBeNull();
    run({ ...one, route: other, nowMs: start + 40 }, always(failure('auth', { status: 401 })));
    expect(
      run({ ...one, route: routeOf([targetOf('a', 'third')]), nowMs: start + 60 }, always(null)).stop,
    ).toMatchObject({
      why: 'keysRefused',
    });
    health.forgetKeys('a');
    expect(run({ ...one, route, nowMs: start + 80 }, always(null)).stop).toBeNull();
  });

  it('a target without a good key does not hide why another failed', () => {
    const health = createHealth();
    run({ route: routeOf([target('b')]), health, keys }, always(failure('auth', { status: 401 })));
    const found = run({ route: routeOf([target('a'), target('b')]), health }, by({ a: failure('overloaded') }));
    expect(found.stop).toMatchObject({ kind: 'overloaded', target: 'a/m' });
    expect(['exhausted', 'retryBudget']).toContain(found.stop?.why);
  });

  it('goes to the next target where there is no key, and says so where that was the last', () => {
    const two = routeOf([target('a'), target('b')]);
    expect(targetsOf(run({ route: two, keys: { a: null } }, always(null)))).toEqual(['b/m']);
    expect(run({ route: two, keys: { a: null, b: null } }, always(null)).stop).toMatchObject({ why: 'noKey' });
  });
});

describe('hard case 17: the circuit', () => {
  const route = routeOf([target('a'), target('b')]);
  const break_ = (health: Health) => {
    for (let i = 0; i < 10; i += 1) run({ route, health, seed: i, nowMs: start }, by({ a: failure('unreachable') }));
  };

  it('opens for the one model that fails, and calls go on to the next target', () => {
    const events: HealthEvent[] = [];
    const health = createHealth({ changed: (event) => events.push(event) });
    break_(health);
    expect(events).toEqual([{ type: 'opened', target: 'a/m', failure: 'it was unreachable' }]);
    expect(targetsOf(run({ route, health, nowMs: start + 500 }, always(null)))).toEqual(['b/m']);
    const other = routeOf([targetOf('a', 'other')]);
    expect(targetsOf(run({ route: other, health, nowMs: start + 500 }, always(null)))).toEqual(['a/other']);
  });

  it('lets exactly one of many calls at the same time try whether it is back', () => {
    const health = createHealth();
    break_(health);
    const nowMs = start + 2_000;
    const plans = Array.from({ length: 50 }, (_, seed) => open({ route, health, nowMs, seed }));
    const steps = plans.map((plan) => plan.next(nowMs));
    const at = (ref: string) => steps.filter((s) => s.do === 'try' && s.attempt.target.ref === ref);
    expect(at('a/m')).toHaveLength(1);
    expect(at('b/m')).toHaveLength(49);
    const probe = steps.findIndex((s) => s.do === 'try' && s.attempt.target.ref === 'a/m');
    const step = steps[probe];
    if (step?.do === 'try') plans[probe]?.ended(step.attempt, null, nowMs + 100);
    expect(targetsOf(run({ route, health, nowMs: nowMs + 200 }, always(null)))).toEqual(['a/m']);
  });

  it('a probe whose caller left lets the next call try', () => {
    const health = createHealth();
    break_(health);
    const plan = open({ route, health, nowMs: start + 2_000 });
    const step = plan.next(start + 2_000);
    if (step.do === 'try') plan.left(step.attempt);
    expect(targetsOf(run({ route, health, nowMs: start + 2_100 }, always(null)))).toEqual(['a/m']);
  });

  it('refuses at once, with a time to come back, when it is the only target', () => {
    const health = createHealth();
    break_(health);
    const alone = run({ route: routeOf([target('a')]), health, nowMs: start + 400 }, always(null));
    expect(alone.seen).toEqual([]);
    expect(alone.stop).toMatchObject({ kind: 'overloaded', why: 'open' });
    expect(alone.stop?.retryAfterMs).toBeGreaterThan(0);
  });

  it('does not open for what the request, the key or a limit is at fault for', () => {
    const health = createHealth();
    for (const kind of ['invalid', 'auth', 'rateLimited', 'contextWindow', 'contentPolicy', 'notFound'] as const)
      for (let i = 0; i < 20; i += 1)
        run({ route: routeOf([target(kind)]), health, seed: i, nowMs: start + i * 1_000 }, always(failure(kind)));
    expect(health.report(start + 20_000).map(({ state }) => state)).toEqual(Array(6).fill('ok'));
  });
});
