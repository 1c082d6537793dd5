import fc from 'fast-check';
import { expect, test } from 'vitest';
import { editDistance } from './edit-distance.ts';

/** The textbook recurrence, one row at a time. */
function textbook(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, x] of a.entries()) {
    const next = [i + 1];
    for (const [j, y] of b.entries())
      next.push(Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (x === y ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}

test('the distance is that of the textbook, over one block and several', () => {
  const text = fc.array(fc.constantFrom('a', 'b', 'c', '🜁'), { maxLength: 130, size: 'max' });
  fc.assert(
    fc.property(text, text, (a, b) => editDistance(a, b) === textbook(a, b)),
    { numRuns: 400 },
  );
});

test('known distances', () => {
  expect(editDistance([...'kitten'], [...'sitting'])).toBe(3);
  expect(editDistance([], [...'abc'])).toBe(3);
  expect(editDistance([...'abc'], [])).toBe(3);
  expect(editDistance(Array(64).fill('x'), Array(64).fill('y'))).toBe(64);
});
