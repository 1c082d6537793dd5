import Anthropic from '@anthropic-ai/sdk';
import { type GenerateContentResponse, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startUpstream, type ToolUse, type Upstream, vector } from './index.ts';

const uses: ToolUse[] = [
  { id: 'call_1', name: 'weather', arguments: '{"city":"Zürich \\u00e9","days":[1,2]}' },
  { id: 'call_2', name: 'now', arguments: '' },
];
const ask = [{ role: 'user' as const, content: 'What is two and two?' }];

/** The SDK's own `text` warns about parts of other kinds. */
const said = ({ candidates }: GenerateContentResponse) =>
  (candidates?.[0]?.content?.parts ?? []).map(({ text = '' }) => text).join('');

/** Whether the vendor speaks as its own SDKs expect; what fails in it fails on purpose. */
describe('the vendor that tests put behind the gateway', () => {
  let upstream: Upstream;
  let openai: OpenAI;
  let anthropic: Anthropic;
  let google: GoogleGenAI;
  beforeAll(async () => {
    upstream = await startUpstream();
    openai = new OpenAI({ baseURL: `${upstream.url}/v1`, apiKey: 'sk-a', maxRetries: 0 });
    anthropic = new Anthropic({ baseURL: upstream.url, apiKey: 'sk-b', maxRetries: 0 });
    google = new GoogleGenAI({ apiKey: 'sk-c', httpOptions: { baseUrl: upstream.url } });
  });
  afterAll(() => upstream?.close());
  beforeEach(() => upstream.forget());

  it('openai: chats, whole and streamed, with tools and usage', async () => {
    upstream.on('m', { text: 'Two and two is four.', reasoning: 'Add them.', toolCalls: uses });
    const whole = await openai.chat.completions.create({ model: 'm', messages: ask });
    const stream = openai.chat.completions.stream({
      model: 'm',
      messages: ask,
      stream_options: { include_usage: true },
    });
    const streamed = await stream.finalChatCompletion();
    for (const { choices, usage } of [whole, streamed]) {
      expect(choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: 'Two and two is four.' } });
      expect(choices[0]?.message.tool_calls).toMatchObject(
        uses.map(({ id, name, arguments: json }) => ({ id, function: { name, arguments: json } })),
      );
      expect(usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7 });
    }
    expect(upstream.calls.map(({ key, state, model }) => [key, state, model])).toEqual(
      Array.from({ length: 2 }, () => ['sk-a', 'answered', 'm']),
    );
  });

  it('openai: responses, whole and streamed', async () => {
    upstream.on('m', { text: 'Two and two is four.', reasoning: 'Add them.', toolCalls: uses });
    const whole = await openai.responses.create({ model: 'm', input: 'hi' });
    const streamed = await openai.responses.stream({ model: 'm', input: 'hi' }).finalResponse();
    for (const response of [whole, streamed]) {
      expect(response.output_text).toBe('Two and two is four.');
      expect(response.output.map(({ type }) => type)).toEqual([
        'reasoning',
        'message',
        'function_call',
        'function_call',
      ]);
      expect(response.usage?.total_tokens).toBe(18);
    }
  });

  it('openai: completions, embeddings and models', async () => {
    const { choices } = await openai.completions.create({ model: 'm', prompt: 'hi' });
    expect(choices[0]?.text).toBe('Four.');
    const { data } = await openai.embeddings.create({ model: 'e', input: ['a', 'b'] });
    expect(data.map(({ embedding }) => embedding)).toEqual([vector, vector]);
    expect((await openai.models.list()).data).toHaveLength(2);
  });

  it('anthropic: messages, whole and streamed, and counted', async () => {
    upstream.on('m', { text: 'Two and two is four.', reasoning: 'Add them.', toolCalls: uses });
    const request = { model: 'm', max_tokens: 9, messages: ask };
    const whole = await anthropic.messages.create(request);
    const streamed = await anthropic.messages.stream(request).finalMessage();
    for (const { content, usage, stop_reason } of [whole, streamed]) {
      expect(content).toMatchObject([
        { type: 'thinking', thinking: 'Add them.', signature: 'c2lnbmF0dXJl' },
        { type: 'text', text: 'Two and two is four.' },
        { type: 'tool_use', name: 'weather', input: { city: 'Zürich é', days: [1, 2] } },
        { type: 'tool_use', name: 'now', input: {} },
      ]);
      expect([stop_reason, usage.input_tokens, usage.output_tokens]).toEqual(['tool_use', 8, 7]);
    }
    expect((await anthropic.messages.countTokens({ model: 'm', messages: ask })).input_tokens).toBe(11);
  });

  it('google: contents, whole and streamed, and embedded', async () => {
    upstream.on('m', { text: 'Two and two is four.', toolCalls: uses });
    const request = { model: 'm', contents: 'hi' };
    const whole = await google.models.generateContent(request);
    expect([said(whole), whole.functionCalls?.map(({ name }) => name)]).toEqual([
      'Two and two is four.',
      ['weather', 'now'],
    ]);
    let text = '';
    for await (const chunk of await google.models.generateContentStream(request)) text += said(chunk);
    expect(text).toBe('Two and two is four.');
    const { embeddings } = await google.models.embedContent({ model: 'e', contents: ['a', 'b'] });
    expect(embeddings?.map(({ values }) => values)).toEqual([vector, vector]);
    expect(new Set(upstream.calls.map(({ key }) => key))).toEqual(new Set(['sk-c']));
  });

  it('answers as its script says, one call after the other, and the last stays', async () => {
    upstream.on('m', { status: 429, headers: { 'retry-after': '7' } }, (call) => ({ text: String(call.key) }));
    const create = () => openai.chat.completions.create({ model: 'm', messages: ask });
    await expect(create()).rejects.toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
    for (const answer of [await create(), await create()]) expect(answer.choices[0]?.message.content).toBe('sk-a');
  });

  it('answers what it holds back once it is told to, and forgets who leaves before', async () => {
    const answer = upstream.holdBack('held', { text: 'At last.' });
    const left = new AbortController();
    const leaving = openai.chat.completions.create({ model: 'held', messages: ask }, { signal: left.signal });
    const waiting = openai.chat.completions.create({ model: 'held', messages: ask });
    await upstream.until(() => upstream.of('held').length === 2);
    left.abort();
    await expect(leaving).rejects.toThrow();
    await upstream.until(() => upstream.of('held').some(({ state }) => state === 'left'));
    expect(upstream.of('held').some(({ state }) => state === 'answered')).toBe(false);
    answer();
    expect((await waiting).choices[0]?.message.content).toBe('At last.');
  });

  it('fails where a model’s name says so, and keeps how each connection ended', async () => {
    const stream = async (model: string) => {
      const words: string[] = [];
      const chunks = await openai.chat.completions.create({ model, messages: ask, stream: true });
      try {
        for await (const { choices } of chunks) words.push(choices[0]?.delta.content ?? '');
      } catch (error) {
        return { text: words.join(''), error: (error as Error).message };
      }
      return { text: words.join(''), error: null };
    };
    expect(await stream('a~words=40~cutAfter=3')).toEqual({ text: 'w0 w1 w2', error: 'terminated' });
    expect(await stream('b~words=40~errorAfter=2')).toMatchObject({ text: 'w0 w1', error: expect.anything() });
    expect(await stream('c~words=4~packetBytes=3~crlf~comments')).toEqual({ text: 'w0 w1 w2 w3', error: null });
    expect(await stream('d~words=4~endAfter=2')).toEqual({ text: 'w0 w1', error: null });
    const left = new AbortController();
    const stalled = openai.chat.completions.create({ model: 'e~silent', messages: ask }, { signal: left.signal });
    await upstream.until(() => upstream.of('e').length === 1);
    left.abort();
    await expect(stalled).rejects.toThrow();
    await upstream.until(() => upstream.of('e')[0]?.state === 'left');
    await expect(stream('f~reset')).rejects.toThrow();
    expect(upstream.calls.map(({ model, state }) => `${model} ${state}`)).toEqual([
      'a broken',
      'b answered',
      'c answered',
      'd answered',
      'e left',
      'f broken',
    ]);
  });

  it('makes a huge answer only as fast as it is read', async () => {
    const left = new AbortController();
    const body = JSON.stringify({ model: 'big~kilobytes=50000', stream: true });
    const answer = await fetch(`${upstream.url}/v1/chat/completions`, { method: 'POST', body, signal: left.signal });
    expect(answer.status).toBe(200);
    // A ping that is answered after the big answer began: nothing more of it was made meanwhile than buffers hold.
    for (let i = 0; i < 20; i++) await openai.models.list();
    expect(upstream.of('big')[0]?.sent).toBeLessThan(16 * 1024 * 1024);
    left.abort();
    await upstream.until(() => upstream.of('big')[0]?.state === 'left');
  });
});
