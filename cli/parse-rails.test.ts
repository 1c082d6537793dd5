import { describe, expect, test } from 'vitest';
import { chosenRails, parseRails } from './parse-rails.ts';

const plan = {
  rails: [
    { kind: 'quality' as const, name: 'thumbs', score: 'thumbs', low: 0, high: 1, effect: 0.05 },
    { kind: 'cost' as const, name: 'cost', capNanoUsd: '9', effect: 0.1 },
    { kind: 'errors' as const, name: 'errors', effect: 0.03 },
  ],
  without: ['latency: fewer than 20 calls in the last 7 days'],
};
const chosen = (text: string) => chosenRails(parseRails(text), plan);

describe('what is typed for rails', () => {
  test('leaves those that are named, with the points that are said', () => {
    expect(chosen('errors=1, thumbs')).toEqual([{ kind: 'errors', name: 'errors', effect: 0.01 }, plan.rails[0]]);
    expect(chosen('cost')).toEqual([plan.rails[1]]);
  });

  test('takes any other name for a score', () => {
    expect(chosen('kind to children=2.5pp')).toEqual([
      { kind: 'quality', name: 'kind to children', score: 'kind to children', effect: 0.025 },
    ]);
  });

  test.each([
    ['', 'is no rail'],
    ['errors=0', 'is no rail'],
    ['errors=80', 'is no rail'],
    ['errors=much', 'is no rail'],
    ['latency', 'It cannot be watched: latency: fewer than 20 calls'],
    ['cost=3', 'takes no points'],
  ])('%j is refused', (text, said) => {
    expect(() => chosen(text)).toThrow(said);
  });
});
