import { aFrame, cutBytes, inPieces, plainRequest, someCuts } from '@wheelhouse/testing/dialects';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect, ModelAnswer, ModelPart, ModelRequest } from '../ports/index.ts';
import { inputTokens, type JsonObject, outputTokens, type Usage } from '../records/index.ts';
import { createAnswerFold } from './fold-answer.ts';
import { codecOf } from './registry.ts';
import { readSseEvents } from './sse.ts';
import { createStreamTranslation, translateAnswer } from './translate.ts';

/** Those that call tools. */
const speakers: Dialect[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'gemini', 'bedrock-converse'];
const pairs = speakers.flatMap((from) => speakers.map((to) => ({ from, to })));
const frame = aFrame(plainRequest);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function vendorStream(dialect: Dialect, answer: ModelAnswer, pieces: number[]): Uint8Array {
  const writer = codecOf(dialect).createWriter(frame);
  const events = inPieces(answer, pieces).map((event) => writer.write(event));
  return bytesOf(events.join('') + writer.end());
}

function translated(bytes: Uint8Array, { from, to, cuts }: { from: Dialect; to: Dialect; cuts: number[] }): string {
  const translation = createStreamTranslation({ from, to, frame });
  return (
    cutBytes(bytes, cuts)
      .map((piece) => translation.push(piece))
      .join('') + translation.end()
  );
}

function readBack(dialect: Dialect, stream: string): ModelAnswer {
  const reader = codecOf(dialect).createReader();
  const fold = createAnswerFold();
  for (const event of readSseEvents(bytesOf(stream))) for (const read of reader.read(event)) fold.add(read);
  for (const event of reader.end()) fold.add(event);
  return fold.result();
}

const calls = (answer: ModelAnswer) =>
  (answer.choices[0]?.parts ?? []).flatMap((part) =>
    part.type === 'toolCall' ? { id: part.id, name: part.name, arguments: JSON.parse(part.arguments) as unknown } : [],
  );
const texts = (answer: ModelAnswer) =>
  (answer.choices[0]?.parts ?? []).flatMap((part) => (part.type === 'text' ? part.text : [])).join('');

const answerOf = (parts: ModelPart[], usage: Usage | null = null): ModelAnswer => ({
  id: 'vendor-1',
  model: 'vendor-model',
  created: 0,
  choices: [{ index: 0, parts, finishReason: 'toolCalls', stopSequence: null, logprobs: null }],
  usage,
  serviceTier: null,
});

/** As models write them: with escapes for all that is not ASCII, which a stream may cut anywhere. */
const escaped = (value: JsonObject): string =>
  JSON.stringify(value).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);

const someArguments = fc.oneof(
  fc.constant('{}'),
  fc.constant('{"city":"Li\\u00e8ge","quote":"\\"\\\\\\n"}'),
  fc
    .dictionary(fc.string({ minLength: 1, unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), { maxKeys: 3 })
    .map((value) => escaped(value)),
);

const someCalls = fc
  .array(fc.record({ name: fc.constantFrom('weather', 'time'), arguments: someArguments }), {
    minLength: 1,
    maxLength: 4,
  })
  .map((list) => list.map((call, i): ModelPart => ({ type: 'toolCall', id: `call_${i}`, ...call })));

describe('hard case 18: calls of tools in streams', () => {
  it.each(pairs)('$from as $to: the same calls, whole or streamed, in parallel, cut anywhere', ({ from, to }) => {
    fc.assert(
      fc.property(someCalls, fc.boolean(), someCuts, someCuts, (made, speaks, pieces, cuts) => {
        const before: ModelPart[] = speaks ? [{ type: 'text', text: 'Let me look.' }] : [];
        const answer = answerOf([...before, ...made]);
        const whole = translateAnswer(codecOf(from).writeAnswer(answer, frame), { from, to, frame });
        const stream = translated(vendorStream(from, answer, pieces), { from, to, cuts });
        for (const read of [codecOf(to).readAnswer(whole), readBack(to, stream)]) {
          expect(calls(read)).toEqual(calls(answer));
          expect(texts(read)).toBe(texts(answer));
          expect(read.choices[0]?.finishReason).toBe('toolCalls');
        }
      }),
      { numRuns: 40 },
    );
  });

  it.each(pairs)('$from as $to: arguments that the limit cut off are neither lost nor made up', ({ from, to }) => {
    const part: ModelPart = { type: 'toolCall', id: 'call_0', name: 'weather', arguments: '{"city":"Li' };
    const [choice] = answerOf([part]).choices;
    const answer = { ...answerOf([]), choices: choice ? [{ ...choice, finishReason: 'length' as const }] : [] };
    const stream = translated(vendorStream(from, answer, [3]), { from, to, cuts: [5] });
    const whole = translateAnswer(codecOf(from).writeAnswer(answer, frame), { from, to, frame });
    for (const read of [readBack(to, stream), codecOf(to).readAnswer(whole)]) {
      expect(read.choices[0]?.parts).toMatchObject([{ type: 'toolCall', arguments: part.arguments }]);
    }
  });
});

const count = fc.integer({ min: 0, max: 1_000_000 });
const someUsage = fc
  .record({
    inputUncached: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
    outputText: count,
    reasoning: count,
  })
  .map((counts): Usage => ({ counts: { ...counts, requests: 1 }, source: 'provider' }));

describe('hard cases 8 and 9: usage', () => {
  it.each(pairs)('$from as $to: the same totals, whole or streamed; what is cached is told apart', ({ from, to }) => {
    fc.assert(
      fc.property(someUsage, someCuts, (usage, pieces) => {
        const answer = answerOf([{ type: 'text', text: 'hi' }], usage);
        const whole = translateAnswer(codecOf(from).writeAnswer(answer, frame), { from, to, frame });
        const stream = translated(vendorStream(from, answer, pieces), { from, to, cuts: [] });
        for (const read of [codecOf(to).readAnswer(whole), readBack(to, stream)]) {
          expect(read.usage).not.toBeNull();
          if (read.usage === null) continue;
          expect(inputTokens(read.usage)).toBe(inputTokens(usage));
          expect(outputTokens(read.usage)).toBe(outputTokens(usage));
          expect(read.usage.counts.cacheRead ?? 0).toBe(usage.counts.cacheRead);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('Anthropic tells its input at the start and its output at the end; both count, the lives of caches apart', () => {
    const events = [
      {
        type: 'message_start',
        message: {
          id: 'msg_1',
          model: 'claude',
          usage: {
            input_tokens: 10,
            output_tokens: 1,
            cache_read_input_tokens: 200,
            cache_creation_input_tokens: 30,
            cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 20 },
          },
        },
      },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'hi' } },
      { type: 'content_block_stop', index: 0 },
      {
        type: 'message_delta',
        delta: { stop_reason: 'end_turn', stop_sequence: null },
        usage: { input_tokens: null, output_tokens: 50, output_tokens_details: { thinking_tokens: 8 } },
      },
      { type: 'message_stop' },
    ];
    const stream = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    expect(readBack('anthropic-messages', stream).usage?.counts).toEqual({
      inputUncached: 10,
      cacheRead: 200,
      cacheWrite5m: 10,
      cacheWrite1h: 20,
      outputText: 42,
      reasoning: 8,
      requests: 1,
    });
  });

  it('Gemini repeats its usage with every chunk; the last counts, with thoughts beside the candidates', () => {
    const chunk = (text: string, usageMetadata: JsonObject, more: JsonObject = {}) =>
      `data: ${JSON.stringify({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...more }], usageMetadata })}\r\n\r\n`;
    const stream =
      chunk('h', { promptTokenCount: 100, cachedContentTokenCount: 40, totalTokenCount: 100 }) +
      chunk(
        'i',
        {
          promptTokenCount: 100,
          cachedContentTokenCount: 40,
          candidatesTokenCount: 5,
          thoughtsTokenCount: 7,
          totalTokenCount: 112,
        },
        { finishReason: 'STOP' },
      );
    expect(readBack('gemini', stream).usage?.counts).toEqual({
      inputUncached: 60,
      cacheRead: 40,
      outputText: 5,
      reasoning: 7,
      requests: 1,
    });
  });

  it('Bedrock tells its usage after the end of the message', () => {
    const stream = [
      ['messageStart', { role: 'assistant' }],
      ['contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'hi' } }],
      ['contentBlockStop', { contentBlockIndex: 0 }],
      ['messageStop', { stopReason: 'end_turn' }],
      [
        'metadata',
        {
          usage: {
            inputTokens: 3,
            outputTokens: 4,
            totalTokens: 37,
            cacheReadInputTokens: 10,
            cacheWriteInputTokens: 20,
            cacheDetails: [
              { ttl: '1h', inputTokens: 15 },
              { ttl: '5m', inputTokens: 5 },
            ],
          },
        },
      ],
    ]
      .map(([name, data]) => `event: ${String(name)}\ndata: ${JSON.stringify(data)}\n\n`)
      .join('');
    expect(readBack('bedrock-converse', stream).usage?.counts).toEqual({
      inputUncached: 3,
      cacheRead: 10,
      cacheWrite5m: 5,
      cacheWrite1h: 15,
      outputText: 4,
      requests: 1,
    });
  });
});

const schemas: JsonObject[] = [
  {
    type: 'object',
    properties: {
      root: { $ref: '#/$defs/node' },
      mood: { type: 'string', enum: ['good', 'bad'] },
      note: { type: ['string', 'null'] },
      grid: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
    },
    required: ['root', 'mood', 'note', 'grid'],
    additionalProperties: false,
    $defs: {
      node: {
        type: 'object',
        properties: { name: { type: 'string' }, next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
        required: ['name', 'next'],
        additionalProperties: false,
      },
    },
  },
];

describe('hard case 19: structured output', () => {
  const asking = (schema: JsonObject): ModelRequest => ({
    ...plainRequest,
    output: { type: 'schema', name: 'answer', description: null, schema, strict: true },
  });
  const capabilities = { refuses: [], needsMaxTokens: 1000 };

  it.each(speakers.flatMap((to) => schemas.map((schema) => ({ to, schema }))))(
    '$to gets the schema as it was sent, references, null, lists of values and nested lists too',
    ({ to, schema }) => {
      const body = codecOf(to).writeRequest(asking(schema), capabilities);
      const { output } = codecOf(to).readRequest({ model: 'some-model', ...body });
      expect(output).toMatchObject({ type: 'schema', schema });
    },
  );

  it.each(speakers)('%s without structured output refuses it by name', (to) => {
    const refusing = { refuses: ['output'], needsMaxTokens: 1000 };
    expect(() => codecOf(to).writeRequest(asking({ type: 'object' }), refusing)).toThrow(
      expect.objectContaining({ code: 'unsupported_by_model', param: 'output' }),
    );
  });

  it('Gemini refuses a strict schema that it would not hold its answer to, and takes it where nobody insists', () => {
    const schema = { type: 'object', properties: { code: { type: 'string', pattern: '^[A-Z]{3}$' } } };
    const request = asking(schema);
    expect(() => codecOf('gemini').writeRequest(request, capabilities)).toThrow(/`pattern`/);
    const lenient = { ...request, output: { ...request.output, strict: false } } as ModelRequest;
    expect(codecOf('gemini').writeRequest(lenient, capabilities)).toMatchObject({
      generationConfig: { responseJsonSchema: schema },
    });
  });

  it('Gemini gets a constant as the only value of a list, and older definitions under their newer name', () => {
    const schema = {
      type: 'object',
      properties: { kind: { const: 'a' }, other: { $ref: '#/definitions/other' } },
      definitions: { other: { type: 'string' } },
    };
    expect(codecOf('gemini').writeRequest(asking(schema), capabilities)).toMatchObject({
      generationConfig: {
        responseJsonSchema: {
          properties: { kind: { enum: ['a'] }, other: { $ref: '#/$defs/other' } },
          $defs: { other: { type: 'string' } },
        },
      },
    });
  });

  it.each<Dialect>(['anthropic-messages', 'bedrock-converse'])('%s refuses JSON without a schema', (to) => {
    expect(() => codecOf(to).writeRequest({ ...plainRequest, output: { type: 'json' } }, capabilities)).toThrow(
      expect.objectContaining({ code: 'unsupported_by_model' }),
    );
  });

  it.each<Dialect>(['anthropic-messages', 'gemini', 'bedrock-converse'])(
    '%s refuses a member that it does not know by its name, and does without one that is a hint',
    (to) => {
      const asks = (extra: JsonObject) => codecOf(to).writeRequest({ ...plainRequest, extra }, capabilities);
      expect(() => asks({ logit_bias: { 42: 1 } })).toThrow(expect.objectContaining({ param: 'logit_bias' }));
      expect(JSON.stringify(asks({ store: false, prompt_cache_key: 'k' }))).not.toMatch(/store|prompt_cache_key/);
    },
  );
});

/** What a caller sends next: the answer as it got it. */
const nextRequests: [Dialect, (answer: JsonObject) => JsonObject][] = [
  [
    'openai-chat',
    ({ choices }) => ({
      messages: [{ role: 'user', content: 'hi' }, (choices as { message: JsonObject }[])[0]?.message ?? {}],
    }),
  ],
  ['openai-responses', ({ output }) => ({ input: [{ role: 'user', content: 'hi' }, ...(output as JsonObject[])] })],
  [
    'anthropic-messages',
    ({ content = [] }) => ({
      messages: [
        { role: 'user', content: 'hi' },
        { role: 'assistant', content },
      ],
    }),
  ],
  ['bedrock-converse', ({ output }) => ({ messages: [(output as { message: JsonObject }).message] })],
  ['gemini', ({ candidates }) => ({ contents: [(candidates as { content: JsonObject }[])[0]?.content ?? {}] })],
];

describe('signatures', () => {
  const signed: JsonObject = {
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'Let me look.' },
            { functionCall: { name: 'weather', args: {} }, thoughtSignature: 'c2ln' },
            { functionCall: { name: 'time', args: {} } },
          ],
        },
        finishReason: 'STOP',
      },
    ],
    responseId: 'r',
  };
  const again = (to: Dialect, next: (answer: JsonObject) => JsonObject): ModelRequest => {
    const body = translateAnswer(signed, { from: 'gemini', to, frame });
    return codecOf(to).readRequest({ model: 'm', ...next(JSON.parse(JSON.stringify(body)) as JsonObject) });
  };

  it.each(nextRequests)('of a call at Gemini come back to Gemini through a caller of %s', (to, next) => {
    const request = { ...again(to, next), model: 'gemini-3-pro' };
    const { contents } = codecOf('gemini').writeRequest(request, { refuses: [], needsMaxTokens: null });
    expect((contents as JsonObject[]).at(-1)?.parts).toMatchObject([
      { text: 'Let me look.' },
      { functionCall: { name: 'weather' }, thoughtSignature: 'c2ln' },
      { functionCall: { name: 'time' } },
    ]);
  });

  it.each(nextRequests)('of Gemini reach no other vendor through a caller of %s', (to, next) => {
    for (const vendor of speakers.filter((dialect) => dialect !== 'gemini')) {
      const body = codecOf(vendor).writeRequest(again(to, next), { refuses: [], needsMaxTokens: 1000 });
      expect(JSON.stringify(body)).not.toContain('c2ln');
    }
  });
});
