import { expect, it } from 'vitest';
import { oneInText } from './abuse-words.ts';

it('says how rare something is with two digits', () => {
  expect([1, 7, 99, 806.4, 20_512, 999_999, 3e12].map(oneInText)).toEqual([
    ...['most', '1 in 7', '1 in 99', '1 in 810', '1 in 21,000', '1 in 1,000,000', '1 in a billion or more'],
  ]);
});
