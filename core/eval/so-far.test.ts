import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FinishedRow } from '../ports/index.ts';
import type { ExampleId, RunId } from '../records/index.ts';
import { measureNamed } from './measures.ts';
import { compareSoFar } from './so-far.ts';

const runId = 'run_b' as RunId;
const rowsOf = (pairs: (readonly [number | null, number | null])[]): FinishedRow[] =>
  pairs.map((means, i) => ({ exampleId: `ex_${i}` as ExampleId, means: [...means] }));
const of = { runId, run: 1, family: 1, expected: 500 };
const exact = measureNamed('exact');

test('says so as soon as it is clear, and only then', () => {
  const gains = (count: number) => rowsOf(Array.from({ length: count }, () => [0, 1] as const));
  expect(compareSoFar(exact, gains(5), of)).toMatchObject({ verdict: 'not_enough_data', low: null, pairs: 5 });
  expect(compareSoFar(exact, gains(6), of)).toMatchObject({ verdict: 'no_clear_difference', high: 1 });
  expect(compareSoFar(exact, gains(60), of)).toMatchObject({ verdict: 'better', difference: 1, high: 1 });
  const [one, eight] = [1, 8].map((family) => compareSoFar(exact, gains(60), { ...of, family }));
  expect(eight).toMatchObject({ confidence: 1 - 0.05 / 8 });
  expect(eight?.low).toBeLessThan((one?.low ?? 0) - 0.01);
  expect(compareSoFar(measureNamed('errors'), gains(60), of)).toMatchObject({ verdict: 'worse' });
  expect(compareSoFar(exact, [], of)).toMatchObject({ verdict: 'not_enough_data', difference: null, low: null });
});

test('leaves out rows without a value on one side', () => {
  const rows = rowsOf([...Array.from({ length: 40 }, () => [1, 0] as const), [null, 1], [0, null]]);
  expect(compareSoFar(exact, rows, of)).toMatchObject({ pairs: 40, difference: -1, verdict: 'worse' });
});

test('says nothing of seconds before a hundred rows', () => {
  const rows = (count: number) => rowsOf(Array.from({ length: count }, (_, i) => [1 + (i % 3), (i % 3) / 2] as const));
  const latency = measureNamed('latency');
  expect(compareSoFar(latency, rows(99), of)).toMatchObject({ verdict: 'not_enough_data', low: null });
  expect(compareSoFar(latency, rows(100), of)).toMatchObject({ verdict: 'better' });
});

test('a larger family makes wider intervals, and more rows never take back what was clear of scores', () => {
  const score = fc.integer({ min: 0, max: 4 }).map((step) => step / 4);
  fc.assert(
    fc.property(fc.array(fc.tuple(score, score), { minLength: 2, maxLength: 60 }), (pairs) => {
      const all = compareSoFar(exact, rowsOf(pairs), of);
      const wide = compareSoFar(exact, rowsOf(pairs), { ...of, family: 8 });
      const before = compareSoFar(exact, rowsOf(pairs.slice(0, -1)), of);
      if (all.low === null || all.high === null) return;
      expect(wide.low ?? -1).toBeLessThanOrEqual(all.low + 1e-9);
      expect(before.low ?? -1).toBeLessThanOrEqual(all.low + 1e-9);
      expect(before.high ?? 1).toBeGreaterThanOrEqual(all.high - 1e-9);
    }),
    { numRuns: 60 },
  );
});
