import type { OptimizationCandidateBody } from '@wheelhouse/sdk';
import { expect, it } from 'vitest';
import { bestFirst, rowRanges } from './candidate-order.ts';

const scored = (value: number) => ({ value, low: null, high: null, rows: 10 });
const candidate = (n: number, scores: Partial<OptimizationCandidateBody>) =>
  ({ n, score: null, minibatch: null, ...scores }) as OptimizationCandidateBody;

it('sets a score on all rows above one on some, however low, and none last', () => {
  const candidates = [
    candidate(0, { score: scored(0) }),
    candidate(1, {}),
    candidate(2, { minibatch: scored(1) }),
    candidate(3, { score: scored(0.5), minibatch: scored(0.1) }),
    candidate(4, { score: scored(0.5) }),
  ];
  expect(bestFirst(candidates).map(({ n }) => n)).toEqual([3, 4, 0, 2, 1]);
});

it('writes rows as people count them', () => {
  expect(rowRanges([])).toBe('');
  expect(rowRanges([6, 0, 2, 1])).toBe('1–3, 7');
  expect(rowRanges([4])).toBe('5');
});
