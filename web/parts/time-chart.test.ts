import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ticksUpTo } from './time-chart.tsx';

describe('the scale of a chart', () => {
  it('goes from 0 in few even steps to the highest value or a little beyond', () => {
    expect(ticksUpTo(2.3)).toEqual([0, 1, 2, 3]);
    expect(ticksUpTo(0)).toEqual([0, 1]);
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (highest) => {
        const ticks = ticksUpTo(highest);
        expect(ticks[0]).toBe(0);
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(ticks.at(-1) ?? 0).toBeGreaterThanOrEqual(highest * (1 - 1e-9));
        expect(ticks.at(-1) ?? 0).toBeLessThan(highest * 2.5);
      }),
    );
  });
});
