import { channel } from 'node:diagnostics_channel';
import Anthropic from '@anthropic-ai/sdk';
import { propagation } from '@opentelemetry/api';
import { inputTokens, type Message, outputTokens, type Span } from '@wheelhouse/core/records';
import { startAnthropic, startCollector, startOpenAi } from '@wheelhouse/testing/vendors';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from './index.ts';

const tools = [
  {
    type: 'function' as const,
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
];
const messages = [
  { role: 'system' as const, content: 'Be brief.' },
  { role: 'user' as const, content: 'Two and two?' },
];
const asked: Message[] = [
  { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
  { role: 'user', parts: [{ type: 'text', content: 'Two and two?' }] },
];
const said = (content: string): Message => ({ role: 'assistant', parts: [{ type: 'text', content }] });
const toolUse = { type: 'tool_call', name: 'weather', arguments: { city: 'Paris' } };

async function read<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const values: T[] = [];
  for await (const value of stream) values.push(value);
  return values;
}

describe('instrument', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let tracing: Tracing;
  beforeEach(async () => {
    collector = await startCollector();
    tracing = startTracing({ url: collector.url, service: 'shop' });
  });
  afterEach(async () => {
    await tracing.shutdown();
    await collector.close();
  });
  /** The only span since the start. */
  async function span(): Promise<Span> {
    await tracing.flush();
    expect(collector.spans()).toHaveLength(1);
    return collector.spans()[0] as Span;
  }

  describe('openai', () => {
    let vendor: Awaited<ReturnType<typeof startOpenAi>>;
    let openai: OpenAI;
    beforeEach(async () => {
      vendor = await startOpenAi();
      openai = tracing.instrument(new OpenAI({ baseURL: vendor.baseUrl, apiKey: 'k', maxRetries: 0 }));
    });
    afterEach(() => vendor.close());

    it('records a chat completion: who asked what, the answer, parameters and tokens', async () => {
      const answer = await openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages,
        temperature: 0.5,
        max_completion_tokens: 50,
        stop: 'END',
        user: 'u1',
      });
      expect(answer.choices[0]?.message.content).toBe('Four.');
      expect(answer._request_id).toBeNull();
      const one = await span();
      expect(one).toMatchObject({
        name: 'chat gpt-4o-mini',
        kind: 'generation',
        status: 'unset',
        provider: 'openai',
        service: 'shop',
        requestModel: 'gpt-4o-mini',
        responseModel: 'gpt-4o-mini-2024-07-18',
        responseId: answer.id,
        finishReasons: ['stop'],
        params: { temperature: 0.5, max_tokens: 50, stop_sequences: ['END'] },
        input: { type: 'messages', messages: asked },
        output: { type: 'messages', messages: [said('Four.')] },
        userId: 'u1',
        attributes: { 'span.kind': 'client', 'server.address': '127.0.0.1' },
        usage: { counts: { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 } },
      });
      expect(vendor.requests[0]?.headers.traceparent).toBe(`00-${one.traceId}-${one.spanId}-01`);
      expect(vendor.requests[0]?.json).toEqual({
        model: 'gpt-4o-mini',
        messages,
        temperature: 0.5,
        max_completion_tokens: 50,
        stop: 'END',
        user: 'u1',
      });
    });

    it('records a stream: each piece, the usage chunk, the time of the first words', async () => {
      const stream = await openai.chat.completions.create({
        model: 'gpt-4o-mini',
        messages,
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(stream.constructor.name).toBe('Stream');
      expect(stream.controller).toBeInstanceOf(AbortController);
      const chunks = await read(stream);
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe('Four.');
      const one = await span();
      expect(one).toMatchObject({
        output: { type: 'messages', messages: [said('Four.')] },
        finishReasons: ['stop'],
        usage: { counts: { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 } },
        params: { stream: true },
      });
      expect(one.firstTokenNs).toBeGreaterThan(one.startNs);
      expect(one.firstTokenNs).toBeLessThanOrEqual(one.endNs ?? 0n);
    });

    it('knows no time of first words where none came', async () => {
      await read(await openai.chat.completions.create({ model: 'silent', messages, stream: true }));
      expect((await span()).firstTokenNs).toBeNull();
    });

    it.each([true, false])('puts a tool call together, streamed: %s', async (stream) => {
      const answer = await openai.chat.completions.create({ model: 'gpt-4o-mini', messages, tools, stream });
      if (stream) await read(answer as AsyncIterable<unknown>);
      expect(await span()).toMatchObject({
        finishReasons: ['tool_calls'],
        toolDefinitions: tools,
        output: { messages: [{ role: 'assistant', parts: [{ ...toolUse, id: 'call_1' }] }] },
      });
    });

    it('leaves the ways to take an answer as they are', async () => {
      const call = () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages });
      expect(call().constructor.name).toBe('APIPromise');
      const { data, response } = await call().withResponse();
      expect([data.choices[0]?.message.content, response.status]).toEqual(['Four.', 200]);
      const raw = await call().asResponse();
      expect(await raw.json()).toMatchObject({ choices: [{ message: { content: 'Four.' } }] });
      await tracing.flush();
      // The first promise was never awaited, so its answer was never read.
      expect(collector.spans().map(({ output }) => output !== null)).toEqual([true, false]);
    });

    it('sees a stream that is handed on as a ReadableStream, or split in two', async () => {
      const create = () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
      const text = await new Response((await create()).toReadableStream()).text();
      expect(text.split('\n').filter(Boolean)).toHaveLength(4);
      const [left, right] = (await create()).tee();
      expect((await Promise.all([read(left), read(right)])).map((chunks) => chunks.length)).toEqual([4, 4]);
      await tracing.flush();
      expect(collector.spans().map(({ output }) => output)).toEqual(
        Array(2).fill({ type: 'messages', messages: [{ ...said('Four.'), finishReason: 'stop' }] }),
      );
    });

    it('records the helpers: parse, stream, responses with and without stream, embeddings, completions', async () => {
      await openai.chat.completions.parse({ model: 'a', messages });
      expect(await openai.chat.completions.stream({ model: 'b', messages }).finalContent()).toBe('Four.');
      const response = await openai.responses.create({ model: 'c', input: 'Two and two?', instructions: 'Be brief.' });
      expect(response.output_text).toBe('Four.');
      const events = await read(await openai.responses.create({ model: 'd', input: 'Two and two?', stream: true }));
      expect(events.at(-1)?.type).toBe('response.completed');
      expect((await openai.responses.stream({ model: 'e', input: 'Two?' }).finalResponse()).output_text).toBe('Four.');
      const vectors = await openai.embeddings.create({ model: 'f', input: ['x', 'y'] });
      expect(vectors.data[0]?.embedding).toEqual([0.5, 0.25, -1]);
      await openai.completions.create({ model: 'g', prompt: 'Two and two is' });
      await read(await openai.completions.create({ model: 'h', prompt: 'Two and two is', stream: true }));
      await tracing.flush();
      const spans = new Map(collector.spans().map((one) => [one.requestModel, one]));
      expect([...spans.keys()]).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
      expect(spans.get('c')).toMatchObject({
        name: 'chat c',
        finishReasons: ['stop'],
        input: { messages: asked },
        output: { messages: [said('Four.')] },
        usage: { counts: { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 } },
      });
      for (const name of ['b', 'd', 'e']) {
        expect(spans.get(name)).toMatchObject({ output: { messages: [said('Four.')] } });
        expect(spans.get(name)?.firstTokenNs).not.toBeNull();
      }
      expect(spans.get('d')?.usage).toEqual(spans.get('c')?.usage);
      expect(spans.get('f')).toMatchObject({
        kind: 'embedding',
        name: 'embeddings f',
        input: { type: 'json', value: ['x', 'y'] },
        output: { type: 'json', value: { vectors: 2, dimensions: 3 } },
        usage: { counts: { inputUncached: 5 } },
      });
      for (const name of ['g', 'h'])
        expect(spans.get(name)).toMatchObject({
          input: { messages: [{ role: 'user', parts: [{ type: 'text', content: 'Two and two is' }] }] },
          output: { messages: [said(' four')] },
          usage: { counts: { inputUncached: 4, outputText: 2 } },
        });
    });

    it('records what failed, and lets the app have the error', async () => {
      const failing = openai.chat.completions.create({ model: 'refused', messages });
      await expect(failing).rejects.toThrow(OpenAI.BadRequestError);
      expect(await span()).toMatchObject({ status: 'error', statusMessage: '400 No such model.', output: null });
    });

    it('records a failure that comes as an answer', async () => {
      expect((await openai.responses.create({ model: 'failed', input: 'x' })).status).toBe('failed');
      expect(await span()).toMatchObject({ status: 'error', statusMessage: 'It broke.' });
    });

    it('is where the client’s own work is done', async () => {
      let inside: string | null = null;
      const client = new OpenAI({
        baseURL: vendor.baseUrl,
        apiKey: 'k',
        fetch: (url, init) => {
          inside = tracing.traceparent();
          return fetch(url, init);
        },
      });
      await tracing.instrument(client).chat.completions.create({ model: 'a', messages });
      const one = await span();
      expect(inside).toBe(`00-${one.traceId}-${one.spanId}-01`);
    });

    it('keeps what came of a stream that broke off', async () => {
      const stream = await openai.chat.completions.create({ model: 'cut', messages, stream: true });
      await expect(read(stream)).rejects.toThrow('terminated');
      expect(await span()).toMatchObject({ status: 'error', output: { messages: [said('Fo')] } });
    });

    it('ends a stream that the app leaves or aborts, which is no error', async () => {
      const create = () => openai.chat.completions.create({ model: 'gpt-4o-mini', messages, stream: true });
      for await (const chunk of await create()) if (chunk.choices[0]?.delta.content) break;
      const stream = await create();
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) stream.controller.abort();
      await tracing.flush();
      for (const one of collector.spans())
        expect(one).toMatchObject({ status: 'unset', attributes: { 'wheelhouse.stopped': true } });
      expect(collector.spans()).toHaveLength(2);
    });

    it('sends byte for byte what the client sends without it, but for the traceparent', async () => {
      const run = async (client: OpenAI) => {
        await client.chat.completions.create({ model: 'a', messages, tools }, { headers: { 'x-own': '1' } });
        await client.chat.completions.stream({ model: 'b', messages }).done();
        await client.responses.create({ model: 'c', input: 'x' });
        await client.embeddings.create({ model: 'd', input: 'x' });
        await client.models.list().catch(() => {});
        return vendor.requests.splice(0).map(({ method, path, body, headers: { traceparent: _, ...headers } }) => {
          return { method, path, headers, body: body.toString() };
        });
      };
      const plain = await run(new OpenAI({ baseURL: vendor.baseUrl, apiKey: 'k', maxRetries: 0 }));
      expect(plain).toHaveLength(5);
      expect(await run(openai)).toEqual(plain);
    });

    it('is of the user of the scope around, where one is said', async () => {
      const call = () => openai.chat.completions.create({ model: 'a', messages, user: 'sent to the vendor' });
      await tracing.with({ user: 'u1' }, call);
      expect((await span()).userId).toBe('u1');
    });

    it('waits for options that are promised, as version 7 of the client promises them', async () => {
      const options = Promise.resolve({ body: { model: 'a', messages } });
      const answer = (await openai.post('/chat/completions', options)) as OpenAI.ChatCompletion;
      expect(answer.choices[0]?.message.content).toBe('Four.');
      const one = await span();
      expect(one).toMatchObject({ name: 'chat a', input: { messages: asked }, output: { messages: [said('Four.')] } });
      expect(vendor.requests[0]?.headers.traceparent).toBe(`00-${one.traceId}-${one.spanId}-01`);
    });

    it('leaves a call that nobody awaits as it is, and a rejection that nobody handles unhandled', async () => {
      const others = process.listeners('unhandledRejection');
      for (const one of others) process.off('unhandledRejection', one);
      const unhandled = new Promise<unknown>((resolve) => process.once('unhandledRejection', resolve));
      void openai.chat.completions.create({ model: 'refused', messages });
      expect(await unhandled).toBeInstanceOf(OpenAI.BadRequestError);
      for (const one of others) process.on('unhandledRejection', one);
    });

    it('instruments a class, its copies with other options, and nothing twice', async () => {
      class Own extends OpenAI {}
      expect(tracing.instrument(tracing.instrument(Own))).toBe(Own);
      const client = tracing.instrument(new Own({ baseURL: vendor.baseUrl, apiKey: 'k' }));
      await client.chat.completions.create({ model: 'a', messages });
      await openai.withOptions({ timeout: 1_000 }).chat.completions.create({ model: 'b', messages });
      await tracing.flush();
      expect(collector.spans().map(({ requestModel }) => requestModel)).toEqual(['a', 'b']);
    });

    it('is for the tracing that instrumented last', async () => {
      const later = startTracing({ url: collector.url, service: 'later' });
      later.instrument(openai);
      await openai.chat.completions.create({ model: 'a', messages });
      await later.shutdown();
      expect((await span()).service).toBe('later');
    });

    it('keeps a traceparent of the app’s own, and its headers in any form', async () => {
      const body = { model: 'a', messages };
      await openai.chat.completions.create(body, { headers: { traceparent: 'own', 'x-a': '1' } });
      await openai.chat.completions.create(body, { headers: new Headers({ 'x-a': '2', traceparent: 'own' }) });
      await openai.chat.completions.create(body, { headers: [['x-a', '3']] });
      expect(vendor.requests.map(({ headers }) => headers['x-a'])).toEqual(['1', '2', '3']);
      expect(vendor.requests.slice(0, 2).map(({ headers }) => headers.traceparent)).toEqual(['own', 'own']);
      expect(vendor.requests[2]?.headers.traceparent).toMatch(/^00-/);
    });

    it('leaves the traceparent to an app whose own instrumentation of fetch writes it', async () => {
      const fetches = channel('undici:request:create');
      const listen = () => {};
      fetches.subscribe(listen);
      propagation.setGlobalPropagator({ fields: () => ['traceparent'], inject() {}, extract: (context) => context });
      try {
        await openai.chat.completions.create({ model: 'a', messages });
        expect(vendor.requests[0]?.headers.traceparent).toBeUndefined();
      } finally {
        propagation.disable();
        fetches.unsubscribe(listen);
      }
      await openai.chat.completions.create({ model: 'a', messages });
      expect(vendor.requests[1]?.headers.traceparent).toMatch(/^00-/);
    });

    it('records what was sent, not what the app makes of its list afterwards', async () => {
      const list = [...messages];
      const running = openai.chat.completions.create({ model: 'a', messages: list });
      list.push({ role: 'user', content: 'And three?' });
      await running;
      expect((await span()).input).toEqual({ type: 'messages', messages: asked });
    });
  });

  describe('anthropic', () => {
    let vendor: Awaited<ReturnType<typeof startAnthropic>>;
    let anthropic: Anthropic;
    beforeEach(async () => {
      vendor = await startAnthropic();
      anthropic = tracing.instrument(new Anthropic({ baseURL: vendor.url, apiKey: 'k' }));
    });
    afterEach(() => vendor.close());
    const request = {
      model: 'claude-haiku-4-5',
      max_tokens: 64,
      system: 'Be brief.',
      messages: [{ role: 'user' as const, content: 'Two and two?' }],
      metadata: { user_id: 'u1' },
    };
    const weather = { name: 'weather', input_schema: { type: 'object' as const } };
    const expected = {
      name: 'chat claude-haiku-4-5',
      kind: 'generation',
      provider: 'anthropic',
      userId: 'u1',
      finishReasons: ['stop'],
      params: { max_tokens: 64 },
      input: { type: 'messages', messages: asked },
      output: { type: 'messages', messages: [said('Four.')] },
      usage: { counts: { inputUncached: 10, cacheRead: 100, cacheWrite5m: 15, cacheWrite1h: 5, outputText: 5 } },
    };

    it('records a message, with cached tokens apart', async () => {
      await anthropic.messages.create(request);
      const one = await span();
      expect(one).toMatchObject(expected);
      expect(one.usage && [inputTokens(one.usage), outputTokens(one.usage)]).toEqual([130, 5]);
      expect(vendor.requests[0]?.headers.traceparent).toBe(`00-${one.traceId}-${one.spanId}-01`);
    });

    it('records streams and the stream helper, with tools', async () => {
      await read(await anthropic.messages.create({ ...request, stream: true }));
      const helper = anthropic.messages.stream({ ...request, tools: [weather] });
      expect((await helper.finalMessage()).stop_reason).toBe('tool_use');
      await tracing.flush();
      const [plain, tool] = collector.spans();
      expect(plain).toMatchObject(expected);
      expect(plain?.firstTokenNs).not.toBeNull();
      expect(tool).toMatchObject({
        finishReasons: ['tool_calls'],
        toolDefinitions: [weather],
        output: {
          messages: [
            {
              role: 'assistant',
              parts: [
                { type: 'text', content: 'Four.' },
                { ...toolUse, id: 'toolu_1' },
              ],
            },
          ],
        },
      });
      expect(collector.spans()).toHaveLength(2);
    });
  });

  it('warns of what it cannot trace, and gives it back', async () => {
    const warned = new Promise<Error>((resolve) => process.once('warning', resolve));
    const thing = { post: 'no function' };
    expect(tracing.instrument(thing)).toBe(thing);
    expect((await warned).message).toContain('instrument() takes a client');
  });
});
