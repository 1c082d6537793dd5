import { describe, expect, it } from 'vitest';
import {
  always,
  by,
  failure,
  open,
  routeOf,
  run,
  start,
  target,
  targetsOf,
  type World,
} from '../../testing/route/run-plan.ts';
import type { FailureKind } from '../records/index.ts';
import { createHealth } from './health.ts';
import { defaultSettings } from './route.ts';

describe('the plan of a call', () => {
  it('sends it to the only target with its only key', () => {
    const { seen, stop } = run({ route: routeOf([target('a')]), keys: { a: ['k'] } }, always(null));
    expect(seen).toEqual([{ target: 'a/m', key: 'k', atMs: 0 }]);
    expect(stop).toBeNull();
  });

  it('goes down the list when targets fail', () => {
    const route = routeOf([target('a'), target('b'), target('c')]);
    const found = run({ route }, by({ a: failure('overloaded'), b: failure('timeout') }));
    expect(targetsOf(found)).toEqual(['a/m', 'b/m', 'c/m']);
    expect(found.stop).toBeNull();
  });

  it('tries a blip again at the same target first, after a wait that is drawn', () => {
    const route = routeOf([target('a'), target('b')]);
    const found = run({ route }, by({ a: failure('server') }));
    expect(targetsOf(found)).toEqual(['a/m', 'a/m', 'b/m']);
    expect(found.seen[1]?.atMs).toBeLessThanOrEqual(10 + 250);
  });

  it.each(['invalid', 'contentPolicy'] as const)('gives %s back to the caller at once', (kind) => {
    const found = run({ route: routeOf([target('a'), target('b')]) }, always(failure(kind)));
    expect(targetsOf(found)).toEqual(['a/m']);
    expect(found.stop).toMatchObject({ kind, why: 'final', target: 'a/m' });
  });

  it('keeps a target for the failures that it is there for', () => {
    const route = routeOf([target('a'), target('large', { after: ['contextWindow'], priority: 1 }), target('b')]);
    expect(targetsOf(run({ route }, by({ a: failure('contextWindow') })))).toEqual(['a/m', 'b/m']);
    const both = by({ a: failure('contextWindow'), b: failure('contextWindow') });
    expect(targetsOf(run({ route }, both))).toEqual(['a/m', 'b/m', 'large/m']);
    expect(targetsOf(run({ route }, by({ a: failure('timeout'), b: failure('timeout') })))).not.toContain('large/m');
  });

  it('goes past a target that cannot do what the call asks for, which says nothing about its health', () => {
    const health = createHealth();
    for (const kinds of [[], ['overloaded'], ['server', 'server']] as FailureKind[][]) {
      const names = ['x', ...kinds.slice(0, 1), 'y', 'z'];
      const plan = open({ route: routeOf(names.map((name) => target(name))), health });
      const seen: string[] = [];
      let now = start;
      for (;;) {
        const step = plan.next(now);
        if (step.do === 'stop') throw new Error(step.failure.why);
        now += step.afterMs + 10;
        const { provider } = step.attempt.target;
        seen.push(provider);
        if (provider === 'z') break;
        if (names.indexOf(provider) === 1 && kinds[0]) plan.ended(step.attempt, failure(kinds[0]), now);
        else plan.unfit(step.attempt);
      }
      expect(seen).toEqual(['x', ...kinds, 'y', 'z']);
    }
    expect(health.report(start).filter(({ provider }) => 'xy'.includes(provider))).toMatchObject([
      { attempts: 0, running: 0 },
      { attempts: 0, running: 0 },
    ]);
    const alone = open({ route: routeOf([target('a')]) });
    const step = alone.next(start);
    if (step.do === 'try') alone.unfit(step.attempt);
    expect(alone.next(start)).toMatchObject({ do: 'stop', failure: { why: 'exhausted' } });
  });

  it('tells the failure that says most', () => {
    const route = routeOf([target('a'), target('b')], { retries: { ...defaultSettings.retries, attempts: 1 } });
    const { stop } = run({ route }, by({ a: failure('contextWindow'), b: failure('notFound') }));
    expect(stop).toMatchObject({ kind: 'contextWindow', target: 'a/m' });
  });

  it('stays with the caller’s deadline', () => {
    const route = routeOf([target('a'), target('b')]);
    const found = run({ route, deadlineMs: start + 15 }, always(failure('timeout')));
    expect(found.seen).toHaveLength(2);
    expect(found.stop).toMatchObject({ kind: 'timeout', why: 'deadline' });
    expect(run({ route, deadlineMs: start }, always(null)).stop).toMatchObject({ why: 'deadline', kind: 'timeout' });
  });

  it('does not begin a wait that would end after the deadline', () => {
    const found = run({ route: routeOf([target('a')]), deadlineMs: start + 11, seed: 3 }, always(failure('server')));
    expect(found.seen).toHaveLength(1);
    expect(found.stop).toMatchObject({ kind: 'server', why: 'deadline' });
  });

  it('asks a target that cannot take the call only once', () => {
    const route = routeOf([target('a'), target('b')]);
    const found = run({ route }, by({ a: failure('contextWindow'), b: failure('timeout') }));
    expect(targetsOf(found)).toEqual(['a/m', 'b/m', 'b/m']);
    expect(found.stop).toMatchObject({ kind: 'timeout', why: 'exhausted' });
  });
});

describe('hard case 14: what a vendor asks to wait', () => {
  const limited = (retryAfterMs: number) => failure('rateLimited', { retryAfterMs, status: 429 });

  it('is waited for, and a little more, when there is nowhere else to go', () => {
    const found = run({ route: routeOf([target('a')]) }, (_, number) => ({
      outcome: number === 1 ? limited(2_000) : null,
    }));
    expect(found.stop).toBeNull();
    expect(found.seen[1]?.atMs).toBeGreaterThanOrEqual(2_010);
    expect(found.seen[1]?.atMs).toBeLessThanOrEqual(2_010 + 250);
  });

  it('is not waited for when another target can take the call', () => {
    const found = run({ route: routeOf([target('a'), target('b')]) }, by({ a: limited(2_000) }));
    expect(found.seen.map((s) => s.atMs)).toEqual([0, 10]);
  });

  it.each([
    [3_600_000, null, 'cooling'],
    [5_000, start + 3_000, 'deadline'],
  ] as const)('of %s ms is given back at once when it is too long', (retryAfterMs, deadlineMs, why) => {
    const found = run({ route: routeOf([target('a')]), deadlineMs }, always(limited(retryAfterMs)));
    expect(found.seen).toHaveLength(1);
    expect(found.nowMs - start).toBe(10);
    expect(found.stop).toMatchObject({ kind: 'rateLimited', why, retryAfterMs });
  });

  it('holds for later calls too', () => {
    const health = createHealth();
    const world = { route: routeOf([target('a'), target('b')]), health };
    run(world, by({ a: limited(20_000) }));
    expect(targetsOf(run({ ...world, nowMs: start + 5_000 }, always(null)))).toEqual(['b/m']);
    expect(targetsOf(run({ ...world, nowMs: start + 21_000 }, always(null)))).toEqual(['a/m']);
    run({ ...world, nowMs: start + 30_000 }, by({ a: limited(60_000) }));
    const alone = run({ route: routeOf([target('a')]), health, nowMs: start + 31_000 }, always(null));
    expect(alone).toMatchObject({ seen: [], stop: { why: 'cooling', kind: 'rateLimited', retryAfterMs: 59_010 } });
  });
});

describe('hard case 15: no retry storm', () => {
  it('keeps attempts to a tenth above the calls while everything is down', () => {
    // Without the circuit, the retry budget alone has to hold.
    const health = createHealth({ breaker: { minAttempts: 1e9 } });
    const route = routeOf([target('a'), target('b'), target('c')], {
      retries: { ...defaultSettings.retries, attempts: 3 },
    });
    let attempts = 0;
    const calls = 1_000;
    for (let i = 0; i < calls; i += 1)
      attempts += run({ route, health, seed: i, nowMs: start + i }, always(failure('server'))).seen.length;
    // Each of three targets has a reserve of ten, and looks well until it has failed a few times.
    expect(attempts).toBeLessThan(calls * 1.1 + 3 * 10 + 3 * 3);
    const last = run({ route, health, nowMs: start + calls }, always(failure('server')));
    expect(last.stop).toMatchObject({ kind: 'server', why: 'retryBudget' });
  });

  it('does not count a move to a target that is well', () => {
    const health = createHealth({ breaker: { minAttempts: 1e9 } });
    const route = routeOf([target('a'), target('b')], { retries: { ...defaultSettings.retries, attempts: 1 } });
    for (let i = 0; i < 200; i += 1) {
      const world = { route, health, seed: i, nowMs: start + i };
      expect(run(world, by({ a: failure('server') })).stop).toBeNull();
    }
  });
});

describe('strategies', () => {
  const share = (world: World, ref: string, calls = 400) => {
    let taken = 0;
    for (let seed = 0; seed < calls; seed += 1) {
      const plan = open({ ...world, seed: seed * 7_919 });
      const step = plan.next(start);
      if (step.do !== 'try') continue;
      if (step.attempt.target.ref === ref) taken += 1;
      plan.left(step.attempt);
    }
    return taken / calls;
  };

  it('latency prefers the target that answers sooner, and comes back to one that was slow', () => {
    const health = createHealth();
    const targets = [target('slow'), target('fast')];
    const world = { route: routeOf(targets, { strategy: 'latency' }), health };
    for (const one of targets) {
      const plan = open({ route: routeOf([one]), health });
      const step = plan.next(start - 100);
      if (step.do !== 'try') throw new Error('no attempt');
      plan.begun(step.attempt, start - 100 + (one.provider === 'slow' ? 900 : 100));
      plan.ended(step.attempt, null, start);
    }
    expect(share(world, 'fast/m')).toBe(1);
    const report = health.report(start + 800).map(({ target: ref, latencyMs }) => [ref, latencyMs]);
    expect(report).toEqual([
      ['slow/m', 900],
      ['fast/m', expect.any(Number)],
    ]);
  });

  it('latency does not take a target that fails at once for a fast one', () => {
    const health = createHealth();
    const broken = run({ route: routeOf([target('broken')]), health }, always(failure('server')));
    expect(broken.stop).not.toBeNull();
    const plan = open({ route: routeOf([target('good')]), health });
    const step = plan.next(start);
    if (step.do !== 'try') throw new Error('no attempt');
    plan.begun(step.attempt, start + 400);
    plan.ended(step.attempt, null, start + 500);
    const world = { route: routeOf([target('broken'), target('good')], { strategy: 'latency' }), health };
    expect(share(world, 'good/m')).toBe(1);
  });

  it('headroom prefers the target with more of its rate limit left; every strategy leaves out one without any', () => {
    const health = createHealth();
    const tell = (name: string, remaining: number) => {
      const plan = open({ route: routeOf([target(name)]), health });
      const step = plan.next(start);
      if (step.do !== 'try') throw new Error('no attempt');
      const headers = {
        'x-ratelimit-limit': '100',
        'x-ratelimit-remaining': `${remaining}`,
        'x-ratelimit-reset': '30',
      };
      plan.answered(step.attempt, headers, start);
      plan.ended(step.attempt, null, start);
    };
    tell('a', 10);
    tell('b', 80);
    const targets = [target('a'), target('b')];
    expect(share({ route: routeOf(targets, { strategy: 'headroom' }), health }, 'b/m')).toBe(1);
    expect(share({ route: routeOf(targets, { strategy: 'weighted' }), health }, 'b/m')).toBeLessThan(0.7);
    tell('a', 0);
    expect(share({ route: routeOf(targets, { strategy: 'weighted' }), health }, 'b/m')).toBe(1);
    expect(share({ route: routeOf([target('a')]), health }, 'a/m')).toBe(1);
  });

  it('keeps a user at one target, whatever is drawn', () => {
    const targets = [target('a'), target('b'), target('c')];
    const route = routeOf(targets, { strategy: 'weighted', sticky: 'user' });
    for (const stickyKey of ['ann', 'bob', 'eve']) {
      const first = targetsOf(run({ route, stickyKey, seed: 1 }, always(null)))[0] ?? '';
      expect(share({ route, stickyKey }, first, 50)).toBe(1);
    }
  });

  it('goes to the next priority only when no target of the one before can take the call', () => {
    const targets = [target('a'), target('b'), target('spare', { priority: 1 })];
    const route = routeOf(targets, { strategy: 'weighted' });
    expect(share({ route }, 'spare/m')).toBe(0);
    const found = run({ route }, by({ a: failure('timeout'), b: failure('timeout') }));
    expect(targetsOf(found)[2]).toBe('spare/m');
  });
});

describe('a second attempt beside a silent one', () => {
  it('goes to another target, costs budget, and the loser says nothing about its target', () => {
    const health = createHealth();
    const route = routeOf([target('a'), target('b')], { hedgeAfterMs: 500 });
    const plan = open({ route, health });
    const first = plan.next(start);
    const second = plan.hedge(start + 500);
    expect(second).toMatchObject({ target: { ref: 'b/m' }, hedge: true, number: 2 });
    if (first.do !== 'try' || second === null) throw new Error('no attempt');
    plan.begun(second, start + 700);
    plan.left(first.attempt);
    plan.ended(second, null, start + 900);
    expect(health.report(start + 900)).toMatchObject([
      { target: 'a/m', running: 0, attempts: 0 },
      { target: 'b/m', running: 0, attempts: 1, failures: 0 },
    ]);
    let hedges = 0;
    for (let i = 0; i < 100; i += 1) {
      const other = open({ route, health, seed: i, nowMs: start + 1_000 });
      const step = other.next(start + 1_000);
      const beside = other.hedge(start + 1_500);
      if (step.do === 'try') other.left(step.attempt);
      if (beside) {
        hedges += 1;
        other.left(beside);
      }
    }
    expect(hedges).toBeLessThan(12);
  });

  it('leaves out targets that wait for another to fail', () => {
    const plan = open({ route: routeOf([target('a'), target('b', { after: ['contextWindow'] }), target('c')]) });
    plan.next(start);
    expect(plan.hedge(start + 10)?.target.ref).toBe('c/m');
  });

  it('goes to the same target when there is no other', () => {
    const plan = open({ route: routeOf([target('a')]) });
    plan.next(start);
    expect(plan.hedge(start + 10)?.target.ref).toBe('a/m');
    expect(plan.hedge(start + 20)).toBeNull();
  });
});
