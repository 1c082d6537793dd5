import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { vector } from '../upstream/index.ts';
import { type GatewayHouse, shapes, startGatewayHouse, usesWeather } from './gateway-house.ts';

const prompt = 'What is two and two?';
const sunny = 'It is sunny in Zürich.';
const weather = tool({
  description: 'The weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `${city}: sunny`,
});

describe('the Vercel AI SDK before the gateway', () => {
  let gateway: GatewayHouse;
  let makers: Record<string, (model: string) => LanguageModel>;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
    const options = { baseURL: `${gateway.url}/v1`, apiKey: 'any' };
    makers = {
      compatible: createOpenAICompatible({
        ...options,
        name: 'house',
        includeUsage: true,
        supportsStructuredOutputs: true,
      }),
      responses: createOpenAI(options),
      anthropic: createAnthropic(options),
    };
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  describe.each(['compatible', 'responses', 'anthropic'])('%s', (maker) => {
    const modelOf = (shape: string) => makers[maker]?.(`${shape}/m`) ?? '';

    it.each(shapes)('to %s: a text, whole and streamed, with its usage', async (shape) => {
      gateway.upstream.on('m', { text: 'Two and two is four.' });
      const options = { model: modelOf(shape), prompt, maxRetries: 0 };
      const whole = await generateText(options);
      const streamed = streamText(options);
      expect([whole.text, await streamed.text]).toEqual(['Two and two is four.', 'Two and two is four.']);
      for (const usage of [whole.usage, await streamed.usage])
        expect([usage.inputTokens, usage.outputTokens]).toEqual([11, 7]);
    });

    it.each(shapes)('to %s: steps with a tool, streamed', async (shape) => {
      gateway.upstream.on('m', usesWeather);
      const options = { prompt, maxRetries: 0, tools: { weather }, stopWhen: stepCountIs(3) };
      const streamed = streamText({ ...options, model: modelOf(shape) });
      expect([await streamed.text, (await streamed.steps).length]).toEqual([sunny, 2]);
      expect(gateway.upstream.of('m').at(-1)?.text).toContain('Zürich: sunny');
    });
  });

  it.each(['openai', 'gemini'])('compatible to %s: an object by a schema', async (shape) => {
    gateway.upstream.on('m', { text: '{"city":"Paris"}' });
    const output = Output.object({ schema: z.object({ city: z.string() }) });
    const model = makers.compatible?.(`${shape}/m`) ?? '';
    expect((await generateText({ model, prompt, output, maxRetries: 0 })).output).toEqual({ city: 'Paris' });
    expect(gateway.upstream.of('m')[0]?.text).toContain('"city"');
  });

  it('compatible: embeddings', async () => {
    const house = createOpenAICompatible({ baseURL: `${gateway.url}/v1`, apiKey: 'any', name: 'house' });
    const model = house.embeddingModel('openai/text-embedding-3-small');
    expect((await embedMany({ model, values: ['a', 'b'] })).embeddings).toEqual([vector, vector]);
  });
});
