import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonDiff, jsonIn } from './json-diff.ts';

describe('a diff of two JSON answers', () => {
  it('names what changed by its path, whatever the order of the keys', () => {
    const before = { total: 12.5, currency: 'EUR', items: [{ sku: 'blue', n: 1 }] };
    const after = { items: [{ n: 2, sku: 'blue' }], total: 13.5, note: 'gift' };
    expect(jsonDiff(before, after)).toEqual([
      { path: 'total', before: 12.5, after: 13.5 },
      { path: 'currency', before: 'EUR', after: undefined },
      { path: 'items[0].n', before: 1, after: 2 },
      { path: 'note', before: undefined, after: 'gift' },
    ]);
  });

  it('is empty for equal values, and only for those', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(jsonDiff(value, structuredClone(value))).toEqual([]);
      }),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const same = jsonDiff(a, b).length === 0;
        expect(same).toBe(JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
      }),
    );
  });

  it('does not go down without end', () => {
    const deep = (depth: number, end: unknown): unknown => (depth === 0 ? end : [deep(depth - 1, end)]);
    expect(jsonDiff(deep(200, 1), deep(200, 2))).toHaveLength(1);
  });

  it('is made of objects and lists, bare or fenced, and of nothing else', () => {
    expect(jsonIn(' {"a":1}')).toEqual({ a: 1 });
    expect(jsonIn('```json\n[1]\n```')).toEqual([1]);
    for (const text of ['12', '"text"', '{oops', 'Sure: {"a":1}', '']) expect(jsonIn(text)).toBeUndefined();
    expect(jsonIn('['.repeat(100_000))).toBeUndefined();
  });
});

/** -0 is 0 in JSON text; keys in one order. */
function sorted(value: unknown): unknown {
  if (Object.is(value, -0)) return '-0';
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return { entries: entries.map(([key, member]) => [key, sorted(member)]) };
}
