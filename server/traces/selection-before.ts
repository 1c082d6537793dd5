import type { Selection } from '@wheelhouse/core/ports';
import { allOf, conditionsOf } from '@wheelhouse/core/query';
import type { Filter, Nanos } from '@wheelhouse/core/records';

type Time = Extract<Filter, { type: 'last' | 'since' | 'until' }>;
const isTime = (one: Filter): one is Time => one.type === 'last' || one.type === 'since' || one.type === 'until';

const inOrder = (times: readonly Nanos[]) => times.toSorted((a, b) => Number(a - b));

/** Whether a condition hangs on time somewhere inside. */
function asksTime(filter: Filter): boolean {
  if (filter.type === 'all' || filter.type === 'any') return filter.of.some(asksTime);
  return filter.type === 'not' ? asksTime(filter.of) : isTime(filter);
}

/** The same, of the time that is as long and ends where this one begins; null where that is not one piece of time. */
export function selectionBefore({ filter, nowNs }: Selection): Selection | null {
  const conditions = conditionsOf(filter);
  const times = conditions.filter(isTime);
  const others = conditions.filter((one) => !isTime(one));
  if (others.some(asksTime)) return null;
  const begins = times.flatMap((one) =>
    one.type === 'last' ? [nowNs - one.ns] : one.type === 'since' ? [one.ns] : [],
  );
  const ends = times.flatMap((one) => (one.type === 'until' ? [one.ns] : []));
  const from = inOrder(begins).at(-1);
  const until = inOrder([...ends, nowNs])[0] ?? nowNs;
  if (from === undefined || until <= from) return null;
  const time: Filter[] = [
    { type: 'since', ns: from - (until - from) },
    { type: 'until', ns: from },
  ];
  return { filter: allOf([...others, ...time]), nowNs };
}
