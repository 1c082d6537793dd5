import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, it } from 'vitest';
import { failsMoreOften, isSlower } from './index.ts';

const group = (now: [number, number], before: [number, number]) => ({
  now: { errors: now[0], count: now[1] },
  before: { errors: before[0], count: before[1] },
});

describe('what fails more often', () => {
  it('is found when it is beyond chance and worth a look, the highest rise first', () => {
    const outage = group([90, 100], [1, 100]);
    const worse = group([40, 200], [8, 200]);
    const luck = group([6, 40], [3, 40]);
    const tiny = group([21_000, 2_000_000], [20_000, 2_000_000]);
    const better = group([1, 400], [90, 400]);
    expect(failsMoreOften([luck, worse, tiny, better, outage])).toEqual([outage, worse]);
    expect(failsMoreOften([])).toEqual([]);
  });

  it('is corrected for how many were looked at', () => {
    const once = group([12, 100], [2, 100]);
    const calm = Array.from({ length: 50 }, () => group([2, 100], [2, 100]));
    expect(failsMoreOften([once])).toEqual([once]);
    expect(failsMoreOften([once, ...calm])).toEqual([]);
  });
});

function generate(seed: number) {
  const generator = xoroshiro128plus(seed);
  const uniform = () => ((generator.next() >>> 0) + 0.5) / 4294967296;
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  /** Log-normal durations of that many calls. */
  return (calls: number, median: number) => {
    const sorted = Array.from({ length: calls }, () => median * Math.exp(0.6 * normal())).sort((a, b) => a - b);
    const tail = Array.from({ length: 20 }, (_, i) =>
      BigInt(Math.round((sorted[Math.floor((0.8 + i / 100) * (calls - 1))] ?? 0) * 1e9)),
    );
    return { calls, tail };
  };
}

describe('a p95', () => {
  it('is clearly above the usual one when it is twice that, and not when nothing changed', () => {
    const sample = generate(7);
    let found = 0;
    let wrong = 0;
    for (let i = 0; i < 200; i++) {
      const usual = sample(1000, 1);
      if (isSlower(sample(200, 2), usual, 5) === true) found++;
      if (isSlower(sample(200, 1), usual, 5) === true) wrong++;
    }
    expect(found).toBeGreaterThanOrEqual(190);
    expect(wrong).toBeLessThanOrEqual(2);
  });

  it('is not judged of a handful of calls, on either side', () => {
    const sample = generate(8);
    expect(isSlower(sample(8, 9), sample(1000, 1), 1)).toBeNull();
    expect(isSlower(sample(500, 9), sample(60, 1), 1)).toBeNull();
  });
});
