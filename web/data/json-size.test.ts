import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstLevels, jsonSize } from './json-size.ts';

describe('the size of a JSON value', () => {
  it('is near the length of its text', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value).length;
        expect(jsonSize(value)).toBeGreaterThanOrEqual(text / 8 - 8);
        expect(jsonSize(value)).toBeLessThanOrEqual(text * 6 + 8);
      }),
    );
  });

  it('is not counted to the end once it is enough, nor by the call stack', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    expect(jsonSize(deep)).toBeGreaterThan(200_000);
    expect(
      jsonSize(
        Array.from({ length: 10_000 }, () => 'x'.repeat(100)),
        1000,
      ),
    ).toBeLessThan(12_000);
  });
});

describe('what starts open of a JSON value', () => {
  it('is all of a small one, the first level of a large one', () => {
    expect(firstLevels({ a: { b: { c: 1 } } }, 48)).toBe(3);
    expect(
      firstLevels(
        Array.from({ length: 100_000 }, () => [1]),
        48,
      ),
    ).toBe(1);
    expect(firstLevels({ a: Array.from({ length: 100 }, () => 1) }, 48)).toBe(1);
    expect(firstLevels('text', 48)).toBe(1);
  });
});
