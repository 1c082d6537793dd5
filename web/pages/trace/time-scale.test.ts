import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TreeRow } from './span-tree.ts';
import {
  createTimeScale,
  fitRow,
  idleStretches,
  keepInside,
  lengthOf,
  readRange,
  ticksOf,
  viewOf,
  writeRange,
  zoomBy,
} from './time-scale.ts';

const row = (startNs: number, lengthNs: number | null, below = 0) =>
  ({ span: {}, startNs, lengthNs, below }) as TreeRow;
const second = 1e9;

describe('the time of a trace', () => {
  it('is idle where no innermost span runs, whatever runs around', () => {
    const rows = [row(0, 100, 3), row(10, 20), row(25, 15), row(80, 10)];
    expect(idleStretches(rows, 100)).toEqual([
      { from: 0, to: 10 },
      { from: 40, to: 80 },
      { from: 90, to: 100 },
    ]);
    expect(lengthOf(idleStretches(rows, 100))).toBe(60);
  });

  it('is even without cuts', () => {
    const scale = createTimeScale(200);
    expect([0, 50, 200].map(scale.at)).toEqual([0, 0.25, 1]);
  });

  it('leaves little room for what is cut, and says so', () => {
    const scale = createTimeScale(100, [{ from: 40, to: 80 }]);
    expect(scale.cut).toEqual([{ from: 40, to: 80 }]);
    expect(scale.at(80) - scale.at(40)).toBeLessThan(0.03);
    expect(scale.at(40)).toBeGreaterThan(0.6);
  });

  const stretches = fc
    .uniqueArray(fc.integer({ min: 0, max: 1000 }), { maxLength: 12 })
    .map((points) => points.sort((a, b) => a - b))
    .map((points) =>
      points.flatMap((from, i) => (i % 2 === 0 && points[i + 1] ? [{ from, to: points[i + 1] ?? from }] : [])),
    );

  it('comes back from its place, cut or not, and never runs backwards', () => {
    const times = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 2 });
    fc.assert(
      fc.property(stretches, times, (idle, [a = 0, b = 0]) => {
        const scale = createTimeScale(1000, idle);
        expect(scale.back(scale.at(a))).toBeCloseTo(a, 3);
        if (a < b) expect(scale.at(a)).toBeLessThan(scale.at(b));
        expect([scale.at(0), scale.at(1000)]).toEqual([0, 1]);
      }),
    );
  });

  it('fills the view with the range in sight', () => {
    const view = viewOf(createTimeScale(100), { from: 20, to: 40 });
    expect([20, 30, 40].map(view.at)).toEqual([0, expect.closeTo(0.5), 1]);
    expect(view.back(0.5)).toBeCloseTo(30);
  });
});

describe('a zoom', () => {
  it('keeps what is under the pointer where it is', () => {
    const range = { from: 200, to: 600 };
    const zoomed = zoomBy(range, { around: 300, factor: 0.5, lengthNs: 1000 });
    expect((300 - zoomed.from) / (zoomed.to - zoomed.from)).toBeCloseTo(0.25);
  });

  it('never leaves the trace, however it is turned', () => {
    const number = fc.double({ min: -2000, max: 3000, noNaN: true });
    fc.assert(
      fc.property(number, number, (from, to) => {
        const kept = keepInside({ from, to }, 1000);
        expect(kept.from).toBeGreaterThanOrEqual(0);
        expect(kept.to).toBeLessThanOrEqual(1000);
        expect(kept.to).toBeGreaterThan(kept.from);
      }),
    );
  });

  it('fits a span with room at both sides, inside the trace', () => {
    expect(fitRow(row(500, 100), 1000)).toEqual({ from: 495, to: 605 });
    expect(fitRow(row(0, 1000), 1000)).toEqual({ from: 0, to: 1000 });
  });

  it('is the same after it was written into a link', () => {
    const range = { from: 0.66 * second, to: 1.4 * second };
    expect(writeRange(range)).toBe('0.66-1.4');
    expect(readRange('0.66-1.4')).toEqual(range);
    const small = readRange(writeRange({ from: 12, to: 345 }));
    expect(small?.from).toBeCloseTo(12);
    expect(small?.to).toBeCloseTo(345);
  });

  it.each([undefined, '', 'x', '3-1', '1', '1-1'])('is not made of %s', (text) => {
    expect(readRange(text)).toBeNull();
  });
});

describe('the ticks', () => {
  it('are round and inside the range', () => {
    expect(ticksOf({ from: 0, to: 36 * second }, 5)).toEqual([0, 10, 20, 30].map((n) => n * second));
    expect(ticksOf({ from: 0.66 * second, to: 1.4 * second }, 4)).toEqual(
      [0.8, 1, 1.2, 1.4].map((n) => expect.closeTo(n * second, 1)),
    );
  });
});
