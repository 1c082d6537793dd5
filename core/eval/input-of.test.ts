import { expect, test } from 'vitest';
import { inputOf } from './input-of.ts';

const hello = { role: 'user', content: 'Hello' };

test('text is one user message', () => {
  expect(inputOf('Hello')).toEqual({ messages: [hello], variables: {} });
});

test('messages are a conversation, with variables when it has them', () => {
  expect(inputOf([hello])).toEqual({ messages: [hello], variables: {} });
  expect(inputOf({ messages: [hello] })).toEqual({ messages: [hello], variables: {} });
  expect(inputOf({ messages: [hello], variables: { name: 'Ada' } })).toEqual({
    messages: [hello],
    variables: { name: 'Ada' },
  });
});

test('any other object holds variables, one that is called messages too', () => {
  expect(inputOf({ question: 'Why?' })).toEqual({ messages: [], variables: { question: 'Why?' } });
  expect(inputOf({ messages: 'none' })).toEqual({ messages: [], variables: { messages: 'none' } });
  expect(inputOf({ messages: [hello], topic: 'x' })).toEqual({
    messages: [],
    variables: { messages: [hello], topic: 'x' },
  });
});

test('other JSON is a user message', () => {
  expect(inputOf([1, 2])).toEqual({ messages: [{ role: 'user', content: '[1,2]' }], variables: {} });
  expect(inputOf(7)).toEqual({ messages: [{ role: 'user', content: '7' }], variables: {} });
});
