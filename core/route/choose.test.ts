import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seeded } from '../../testing/route/run-plan.ts';
import { byWeight, ofTwo, rendezvous } from './choose.ts';
import { type RouteTarget, targetOf } from './route.ts';

const target = (name: string, weight = 1): RouteTarget => ({ ...targetOf('p', name), weight });
const users = Array.from({ length: 200_000 }, (_, i) => `user-${i}`);

function shares(targets: RouteTarget[], choose: (index: number) => RouteTarget | null): number[] {
  const counts = new Map(targets.map(({ ref }) => [ref, 0]));
  for (let i = 0; i < users.length; i += 1) {
    const ref = choose(i)?.ref ?? '';
    counts.set(ref, (counts.get(ref) ?? 0) + 1);
  }
  return targets.map(({ ref }) => (counts.get(ref) ?? 0) / users.length);
}

describe('choosing a target', () => {
  const targets = [target('a', 70), target('b', 20), target('c', 10), target('d', 0)];

  it('hard case 24: gives each target its share, by hash and by lot, within one percent', () => {
    const lot = seeded(7);
    for (const found of [
      shares(targets, (i) => rendezvous(targets, users[i] ?? '')),
      shares(targets, () => byWeight(targets, lot)),
    ]) {
      for (const [i, share] of [0.7, 0.2, 0.1, 0].entries())
        expect(Math.abs((found[i] ?? 1) - share)).toBeLessThan(0.01);
    }
  });

  it('hard case 24: a user moves only to a target that gained, or away from one that lost', () => {
    const name = fc.string({ minLength: 1, maxLength: 12 });
    const weights = fc.uniqueArray(fc.tuple(name, fc.integer({ min: 1, max: 50 })), {
      minLength: 2,
      maxLength: 6,
      selector: ([n]) => n,
    });
    fc.assert(
      fc.property(
        weights,
        fc.integer({ min: 0, max: 200 }),
        fc.array(name, { maxLength: 50 }),
        (given, other, keys) => {
          const before = given.map(([n, weight]) => target(n, weight));
          const changed = before[0]?.ref;
          const after = before.map((t) => (t.ref === changed ? { ...t, weight: other } : t));
          const grew = other > (before[0]?.weight ?? 0);
          return keys.every((key) => {
            const [was, is] = [rendezvous(before, key)?.ref, rendezvous(after, key)?.ref];
            return was === is || (grew ? is === changed : was === changed);
          });
        },
      ),
    );
  });

  it('a target that is away for a moment takes only its own users with it', () => {
    const without = targets.filter(({ ref }) => ref !== 'p/b');
    const moved = users.filter((user) => rendezvous(targets, user)?.ref !== rendezvous(without, user)?.ref);
    expect(moved.every((user) => rendezvous(targets, user)?.ref === 'p/b')).toBe(true);
  });

  it('gives targets of weight 0 calls only when no other is left', () => {
    const [zero, other] = [target('z', 0), target('y', 0)];
    expect(byWeight([zero], () => 0.5)).toBe(zero);
    expect(byWeight([zero, other], () => 0.9)).toBe(other);
    expect(rendezvous([zero], 'user')).toBe(zero);
    expect(byWeight([], () => 0.5)).toBeNull();
    expect(rendezvous([], 'user')).toBeNull();
  });

  it('takes the better of two that are never the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.integer(), (count, seed) => {
        const all = Array.from({ length: count }, (_, i) => target(`t${i}`));
        const worst = all[0];
        // The worst of all is never the better of two.
        return ofTwo(all, seeded(seed), (t) => (t === worst ? 1 : 0)) !== worst;
      }),
    );
  });
});
