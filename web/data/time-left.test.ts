import { describe, expect, it } from 'vitest';
import { keepSamples, type Sample, timeLeft } from './time-left.ts';

const samplesOf = (...pairs: [atMs: number, done: number][]) =>
  pairs.reduce<Sample[]>((kept, [atMs, done]) => keepSamples(kept, { atMs, done }), []);

describe('the time that is left', () => {
  it('follows the pace that was seen', () => {
    expect(timeLeft(samplesOf([0, 100], [10_000, 200]), 400)).toBe(20_000);
  });

  it('is not said before there is a pace', () => {
    expect(timeLeft([], 10)).toBeNull();
    expect(timeLeft(samplesOf([0, 1], [500, 5]), 10)).toBeNull();
    expect(timeLeft(samplesOf([0, 5], [9_000, 5]), 10)).toBeNull();
  });

  it('forgets what is more than a minute ago, and all of it when the count begins anew', () => {
    expect(timeLeft(samplesOf([0, 0], [50_000, 1_000], [100_000, 1_050]), 1_100)).toBe(50_000);
    expect(samplesOf([0, 10], [1_000, 2])).toEqual([{ atMs: 1_000, done: 2 }]);
  });
});
