import { describe, expect, it } from 'vitest';
import { commonKeys, differingKeys, metricText, ticksBetween, timeTaken } from './tracked-values.ts';

describe('values of tracked runs', () => {
  it.each([
    [0.123_456_7, '0.12346'],
    [-2, '−2'],
    [1_234_567, '1.235e+6'],
    [0.000_012_3, '1.230e-5'],
    [null, 'NaN'],
    [1.797_693_134_862_315_7e308, '∞'],
    [0, '0'],
  ])('writes %d as %s', (value, text) => expect(metricText(value)).toBe(text));

  it('says how long a run took, or has been going for', () => {
    expect(timeTaken({ startMs: 1_000, endMs: 3_500 }, 9)).toBe('2.50 s');
    expect(timeTaken({ startMs: 1_000, endMs: null }, 61_000)).toBe('1m00s');
    expect(timeTaken({ startMs: null, endMs: null }, 61_000)).toBe('–');
  });

  it('puts what most runs have first, and finds what is not the same in all', () => {
    const runs = [
      [
        { key: 'b', value: '1' },
        { key: 'a', value: 'x' },
      ],
      [{ key: 'b', value: '2' }],
      [
        { key: 'b', value: '1' },
        { key: 'c', value: 'y' },
      ],
    ];
    expect(commonKeys(runs)).toEqual(['b', 'a', 'c']);
    expect(differingKeys(runs)).toEqual(['a', 'b', 'c']);
    expect(differingKeys([runs[0] ?? [], runs[0] ?? []])).toEqual([]);
  });

  it('marks round numbers between the lowest and the highest', () => {
    expect(ticksBetween(0.13, 0.92)).toEqual([0.2, 0.4, 0.6, 0.8]);
    expect(ticksBetween(0, 399, 3)).toEqual([0, 100, 200, 300]);
    expect(ticksBetween(-50, 50, 4)).toEqual([-40, -20, 0, 20, 40]);
    expect(ticksBetween(3, 3)).toEqual([3]);
  });
});
