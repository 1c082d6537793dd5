import { plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import type { ModelPart, ModelRequest } from '../../ports/index.ts';
import { type Json, type JsonObject, WheelhouseError } from '../../records/index.ts';
import { createAnswerFold } from '../fold-answer.ts';
import { readSseEvents } from '../sse.ts';
import { bedrockConverse as codec } from './codec.ts';

const capabilities = { refuses: [], needsMaxTokens: null };
const write = (request: Partial<ModelRequest>) => codec.writeRequest({ ...plainRequest, ...request }, capabilities);
const refused = (param: string) => expect.objectContaining({ code: 'unsupported_by_model', param });
const claude = 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0';

describe('requests', () => {
  const body: JsonObject = {
    system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }],
    messages: [
      {
        role: 'user',
        content: [
          { text: 'Look.' },
          { image: { format: 'png', source: { bytes: 'aGk=' } } },
          { document: { format: 'pdf', name: 'Plan A', source: { s3Location: { uri: 's3://b/plan.pdf' } } } },
          { cachePoint: { type: 'default', ttl: '1h' } },
        ],
      },
      {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'EqQ=' } } },
          { reasoningContent: { redactedContent: 'b64' } },
          { toolUse: { toolUseId: 't1', name: 'look', input: { at: 'x' } } },
        ],
      },
      { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ text: 'no' }], status: 'error' } }] },
    ],
    inferenceConfig: { maxTokens: 10, temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
    toolConfig: {
      tools: [
        { toolSpec: { name: 'look', description: 'Looks', inputSchema: { json: { type: 'object' } }, strict: true } },
        { cachePoint: { type: 'default' } },
      ],
      toolChoice: { any: {} },
    },
    additionalModelRequestFields: { top_k: 5, anthropic_beta: ['x'] },
    serviceTier: { type: 'flex' },
    requestMetadata: { team: 'a' },
    guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' },
  };

  it('keeps all that its dialect can say, there and back', () => {
    const request = codec.readRequest(body);
    expect(codec.writeRequest({ ...request, model: claude }, capabilities)).toEqual(body);
  });

  it('shares its signatures with Anthropic, whose models made them', () => {
    expect(codec.readRequest(body).messages[2]?.parts.slice(0, 2)).toEqual([
      { type: 'reasoning', text: 'Hm.', signature: 'anthropic:EqQ=', redacted: null },
      { type: 'reasoning', text: '', signature: null, redacted: 'anthropic:b64' },
    ]);
  });

  it('asks for thinking in the words of the model’s maker', () => {
    const thinks = (model: string) =>
      write({ model, reasoning: { effort: 'high', budgetTokens: null, summary: null } }).additionalModelRequestFields;
    expect(thinks(claude)).toEqual({ thinking: { type: 'enabled', budget_tokens: 16_384 } });
    expect(thinks('us.anthropic.claude-opus-4-6-v1')).toEqual({
      thinking: { type: 'adaptive' },
      output_config: { effort: 'high' },
    });
    expect(thinks('openai.gpt-oss-120b-1:0')).toEqual({ reasoning_effort: 'high' });
    expect(thinks('us.amazon.nova-2-lite-v1:0')).toEqual({
      reasoningConfig: { type: 'enabled', maxReasoningEffort: 'high' },
    });
    expect(() => thinks('meta.llama3-3-70b-instruct-v1:0')).toThrow(refused('reasoning'));
  });

  it('refuses by name what it cannot carry', () => {
    const image: ModelPart = {
      type: 'image',
      source: { kind: 'url', url: 'https://a.b/c.png' },
      mediaType: null,
      name: null,
      detail: null,
    };
    expect(() => write({ messages: [{ role: 'user', parts: [image] }] })).toThrow(refused('image'));
    expect(() => write({ model: 'meta.llama', topK: 3 })).toThrow(refused('topK'));
    expect(() => write({ seed: 1 })).toThrow(refused('seed'));
    expect(() => write({ serviceTier: 'scale' })).toThrow(refused('serviceTier'));
    expect(() => codec.readRequest({ messages: [{ role: 'user', content: [{ guardContent: {} }] }] })).toThrow(
      refused('messages[0].content[0]'),
    );
  });

  it('leaves tools out that nobody may call, unless the conversation has used them', () => {
    const tools = [{ name: 'a', description: null, parameters: null, strict: null }];
    expect(write({ tools, toolChoice: { type: 'none' } })).not.toHaveProperty('toolConfig');
    const messages = [
      ...plainRequest.messages,
      { role: 'assistant' as const, parts: [{ type: 'toolCall' as const, id: 'c', name: 'a', arguments: '{}' }] },
    ];
    expect(() => write({ tools, toolChoice: { type: 'none' }, messages })).toThrow(refused('toolChoice'));
  });

  it('names documents as Bedrock allows', () => {
    const named = (name: string | null) => {
      const part: ModelPart = {
        type: 'file',
        source: { kind: 'data', data: 'JVBERi0' },
        mediaType: null,
        name,
        detail: null,
      };
      type Sent = { content: { document: { name: string } }[] };
      const [message] = write({ messages: [{ role: 'user', parts: [part] }] }).messages as unknown as Sent[];
      return message?.content[0]?.document.name;
    };
    expect([named('a_b.c  (1).pdf'), named(null), named('???')]).toEqual(['a b c (1) pdf', 'document', 'document']);
  });
});

describe('streams', () => {
  it('reads thinking, text and a call, also where the name of an event is a member of its data', () => {
    const events: [string, JsonObject][] = [
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm.' } } }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'EqQ=' } } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'So' } }],
      ['contentBlockStop', { contentBlockIndex: 1 }],
      ['contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 't1', name: 'look' } } }],
      ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"at":' } } }],
      ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '1}' } } }],
      ['contentBlockStop', { contentBlockIndex: 2 }],
      ['contentBlockStart', { contentBlockIndex: 3, start: { toolUse: { toolUseId: 't2', name: 'look' } } }],
      ['contentBlockStop', { contentBlockIndex: 3 }],
      ['messageStop', { stopReason: 'tool_use' }],
    ];
    for (const wrapped of [false, true]) {
      const reader = codec.createReader();
      const fold = createAnswerFold();
      for (const [name, data] of events) {
        const wire = wrapped
          ? { event: null, data: JSON.stringify({ [name]: data }) }
          : { event: name, data: JSON.stringify(data) };
        for (const event of reader.read(wire)) fold.add(event);
      }
      expect(fold.result().choices).toEqual([
        {
          index: 0,
          finishReason: 'toolCalls',
          stopSequence: null,
          logprobs: null,
          parts: [
            { type: 'reasoning', text: 'Hm.', signature: 'anthropic:EqQ=', redacted: null },
            { type: 'text', text: 'So' },
            { type: 'toolCall', id: 't1', name: 'look', arguments: '{"at":1}' },
            { type: 'toolCall', id: 't2', name: 'look', arguments: '{}' },
          ],
        },
      ]);
    }
  });

  it('sees an exception within a stream', () => {
    const wire = { event: 'throttlingException', data: '{"message":"Slow down."}' };
    const failure = { kind: 'rateLimited', message: 'Slow down.', code: 'throttlingException' };
    expect(codec.watch.failure(wire)).toEqual(failure);
    expect(codec.createReader().read(wire)).toEqual([{ type: 'error', failure }]);
    const [own] = readSseEvents(
      new TextEncoder().encode(codec.writeErrorEvent(new WheelhouseError('upstream_rate_limited', 'Slow.'), 'r')),
    );
    expect(own && codec.watch.failure(own)).toMatchObject({ kind: 'rateLimited', message: 'Slow.' });
  });
});

describe('failures', () => {
  it.each([
    [
      429,
      { message: 'Too many tokens, please wait before trying again.', __type: 'ThrottlingException' },
      'rateLimited',
    ],
    [429, { message: 'Too many requests' }, 'rateLimited'],
    [429, { message: 'm', __type: 'com.amazon#ModelNotReadyException' }, 'overloaded'],
    [
      400,
      { message: 'Input is too long for requested model.', __type: 'ValidationException:http://x' },
      'contextWindow',
    ],
    [400, { message: 'The provided model identifier is invalid.' }, 'notFound'],
    [400, { message: 'Malformed input request' }, 'invalid'],
    [400, { message: 'm', __type: 'ServiceQuotaExceededException' }, 'rateLimited'],
    [403, { Message: 'You don’t have access to the model with the specified model ID.' }, 'auth'],
    [
      403,
      { message: 'The security token included in the request is expired', __type: 'ExpiredTokenException' },
      'auth',
    ],
    [404, { message: 'm', __type: 'ResourceNotFoundException' }, 'notFound'],
    [408, { message: 'm', __type: 'ModelTimeoutException' }, 'timeout'],
    [424, { message: 'm' }, 'server'],
    [500, { message: 'm' }, 'server'],
    [503, { message: 'm', __type: 'ServiceUnavailableException' }, 'overloaded'],
  ] as [number, Json, string][])('%s %j is %s', (status, body, kind) => {
    const failure = codec.readFailure(status, body);
    expect(failure.kind).toBe(kind);
    expect(failure.message).not.toBe('');
  });
});
