import { aFrame, anAnswer, inPieces, plainRequest, someCuts } from '@wheelhouse/testing/dialects';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Dialect, dialects } from '../ports/index.ts';
import type { JsonObject } from '../records/index.ts';
import { createChatFold } from '../trace/index.ts';
import { readAnswer, readExchange } from './read-exchange.ts';
import { readOutcome } from './read-outcome.ts';
import { codecOf } from './registry.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const frame = aFrame(plainRequest);
const event = (chunk: JsonObject) => `data: ${JSON.stringify(chunk)}\n\n`;

describe.each(dialects.map((dialect) => ({ dialect })))('$dialect', ({ dialect }) => {
  const codec = codecOf(dialect);

  it('gives a span the same messages and usage of a stream as of a whole answer', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, (answer, cuts) => {
        const writer = codec.createWriter(frame);
        const text =
          inPieces(answer, cuts)
            .map((one) => writer.write(one))
            .join('') + writer.end();
        const body = JSON.stringify(codec.writeAnswer(answer, frame));
        const read = (bytes: string, streamed: boolean) => {
          const { result } = readExchange({ dialect, request: {}, answer: bytesOf(bytes), streamed });
          return { messages: result.messages, usage: result.usage, error: result.error };
        };
        expect(read(text, true)).toEqual(read(body, false));
      }),
    );
  });

  it('tells of the end of an answer alone what reading all of it tells', () => {
    fc.assert(
      fc.property(anAnswer, someCuts, fc.boolean(), fc.nat(6_000), (answer, cuts, streamed, length) => {
        const writer = codec.createWriter(frame);
        const pieces = inPieces(answer, cuts).map((one) => writer.write(one));
        const text = `: ${'-'.repeat(length)}\n\n${pieces.join('')}${writer.end()}`;
        const bytes = bytesOf(streamed ? text : JSON.stringify(codec.writeAnswer(answer, frame)));
        const { messages: _, responseId: __, ...all } = readAnswer({ dialect, answer: bytes, streamed });
        expect(readOutcome({ dialect, answer: bytes, streamed })).toMatchObject(all);
      }),
    );
  });

  it('tells a span what the vendor said went wrong, and never throws', () => {
    const answer = bytesOf(JSON.stringify({ error: { message: 'no such luck' }, message: 'no such luck' }));
    expect(readExchange({ dialect, request: {}, answer, streamed: false }).result.error).toContain('no such luck');
    const members = [
      'messages',
      'input',
      'prompt',
      'contents',
      'system',
      'tools',
      'toolConfig',
      'choices',
      'output',
      'content',
    ];
    const some = fc.dictionary(fc.constantFrom(...members), fc.jsonValue()) as fc.Arbitrary<JsonObject>;
    fc.assert(
      fc.property(some, fc.uint8Array(), fc.boolean(), (value, noise, streamed) => {
        readExchange({ dialect, request: value, answer: noise, streamed });
        readExchange({ dialect, request: {}, answer: bytesOf(event(value)), streamed });
        readExchange({ dialect, request: {}, answer: bytesOf(JSON.stringify(value)), streamed });
      }),
    );
  });
});

const asks: Record<Dialect, JsonObject> = {
  'openai-chat': {
    messages: [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'hi' },
    ],
    tools: [{ type: 'function', function: { name: 'f', parameters: {} } }],
    temperature: 0.5,
  },
  'openai-completions': { prompt: 'hi', temperature: 0.5 },
  'openai-responses': {
    instructions: 'be brief',
    input: 'hi',
    tools: [{ type: 'function', name: 'f', parameters: {} }],
    temperature: 0.5,
  },
  'anthropic-messages': {
    max_tokens: 9,
    system: 'be brief',
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ name: 'f', input_schema: {} }],
    temperature: 0.5,
  },
  gemini: {
    systemInstruction: { parts: [{ text: 'be brief' }] },
    contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
    tools: [{ functionDeclarations: [{ name: 'f' }] }],
    generationConfig: { temperature: 0.5 },
  },
  'bedrock-converse': {
    system: [{ text: 'be brief' }],
    messages: [{ role: 'user', content: [{ text: 'hi' }] }],
    toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }] },
    inferenceConfig: { temperature: 0.5 },
  },
};

it.each(Object.entries(asks))('shows what was asked in %s as it shows any other', (dialect, request) => {
  const read = readExchange({ dialect: dialect as Dialect, request, answer: new Uint8Array(), streamed: false });
  const user = { role: 'user', parts: [{ type: 'text', content: 'hi' }] };
  const system = { role: 'system', parts: [{ type: 'text', content: 'be brief' }] };
  const messages = dialect === 'openai-completions' ? [user] : [system, user];
  expect(read.input).toEqual({ type: 'messages', messages });
  expect(JSON.stringify(read.params)).toContain('0.5');
  expect(read.toolDefinitions === null).toBe(dialect === 'openai-completions');
});

it('reads a stream of chunks as if each were folded by itself, however alike they are', () => {
  const text = fc.oneof(fc.constantFrom('', ' a', '"', '\\', '"content":"', '\n', '\u2028', '\u0000'), fc.string());
  const oneDelta = fc.oneof(
    text.map((content) => ({ content })),
    text.map((content) => ({ content, role: 'assistant', refusal: null })),
    text.map((content) => ({ reasoning_content: 'hm', content })),
    text.map((content) => ({ reasoning_content: content, content: null })),
    text.map((content) => ({ content: [{ type: 'text', content, text: content }] })),
  );
  const chunk = fc.record({
    id: fc.constantFrom('c1', '"content":'),
    choices: fc.array(fc.record({ index: fc.nat(1), delta: oneDelta }), { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(chunk), (chunks) => {
      const fold = createChatFold();
      for (const one of chunks) fold.chunk(structuredClone(one));
      const answer = bytesOf(chunks.map((one) => event(one as unknown as JsonObject)).join(''));
      expect(readExchange({ dialect: 'openai-chat', request: {}, answer, streamed: true }).result).toEqual(
        fold.result(),
      );
    }),
    { numRuns: 500 },
  );
});

it('puts chunks together only where nothing but the text of one choice tells more', () => {
  const told = (delta: JsonObject, other: JsonObject[] = []): JsonObject => ({
    choices: [{ index: 0, delta }, ...other],
  });
  const second = { index: 1, delta: { reasoning_content: 'b' } };
  const streams = [
    ['1', '2', '3'].map((content) => told({ reasoning_content: 'a', content })),
    ['1', '2', '3'].map((content) => told({ content }, [second])),
    ['1', '2', '3'].map((content) => told({ content, role: 'assistant' })),
  ];
  for (const chunks of streams) {
    const fold = createChatFold();
    for (const one of chunks) fold.chunk(structuredClone(one));
    const answer = bytesOf(chunks.map(event).join(''));
    const { result } = readExchange({ dialect: 'openai-chat', request: {}, answer, streamed: true });
    expect(result).toEqual(fold.result());
  }
});

it('is not misled by a `content` that is not the text of a choice', () => {
  const chunk = (note: string) => event({ note: { content: note }, choices: [{ index: 0, delta: { content: 'a' } }] });
  const answer = bytesOf(chunk('a') + chunk('b'));
  const { result } = readExchange({ dialect: 'openai-chat', request: {}, answer, streamed: true });
  expect(result.messages[0]?.parts).toEqual([{ type: 'text', content: 'aa' }]);
});

it('keeps items of a response that only OpenAI knows as they came', () => {
  const search = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
  const output = [search, { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'found' }] }];
  const answer = bytesOf(JSON.stringify({ object: 'response', status: 'completed', output }));
  const request = {
    input: [
      { type: 'item_reference', id: 'rs_1' },
      { role: 'user', content: 'look' },
    ],
  };
  const read = readExchange({ dialect: 'openai-responses', request, answer, streamed: false });
  expect(read.input).toEqual({
    type: 'messages',
    messages: [
      { role: 'assistant', parts: [{ type: 'other', value: request.input[0] }] },
      { role: 'user', parts: [{ type: 'text', content: 'look' }] },
    ],
  });
  expect(read.result.messages[0]?.parts).toEqual([
    { type: 'other', value: search },
    { type: 'text', content: 'found' },
  ]);
});

it('reads an answer that a vendor gave in another dialect than the call was made in', () => {
  const answer = bytesOf(JSON.stringify({ content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn' }));
  const call = { dialect: 'openai-chat' as const, answerDialect: 'anthropic-messages' as const, streamed: false };
  const read = readExchange({ ...call, request: asks['openai-chat'], answer });
  expect(read.result.messages).toEqual([
    { role: 'assistant', parts: [{ type: 'text', content: 'hello' }], finishReason: 'stop' },
  ]);
  expect(read.input.type).toBe('messages');
});
