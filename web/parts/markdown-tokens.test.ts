import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markdownTokens } from './markdown-tokens.ts';

const types = (text: string) => markdownTokens(text)?.map((token) => token.type);
const to = (length: number, piece: string) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** What makes lexers run out of stack, take quadratic time or make a page of a million elements. */
const pieces = [
  ...[
    '>',
    '> ',
    '[',
    '[a](',
    '![',
    '*',
    '*a ',
    'a**b',
    '_a',
    '__a ',
    '`',
    '`a',
    '<',
    '<a ',
    '- ',
    '1. ',
    '> - ',
    '~',
    '~~a',
  ],
  ...[
    '|',
    '|a|b|\n|-|-|\n',
    '&',
    'http://a',
    'a@',
    'a.',
    '\\',
    '\n',
    ' ',
    '\t',
    '[a]: x\n',
    '[a]',
    '# ',
    '<!--',
    '<![CDATA[',
  ],
  ...[
    '\u200d',
    '\ud800',
    '\u202e',
    'Z\u0335\u0321\u0300',
    '😀',
    '*_~`[(',
    '**a *b ',
    '```\n',
    '[[',
    '<div>\n',
    'a  \n',
    '    a\n',
    '\0',
  ],
  ...[
    '> a\n',
    '- a\n',
    '  - a\n',
    '* *a',
    '<a b="',
    '(a](',
    '|\n',
    '\n---\n',
    '~~~\n',
    '$$',
    'www.',
    'a_b*c ',
    '*a_b ',
  ],
];

describe('markdown of a model', () => {
  it('is parts as long as it is sane', () => {
    expect(types('# Title\n\nText with **bold**.\n\n- one\n- two\n\n> said')).toEqual([
      ...['heading', 'space', 'paragraph', 'space', 'list', 'space', 'blockquote'],
    ]);
  });

  it.each(['>', '[', '> ', '- ', '1. ', '> - '])('is plain text for 100,000 characters of “%s”', (piece) => {
    expect(markdownTokens(to(100_000, piece))).toBeNull();
  });

  it('is plain text for what is nested deeper than anyone reads', () => {
    expect(markdownTokens(`${'> '.repeat(12)}said`)).not.toBeNull();
    expect(markdownTokens(`${'> '.repeat(36)}said`)).toBeNull();
    expect(markdownTokens(to(20_000, '>'))).toBeNull();
  });

  it('is plain text where it would fill the page with elements', () => {
    expect(markdownTokens(`|a|b|\n|-|-|\n${'|x|y|\n'.repeat(20)}`)).not.toBeNull();
    expect(markdownTokens(`|a|b|\n|-|-|\n${'|x|y|\n'.repeat(3000)}`)).toBeNull();
  });

  it('never throws, whatever it is made of, at any length', () => {
    const text = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string()), { maxLength: 40 })
      .map((all) => all.join(''));
    fc.assert(fc.property(text, (one) => void markdownTokens(one)));
    for (const piece of pieces)
      for (const length of [500, 5_000, 31_999]) expect(() => markdownTokens(to(length, piece))).not.toThrow();
  });
});
