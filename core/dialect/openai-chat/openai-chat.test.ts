import { aFrame, plainRequest } from '@wheelhouse/testing/dialects';
import { describe, expect, it } from 'vitest';
import type { ModelEvent, ModelPart } from '../../ports/index.ts';
import { type JsonObject, WheelhouseError } from '../../records/index.ts';
import { createAnswerFold } from '../fold-answer.ts';
import { readSseEvents } from '../sse.ts';
import { openAiChat } from './codec.ts';

const anything = { refuses: [], needsMaxTokens: null };
const ask = (members: JsonObject) =>
  openAiChat.readRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...members });

function refusal(call: () => unknown): { code: string; param: string | null } {
  try {
    call();
  } catch (error) {
    if (error instanceof WheelhouseError) return { code: error.code, param: error.param };
    throw error;
  }
  throw new Error('it was taken');
}

describe('a request', () => {
  it('is read with every role, tool and part that the API knows', () => {
    const read = openAiChat.readRequest({
      model: 'm',
      messages: [
        { role: 'developer', content: 'be brief', name: 'ops' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what is this' },
            { type: 'image_url', image_url: { url: 'https://x.test/a.png', detail: 'low' } },
            { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,aGk=' } },
            { type: 'input_audio', input_audio: { data: 'aGk=', format: 'mp3' } },
            { type: 'file', file: { file_id: 'file-1' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,aGk=' } },
          ],
        },
        {
          role: 'assistant',
          content: null,
          refusal: 'no',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: [{ type: 'text', text: 'done' }] },
        { role: 'assistant', content: '', function_call: { name: 'old', arguments: '{"a":1}' } },
        { role: 'function', name: 'old', content: 'fine' },
      ],
      functions: [{ name: 'old', parameters: { type: 'object' } }],
      function_call: { name: 'old' },
    });
    expect(read.messages.map(({ role, name }) => [role, name])).toEqual([
      ['system', 'ops'],
      ['user', undefined],
      ['assistant', undefined],
      ['tool', undefined],
      ['assistant', undefined],
      ['tool', undefined],
    ]);
    expect(
      read.messages[1]?.parts.map((part) => ('source' in part ? [part.type, part.source, part.mediaType] : part.type)),
    ).toEqual([
      'text',
      ['image', { kind: 'url', url: 'https://x.test/a.png' }, null],
      ['image', { kind: 'data', data: 'aGk=' }, 'image/jpeg'],
      ['audio', { kind: 'data', data: 'aGk=' }, 'audio/mp3'],
      ['file', { kind: 'file', fileId: 'file-1' }, null],
      ['file', { kind: 'data', data: 'aGk=' }, 'application/pdf'],
    ]);
    expect(read.messages[2]?.parts).toEqual([
      { type: 'refusal', text: 'no' },
      { type: 'toolCall', id: 'c1', name: 'f', arguments: '{}' },
    ]);
    const ids = read.messages.slice(4).flatMap(({ parts }) => parts.map((part) => ('id' in part ? part.id : null)));
    expect(ids).toEqual(['call_4', 'call_4']);
    expect(read.toolChoice).toEqual({ type: 'tool', name: 'old' });
    expect(read.tools).toEqual([{ name: 'old', description: null, parameters: { type: 'object' }, strict: null }]);
  });

  it('keeps what only this dialect knows under its own name, and nothing that asks for nothing', () => {
    const members = {
      logit_bias: { 5: 1 },
      min_p: 0.1,
      top_k: 4,
      modalities: ['text'],
      verbosity: 'medium',
      stop: null,
    };
    const read = ask({ ...members, stream_options: { include_usage: true }, safety_identifier: 'u1' });
    expect([read.extra, read.topK, read.user, read.stop]).toEqual([{ logit_bias: { 5: 1 }, min_p: 0.1 }, 4, 'u1', []]);
  });

  it('is refused by name where it cannot be understood or carried on', () => {
    const custom = { type: 'custom', custom: { name: 'f' } };
    expect(refusal(() => ask({ messages: 'hi' }))).toEqual({ code: 'invalid_request', param: 'messages' });
    expect(refusal(() => ask({ temperature: 'hot' }))).toEqual({ code: 'invalid_request', param: 'temperature' });
    expect(refusal(() => ask({ messages: [{ role: 'user', content: [{ type: 'image_url' }] }] }))).toEqual({
      code: 'invalid_request',
      param: 'messages[0].content[0].image_url',
    });
    expect(refusal(() => ask({ tools: [custom] }))).toEqual({ code: 'unsupported_by_model', param: 'tools[0]' });
    const limited = { refuses: ['image', 'schema', 'n'], needsMaxTokens: null };
    const refused = (members: JsonObject) => refusal(() => openAiChat.writeRequest(ask(members), limited));
    const picture = [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }] }];
    expect(refused({ messages: picture }).param).toBe('image');
    expect(refused({ response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } } }).param).toBe(
      'schema',
    );
    expect(refused({ n: 2 }).param).toBe('n');
    expect(refused({ min_p: 0.1 })).toEqual({ code: 'unsupported_by_model', param: 'min_p' });
    expect(
      openAiChat.writeRequest(ask({ n: 1, store: true, response_format: { type: 'json_object' } }), limited),
    ).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      n: 1,
      response_format: { type: 'json_object' },
    });
  });

  it('of another dialect is written with results in order, pictures among them after, and errors in words', () => {
    const image: ModelPart = {
      type: 'image',
      source: { kind: 'data', data: 'aGk=' },
      mediaType: 'image/png',
      name: null,
      detail: null,
    };
    const body = openAiChat.writeRequest(
      {
        ...plainRequest,
        stream: true,
        reasoning: { effort: null, budgetTokens: 4096, summary: null },
        messages: [
          {
            role: 'assistant',
            parts: [
              { type: 'reasoning', text: 'hm', signature: 'anthropic:s', redacted: null },
              { type: 'toolCall', id: 'a', name: 'look', arguments: '{}' },
              { type: 'toolCall', id: 'b', name: 'look', arguments: '{}' },
            ],
          },
          {
            role: 'user',
            parts: [
              { type: 'toolResult', id: 'a', name: null, parts: [image], isError: false },
              {
                type: 'toolResult',
                id: 'b',
                name: null,
                parts: [{ type: 'text', text: 'no such file' }],
                isError: true,
              },
              { type: 'text', text: 'go on' },
            ],
          },
        ],
      },
      { refuses: [], needsMaxTokens: 4096 },
    );
    expect(body).toEqual({
      model: 'some-model',
      messages: [
        {
          role: 'assistant',
          content: null,
          tool_calls: ['a', 'b'].map((id) => ({ id, type: 'function', function: { name: 'look', arguments: '{}' } })),
        },
        { role: 'tool', tool_call_id: 'a', content: 'See below.' },
        { role: 'tool', tool_call_id: 'b', content: 'Error: no such file' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
            { type: 'text', text: 'go on' },
          ],
        },
      ],
      max_completion_tokens: 4096,
      reasoning_effort: 'medium',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(openAiChat.writeRequest(ask({ seed: 1 }), anything)).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
      seed: 1,
    });
  });
});

const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'c',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
});

function fold(chunks: readonly (JsonObject | string)[]) {
  const reader = openAiChat.createReader();
  const answer = createAnswerFold();
  const events: ModelEvent[] = [];
  for (const one of chunks)
    events.push(...reader.read({ event: null, data: typeof one === 'string' ? one : JSON.stringify(one) }));
  events.push(...reader.end());
  for (const event of events) answer.add(event);
  const { choices, usage } = answer.result();
  return { choice: choices[0] ?? null, usage, failure: answer.failure(), events };
}

describe('a stream is read', () => {
  it('with calls whose indices are mixed, missing, or told by id alone', () => {
    const call = (members: JsonObject) => chunk({ tool_calls: [members] });
    const f = (members: JsonObject) => ({ function: members });
    const want = [
      { type: 'toolCall', id: 'a', name: 'x', arguments: '{"n":1}' },
      { type: 'toolCall', id: 'b', name: 'y', arguments: '{}' },
    ];
    const mixed = [
      call({ index: 0, id: 'a', ...f({ name: 'x', arguments: '' }) }),
      call({ index: 1, id: 'b', ...f({ name: 'y' }) }),
      call({ index: 0, ...f({ arguments: '{"n"' }) }),
      call({ index: 0, ...f({ arguments: ':1}' }) }),
      chunk({}, { finish_reason: 'tool_calls' }),
    ];
    expect(fold(mixed).choice?.parts).toEqual(want);
    const bare = [
      call({ id: 'a', ...f({ name: 'x', arguments: '{"n"' }) }),
      call(f({ arguments: ':1}' })),
      call({ id: 'b', ...f({ name: 'y', arguments: {} }) }),
      chunk({}, { finish_reason: 'stop' }),
    ];
    expect(fold(bare).choice?.parts).toEqual(want);
  });

  it('with reasoning under each of its names, and signed where the vendor wants it back', () => {
    const names = [
      { reasoning_content: 'hm' },
      { reasoning: 'hm' },
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] }] },
    ];
    for (const delta of names)
      expect(fold([chunk(delta), chunk({ content: 'yes' })]).choice?.parts).toEqual([
        { type: 'reasoning', text: 'hm', signature: null, redacted: null },
        { type: 'text', text: 'yes' },
      ]);
    const signed = [
      chunk({ reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.text', signature: 's' }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }] }),
    ];
    expect(fold(signed).choice?.parts).toEqual([
      { type: 'reasoning', text: 'hm', signature: 's', redacted: null },
      { type: 'reasoning', text: '', signature: null, redacted: 'x' },
    ]);
  });

  it('with usage on a chunk that has content, after the end, or in each chunk; the last counts', () => {
    const usage = (prompt: number) => ({ prompt_tokens: prompt, completion_tokens: 1, total_tokens: prompt + 1 });
    const end = chunk({ content: 'b' }, { finish_reason: 'stop' });
    const counted = { inputUncached: 9, outputText: 1, requests: 1 };
    expect(fold([{ ...end, usage: usage(9) }]).usage?.counts).toEqual(counted);
    expect(fold([end, { ...chunk({}), choices: [], usage: usage(9) }, '[DONE]']).usage?.counts).toEqual(counted);
    expect(
      fold([
        { ...chunk({ content: 'a' }), usage: usage(3) },
        { ...end, usage: usage(9) },
      ]).usage?.counts,
    ).toEqual(counted);
    expect(fold([end, '[DONE]']).usage).toBeNull();
  });

  it('to its end without [DONE], and once though the vendor repeats it', () => {
    const end = chunk({}, { finish_reason: 'eos_token', stop_reason: '###' });
    const { choice, events } = fold([chunk({ content: 'a' }), end, end]);
    expect(choice).toMatchObject({ finishReason: 'stop', stopSequence: '###', parts: [{ type: 'text', text: 'a' }] });
    expect(events.filter(({ type }) => type === 'finish')).toHaveLength(1);
    expect(fold([chunk({ content: 'a' })]).choice?.finishReason).toBeNull();
  });

  it('with an error inside, in any form that vendors give it', () => {
    const kinds = [
      { error: { message: 'Overloaded', type: 'overloaded_error' } },
      { error: { message: 'slow down', code: 429 } },
      { error: 'the engine died' },
    ].map((error) => fold([chunk({ role: 'assistant' }), error]).failure);
    expect(kinds.map((failure) => failure?.kind)).toEqual(['overloaded', 'rateLimited', 'server']);
    expect(kinds[2]?.message).toBe('the engine died');
  });
});

describe('a stream is written', () => {
  const written = (events: ModelEvent[], includeUsage: boolean) => {
    const writer = openAiChat.createWriter({ ...aFrame(plainRequest), includeUsage });
    const text = events.map((event) => writer.write(event)).join('') + writer.end();
    return readSseEvents(new TextEncoder().encode(text)).map(({ data }) => data);
  };
  const start: ModelEvent = { type: 'start', id: 'v', model: 'v', created: 7, usage: null };
  const finish: ModelEvent = { type: 'finish', choice: 0, reason: 'toolCalls', stopSequence: null };
  const usage: ModelEvent = {
    type: 'usage',
    usage: { counts: { inputUncached: 1 }, source: 'provider' },
    serviceTier: null,
  };

  it('with usage only for a caller who asked for it, in a chunk of its own', () => {
    const asked = written([start, finish, usage], true).map((data) => (data === '[DONE]' ? data : JSON.parse(data)));
    expect(
      asked.map((one) => (one === '[DONE]' ? one : [one.choices.length, one.usage?.prompt_tokens ?? one.usage])),
    ).toEqual([[1, null], [1, null], [0, 1], '[DONE]']);
    expect(written([start, finish, usage], false).join('')).not.toContain('usage');
  });

  it('with `{}` for a call that was given no arguments, because clients parse them', () => {
    const call: ModelEvent = { type: 'partStart', choice: 0, part: 0, kind: 'toolCall', id: 'a', name: 'f' };
    const chunks = written([start, call, { type: 'partEnd', choice: 0, part: 0 }, finish], false);
    const pieces = chunks.flatMap((data) =>
      data === '[DONE]' ? [] : (JSON.parse(data).choices[0].delta.tool_calls ?? []),
    );
    expect(pieces.map((piece) => piece.function.arguments).join('')).toBe('{}');
  });
});

describe('a refusal of a vendor', () => {
  const cases: [number, unknown, string][] = [
    [401, { error: { message: 'Incorrect API key provided', code: 'invalid_api_key' } }, 'auth'],
    [403, { error: { message: 'no access' } }, 'auth'],
    [429, { error: { message: 'Rate limit reached', type: 'requests', code: 'rate_limit_exceeded' } }, 'rateLimited'],
    [
      429,
      { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: 'insufficient_quota' } },
      'quota',
    ],
    [402, { error: { message: 'Insufficient Balance' } }, 'quota'],
    [404, { error: { message: 'The model does not exist', code: 'model_not_found' } }, 'notFound'],
    [
      400,
      { error: { message: "This model's maximum context length is 8192 tokens", code: 'context_length_exceeded' } },
      'contextWindow',
    ],
    [
      400,
      { object: 'error', message: "This model's maximum context length is 4096 tokens. However…", code: 40303 },
      'contextWindow',
    ],
    [
      400,
      {
        error: { code: 400, message: 'request exceeds the available context size', type: 'exceed_context_size_error' },
      },
      'contextWindow',
    ],
    [
      400,
      { error: { message: 'filtered', code: 'content_filter', innererror: { code: 'ResponsibleAIPolicyViolation' } } },
      'contentPolicy',
    ],
    [400, { error: { message: 'bad temperature', type: 'invalid_request_error' } }, 'invalid'],
    [422, { detail: [{ loc: ['body'], msg: 'field required' }] }, 'invalid'],
    [500, { error: { message: 'The server had an error', type: 'server_error' } }, 'server'],
    [500, '<html>oh no</html>', 'server'],
    [503, { error: 'loading' }, 'overloaded'],
    [504, '', 'timeout'],
  ];
  it.each(cases)('of status %i with %j means %s', (status, body, kind) => {
    expect(openAiChat.readFailure(status, body as JsonObject).kind).toBe(kind);
  });
});
