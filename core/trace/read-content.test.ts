import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, Message, Part } from '../records/index.ts';
import { readContent } from './read-content.ts';

const text = (content: string): Part => ({ type: 'text', content });
const call = (id: string | null): Part => ({ type: 'tool_call', id, name: 'f', arguments: { x: 1 } });
const answer = (id: string | null, response: Json): Part => ({ type: 'tool_call_response', id, response });
const user = { role: 'user', parts: [text('hi')] };
const read = (value: Json, side: 'input' | 'output' = 'input') => readContent(value, side);

describe('readContent', () => {
  it.each<[string, 'input' | 'output', Json, Message[]]>([
    [
      'an OpenAI chat request',
      'input',
      {
        model: 'm',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'hi' }] },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }],
          },
          { role: 'tool', tool_call_id: 'c', content: '21' },
        ],
      },
      [user, { role: 'assistant', parts: [call('c')] }, { role: 'tool', parts: [answer('c', '21')] }],
    ],
    [
      'an OpenAI chat completion',
      'output',
      {
        choices: [
          { index: 0, finish_reason: 'tool_calls', message: { role: 'assistant', content: null, refusal: 'no' } },
        ],
      },
      [
        {
          role: 'assistant',
          parts: [{ type: 'other', value: { type: 'refusal', refusal: 'no' } }],
          finishReason: 'tool_calls',
        },
      ],
    ],
    [
      'an OpenAI responses request',
      'input',
      {
        ...{ model: 'm', instructions: 'Be brief' },
        input: [
          { role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
          { type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }] },
          { type: 'function_call', call_id: 'c', name: 'f', arguments: '{"x":1}' },
          { type: 'function_call_output', call_id: 'c', output: '21' },
        ],
      },
      [
        { role: 'system', parts: [text('Be brief')] },
        user,
        { role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }] },
        { role: 'assistant', parts: [call('c')] },
        { role: 'tool', parts: [answer('c', '21')] },
      ],
    ],
    [
      'an OpenAI response',
      'output',
      {
        object: 'response',
        output: [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'ho' }] }],
      },
      [{ role: 'assistant', parts: [text('ho')] }],
    ],
    [
      'an Anthropic request',
      'input',
      {
        ...{ model: 'm', system: [{ type: 'text', text: 'Be brief' }] },
        messages: [
          {
            role: 'assistant',
            content: [
              { type: 'thinking', thinking: 'hm' },
              { type: 'tool_use', id: 'c', name: 'f', input: { x: 1 } },
            ],
          },
          {
            role: 'user',
            content: [{ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'text', text: '21' }] }],
          },
        ],
      },
      [
        { role: 'system', parts: [text('Be brief')] },
        { role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }, call('c')] },
        { role: 'user', parts: [answer('c', '21')] },
      ],
    ],
    [
      'Gemini',
      'input',
      {
        systemInstruction: { parts: [{ text: 'Be brief' }] },
        contents: [
          { role: 'user', parts: [{ text: 'hi' }] },
          { role: 'model', parts: [{ functionCall: { name: 'f', args: { x: 1 } } }] },
        ],
      },
      [{ role: 'system', parts: [text('Be brief')] }, user, { role: 'assistant', parts: [call(null)] }],
    ],
    [
      'what Gemini answers',
      'output',
      {
        candidates: [
          { finishReason: 'STOP', content: { role: 'model', parts: [{ text: 'hm', thought: true }, { text: 'ho' }] } },
        ],
      },
      [{ role: 'assistant', parts: [{ type: 'reasoning', content: 'hm' }, text('ho')], finishReason: 'stop' }],
    ],
    [
      'messages of LangChain, as constructors, in a batch of one',
      'input',
      {
        messages: [
          [
            {
              lc: 1,
              type: 'constructor',
              id: ['langchain', 'schema', 'messages', 'HumanMessage'],
              kwargs: { content: 'hi' },
            },
            {
              ...{ lc: 1, type: 'constructor', id: ['langchain', 'schema', 'messages', 'AIMessage'] },
              kwargs: { content: '', tool_calls: [{ id: 'c', name: 'f', args: { x: 1 }, type: 'tool_call' }] },
            },
          ],
        ],
      },
      [user, { role: 'assistant', parts: [call('c')] }],
    ],
    [
      'messages of LangChain, as Python writes them',
      'output',
      {
        messages: [
          { type: 'human', data: { content: 'hi' } },
          { type: 'tool', data: { content: '21', tool_call_id: 'c', name: 'f' } },
        ],
      },
      [user, { role: 'tool', parts: [answer('c', '21')] }],
    ],
    [
      'a message of LangChain that repeats beside its content the calls in it',
      'output',
      {
        type: 'ai',
        content: [{ type: 'tool_use', id: 'c', name: 'f', input: { x: 1 } }],
        tool_calls: [{ id: 'c', name: 'f', args: { x: 1 } }],
      },
      [{ role: 'assistant', parts: [call('c')] }],
    ],
    [
      'generations of LangChain',
      'output',
      { generations: [[{ text: 'ho', message: { lc: 1, id: ['AIMessage'], kwargs: { content: 'ho' } } }]] },
      [{ role: 'assistant', parts: [text('ho')] }],
    ],
    [
      'messages of the AI SDK',
      'input',
      [
        { role: 'assistant', content: [{ type: 'tool-call', toolCallId: 'c', toolName: 'f', input: { x: 1 } }] },
        {
          role: 'tool',
          content: [{ type: 'tool-result', toolCallId: 'c', toolName: 'f', output: { type: 'json', value: 21 } }],
        },
      ],
      [
        { role: 'assistant', parts: [call('c')] },
        { role: 'tool', parts: [answer('c', { type: 'json', value: 21 })] },
      ],
    ],
  ])('reads %s as a conversation', (_, side, value, messages) => {
    expect(read(value, side)).toEqual({ type: 'messages', messages });
    expect(read(JSON.stringify(value), side)).toEqual({ type: 'messages', messages });
  });

  it.each<[string, Json]>([
    ['arguments of a function', { args: ['hi'], kwargs: {} }],
    ['a text', 'just words'],
    ['rows that have types like those of messages', [{ type: 'human' }]],
    ['rows that have types and roles of their own', [{ type: 'human' }, { role: 'admin' }]],
    ['a list of messages and something else', [{ role: 'user', content: 'hi' }, 7]],
    ['an input without a model', { input: 'hi' }],
  ])('keeps %s as it came', (_, value) => {
    expect(read(value)).toEqual({ type: 'json', value });
  });

  it('has nothing to say of nothing', () => {
    expect([read(null), read(''), readContent(undefined, 'input')]).toEqual([null, null, null]);
  });

  it('never throws, whatever is in it', () => {
    const key = fc.constantFrom(
      'messages',
      'role',
      'content',
      'parts',
      'choices',
      'candidates',
      'generations',
      'output',
      'lc',
      'id',
      'kwargs',
      'data',
      'type',
      'tool_calls',
      'function',
    );
    const value = fc.object({
      key,
      maxDepth: 5,
      values: [fc.constantFrom('user', 'text', 'tool_use', 'ai', 'response'), fc.integer(), fc.constant(null)],
    });
    fc.assert(
      fc.property(
        fc.oneof(value, fc.array(value), fc.jsonValue()),
        fc.constantFrom('input', 'output'),
        (given, side) => {
          expect(() => JSON.stringify(readContent(given as Json, side))).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});
