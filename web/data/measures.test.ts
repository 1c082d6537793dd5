import { describe, expect, it } from 'vitest';
import { frontier, unitOf } from './measures.ts';

describe('measures', () => {
  it('are written in their own unit, differences with a sign that is as wide as the other', () => {
    expect(unitOf('exact').value(0.625)).toBe('62.5 %');
    expect(unitOf('exact').difference(0.038)).toBe('+3.8 pp');
    expect(unitOf('exact').difference(-0.003)).toBe('−0.3 pp');
    expect(unitOf('latency').difference(-0.5)).toBe('−500 ms');
    expect(unitOf('cost').difference(0.01)).toBe('+$0.0100');
  });

  it('say nothing of a sign where nothing is left to see', () => {
    expect(unitOf('exact').difference(-0.00001)).toBe('0.0 pp');
    expect(unitOf('exact').difference(0.00001)).toBe('0.0 pp');
  });
});

describe('the frontier', () => {
  it('is what no other one beats in price and quality', () => {
    const points = [
      { name: 'dear and worse', x: 3, y: 0.4 },
      { name: 'best', x: 2, y: 0.9 },
      { name: 'cheap', x: 1, y: 0.5 },
      { name: 'as cheap and worse', x: 1, y: 0.3 },
    ];
    expect(frontier(points).map(({ name }) => name)).toEqual(['cheap', 'best']);
  });
});
