import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newestFirst } from './newest-first.ts';

const at = (n: number) => ({ createdAt: new Date(n).toISOString() });

it('shows page by page the beginning of what it shows when everything is loaded', () => {
  const times = fc.array(fc.nat(1000), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.tuple(times, fc.nat(20)), { maxLength: 3 }), (lists) => {
      const whole = lists.map(([list]) => list.toSorted((a, b) => b - a).map(at));
      const all = newestFirst(whole.map((rows) => ({ rows, hasMore: false })));
      const first = newestFirst(
        whole.map((rows, i) => ({ rows: rows.slice(0, lists[i]?.[1]), hasMore: rows.length > (lists[i]?.[1] ?? 0) })),
      );
      const isUnread = whole.some((rows, i) => rows.length > 0 && lists[i]?.[1] === 0);
      if (!isUnread) expect(first).toEqual(all.slice(0, first.length));
      expect(all).toHaveLength(whole.flat().length);
    }),
  );
});

it('holds back what others may come before', () => {
  const a = { rows: [at(9), at(5)], hasMore: true };
  const b = { rows: [at(7), at(3)], hasMore: false };
  expect(newestFirst([a, b])).toEqual([at(9), at(7), at(5)]);
});
