import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scorers } from './scorers.ts';

const score = (name: 'exact' | 'levenshtein', output: string, expected: Parameters<typeof scorers.exact>[1]) => {
  const result = scorers[name](output, expected);
  return result.ok ? result.score : result.error;
};

describe('exact', () => {
  test('forgives white space at the ends and nothing else', () => {
    expect(score('exact', ' Paris\n', 'Paris')).toBe(1);
    expect(score('exact', 'paris', 'Paris')).toBe(0);
    expect(score('exact', '', '')).toBe(1);
  });

  test('compares values where JSON is expected', () => {
    expect(score('exact', '{"b": [1, 2.0], "a": null}', { a: null, b: [1, 2] })).toBe(1);
    expect(score('exact', '{"b": [2, 1]}', { b: [1, 2] })).toBe(0);
    expect(score('exact', '42', 42)).toBe(1);
    expect(scorers.exact('I think it is 42', 42)).toEqual({ ok: true, score: 0, reason: 'the output is not JSON' });
  });
});

describe('levenshtein', () => {
  test('is one minus the distance by the longer text', () => {
    expect(score('levenshtein', 'sitting', 'kitten')).toBeCloseTo(1 - 3 / 7, 12);
    expect(score('levenshtein', '', '')).toBe(1);
    expect(score('levenshtein', '', 'abc')).toBe(0);
    expect(score('levenshtein', '{"a":1}', { a: 1 })).toBe(1);
  });

  test('counts code points, so an emoji is one letter', () => {
    expect(score('levenshtein', '🙂b', '🙁b')).toBe(0.5);
  });

  test('does not compare texts that are too long', () => {
    expect(score('levenshtein', 'x'.repeat(20_001), 'y')).toMatch(/20001 characters.*limit is 20000/);
    expect(score('levenshtein', 'ab'.repeat(10_000), 'ba'.repeat(10_000))).toBeCloseTo(1 - 2 / 20_000, 12);
  });

  test('is symmetric, within 0 and 1, and 1 for equal texts', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (a, b) => {
        const forth = score('levenshtein', a, b);
        expect(forth).toBe(score('levenshtein', b, a));
        expect(forth).toBeGreaterThanOrEqual(0);
        expect(forth).toBeLessThanOrEqual(1);
        expect(score('levenshtein', a, a)).toBe(1);
      }),
    );
  });
});

test('without an expected value no scorer says anything, least of all zero', () => {
  for (const scorer of Object.values(scorers))
    expect(scorer('anything', null)).toEqual({ ok: false, error: 'no expected value' });
});
