import { tool } from '@langchain/core/tools';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { Agent, tool as agentTool, OpenAIProvider, Runner } from '@openai/agents';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vector } from '../upstream/index.ts';
import { type GatewayHouse, shapes, startGatewayHouse, usesWeather } from './gateway-house.ts';

const ask = [{ role: 'user' as const, content: 'What is two and two?' }];
const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const sunny = 'It is sunny in Zürich.';
const weather = { name: 'weather', description: 'The weather of a city.', schema: z.object({ city: z.string() }) };

describe('clients of OpenAI before the gateway', () => {
  let gateway: GatewayHouse;
  let openai: OpenAI;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
    openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 0 });
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  describe.each(shapes)('to %s', (shape) => {
    const model = `${shape}/m`;

    it('openai: a chat, whole and streamed alike', async () => {
      gateway.upstream.on('m', { text: 'Two and two is four.' });
      const whole = await openai.chat.completions.create({ model, messages: ask });
      const stream = openai.chat.completions.stream({ model, messages: ask, stream_options: { include_usage: true } });
      for (const { choices, usage } of [whole, await stream.finalChatCompletion()]) {
        expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'Two and two is four.' } });
        expect(usage).toMatchObject({ prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 });
        expect(usage?.prompt_tokens_details?.cached_tokens).toBe(3);
      }
    });

    it('openai: tools, there and back', async () => {
      gateway.upstream.on('m', usesWeather);
      const tools = [{ type: 'function' as const, function: { name: 'weather', parameters } }];
      const runner = openai.chat.completions.runTools({
        model,
        messages: ask,
        tools: [
          {
            type: 'function',
            function: {
              ...weather,
              parameters,
              parse: JSON.parse,
              function: ({ city }: { city: string }) => `${city}: sunny`,
            },
          },
        ],
      });
      expect(await runner.finalContent()).toBe(sunny);
      expect(gateway.upstream.of('m').at(-1)?.text).toContain('Zürich: sunny');
      const streamed = await openai.chat.completions.stream({ model, messages: ask, tools }).finalChatCompletion();
      expect(streamed.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: { tool_calls: [{ function: { name: 'weather' } }] },
      });
      const call = streamed.choices[0]?.message.tool_calls?.[0];
      expect(JSON.parse(call?.type === 'function' ? call.function.arguments : '')).toEqual({ city: 'Zürich' });
    });

    it('openai: responses, whole and streamed alike', async () => {
      gateway.upstream.on('m', { text: 'Two and two is four.' });
      const request = { model, input: 'What is two and two?', instructions: 'Be brief.' };
      const whole = await openai.responses.create(request);
      const streamed = await openai.responses.stream(request).finalResponse();
      for (const response of [whole, streamed]) {
        expect(response).toMatchObject({ status: 'completed', output_text: 'Two and two is four.' });
        expect(response.usage).toMatchObject({ input_tokens: 11, output_tokens: 7, total_tokens: 18 });
      }
    });

    it('Agents SDK: an agent with a tool, over responses and over chats', async () => {
      gateway.upstream.on('m', usesWeather);
      for (const useResponses of [true, false]) {
        const modelProvider = new OpenAIProvider({ baseURL: `${gateway.url}/v1`, apiKey: 'any', useResponses });
        const runner = new Runner({ modelProvider, tracingDisabled: true });
        const look = agentTool({
          name: 'weather',
          description: weather.description,
          parameters: weather.schema,
          execute: ({ city }) => `${city}: sunny`,
        });
        const agent = new Agent({ name: 'guide', instructions: 'Use the tools.', model, tools: [look] });
        expect((await runner.run(agent, 'How is the weather in Zürich?')).finalOutput).toBe(sunny);
        const streamed = await runner.run(agent, 'How is the weather in Zürich?', { stream: true });
        await streamed.completed;
        expect(streamed.finalOutput).toBe(sunny);
      }
    });

    it('LangChain: invoked, streamed, and with a tool', async () => {
      const chat = new ChatOpenAI({
        model,
        apiKey: 'any',
        maxRetries: 0,
        configuration: { baseURL: `${gateway.url}/v1` },
      });
      gateway.upstream.on('m', { text: 'Two and two is four.' });
      expect((await chat.invoke('What is two and two?')).text).toBe('Two and two is four.');
      let text = '';
      for await (const chunk of await chat.stream('What is two and two?')) text += chunk.text;
      expect(text).toBe('Two and two is four.');
      gateway.upstream.on('m', usesWeather);
      const { tool_calls } = await chat
        .bindTools([tool(({ city }) => `${city}: sunny`, weather)])
        .invoke('And in Zürich?');
      expect(tool_calls).toMatchObject([{ name: 'weather', args: { city: 'Zürich' } }]);
    });
  });

  it('openai: completions of before chats', async () => {
    gateway.upstream.on('m', { text: 'Two and two is four.' });
    const whole = await openai.completions.create({ model: 'openai/m', prompt: 'Two and two is' });
    expect(whole).toMatchObject({ choices: [{ text: 'Two and two is four.' }], usage: { total_tokens: 18 } });
    let text = '';
    for await (const { choices } of await openai.completions.create({ model: 'openai/m', prompt: 'a', stream: true }))
      text += choices[0]?.text ?? '';
    expect(text).toBe('Two and two is four.');
  });

  it('openai: embeddings of a vendor that takes one text a call', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `text ${i}`);
    const answer = await openai.embeddings.create({ model: 'bedrock/amazon.titan-embed-text-v2:0', input: texts });
    expect(answer.data.map(({ embedding, index }) => [index, embedding])).toEqual(texts.map((_, i) => [i, vector]));
    expect(answer.usage).toEqual({ prompt_tokens: 100, total_tokens: 100 });
    expect(gateway.upstream.calls.map(({ body }) => body.inputText).sort()).toEqual([...texts].sort());
    gateway.upstream.on('amazon.titan-embed-text-v2:0', { status: 400 });
    const refused = openai.embeddings.create({ model: 'bedrock/amazon.titan-embed-text-v2:0', input: texts });
    await expect(refused).rejects.toBeInstanceOf(OpenAI.BadRequestError);
  });

  it.each(['openai/text-embedding-3-small', 'gemini/gemini-embedding-001'])(
    'openai: embeddings of %s',
    async (model) => {
      // The SDK asks for base64 unless told otherwise, and reads it back.
      for (const encoding of [undefined, 'float' as const]) {
        const asked = { model, input: ['a', 'b'], ...(encoding ? { encoding_format: encoding } : {}) };
        const { data } = await openai.embeddings.create(asked);
        expect(data.map(({ embedding }) => embedding)).toEqual([vector, vector]);
      }
      const embedder = new OpenAIEmbeddings({ model, apiKey: 'any', configuration: { baseURL: `${gateway.url}/v1` } });
      expect(await embedder.embedDocuments(['a', 'b'])).toEqual([vector, vector]);
    },
  );

  it('openai: the list of models', async () => {
    const { data } = await openai.models.list();
    expect(data.map(({ id }) => id)).toContain('sim/echo');
  });

  it('openai: errors arrive as the SDK’s own classes', async () => {
    const call = openai.chat.completions.create({ model: 'openai/m~status=400', messages: ask });
    await expect(call).rejects.toBeInstanceOf(OpenAI.BadRequestError);
    const unknown = openai.chat.completions.create({ model: 'openai/m~status=404', messages: ask });
    await expect(unknown).rejects.toBeInstanceOf(OpenAI.NotFoundError);
  });
});
