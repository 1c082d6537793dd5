import { describe, expect, it } from 'vitest';
import { comparedOf } from './named-metric.ts';

describe('named scorers', () => {
  const output = { reasoning: 'r', label: 'a', count: 2 };
  it.each([
    [{ label: 'b' }, { output: 'a', expected: 'b' }],
    [
      { label: 'b', count: 2 },
      { output: '{"label":"a","count":2}', expected: { label: 'b', count: 2 } },
    ],
    ['b', { output: '2', expected: 'b' }],
    [{ other: 1 }, { output: '2', expected: { other: 1 } }],
  ])('compare the outputs that %j names', (expected, compared) => {
    expect(comparedOf(output, expected)).toEqual(compared);
  });
});
