import { describe, expect, it } from 'vitest';
import { uniformFrom } from '../../stats/index.ts';
import { drawPoisson, percentile, rankBuckets, softWeights } from './simba.ts';

describe('what SIMBA draws and ranks by', () => {
  it('prefers rows whose samples differ most, then the best one, then the one that is furthest above the mean', () => {
    const bucket = (name: string, best: number, worst: number, mean: number) => ({
      ...{ name, best: { score: best }, worst: { score: worst }, mean },
    });
    const buckets = [
      bucket('all lost', 0, 0, 0),
      bucket('all well', 1, 1, 1),
      bucket('often well', 1, 0, 0.8),
      bucket('seldom well', 1, 0, 0.2),
    ];
    expect(rankBuckets(buckets).map(({ name }) => name)).toEqual(['seldom well', 'often well', 'all well', 'all lost']);
  });

  it('weighs by score the more the lower the temperature', () => {
    expect(softWeights([0.5, 0.5], 0.2)).toEqual([1, 1]);
    expect(softWeights([0.3, 0.5], 0.2)[0]).toBeCloseTo(Math.exp(-1), 12);
  });

  it('draws as often as the mean says', () => {
    const draw = uniformFrom(3);
    const drawn = Array.from({ length: 4000 }, () => drawPoisson(1.5, draw));
    const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length;
    // Four standard errors of a Poisson mean.
    expect(Math.abs(mean - 1.5)).toBeLessThan(4 * Math.sqrt(1.5 / 4000));
    expect(drawPoisson(0, draw)).toBe(0);
  });

  it('has percentiles between neighbours', () => {
    expect([percentile([4, 1, 3, 2], 0), percentile([4, 1, 3, 2], 0.5), percentile([4, 1, 3, 2], 1)]).toEqual([
      1, 2.5, 4,
    ]);
  });
});
