import { QueryClient, QueryObserver } from '@tanstack/react-query';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { describe, expect, it } from 'vitest';
import { dropTraces, mergeTraces } from './live-cache.ts';

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

it('a deleted trace leaves every list, and what was read of it; what somebody looks at stays', () => {
  const queryClient = new QueryClient();
  const lists = [
    ['traces', ''],
    ['traces', 'user:42'],
  ];
  for (const key of lists) queryClient.setQueryData(key, list([[trace('c', 3), trace('b', 2)], [trace('a', 1)]], null));
  for (const id of ['a', 'b']) queryClient.setQueryData(['trace', id], { trace: trace(id, 1) });
  const looking = new QueryObserver(queryClient, {
    queryKey: ['trace', 'b'],
    staleTime: Number.POSITIVE_INFINITY,
  }).subscribe(() => {});
  dropTraces(queryClient, ['a', 'b', 'never seen']);
  for (const key of lists) expect(idsOf(queryClient.getQueryData(key))).toEqual([['c'], []]);
  expect(queryClient.getQueryData(['trace', 'a'])).toBeUndefined();
  expect(queryClient.getQueryData(['trace', 'b'])).toBeDefined();
  looking();
});
