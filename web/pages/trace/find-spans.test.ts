import { describe, expect, it } from 'vitest';
import { findSpans, nextAmong } from './find-spans.ts';
import type { TreeRow } from './span-tree.ts';

const row = (id: string, name: string, statusMessage: string | null = null) =>
  ({ id, span: { name, kind: 'tool', model: null, requestModel: null, provider: null, statusMessage } }) as TreeRow;
const rows = [
  row('a', 'invoke_agent'),
  row('b', 'Search Orders'),
  row('c', 'pay', 'Timeout after 10 s'),
  row('d', 'pay'),
];
const none = () => undefined;

describe('finding inside a trace', () => {
  it('looks at names and errors, whatever the case', () => {
    expect(findSpans(rows, 'search', none)).toEqual([1]);
    expect(findSpans(rows, 'TIMEOUT', none)).toEqual([2]);
    expect(findSpans(rows, 'tool', none)).toEqual([0, 1, 2, 3]);
  });

  it('looks at what was said, as far as it is loaded', () => {
    expect(findSpans(rows, 'A-1042', (id) => (id === 'd' ? 'order a-1042' : undefined))).toEqual([3]);
  });

  it('finds nothing for no words, and passes a parent that was not reported', () => {
    expect(findSpans(rows, '  ', none)).toEqual([]);
    expect(findSpans([{ id: 'pending-x', span: null } as TreeRow], 'pay', none)).toEqual([]);
  });

  it('goes round in both directions', () => {
    expect(nextAmong([1, 4], 2, 1)).toBe(4);
    expect(nextAmong([1, 4], 4, 1)).toBe(1);
    expect(nextAmong([1, 4], 1, -1)).toBe(4);
    expect(nextAmong([], 1, 1)).toBeUndefined();
  });
});
