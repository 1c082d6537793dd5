import { expect, it } from 'vitest';
import { wholeToolCall } from './tool-call.ts';

const call = { id: null, name: 'weather' };
const json = (value: string) => ({ type: 'json' as const, value });

it('takes from the span what its call leaves out', () => {
  const span = { toolCall: { ...call, arguments: null, result: 'sunny' }, input: json('Paris'), output: json('other') };
  expect(wholeToolCall(span)).toEqual({ ...call, arguments: 'Paris', result: 'sunny' });
});

it('leaves a conversation where it is, and a span without a call as it is', () => {
  const talk = { type: 'messages' as const, messages: [] };
  const toolCall = { ...call, arguments: null, result: null };
  expect(wholeToolCall({ toolCall, input: talk, output: null })).toEqual(toolCall);
  expect(wholeToolCall({ toolCall: null, input: json('a'), output: null })).toBeNull();
});
