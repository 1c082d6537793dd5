import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReleaseObservation, ReleaseRail } from '../../records/index.ts';
import { uniformFrom } from '../../stats/index.ts';
import { decideShare } from './allocate.ts';
import { addEvidence, type Evidence, noEvidence } from './evidence.ts';

const rails: ReleaseRail[] = [
  { kind: 'quality', name: 'good', score: 'good', low: 0, high: 1, effect: 0.1 },
  { kind: 'errors', name: 'errors', effect: 0.05 },
];
const allocation = { floor: 0.1, ceiling: 0.9 };
const plan = {
  ...{ rails, allocation, steps: [{ share: 0.2, after: 0 }] },
  risks: { falseRollback: 0.05, missedRegression: 0.05 },
};
const call = (arm: 'incumbent' | 'candidate', failed = false): ReleaseObservation => ({
  ...{ kind: 'call', arm, latencyNs: 1n, costNanoUsd: null, failed, refused: false },
});
const score = (arm: 'incumbent' | 'candidate', value: number): ReleaseObservation => ({
  ...{ kind: 'score', arm, name: 'good', value },
});
/** Calls of both, in turn, of which so many are good. */
function traffic(count: number, goodOf: Record<'incumbent' | 'candidate', number>): ReleaseObservation[] {
  const u = uniformFrom(3);
  return Array.from({ length: count }, () =>
    (['incumbent', 'candidate'] as const).flatMap((arm) => [call(arm), score(arm, u() < goodOf[arm] ? 1 : 0)]),
  ).flat();
}
const shareAfter = (seen: ReleaseObservation[]) => addEvidence(plan, noEvidence(plan), seen).allocated?.share;

describe('a share that moves by how the candidate does', () => {
  test('stays while little is known, grows where nothing is lost, and falls where something is', () => {
    expect(shareAfter(traffic(29, { incumbent: 0.9, candidate: 0 }))).toBe(0.2);
    expect(shareAfter(traffic(31, { incumbent: 0.9, candidate: 0 }))).toBe(0.1);
    expect(shareAfter(traffic(500, { incumbent: 0.9, candidate: 0.9 }))).toBe(0.9);
    expect(shareAfter(traffic(500, { incumbent: 0.5, candidate: 0.9 }))).toBe(0.9);
    expect(shareAfter(traffic(500, { incumbent: 0.9, candidate: 0.7 }))).toBe(0.1);
  });

  test('says of each decision after how many calls it was, and by which rail', () => {
    const { allocated } = addEvidence(plan, noEvidence(plan), traffic(70, { incumbent: 0.9, candidate: 0.5 }));
    expect(allocated?.decisions).toMatchObject([
      { calls: 30, share: 0.1, rail: 'good' },
      { calls: 45, share: 0.1, rail: 'good' },
      { calls: 68, share: 0.1, rail: 'good' },
    ]);
    expect(allocated?.decisions?.at(-1)?.chance).toBeLessThan(0.1);
    expect(decideShare(allocation, [], { seen: [], calls: 30 })).toEqual({
      ...{ calls: 30, share: 0.9, chance: 1, rail: null },
    });
  });

  test('begins with a block of its own: what waited for the other arm is dropped where the share is decided', () => {
    const waiting = (count: number) => {
      const calls = Array.from({ length: count }, () => call('candidate'));
      return addEvidence(plan, noEvidence(plan), calls).rails[1]?.open.b.count;
    };
    expect([29, 30, 31].map(waiting)).toEqual([29, 0, 1]);
  });

  test('lies between its ends, and is that of the worst rail', () => {
    const sums = fc.tuple(fc.nat(400), fc.double({ min: 0, max: 1, noNaN: true }));
    const arms = fc.tuple(sums, sums).map(([[a, x], [b, y]]) => ({
      total: { a: { count: a, sum: a * x }, b: { count: b, sum: b * y } },
    }));
    fc.assert(
      fc.property(arms, arms, (one, other) => {
        const decide = (some: typeof rails, seen: { total: typeof one.total }[]) =>
          decideShare(allocation, some, { seen, calls: 30 });
        const both = decide(rails, [one, other]);
        expect(both.share).toBeGreaterThanOrEqual(allocation.floor);
        expect(both.share).toBeLessThanOrEqual(allocation.ceiling);
        const [first, second] = [decide(rails.slice(0, 1), [one]), decide(rails.slice(1), [other])];
        expect(both).toEqual(second.chance < first.chance ? second : { ...first, rail: both.rail });
        expect([first, second]).toContainEqual(both);
      }),
    );
  });

  test('is decided by the number of calls, so that no bet begins or ends because of what it is on', () => {
    const values = fc.array(fc.tuple(fc.boolean(), fc.boolean(), fc.double({ min: 0, max: 1, noNaN: true })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(values, fc.array(fc.nat(50), { maxLength: 6 }), (drawn, sizes) => {
        const seen = drawn.flatMap(([isCandidate, failed, value]) => {
          const arm = isCandidate ? 'candidate' : 'incumbent';
          return [call(arm, failed), score(arm, value)];
        });
        // The same arms with other values: decided at the same calls.
        const other = seen.map((one) => (one.kind === 'score' ? { ...one, value: 1 - one.value } : one));
        const nextOf = (all: ReleaseObservation[]) => addEvidence(plan, noEvidence(plan), all).allocated?.next;
        expect(nextOf(other)).toBe(nextOf(seen));
        // However it is looked at.
        let [evidence, at]: [Evidence, number] = [noEvidence(plan), 0];
        for (const size of [...sizes, seen.length]) {
          evidence = addEvidence(plan, evidence, seen.slice(at, at + size));
          at += size;
        }
        expect(evidence).toEqual(addEvidence(plan, noEvidence(plan), seen));
      }),
      { numRuns: 40 },
    );
  });
});
