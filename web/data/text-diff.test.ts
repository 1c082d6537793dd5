import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineDiff, wordDiff } from './text-diff.ts';

describe('a diff of two answers', () => {
  it('names the words that changed', () => {
    expect(wordDiff('You answer for the shop.', 'You kindly answer for the shop.')).toContainEqual(
      expect.objectContaining({ kind: 'added' }),
    );
  });

  it('is none when the second was written anew', () => {
    expect(wordDiff('Go to Account, then Billing.', 'Yes, rated IPX4.')).toBeNull();
  });

  it('gives both texts back', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        const changes = wordDiff(a, b);
        if (!changes) return;
        const side = (left: 'added' | 'removed') =>
          changes.filter((change) => change.kind !== left).map((change) => change.text);
        expect(side('added').join('')).toBe(a);
        expect(side('removed').join('')).toBe(b);
      }),
    );
  });

  it('of lines keeps every line of both', () => {
    const lines = lineDiff('a\n\nb\nc', 'a\n\nB\nc\nd');
    const side = (left: 'added' | 'removed') =>
      lines.filter((line) => line.kind !== left).map((line) => line.words.map((word) => word.text).join(''));
    expect(side('added')).toEqual(['a', '', 'b', 'c']);
    expect(side('removed')).toEqual(['a', '', 'B', 'c', 'd']);
  });

  it('of lines leaves the last one as it is when another comes after it', () => {
    expect(lineDiff('a\nb', 'a\nb\nc').map(({ kind }) => kind)).toEqual(['same', 'same', 'added']);
    expect(lineDiff('', 'a').map(({ kind }) => kind)).toEqual(['added']);
  });
});
