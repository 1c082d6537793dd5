import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Flag, linearRegex } from './linear-regex.ts';

function occurs(pattern: string, text: string, flags: Flag[] = []) {
  const expression = linearRegex(pattern, flags);
  return typeof expression === 'string' ? expression : expression.test(text);
}

const atom = fc.constantFrom(
  ...[
    'a',
    'b',
    '.',
    '\\d',
    '\\W',
    '[ab-c]',
    '[^a]',
    '\\bx',
    'x\\B',
    '^',
    '$',
    '\\p{Lu}',
    '\\u{1F600}',
    '[\\]b]',
    '\\/',
    '/',
  ],
);
const { pattern } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    atom,
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => a + b),
    fc.tuple(tie('pattern'), tie('pattern')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('pattern'), fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{1,3}?'))
      .map(([inside, repeat]) => `(${inside})${repeat}`),
    tie('pattern').map((inside) => `(?<n>${inside})`.replaceAll('?<n>', '?:')),
  ),
}));
const text = fc.array(fc.constantFrom('a', 'b', 'c', 'A', 'x', '1', ' ', '\n', '/', ']', '😀', 'é'), { maxLength: 8 });

test('says what the engine says', () => {
  const flags = fc.subarray<Flag>(['i', 'm', 's']);
  fc.assert(
    fc.property(pattern, text, flags, (source, characters, chosen) => {
      const native = new RegExp(source, `u${chosen.join('')}`).test(characters.join(''));
      expect(occurs(source, characters.join(''), chosen)).toBe(native);
    }),
    { numRuns: 2_000 },
  );
});

test('is not slowed by patterns that catch an engine that backtracks', () => {
  const long = 'a'.repeat(20_000);
  expect(occurs('^(a+)+$', `${long}!`)).toBe(false);
  expect(occurs('^(a|a)*$', `${long}!`)).toBe(false);
  expect(occurs('(.*)*,(.*)*;', long)).toBe(false);
  expect(occurs('^(a?){50}a{50}$', 'a'.repeat(50))).toBe(true);
});

test('refuses what cannot be bounded, and what is no pattern', () => {
  expect(occurs('(a)\\1', 'aa')).toMatch(/refers back/);
  expect(occurs('(?<n>a)\\k<n>', 'aa')).toMatch(/refers back/);
  expect(occurs('(?<=a)b', 'ab')).toMatch(/looks ahead or behind/);
  expect(occurs('x(?!a)', 'x')).toMatch(/looks ahead or behind/);
  expect(occurs('((a{1,99}){1,99}){1,99}', 'a')).toMatch(/more than 5000 steps/);
  expect(occurs('[', 'a')).toMatch(/no regular expression/);
  expect(occurs('a'.repeat(2_001), 'a')).toMatch(/longer than 2000/);
  expect(occurs(`${'('.repeat(900)}a${')'.repeat(900)}`, 'a')).toBe(true);
});

test('counts repeats', () => {
  const lengths = (pattern: string) => [0, 1, 2, 3, 4].filter((length) => occurs(pattern, 'a'.repeat(length)) === true);
  expect(lengths('^a{2}$')).toEqual([2]);
  expect(lengths('^a{2,}$')).toEqual([2, 3, 4]);
  expect(lengths('^a{1,3}?$')).toEqual([1, 2, 3]);
  expect(lengths('^(?:aa)*$')).toEqual([0, 2, 4]);
});

test('reads a named group and a character of two halves', () => {
  expect(occurs('(?<year>\\d{4})', 'in 2026')).toBe(true);
  expect(occurs('^\\ud83d\\ude00$', '😀')).toBe(true);
  expect(occurs('^.$', '😀')).toBe(true);
});
