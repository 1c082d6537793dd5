import { expect, it } from 'vitest';
import { chatOfMessages } from './chat-of-messages.ts';

const text = (content: string) => ({ type: 'text' as const, content });

it('gives recorded messages back as they are sent', () => {
  expect(
    chatOfMessages([
      { role: 'system', parts: [text('Be kind.')] },
      { role: 'user', parts: [text('Where is it?')], name: 'ada' },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', content: 'hm' },
          { type: 'tool_call', id: 'c1', name: 'find', arguments: { order: 7 } },
        ],
      },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: { status: 'sent' } }] },
    ]),
  ).toEqual([
    { role: 'system', content: 'Be kind.' },
    { role: 'user', content: 'Where is it?', name: 'ada' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'find', arguments: '{"order":7}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '{"status":"sent"}' },
  ]);
});

it('keeps parts that are no text, and ties results without an id to the call before them', () => {
  expect(
    chatOfMessages([
      {
        role: 'user',
        parts: [text('What is it?'), { type: 'other', value: { type: 'image_url', image_url: { url: 'u' } } }],
      },
      { role: 'assistant', parts: [{ type: 'tool_call', id: null, name: 'look', arguments: '{}' }] },
      { role: 'tool', parts: [{ type: 'tool_call_response', id: null, response: 'a cat' }] },
    ]),
  ).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What is it?' },
        { type: 'image_url', image_url: { url: 'u' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: 'call_2', type: 'function', function: { name: 'look', arguments: '{}' } }],
    },
    { role: 'tool', tool_call_id: 'call_2', content: 'a cat' },
  ]);
});
