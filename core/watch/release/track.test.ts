import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RailReading } from '../../records/index.ts';
import { rememberLook, trackOf } from './track.ts';

const rail = (count: number): RailReading => ({
  ...{ name: 'good', kind: 'quality', state: 'open', unit: 'share', better: 'higher', effect: 0.05 },
  ...{
    incumbent: { count, mean: 0.5 },
    candidate: { count, mean: 0.5 },
    difference: 0,
    interval: { low: null, high: null },
  },
});

type Looks = Parameters<typeof trackOf>[0] & { calls: { a: number; b: number } };

/** Looked at after each of so many calls more. */
function looked(steps: readonly number[]) {
  let evidence: Looks = { calls: { a: 0, b: 0 } };
  for (const [i, step] of steps.entries()) {
    const calls = { a: evidence.calls.a + step, b: evidence.calls.b + step };
    evidence = rememberLook({ ...evidence, calls }, { rails: [rail(calls.b)] }, `look ${i}`);
  }
  return trackOf(evidence);
}

it('keeps the first look and the newest, and few of those between, in their order, however many there are', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 1, maxLength: 400 }), (steps) => {
      const track = looked(steps);
      const counts = track.map(({ calls }) => calls.b);
      const all = steps.reduce((sum, step) => sum + step, 0);
      expect(counts.length).toBeLessThanOrEqual(61);
      expect(counts.at(-1)).toBe(all);
      expect(counts[0]).toBe(steps[0]);
      expect(counts).toEqual([...new Set(counts)].sort((a, b) => a - b));
    }),
  );
});

it('keeps looks evenly by what was seen, so that a line of them is as fine everywhere', () => {
  const counts = looked(Array.from({ length: 5_000 }, () => 1)).map(({ calls }) => calls.b);
  const gaps = counts.slice(1, -1).map((count, i) => count - (counts[i] ?? 0));
  expect(counts.length).toBeGreaterThan(25);
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
});

it('is a look no more where nothing was new', () => {
  expect(looked([3, 0, 0, 2, 0])).toHaveLength(2);
  expect(looked([3, 0])[0]?.rails).toEqual([{ count: 3, difference: 0, interval: { low: null, high: null } }]);
});
