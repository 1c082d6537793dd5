import { expect, test } from 'vitest';
import { lastEventEnd, splitEvents } from './sse-events.ts';

const whole =
  ': ping\n\ndata: {"a":"é😀"}\n\nevent: x\r\ndata: one\r\ndata: two\r\n\r\ndata:{"no":"space"}\n\n\ndata: [DONE]\n\n';

test('finds the events of a stretch and what they say, and loses no byte', () => {
  const events = splitEvents(Buffer.from(whole));
  expect(events.map((event) => event.wire)).toEqual([
    null,
    { event: null, data: '{"a":"é😀"}' },
    { event: 'x', data: 'one\ntwo' },
    { event: null, data: '{"no":"space"}' },
    { event: null, data: '[DONE]' },
  ]);
  expect(Buffer.concat(events.map((event) => event.bytes)).toString()).toBe(whole);
});

test('knows where the last whole event ends, wherever the bytes are cut', () => {
  const bytes = Buffer.from(`${whole}data: rest`);
  for (let cut = 0; cut <= bytes.length; cut++) {
    const end = lastEventEnd(bytes.subarray(0, cut));
    expect(end).toBeLessThanOrEqual(cut);
    const before = splitEvents(bytes.subarray(0, end));
    expect(Buffer.concat(before.map((event) => event.bytes)).length).toBe(end);
    expect(lastEventEnd(bytes.subarray(end, cut))).toBe(0);
  }
});
