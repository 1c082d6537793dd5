import type { MessageBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { capMessages } from './cap-messages.ts';

const said = (length: number): MessageBody => ({
  role: 'user',
  parts: [{ type: 'text', content: 'x'.repeat(length) }],
});
const cap = (lengths: number[], limits = { characters: 100, messages: 10 }) => {
  const { shown, left, size } = capMessages(lengths.map(said), limits);
  return { shown: shown.length, left, size };
};

describe('a long history', () => {
  it('is shown whole when it fits', () => {
    expect(cap([10, 20, 30])).toEqual({ shown: 3, left: 0, size: 60 });
  });

  it('is shown from its end, as far as it fits', () => {
    expect(cap([60, 50, 40])).toEqual({ shown: 2, left: 1, size: 150 });
  });

  it('shows its last message however long that is', () => {
    expect(cap([10, 5000])).toEqual({ shown: 1, left: 1, size: 5010 });
  });

  it('shows no more messages than a page can hold', () => {
    expect(cap(new Array<number>(50).fill(1))).toEqual({ shown: 10, left: 40, size: 50 });
  });

  it('may be empty', () => {
    expect(cap([])).toEqual({ shown: 0, left: 0, size: 0 });
  });
});
