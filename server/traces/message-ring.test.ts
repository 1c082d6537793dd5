import { expect, it } from 'vitest';
import { createMessageRing } from './message-ring.ts';

const message = (name: string) => ({ type: 'datasets' as const, name });
const all = () => true;

it('keeps the newest messages, so many and so much of them, and one in any case', () => {
  const ring = createMessageRing(100, { messages: 3, characters: 200 });
  for (const name of ['a', 'b', 'c', 'd']) ring.add(message(name));
  expect(ring.after(100, all).map((text) => /"name":"(.)/.exec(text)?.[1])).toEqual(['b', 'c', 'd']);
  ring.add(message('e'.repeat(120)));
  expect(ring.after(100, all)).toHaveLength(1);
  ring.add(message('f'.repeat(500)));
  expect(ring.after(100, all)).toHaveLength(1);
  expect(ring.lastId()).toBe(106);
  expect(ring.after(105, all)).toHaveLength(1);
  expect(ring.after(106, all)).toEqual([]);
});
