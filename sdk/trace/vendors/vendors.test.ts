import { describe, expect, it } from 'vitest';
import { anthropicMessages } from './anthropic.ts';
import type { CallReader, Loose } from './call-reader.ts';
import { openAiChat, openAiResponses } from './openai.ts';

const chunk = (delta: object) => ({ choices: [{ index: 0, delta }] });
const block = (delta: object) => ({ type: 'content_block_delta', index: 0, delta });

describe('the first words of a stream', () => {
  const cases: [string, CallReader, Loose, boolean][] = [
    ['a role alone', openAiChat, chunk({ role: 'assistant', content: '' }), false],
    ['an end', openAiChat, chunk({}), false],
    ['usage', openAiChat, { choices: [], usage: { prompt_tokens: 1 } }, false],
    ['text', openAiChat, chunk({ content: 'x' }), true],
    ['a thought', openAiChat, chunk({ reasoning_content: 'x' }), true],
    ['a tool call', openAiChat, chunk({ tool_calls: [{ index: 0 }] }), true],
    ['a beginning', openAiResponses, { type: 'response.created', response: {} }, false],
    ['text', openAiResponses, { type: 'response.output_text.delta', delta: 'x' }, true],
    ['arguments', openAiResponses, { type: 'response.function_call_arguments.delta', delta: '{' }, true],
    ['a beginning', anthropicMessages, { type: 'message_start', message: {} }, false],
    ['a ping', anthropicMessages, { type: 'ping' }, false],
    ['an empty block', anthropicMessages, { type: 'content_block_start', index: 0, content_block: {} }, false],
    ['text', anthropicMessages, block({ type: 'text_delta', text: 'x' }), true],
    ['a thought', anthropicMessages, block({ type: 'thinking_delta', thinking: 'x' }), true],
  ];
  it.each(cases)('are told from %s', (_, reader, event, expected) => {
    expect(reader.fold().event(event)).toBe(expected);
  });
});

describe('an answer that is cut short', () => {
  it('keeps the text of a response so far, after the items that are done', () => {
    const fold = openAiResponses.fold();
    const item = (text: string) => ({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] });
    fold.event({ type: 'response.created', response: { id: 'r', model: 'm', output: [] } });
    fold.event({ type: 'response.output_text.delta', delta: 'One.' });
    fold.event({ type: 'response.output_text.done', text: 'One.' });
    fold.event({ type: 'response.output_item.done', output_index: 0, item: item('One.') });
    fold.event({ type: 'response.output_text.delta', delta: 'Tw' });
    const text = (content: string) => ({ role: 'assistant', parts: [{ type: 'text', content }] });
    expect(fold.facts()).toMatchObject({
      id: 'r',
      model: 'm',
      finishReasons: [],
      output: { type: 'messages', messages: [text('One.'), text('Tw')] },
    });
  });

  it('keeps the input of a tool as far as it came', () => {
    const fold = anthropicMessages.fold();
    fold.event({ type: 'message_start', message: { id: 'm1', model: 'claude' } });
    fold.event({
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 't', name: 'f', input: {} },
    });
    fold.event(block({ type: 'input_json_delta', partial_json: '{"city":"Pa' }));
    expect(fold.facts().output).toEqual({
      type: 'messages',
      messages: [{ role: 'assistant', parts: [{ type: 'tool_call', id: 't', name: 'f', arguments: '{"city":"Pa' }] }],
    });
  });

  it.each([openAiChat, openAiResponses, anthropicMessages])('passes over what it does not understand', (reader) => {
    const fold = reader.fold();
    for (const event of [
      {},
      { choices: 7 },
      { type: 'content_block_delta' },
      { type: 3, delta: { text: 1 } },
      { response: null },
    ])
      fold.event(event as Loose);
    expect(fold.facts()).toMatchObject({ finishReasons: [], error: null });
  });
});
