import type { Json, SpanId, TraceId } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { conversationOf } from './conversation-of.ts';

const turn = (n: number, input: Json, output: Json) => ({
  ...{ input, output, traceId: `trace ${n}` as TraceId, spanId: `span ${n}` as SpanId },
});
const user = (content: string) => ({ role: 'user', content });
const assistant = (content: string) => ({ role: 'assistant', content });
const system = { role: 'system', content: 'Be short.' };

it('says once what an application sends again in each turn, its instructions too', () => {
  const turns = [
    turn(1, { messages: [system, user('a?')] }, 'A.'),
    turn(2, { messages: [system, user('a?'), assistant('A.'), user('b?')] }, 'B.'),
    turn(3, { messages: [system, user('a?'), assistant('A.'), user('b?'), assistant('B.'), user('c?')] }, 'C.'),
  ];
  const messages = [system, user('a?'), assistant('A.'), user('b?'), assistant('B.'), user('c?')];
  expect(conversationOf(turns)).toEqual(turn(3, { messages }, 'C.'));
});

it('takes anything that went in and came out, and turns without an answer', () => {
  const turns = [turn(1, 'a?', { text: 'A.' }), turn(2, { question: 'b?' }, null), turn(3, 'c?', 'C.')];
  const messages = [user('a?'), assistant('{"text":"A."}'), user('{"question":"b?"}'), user('c?')];
  expect(conversationOf(turns)).toEqual(turn(3, { messages }, 'C.'));
  expect(conversationOf([])).toBeNull();
});
