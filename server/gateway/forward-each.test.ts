import type { ForwardHandle, ForwardRequest, ForwardSink, Provider } from '@wheelhouse/core/ports';
import { expect, it } from 'vitest';
import { ForwardedEach } from './forward-each.ts';

type Sent = { body: string; sink: ForwardSink; left: boolean };

/** A provider that answers when it is told to, and a sink that writes down what it hears. */
function setUp(count: number) {
  const sent: Sent[] = [];
  const heard: string[] = [];
  const forward = ({ body }: ForwardRequest, sink: ForwardSink): ForwardHandle => {
    const one: Sent = { body: Buffer.from(body ?? []).toString(), sink, left: false };
    sent.push(one);
    return {
      abort() {
        one.left = true;
      },
      resume() {},
    };
  };
  const sink: ForwardSink = {
    onHeaders: (status, headers) => void heard.push(`${status} ${JSON.stringify(headers)}`),
    onData: (chunk) => heard.push(Buffer.from(chunk).toString()) > 0,
    onEnd: () => void heard.push('end'),
    onError: ({ message }) => void heard.push(message),
  };
  const request: ForwardRequest = {
    method: 'POST',
    path: '/',
    headers: {},
    body: null,
    key: null,
    connectTimeoutMs: 1,
  };
  const bodies = Array.from({ length: count }, (_, i) => Buffer.from(String(i)));
  const provider = { forward } as Provider;
  const each = new ForwardedEach({ provider, request, bodies }, sink);
  const answer = (i: number, status = 200, text = `{"n":${i}}`) => {
    const to = sent[i]?.sink;
    to?.onHeaders(status, { 'content-length': String(text.length), 'x-id': String(i) });
    to?.onData(Buffer.from(text.slice(0, 2)));
    to?.onData(Buffer.from(text.slice(2)));
    to?.onEnd();
  };
  return { sent, heard, each, answer };
}

it('gives all answers as one, in the order of the requests, however they come', () => {
  const { sent, heard, answer } = setUp(3);
  expect(sent.map(({ body }) => body)).toEqual(['0', '1', '2']);
  for (const i of [2, 0, 1]) answer(i);
  expect(heard).toEqual(['200 {"x-id":"1"}', '{"answers":[{"n":0},{"n":1},{"n":2}]}', 'end']);
});

it('has eight under way at the most', () => {
  const { sent, heard, answer } = setUp(20);
  expect(sent).toHaveLength(8);
  for (let i = 0; i < 20; i++) {
    answer(i);
    expect(sent).toHaveLength(Math.min(20, 9 + i));
  }
  expect(heard.at(-1)).toBe('end');
});

it('ends with the first refusal, as the vendor said it, and leaves the others', () => {
  const { sent, heard, answer } = setUp(20);
  answer(3);
  answer(1, 429, '{"message":"slow"}');
  expect(heard).toEqual(['429 {"x-id":"1"}', '{"message":"slow"}', 'end']);
  expect(sent.filter(({ left }) => left)).toHaveLength(7);
  answer(0);
  expect([heard.length, sent.length]).toEqual([3, 9]);
});

it('ends with the first broken connection', () => {
  const { sent, heard } = setUp(2);
  sent[1]?.sink.onError(new Error('gone'));
  sent[0]?.sink.onError(new Error('gone too'));
  expect(heard).toEqual(['gone']);
  expect(sent[0]?.left).toBe(true);
});

it('says nothing more once it is left', () => {
  const { sent, heard, each, answer } = setUp(2);
  each.abort();
  expect(sent.every(({ left }) => left)).toBe(true);
  answer(0);
  answer(1);
  expect(heard).toEqual([]);
});
