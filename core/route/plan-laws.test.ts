import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Answer, failure, routeOf, run, start, target } from '../../testing/route/run-plan.ts';
import { failureKinds } from '../records/index.ts';
import { createHealth, type Health } from './health.ts';
import type { Step } from './plan.ts';
import { defaultSettings, strategies } from './route.ts';

describe('laws of a plan', () => {
  const kind = fc.constantFrom(...failureKinds);
  const outcome = fc.option(
    fc.record({
      kind,
      retryAfterMs: fc.option(fc.integer({ min: 0, max: 90_000 })),
      status: fc.option(fc.constantFrom(401, 403, 429, 500)),
    }),
    { freq: 8 },
  );
  const targets = fc
    .array(
      fc.record({
        weight: fc.integer({ min: 0, max: 5 }),
        priority: fc.integer({ min: 0, max: 2 }),
        after: fc.option(fc.uniqueArray(kind, { minLength: 1, maxLength: 3 }), { freq: 4 }),
      }),
      { minLength: 1, maxLength: 5 },
    )
    .map((all) => all.map((one, i) => target(`p${i}`, one)));
  const world = fc.record({
    targets,
    keys: fc.array(fc.option(fc.integer({ min: 0, max: 4 }), { freq: 9 }), { minLength: 5, maxLength: 5 }),
    strategy: fc.constantFrom(...strategies),
    sticky: fc.constantFrom(null, 'user' as const),
    attempts: fc.integer({ min: 1, max: 4 }),
    totalMs: fc.integer({ min: 1, max: 100_000 }),
    seed: fc.integer(),
    script: fc.array(fc.tuple(outcome, fc.integer({ min: 0, max: 3_000 })), { minLength: 1, maxLength: 12 }),
    calls: fc.integer({ min: 1, max: 12 }),
  });
  type Drawn = typeof world extends fc.Arbitrary<infer T> ? T : never;

  /** Several calls one after another over one health; gives what happened. */
  function play(drawn: Drawn, health: Health) {
    const settings = {
      strategy: drawn.strategy,
      sticky: drawn.sticky,
      retries: { ...defaultSettings.retries, attempts: drawn.attempts },
      timeouts: { ...defaultSettings.timeouts, totalMs: drawn.totalMs },
    };
    const route = routeOf(drawn.targets, settings);
    const keys = Object.fromEntries(
      drawn.keys.map((n, i) => [`p${i}`, n === null ? null : Array.from({ length: n }, (_, k) => `p${i}#${k}`)]),
    );
    let nowMs = start;
    return Array.from({ length: drawn.calls }, (_, call) => {
      const answer: Answer = (_attempt, number) => {
        const [said, tookMs] = drawn.script[(call * 5 + number) % drawn.script.length] ?? [null, 0];
        return { outcome: said && failure(said.kind, said), tookMs };
      };
      const began = nowMs;
      const found = run({ route, health, keys, seed: drawn.seed + call, nowMs, stickyKey: 'user' }, answer);
      nowMs = found.nowMs + 50;
      return { ...found, began, deadlineMs: began + drawn.totalMs, keys };
    });
  }

  it('the same inputs give the same plan', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const told = (calls: ReturnType<typeof play>) => calls.map(({ seen, stop }) => ({ seen, stop }));
        expect(told(play(drawn, createHealth()))).toEqual(told(play(drawn, createHealth())));
      }),
    );
  });

  it('no attempt begins after the deadline, and attempts are bounded', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        for (const { seen, began, deadlineMs, keys } of play(drawn, createHealth())) {
          const most = drawn.targets.length * drawn.attempts + Object.values(keys).flatMap((k) => k ?? []).length;
          expect(seen.length).toBeLessThanOrEqual(most);
          for (const { atMs } of seen) expect(began + atMs).toBeLessThan(deadlineMs);
        }
      }),
    );
  });

  it('nothing is tried after a call that is invalid, and nothing is left running', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        const health = createHealth();
        for (const { stop, seen } of play(drawn, health)) {
          if (stop?.kind === 'invalid') expect(stop.target).toBe(seen.at(-1)?.target);
        }
        expect(health.report(start).every(({ running }) => running === 0)).toBe(true);
      }),
    );
  });

  it('only keys of the target’s own provider are used', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        for (const { seen, keys } of play(drawn, createHealth()))
          for (const { target: ref, key } of seen) {
            const own = keys[ref.split('/')[0] ?? ''];
            expect(own === undefined || own === null || own.length === 0 ? key === null : own.includes(key ?? '')).toBe(
              true,
            );
          }
      }),
    );
  });

  it('a target that waits for other failures is never the first', () => {
    fc.assert(
      fc.property(world, (drawn) => {
        for (const { seen } of play(drawn, createHealth())) {
          const first: Step['do'] | undefined = seen[0] && 'try';
          if (first) expect(drawn.targets.find((t) => t.ref === seen[0]?.target)?.after).toBeNull();
        }
      }),
    );
  });
});
