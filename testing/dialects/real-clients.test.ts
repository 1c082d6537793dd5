import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { codecOf } from '@wheelhouse/core/dialect';
import type { Dialect, ModelAnswer, ModelEvent } from '@wheelhouse/core/ports';
import type { JsonObject } from '@wheelhouse/core/records';
import { WheelhouseError } from '@wheelhouse/core/records';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aFrame, inPieces, plainRequest } from './arbitraries.ts';

const answer: ModelAnswer = {
  id: 'chatcmpl-1',
  model: 'gpt',
  created: 1,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'Hm, hm.', signature: 'gemini:c2ln', redacted: null },
        { type: 'text', text: 'Let me look.' },
        { type: 'toolCall', id: 'call_a', name: 'weather', arguments: '{"city":"Liège"}' },
        { type: 'toolCall', id: 'call_b', name: 'time', arguments: '{}' },
      ],
      finishReason: 'toolCalls',
      stopSequence: null,
      logprobs: null,
    },
  ],
  usage: { counts: { inputUncached: 7, cacheRead: 3, outputText: 5, reasoning: 2, requests: 1 }, source: 'provider' },
  serviceTier: null,
};

let server: Server;
let base: string;
/** What the clients sent, as it came. */
const seen: { url: string; body: JsonObject }[] = [];

function streamOf(dialect: Dialect, events: readonly ModelEvent[]): string {
  const writer = codecOf(dialect).createWriter(aFrame(plainRequest));
  return events.map((event) => writer.write(event)).join('') + writer.end();
}

const mocked = new WheelhouseError('upstream_rate_limited', 'Too many.');

/** The answer above in the dialect that the path is of, streamed where the client asks for it. */
function reply(url: string, body: JsonObject): { status: number; type: string; text: string } {
  const dialect = url.includes('/messages') ? 'anthropic-messages' : 'gemini';
  const codec = codecOf(dialect);
  if (JSON.stringify(body).includes('fail now'))
    return { status: 429, type: 'application/json', text: JSON.stringify(codec.writeError(mocked, 'req_1')) };
  if (JSON.stringify(body).includes('fail later')) {
    const events = inPieces(answer, [2]).slice(0, 4);
    return {
      status: 200,
      type: 'text/event-stream',
      text: streamOf(dialect, [
        ...events,
        { type: 'error', failure: { kind: 'overloaded', message: 'Full.', code: null } },
      ]),
    };
  }
  const streams = body.stream === true || url.includes('streamGenerateContent');
  if (streams) return { status: 200, type: 'text/event-stream', text: streamOf(dialect, inPieces(answer, [2, 3])) };
  const whole = codec.writeAnswer(answer, aFrame(plainRequest));
  return { status: 200, type: 'application/json', text: JSON.stringify(whole) };
}

beforeAll(async () => {
  server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(pieces).toString()) as JsonObject;
      seen.push({ url: request.url ?? '', body });
      const { status, type, text } = reply(request.url ?? '', body);
      response.writeHead(status, { 'content-type': type, 'request-id': 'req_1' }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

const anthropic = () => new Anthropic({ baseURL: base, apiKey: 'sk', maxRetries: 0 });
const google = () => new GoogleGenAI({ apiKey: 'g', httpOptions: { baseUrl: base } });

const expectedBlocks = [
  { type: 'thinking', thinking: 'Hm, hm.', signature: 'gemini:c2ln' },
  { type: 'text', text: 'Let me look.' },
  { type: 'tool_use', id: 'call_a', name: 'weather', input: { city: 'Liège' } },
  { type: 'tool_use', id: 'call_b', name: 'time', input: {} },
];
const ask = { model: 'm', max_tokens: 64, messages: [{ role: 'user' as const, content: 'hi' }] };

it('Anthropic’s client reads an answer and a stream of another vendor alike', async () => {
  const whole = await anthropic().messages.create(ask);
  const streamed = await anthropic().messages.stream(ask).finalMessage();
  for (const message of [whole, streamed]) {
    expect(message.content).toMatchObject(expectedBlocks);
    expect(message).toMatchObject({
      id: 'msg_0123abcd',
      model: 'our-model',
      role: 'assistant',
      stop_reason: 'tool_use',
    });
    expect(message.usage).toMatchObject({ input_tokens: 7, cache_read_input_tokens: 3, output_tokens: 7 });
  }
});

it('Anthropic’s client sends back what it got, and Gemini gets its own signature again', async () => {
  const message = await anthropic().messages.create(ask);
  const content = 'dark';
  const results = message.content.flatMap((block) =>
    block.type === 'tool_use' ? { type: 'tool_result' as const, tool_use_id: block.id, content } : [],
  );
  const messages = [...ask.messages, { role: 'assistant' as const, content: message.content }];
  await anthropic().messages.create({ ...ask, messages: [...messages, { role: 'user', content: results }] });
  const request = codecOf('anthropic-messages').readRequest(seen.at(-1)?.body ?? {});
  const body = codecOf('gemini').writeRequest(
    { ...request, model: 'gemini-3-pro' },
    { refuses: [], needsMaxTokens: null },
  );
  expect(body.contents).toMatchObject([
    { role: 'user', parts: [{ text: 'hi' }] },
    {
      role: 'model',
      parts: [
        { text: 'Hm, hm.', thought: true, thoughtSignature: 'c2ln' },
        { text: 'Let me look.' },
        { functionCall: { id: 'call_a', name: 'weather', args: { city: 'Liège' } } },
        { functionCall: { id: 'call_b', name: 'time', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_a', name: 'weather', response: { output: 'dark' } } },
        { functionResponse: { id: 'call_b', name: 'time', response: { output: 'dark' } } },
      ],
    },
  ]);
});

it('Anthropic’s client throws its own errors for ours, before and within a stream', async () => {
  const failing = (content: string) => ({ ...ask, messages: [{ role: 'user' as const, content }] });
  await expect(anthropic().messages.create(failing('fail now'))).rejects.toBeInstanceOf(Anthropic.RateLimitError);
  const broken = anthropic().messages.stream(failing('fail later')).finalMessage();
  await expect(broken).rejects.toThrow(/Full\./);
});

it('Google’s client reads an answer and a stream of another vendor alike', async () => {
  const whole = await google().models.generateContent({ model: 'm', contents: 'hi' });
  expect(whole.candidates?.[0]?.content?.parts?.filter((part) => part.text && !part.thought)).toEqual([
    { text: 'Let me look.' },
  ]);
  expect(whole.functionCalls).toMatchObject([{ name: 'weather', args: { city: 'Liège' } }, { name: 'time' }]);
  expect(whole.usageMetadata).toMatchObject({
    promptTokenCount: 10,
    cachedContentTokenCount: 3,
    thoughtsTokenCount: 2,
  });
  let text = '';
  const called: string[] = [];
  const ends: string[] = [];
  for await (const chunk of await google().models.generateContentStream({ model: 'm', contents: 'hi' })) {
    const parts = chunk.candidates?.[0]?.content?.parts ?? [];
    text += parts.map((part) => (part.thought ? '' : (part.text ?? ''))).join('');
    called.push(...parts.flatMap((part) => part.functionCall?.name ?? []));
    ends.push(...(chunk.candidates?.[0]?.finishReason ?? []));
  }
  expect({ text, called, ends: ends.join('') }).toEqual({
    text: 'Let me look.',
    called: ['weather', 'time'],
    ends: 'STOP',
  });
});

it('Google’s client sends what it is told, and another vendor understands it', async () => {
  await google().models.generateContent({
    model: 'm',
    contents: [{ role: 'user', parts: [{ text: 'hi' }, { inlineData: { mimeType: 'image/png', data: 'aGk=' } }] }],
    config: {
      systemInstruction: 'Be brief.',
      temperature: 0.2,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT' as never, properties: { a: { type: 'STRING' as never, nullable: true } } },
      tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: { type: 'object' } }] }],
    },
  });
  const request = { ...codecOf('gemini').readRequest(seen.at(-1)?.body ?? {}), model: 'claude-opus-4-6' };
  expect(codecOf('anthropic-messages').writeRequest(request, { refuses: [], needsMaxTokens: 1000 })).toEqual({
    model: 'claude-opus-4-6',
    max_tokens: 1000,
    system: [{ type: 'text', text: 'Be brief.' }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: 'hi' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
        ],
      },
    ],
    temperature: 0.2,
    output_config: {
      format: {
        type: 'json_schema',
        schema: { type: 'object', properties: { a: { type: ['string', 'null'] } } },
      },
    },
    tools: [{ name: 'weather', input_schema: { type: 'object' } }],
  });
});
