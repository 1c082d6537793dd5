import type { Json, JsonObject, JsonSchema } from '@wheelhouse/core/records';
import { expect, it } from 'vitest';
import { fitConversation, fitText } from './fit-input.ts';

const text = { type: 'string' };
const one = { type: 'object', properties: { question: text, tone: text }, required: ['question'] };
const two = { type: 'object', properties: { a: text, b: text }, required: ['a', 'b'] };
const open = { type: 'object', properties: { q: {} }, required: ['q'] };
const choice = { type: 'object', properties: { q: { enum: ['a'] } }, required: ['q'] };
const chat = { type: 'object', properties: { messages: { type: 'array' } }, required: ['messages'] };
const free = { type: 'object' };
const user = (content: Json) => ({ role: 'user', content });
const history = [user('first'), { role: 'assistant', content: 'yes' }, user([{ type: 'text', text: 'last' }])];

type Case = [string, JsonSchema, Json, Json[], JsonObject];

it.each<Case>([
  ['text for the one text', one, 'why', [], { question: 'why' }],
  ['the last user message for the one text', one, {}, history, { question: 'last' }],
  ['text for one that takes anything', open, 'why', [], { q: 'why' }],
  ['variables as they are', one, { question: 'why' }, history, { question: 'why' }],
  ['the conversation for `messages`', chat, {}, history, { messages: history }],
  ['`messages` that were given', chat, { messages: [] }, history, { messages: [] }],
  ['nothing where nothing is required', free, {}, history, {}],
])('fits %s', (_, schema, input, messages, fitted) => {
  expect(fitConversation(schema, { input, messages, parameters: {} }, 'bot@1').input).toEqual(fitted);
});

it('makes a user message of text where no variable is meant', () => {
  const ask = { input: 'hello', messages: [user('before')], parameters: {} };
  expect(fitText(free, ask, 'bot@1')).toMatchObject({ input: {}, messages: [user('before'), user('hello')] });
});

it.each([
  [two, {}, history, /takes `a`, `b`, which a conversation alone does not say/],
  [one, {}, [{ role: 'system', content: 'x' }], /takes `question`/],
  [choice, {}, history, /takes `q`/],
  [one, {}, [user([{ type: 'image_url' }])], /takes `question`/],
  [one, 7, [], /an object, or text/],
] as const)('says what to send where %j does not follow from it', (schema, input, messages, problem) => {
  const ask = { input, messages: [...messages] as Json[], parameters: {} };
  expect(() => fitConversation(schema, ask, 'bot@1')).toThrow(problem);
});
