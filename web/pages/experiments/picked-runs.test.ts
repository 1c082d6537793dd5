import { expect, test } from 'vitest';
import { comparedRuns, type PickedEvaluation, whyNot } from './picked-runs.ts';

const made = (day: number, ids: string[], datasetVersion = 1): PickedEvaluation => ({
  ...{ dataset: 'towns', datasetVersion, createdAt: `2026-01-0${day}T00:00:00.000Z` },
  runs: ids.map((id) => ({ id })),
});

test('says why what is picked cannot be compared', () => {
  const many = Array.from({ length: 10 }, (_, i) => `run_${i}`);
  expect(whyNot([made(1, ['a'])])).toContain('Pick one more');
  expect(whyNot([made(1, ['a']), made(2, ['b'], 2)])).toContain('different rows');
  expect(whyNot([made(1, ['a']), made(2, many)])).toContain('11 runs');
  expect(whyNot([made(1, ['a', 'b'])])).toBeNull();
  expect(whyNot([made(1, many)])).toBeNull();
});

test('takes the first run of the oldest as the baseline', () => {
  const picked = [made(3, ['e']), made(1, ['a', 'b']), made(2, ['c', 'd'])];
  expect(comparedRuns(picked)).toEqual({ baseline: 'a', runs: 'b,c,d,e' });
});
