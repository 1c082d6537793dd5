import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { mergeTraces } from './live-cache.ts';

const trace = (id: string, startNs: number, name = id) =>
  ({ traceId: id, startNs: String(startNs), name }) as TraceSummaryBody;
const list = (pages: TraceSummaryBody[][], next: string | null) => ({
  pages: pages.map((data, i) => ({ data, next: i === pages.length - 1 ? next : String(i + 1) })),
  pageParams: pages.map(() => null),
});
const idsOf = (merged: ReturnType<typeof mergeTraces>) =>
  merged?.pages.map((page) => page.data.map((one) => one.traceId));

describe('a live trace', () => {
  it('is the first row of an empty list', () => {
    expect(idsOf(mergeTraces(list([[]], null), [trace('a', 1)]))).toEqual([['a']]);
  });

  it('goes where its start time belongs, across pages', () => {
    const before = list([[trace('e', 50), trace('d', 40)], [trace('b', 20)]], null);
    expect(idsOf(mergeTraces(before, [trace('f', 60), trace('c', 30), trace('a', 10)]))).toEqual([
      ['f', 'e', 'd'],
      ['c', 'b', 'a'],
    ]);
  });

  it('is left to its own page when it is older than all that is loaded', () => {
    expect(idsOf(mergeTraces(list([[trace('b', 20)]], 'more'), [trace('a', 10)]))).toEqual([['b']]);
  });

  it('replaces its earlier self in place', () => {
    const merged = mergeTraces(list([[trace('b', 20), trace('a', 10)]], null), [trace('a', 10, 'now finished')]);
    expect(idsOf(merged)).toEqual([['b', 'a']]);
    expect(merged?.pages[0]?.data[1]?.name).toBe('now finished');
  });
});
