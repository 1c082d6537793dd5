import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { messageText } from '../records/index.ts';
import { chatRequestContent } from './chat-request.ts';
import { createChatFold } from './fold-chat.ts';

const chunk = (delta: object, more: object = {}) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  model: 'gpt-mock-1',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});

function folded(...chunks: unknown[]) {
  const fold = createChatFold();
  for (const one of chunks) fold.chunk(one);
  return fold.result();
}
function whole(body: unknown) {
  const fold = createChatFold();
  fold.whole(body);
  return fold.result();
}

describe('a chat fold', () => {
  it('joins the text of a stream and takes usage from its last chunk', () => {
    const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
    expect(
      folded(
        chunk({ role: 'assistant', content: '' }),
        chunk({ content: 'Hel' }),
        chunk({ content: 'lo' }),
        chunk({}, { finish_reason: 'stop' }),
        { id: 'chatcmpl-1', model: 'gpt-mock-1', service_tier: 'flex', choices: [], usage },
      ),
    ).toEqual({
      messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Hello' }], finishReason: 'stop' }],
      usage: { counts: { inputUncached: 3, outputText: 2, requests: 1 }, source: 'provider' },
      responseId: 'chatcmpl-1',
      responseModel: 'gpt-mock-1',
      serviceTier: 'flex',
      finishReasons: ['stop'],
      error: null,
    });
  });

  it('puts tool calls together by index, arguments parsed', () => {
    const call = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] });
    const { messages, finishReasons } = folded(
      call(0, { id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
      call(1, { id: 'b', type: 'function', function: { name: 'time', arguments: '{"z' } }),
      call(0, { function: { arguments: '{"city":' } }),
      call(1, { function: { arguments: '":1' } }),
      call(0, { function: { arguments: '"Paris"}' } }),
      chunk({}, { finish_reason: 'tool_calls' }),
    );
    expect(messages[0]?.parts).toEqual([
      { type: 'tool_call', id: 'a', name: 'weather', arguments: { city: 'Paris' } },
      { type: 'tool_call', id: 'b', name: 'time', arguments: '{"z":1' },
    ]);
    expect(finishReasons).toEqual(['tool_calls']);
  });

  it('follows vendors that leave out the index of a tool call', () => {
    const call = (more: object) => chunk({ tool_calls: [more] });
    expect(
      folded(
        call({ id: 'a', function: { name: 'one', arguments: '{' } }),
        call({ function: { arguments: '}' } }),
        call({ id: 'b', function: { name: 'two', arguments: '[1]' } }),
      ).messages[0]?.parts,
    ).toEqual([
      { type: 'tool_call', id: 'a', name: 'one', arguments: {} },
      { type: 'tool_call', id: 'b', name: 'two', arguments: [1] },
    ]);
  });

  it('keeps reasoning, under either name, and a refusal apart from the text', () => {
    const { messages } = folded(
      chunk({ reasoning_content: 'hm' }),
      chunk({ reasoning: 'm' }),
      chunk({ refusal: 'I ca' }),
      chunk({ refusal: "n't" }),
    );
    expect(messages[0]?.parts).toEqual([
      { type: 'reasoning', content: 'hmm' },
      { type: 'other', value: { type: 'refusal', refusal: "I can't" } },
    ]);
    expect(messages.map(messageText)).toEqual(["I can't"]);
  });

  it('gives one message a choice, by index, whatever the order and size of the indices', () => {
    const { messages, finishReasons } = folded(
      { choices: [{ index: 4_000_000_000, delta: { content: 'far' }, finish_reason: 'length' }] },
      { choices: [{ index: 0, delta: { content: 'near' }, finish_reason: 'stop' }] },
    );
    expect(messages.map(messageText)).toEqual(['near', 'far']);
    expect(finishReasons).toEqual(['stop', 'length']);
  });

  it('reads a whole completion as it reads the stream of it', () => {
    const tool_calls = [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":1}' } }];
    const usage = { prompt_tokens: 1, completion_tokens: 1 };
    const fromWhole = whole({
      id: 'i',
      model: 'm',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'text', reasoning_content: 'why', tool_calls },
          finish_reason: 'tool_calls',
        },
      ],
      usage,
    });
    const head = { id: 'i', model: 'm' };
    const fromStream = folded(
      { ...head, choices: [{ index: 0, delta: { role: 'assistant', reasoning_content: 'why' } }] },
      { ...head, choices: [{ index: 0, delta: { content: 'te' } }] },
      { ...head, choices: [{ index: 0, delta: { content: 'xt', tool_calls: [{ index: 0, ...tool_calls[0] }] } }] },
      { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], usage },
    );
    expect(fromWhole).toEqual(fromStream);
    expect(fromWhole.messages[0]?.parts).toHaveLength(3);
  });

  it('says what the vendor said went wrong', () => {
    expect(whole({ error: { message: 'No such model', type: 'invalid_request_error' } }).error).toBe('No such model');
    expect(whole({ error: 'model not found' }).error).toBe('model not found');
    expect(folded(chunk({ content: 'Hi' }), { error: { code: 'overloaded' } })).toMatchObject({
      error: '{"code":"overloaded"}',
    });
  });

  it('never throws, whatever it is given', () => {
    const key = fc.constantFrom(
      'choices',
      'index',
      'delta',
      'message',
      'tool_calls',
      'function',
      'arguments',
      'content',
      'usage',
      'role',
      'audio',
      'error',
    );
    const object = fc.object({
      key,
      maxDepth: 4,
      maxKeys: 4,
      values: [fc.string(), fc.integer(), fc.constant(null), fc.boolean()],
    });
    const chunks = fc.array(
      fc.oneof(object, fc.jsonValue(), fc.record({ choices: fc.array(object, { maxLength: 3 }) })),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(chunks, (all) => {
        const fold = createChatFold();
        for (const one of all) {
          fold.chunk(one);
          fold.whole(one);
        }
        JSON.stringify(fold.result());
      }),
    );
  });
});

describe('chatRequestContent', () => {
  it('separates messages, tools and parameters of a request', () => {
    const tools = [{ type: 'function', function: { name: 'f', parameters: {} } }];
    expect(
      chatRequestContent({
        model: 'm',
        stream: true,
        stream_options: { include_usage: true },
        temperature: 0.2,
        tools,
        tool_choice: 'auto',
        messages: [
          { role: 'system', content: 'Be brief' },
          {
            role: 'user',
            name: 'Ann',
            content: [
              { type: 'text', text: 'What is this?' },
              { type: 'image_url', image_url: { url: 'https://x/y.png' } },
            ],
          },
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: '{"t":21}' },
        ],
      }),
    ).toEqual({
      params: { temperature: 0.2, tool_choice: 'auto' },
      toolDefinitions: tools,
      input: {
        type: 'messages',
        messages: [
          { role: 'system', parts: [{ type: 'text', content: 'Be brief' }] },
          {
            role: 'user',
            name: 'Ann',
            parts: [
              { type: 'text', content: 'What is this?' },
              { type: 'other', value: { type: 'image_url', image_url: { url: 'https://x/y.png' } } },
            ],
          },
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'c1', name: 'f', arguments: {} }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c1', response: '{"t":21}' }] },
        ],
      },
    });
  });

  it('takes anything', () => {
    expect(chatRequestContent(null)).toEqual({
      input: { type: 'messages', messages: [] },
      params: {},
      toolDefinitions: null,
    });
    fc.assert(
      fc.property(fc.jsonValue(), (messages) => {
        expect(chatRequestContent({ messages }).input.type).toBe('messages');
      }),
    );
  });

  it('keeps a member named __proto__ a member', () => {
    const { params } = chatRequestContent(JSON.parse('{"messages":[],"__proto__":{"polluted":true}}'));
    expect(Object.keys(params)).toEqual(['__proto__']);
    expect(Object.hasOwn(params, 'polluted') || 'polluted' in params).toBe(false);
  });
});
