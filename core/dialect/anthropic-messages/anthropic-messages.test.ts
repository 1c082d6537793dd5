import { aFrame, plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import type { ModelEvent, ModelPart, ModelRequest } from '../../ports/index.ts';
import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { createAnswerFold } from '../fold-answer.ts';
import { readSseEvents } from '../sse.ts';
import { anthropicMessages as codec } from './codec.ts';

const capabilities = { refuses: [], needsMaxTokens: 8192 };
const write = (request: Partial<ModelRequest>) => codec.writeRequest({ ...plainRequest, ...request }, capabilities);
const read = (body: JsonObject) =>
  codec.readRequest({ model: 'm', max_tokens: 10, messages: [{ role: 'user', content: 'hi' }], ...body });
const refused = (param: string) => expect.objectContaining({ code: 'unsupported_by_model', param });

describe('requests', () => {
  it('reads blocks of every kind that the normal form has, with what is cached', () => {
    const cache_control = { type: 'ephemeral', ttl: '1h' };
    const request = read({
      system: [{ type: 'text', text: 'Be brief.', cache_control }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.', cache_control, citations: null },
            { type: 'image', source: { type: 'url', url: 'https://a.b/c.png' } },
            { type: 'document', title: 'A', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'EqQ=' },
            { type: 'redacted_thinking', data: 'b64' },
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'x' }, caller: { type: 'direct' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: [{ type: 'text', text: 'no' }] },
            { type: 'text', text: 'Go on.' },
          ],
        },
        { role: 'system', content: 'From now on in French.' },
      ],
      tools: [{ name: 'look', description: 'Looks', input_schema: { type: 'object' }, strict: true, cache_control }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
    });
    expect(request.messages).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.', cacheControl: cache_control }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: 'Look.', cacheControl: cache_control },
          {
            type: 'image',
            source: { kind: 'url', url: 'https://a.b/c.png' },
            mediaType: null,
            name: null,
            detail: null,
          },
          { type: 'file', source: { kind: 'data', data: 'w6k=' }, mediaType: 'text/plain', name: 'A', detail: null },
        ],
      },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', signature: 'anthropic:EqQ=', redacted: null },
          { type: 'reasoning', text: '', signature: null, redacted: 'anthropic:b64' },
          { type: 'toolCall', id: 'toolu_1', name: 'look', arguments: '{"at":"x"}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'toolResult', id: 'toolu_1', name: null, parts: [{ type: 'text', text: 'no' }], isError: true },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'Go on.' }] },
      { role: 'system', parts: [{ type: 'text', text: 'From now on in French.' }] },
    ]);
    expect(request).toMatchObject({
      tools: [{ name: 'look', parameters: { type: 'object' }, strict: true, cacheControl: cache_control }],
      toolChoice: { type: 'required' },
      parallelToolCalls: false,
      user: 'u1',
      serviceTier: 'default',
    });
    expect(codec.writeRequest(request, capabilities)).toEqual({
      model: 'm',
      max_tokens: 10,
      system: [
        { type: 'text', text: 'Be brief.', cache_control },
        { type: 'text', text: 'From now on in French.' },
      ],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.', cache_control },
            { type: 'image', source: { type: 'url', url: 'https://a.b/c.png' } },
            { type: 'document', title: 'A', source: { type: 'text', media_type: 'text/plain', data: 'é' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'EqQ=' },
            { type: 'redacted_thinking', data: 'b64' },
            { type: 'tool_use', id: 'toolu_1', name: 'look', input: { at: 'x' } },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: [{ type: 'text', text: 'no' }] },
            { type: 'text', text: 'Go on.' },
          ],
        },
      ],
      tools: [{ name: 'look', description: 'Looks', input_schema: { type: 'object' }, strict: true, cache_control }],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
    });
  });

  it('reads what count_tokens takes, which has no max_tokens', () => {
    expect(codec.readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }] }).maxTokens).toBeNull();
  });

  it('leaves hints to Anthropic’s caches out, which no other vendor could take', () => {
    expect(read({ cache_control: { type: 'ephemeral' }, context_management: { edits: [] } }).extra).toEqual({});
    expect(read({ speed: 'fast' }).extra).toEqual({ speed: 'fast' });
  });

  it('refuses by name what only Anthropic can do', () => {
    expect(() => read({ tools: [{ type: 'web_search_20260318', name: 'web_search' }] })).toThrow(refused('tools[0]'));
    const content = [{ type: 'search_result', source: 'a', title: 'b', content: [] }];
    expect(() => read({ messages: [{ role: 'user', content }] })).toThrow(refused('messages[0].content[0]'));
    const cited = [{ type: 'document', source: { type: 'url', url: 'u' }, citations: { enabled: true } }];
    expect(() => read({ messages: [{ role: 'user', content: cited }] })).toThrow(
      refused('messages[0].content[0].citations'),
    );
    expect(() => read({ messages: 'hi' })).toThrow(expect.objectContaining({ code: 'invalid_request' }));
  });

  it('asks for thinking as the model takes it: by effort, or by a budget within what may be answered', () => {
    const thinks = (model: string, effort: string, maxTokens: number | null = null) =>
      write({ model, maxTokens, reasoning: { effort, budgetTokens: null, summary: null } });
    expect(thinks('claude-opus-4-6', 'high')).toMatchObject({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
      max_tokens: 8192,
    });
    expect(thinks('claude-opus-4-6', 'minimal')).toMatchObject({ output_config: { effort: 'low' } });
    for (const model of [
      'claude-sonnet-4-5-20250929',
      'claude-3-7-sonnet-20250219',
      'claude-haiku-4-5',
      'claude-opus-4-20250514',
    ]) {
      expect(thinks(model, 'low')).toMatchObject({
        thinking: { type: 'enabled', budget_tokens: 2048 },
        max_tokens: 8192 + 2048,
      });
      expect(thinks(model, 'low')).not.toHaveProperty('output_config');
    }
    expect(thinks('claude-haiku-4-5', 'high', 4000)).toMatchObject({
      thinking: { type: 'enabled', budget_tokens: 2000 },
      max_tokens: 4000,
    });
    expect(() => thinks('claude-haiku-4-5', 'high', 500)).toThrow(refused('reasoning'));
    expect(thinks('claude-opus-4-6', 'none')).toMatchObject({ thinking: { type: 'disabled' } });
  });

  it('sends the data of pictures and documents as what they are, named or not', () => {
    const part = (type: 'image' | 'file', data: string, mediaType: string | null = null): ModelPart => ({
      type,
      source: { kind: 'data', data },
      mediaType,
      name: null,
      detail: null,
    });
    const content = (given: ModelPart) =>
      (write({ messages: [{ role: 'user', parts: [given] }] }).messages as JsonObject[])[0]?.content;
    expect(content(part('image', '/9j/4AAQ'))).toMatchObject([{ type: 'image', source: { media_type: 'image/jpeg' } }]);
    expect(content(part('file', 'JVBERi0x'))).toMatchObject([{ type: 'document', source: { type: 'base64' } }]);
    expect(() => content(part('image', 'AAAA', 'image/tiff'))).toThrow(refused('image'));
  });

  it('drops reasoning that another vendor signed, which Anthropic would refuse', () => {
    const parts: ModelPart[] = [
      { type: 'reasoning', text: 'Hm.', signature: 'gemini:abc', redacted: null },
      { type: 'reasoning', text: 'Unsigned.', signature: null, redacted: null },
      { type: 'text', text: 'So.' },
    ];
    expect(write({ messages: [...plainRequest.messages, { role: 'assistant', parts }] })).toMatchObject({
      messages: [{ role: 'user' }, { role: 'assistant', content: [{ type: 'text', text: 'So.' }] }],
    });
  });

  it.each([
    ['seed', { seed: 1 }],
    ['n', { n: 2 }],
    ['logprobs', { logprobs: 0 }],
    ['frequencyPenalty', { frequencyPenalty: 0.5 }],
    ['serviceTier', { serviceTier: 'flex' }],
  ] as [string, Partial<ModelRequest>][])('refuses %s by name', (name, request) => {
    expect(() => write(request)).toThrow(refused(name));
  });

  it('takes what asks for nothing', () => {
    expect(write({ n: 1, frequencyPenalty: 0, presencePenalty: 0, serviceTier: 'auto' })).toEqual({
      model: 'some-model',
      max_tokens: 8192,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }],
      service_tier: 'auto',
    });
  });
});

describe('streams', () => {
  const stream = (events: ModelEvent[]) => {
    const writer = codec.createWriter(aFrame(plainRequest));
    const text = events.map((event) => writer.write(event)).join('') + writer.end();
    return readSseEvents(new TextEncoder().encode(text)).map(({ event, data }) => {
      const json = JSON.parse(data) as JsonObject;
      expect(json.type).toBe(event);
      return json;
    });
  };

  it('writes one block after another, each begun and ended once, whatever came mixed', () => {
    const call = (part: number): ModelEvent => ({
      type: 'partStart',
      choice: 0,
      part,
      kind: 'toolCall',
      id: `c${part}`,
      name: 'f',
    });
    const delta = (part: number, text: string): ModelEvent => ({ type: 'partDelta', choice: 0, part, text });
    const events = stream([
      { type: 'start', id: 'x', model: 'y', created: 0, usage: null },
      { type: 'partStart', choice: 0, part: 0, kind: 'text', id: null, name: null },
      delta(0, 'a'),
      call(1),
      call(2),
      delta(2, '{"b":'),
      delta(0, 'late'),
      delta(1, '{}'),
      delta(2, '1}'),
      { type: 'partEnd', choice: 0, part: 2 },
      { type: 'partEnd', choice: 0, part: 1 },
      { type: 'partEnd', choice: 0, part: 0 },
      { type: 'finish', choice: 0, reason: 'toolCalls', stopSequence: null },
      { type: 'usage', usage: { counts: { inputUncached: 3, outputText: 4 }, source: 'provider' }, serviceTier: null },
    ]);
    const open: unknown[] = [];
    const seen = events.map((json) => {
      if (json.type === 'content_block_start') {
        expect(open).toEqual([]);
        open.push(json.index);
      }
      if (json.type === 'content_block_delta') expect(open).toEqual([json.index]);
      if (json.type === 'content_block_stop') expect(open.pop()).toBe(json.index);
      return json.type;
    });
    expect([seen[0], ...seen.slice(-2)]).toEqual(['message_start', 'message_delta', 'message_stop']);
    const blocks = events.flatMap((json) => (json.content_block as JsonObject | undefined)?.type ?? []);
    expect(blocks).toEqual(['text', 'tool_use', 'tool_use', 'text']);
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'tool_use' },
      usage: { input_tokens: 3, output_tokens: 4 },
    });
  });

  it('writes sealed thinking as a block of its own', () => {
    const events = stream([
      { type: 'partStart', choice: 0, part: 0, kind: 'reasoning', id: null, name: null },
      { type: 'signature', choice: 0, part: 0, signature: null, redacted: 'anthropic:b64' },
      { type: 'partEnd', choice: 0, part: 0 },
    ]);
    expect(events.slice(1)).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'redacted_thinking', data: 'b64' } },
      { type: 'content_block_stop', index: 0 },
    ]);
  });

  it('reads calls that have no arguments, that have them at once, and whose escapes are cut in two', () => {
    const block = (index: number, input: JsonObject) => ({
      type: 'content_block_start',
      index,
      content_block: { type: 'tool_use', id: `toolu_${index}`, name: 'f', input },
    });
    const piece = (index: number, partial_json: string) => ({
      type: 'content_block_delta',
      index,
      delta: { type: 'input_json_delta', partial_json },
    });
    const stop = (index: number) => ({ type: 'content_block_stop', index });
    const events: JsonObject[] = [
      ...[block(0, {}), piece(0, ''), stop(0), block(1, { a: 1 }), stop(1)],
      ...[block(2, {}), piece(2, '{"a":"\\u0'), piece(2, '0e9"}'), stop(2)],
    ];
    const reader = codec.createReader();
    const fold = createAnswerFold();
    for (const json of events)
      for (const event of reader.read({ event: String(json.type), data: JSON.stringify(json) })) fold.add(event);
    const calls = (fold.result().choices[0]?.parts ?? []).map((part) => part.type === 'toolCall' && part.arguments);
    expect(calls).toEqual(['{}', '{"a":1}', '{"a":"\\u00e9"}']);
  });

  it('passes over pings, and over blocks of tools that run at Anthropic', () => {
    const reader = codec.createReader();
    const event = (json: JsonObject) => reader.read({ event: null, data: JSON.stringify(json) });
    expect(event({ type: 'ping' })).toEqual([]);
    expect(event({ type: 'content_block_start', index: 0, content_block: { type: 'server_tool_use' } })).toEqual([]);
    expect(
      event({ type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: 'x' } }),
    ).toEqual([]);
    expect(event({ type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } })).toMatchObject([
      { part: 0 },
    ]);
    expect(reader.read({ event: null, data: 'not json' })).toEqual([]);
  });
});

describe('failures', () => {
  const failure = (type: string, message = 'm', more: JsonObject = {}) => ({
    type: 'error',
    error: { type, message, ...more },
    request_id: 'r',
  });
  it.each([
    [401, failure('authentication_error'), 'auth'],
    [403, failure('permission_error'), 'auth'],
    [402, failure('billing_error'), 'quota'],
    [400, failure('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 'quota'],
    [404, failure('not_found_error', 'model: x'), 'notFound'],
    [429, failure('rate_limit_error'), 'rateLimited'],
    [529, failure('overloaded_error'), 'overloaded'],
    [200, failure('overloaded_error', 'Overloaded'), 'overloaded'],
    [500, failure('api_error'), 'server'],
    [504, failure('timeout_error'), 'timeout'],
    [413, failure('request_too_large'), 'invalid'],
    [400, failure('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'), 'contextWindow'],
    [
      400,
      failure('invalid_request_error', 'input length and `max_tokens` exceed context limit: 197202 + 21333 > 200000'),
      'contextWindow',
    ],
    [400, failure('invalid_request_error', 'Output blocked by content filtering policy'), 'contentPolicy'],
    [400, failure('invalid_request_error', 'max_tokens: Field required'), 'invalid'],
    [502, '<html>Bad Gateway</html>', 'server'],
  ] as [number, JsonObject | string, string][])('%s %j is %s', (status, body, kind) => {
    expect(codec.readFailure(status, body).kind).toBe(kind);
  });

  it('writes errors in Anthropic’s words', () => {
    expect(codec.writeError(new WheelhouseError('unauthorized', 'No.'), 'req_1')).toMatchObject({
      type: 'error',
      error: { type: 'authentication_error', message: 'No.', details: { error_code: 'unauthorized' } },
      request_id: 'req_1',
    });
    const event = codec.writeErrorEvent(new WheelhouseError('upstream_cut', 'Cut.'), 'req_1');
    expect(event).toMatch(/^event: error\ndata: \{"type":"error".*\n\n$/);
    const [wire] = readSseEvents(new TextEncoder().encode(event));
    expect(wire && codec.watch.failure(wire)).toMatchObject({ kind: 'server', message: 'Cut.' });
  });
});
