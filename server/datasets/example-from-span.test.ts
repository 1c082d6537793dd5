import type { Content, Json, Message, Part, Span } from '@wheelhouse/core/records';
import { describe, expect, test } from 'vitest';
import { exampleFromSpan } from './example-from-span.ts';

const text = (content: string): Part => ({ type: 'text', content });
const message = (role: string, ...parts: Part[]): Message => ({ role, parts });
const messages = (...all: Message[]): Content => ({ type: 'messages', messages: all });
const span = (input: Content | null, more: { output?: Content; sent?: Json } = {}) =>
  ({
    spanId: '00f067aa0ba902b7',
    input,
    output: more.output ?? null,
    attributes: more.sent === undefined ? {} : { 'wheelhouse.input': JSON.stringify(more.sent) },
  }) as unknown as Span;

describe('the input of a span', () => {
  test('that is one user message of text is that text', () => {
    expect(exampleFromSpan(span(messages(message('user', text('Hello')))))).toEqual({ input: 'Hello', output: null });
  });

  test('that is a conversation keeps its messages', () => {
    const input = messages(message('system', text('Be brief.')), message('user', text('Hello'), text('there')));
    expect(exampleFromSpan(span(input)).input).toEqual({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello\nthere' },
      ],
    });
  });

  test('with tools has calls and results as OpenAI writes them, without the reasoning', () => {
    const input = messages(
      message('user', text('Weather?')),
      message(
        'assistant',
        { type: 'reasoning', content: 'I need two cities.' },
        { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Oslo' } },
        { type: 'tool_call', id: 'c2', name: 'weather', arguments: '{"city":"Rome"}' },
      ),
      message(
        'tool',
        { type: 'tool_call_response', id: 'c1', response: { celsius: 3 } },
        { type: 'tool_call_response', id: 'c2', response: 'warm' },
      ),
    );
    const call = (id: string, city: string) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: `{"city":"${city}"}` },
    });
    expect(exampleFromSpan(span(input)).input).toEqual({
      messages: [
        { role: 'user', content: 'Weather?' },
        { role: 'assistant', content: null, tool_calls: [call('c1', 'Oslo'), call('c2', 'Rome')] },
        { role: 'tool', tool_call_id: 'c1', content: '{"celsius":3}' },
        { role: 'tool', tool_call_id: 'c2', content: 'warm' },
      ],
    });
  });

  test('with an image keeps the parts', () => {
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } };
    expect(
      exampleFromSpan(span(messages(message('user', text('What is it?'), { type: 'other', value: image })))).input,
    ).toEqual({
      messages: [{ role: 'user', content: [{ type: 'text', text: 'What is it?' }, image] }],
    });
  });

  test('that is JSON is that JSON', () => {
    expect(exampleFromSpan(span({ type: 'json', value: { question: 'Why?' } })).input).toEqual({ question: 'Why?' });
  });

  test('that is missing is an error that says so', () => {
    expect(() => exampleFromSpan(span(null))).toThrow('Span 00f067aa0ba902b7 has no input');
  });
});

describe('a span of a registered model', () => {
  const templated = messages(message('system', text('You are a poet.')), message('user', text('Hello')));

  test('gives what the caller sent, not what the template made of it', () => {
    const hello = { role: 'user', content: 'Hello' };
    expect(exampleFromSpan(span(templated, { sent: { messages: [hello], variables: {} } })).input).toBe('Hello');
    expect(exampleFromSpan(span(templated, { sent: { messages: [hello], variables: { tone: 'dry' } } })).input).toEqual(
      {
        messages: [hello],
        variables: { tone: 'dry' },
      },
    );
    expect(exampleFromSpan(span(templated, { sent: { messages: [], variables: { tone: 'dry' } } })).input).toEqual({
      tone: 'dry',
    });
    const named = { ...hello, name: 'Ada' };
    expect(exampleFromSpan(span(templated, { sent: { messages: [named], variables: {} } })).input).toEqual({
      messages: [named],
    });
  });

  test('gives the input of the span when the caller sent nothing of its own', () => {
    expect(exampleFromSpan(span(templated, { sent: { messages: [], variables: {} } })).input).toEqual({
      messages: [
        { role: 'system', content: 'You are a poet.' },
        { role: 'user', content: 'Hello' },
      ],
    });
  });
});

test('the output is the text of the answer, or the JSON that it is', () => {
  const input = messages(message('user', text('Hello')));
  expect(exampleFromSpan(span(input, { output: messages(message('assistant', text('Hi!'))) })).output).toBe('Hi!');
  expect(exampleFromSpan(span(input, { output: { type: 'json', value: { answer: 4 } } })).output).toEqual({
    answer: 4,
  });
});
