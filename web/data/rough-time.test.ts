import { expect, it } from 'vitest';
import { roughTime } from './rough-time.ts';

it('says a time in words of its size', () => {
  expect([3_000, 41_000, 120_000, 7_200_000, 300_000_000].map(roughTime)).toEqual([
    'a few seconds',
    '50 s',
    '2 min',
    '2 h',
    '3 days',
  ]);
});
