import Anthropic from '@anthropic-ai/sdk';
import { ChatAnthropic } from '@langchain/anthropic';
import { tool } from '@langchain/core/tools';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type GatewayHouse, hasToolResult, shapes, startGatewayHouse, usesWeather } from './gateway-house.ts';

const ask = [{ role: 'user' as const, content: 'What is two and two?' }];
const sunny = 'It is sunny in Zürich.';
const weather = { name: 'weather', description: 'The weather of a city.', schema: z.object({ city: z.string() }) };
const tools = [
  {
    name: 'weather',
    description: 'The weather of a city.',
    input_schema: { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

describe('clients of Anthropic before the gateway', () => {
  let gateway: GatewayHouse;
  let anthropic: Anthropic;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
    anthropic = new Anthropic({ baseURL: gateway.url, apiKey: 'any', maxRetries: 0 });
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  describe.each(shapes)('to %s', (shape) => {
    const model = `${shape}/m`;

    it('a message, whole and streamed alike', async () => {
      gateway.upstream.on('m', { text: 'Two and two is four.' });
      const request = { model, max_tokens: 64, system: 'Be brief.', messages: ask };
      const whole = await anthropic.messages.create(request);
      const streamed = await anthropic.messages.stream(request).finalMessage();
      for (const { content, stop_reason, usage } of [whole, streamed]) {
        expect([content, stop_reason]).toMatchObject([[{ type: 'text', text: 'Two and two is four.' }], 'end_turn']);
        expect([usage.input_tokens, usage.cache_read_input_tokens, usage.output_tokens]).toEqual([8, 3, 7]);
      }
    });

    it('tools, there and back, streamed', async () => {
      gateway.upstream.on('m', usesWeather);
      const request = { model, max_tokens: 64, tools };
      const used = await anthropic.messages.stream({ ...request, messages: ask }).finalMessage();
      expect(used).toMatchObject({ stop_reason: 'tool_use' });
      const use = used.content.find((block) => block.type === 'tool_use');
      expect(use).toMatchObject({ name: 'weather', input: { city: 'Zürich' } });
      const result = { type: 'tool_result' as const, tool_use_id: use?.id ?? '', content: 'Zürich: sunny' };
      const messages = [
        ...ask,
        { role: 'assistant' as const, content: used.content },
        { role: 'user' as const, content: [result] },
      ];
      const said = await anthropic.messages.create({ ...request, messages });
      expect(said.content).toMatchObject([{ type: 'text', text: sunny }]);
      expect(gateway.upstream.of('m').map(hasToolResult)).toEqual([false, true]);
    });

    it('LangChain: invoked, streamed, and with a tool', async () => {
      const chat = new ChatAnthropic({
        model,
        apiKey: 'any',
        maxRetries: 0,
        maxTokens: 64,
        anthropicApiUrl: gateway.url,
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

  it('counts tokens', async () => {
    const { input_tokens } = await anthropic.messages.countTokens({ model: 'anthropic/m', messages: ask });
    expect(input_tokens).toBe(11);
  });

  it('takes both generations of headers, and passes the caller’s version on', async () => {
    const older = { 'x-api-key': 'any', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'some-beta-2026' };
    const newer = { authorization: 'Bearer any', 'anthropic-version': '2026-10-21' };
    for (const headers of [older, newer]) {
      const body = { model: 'anthropic/m', max_tokens: 9, messages: ask };
      const response = await gateway.post('/v1/messages', body, headers);
      expect([response.status, response.headers.get('request-id')]).toEqual([200, expect.any(String)]);
    }
    const [first, second] = gateway.upstream.of('m').map(({ headers }) => headers);
    expect([first?.['anthropic-version'], first?.['anthropic-beta']]).toEqual(['2023-06-01', 'some-beta-2026']);
    expect(second?.['anthropic-version']).toBe('2026-10-21');
    expect(gateway.upstream.of('m').map(({ key }) => key)).toEqual(['sk-anthropic', 'sk-anthropic']);
  });

  it('hands thinking and its signature through, and back again', async () => {
    gateway.upstream.on('m', { reasoning: 'Add them.', text: 'Four.' });
    const request = {
      model: 'anthropic/m',
      max_tokens: 2048,
      thinking: { type: 'enabled' as const, budget_tokens: 1024 },
    };
    const { content } = await anthropic.messages.stream({ ...request, messages: ask }).finalMessage();
    expect(content).toMatchObject([{ type: 'thinking', signature: 'c2lnbmF0dXJl' }, { type: 'text' }]);
    const again = [...ask, { role: 'assistant' as const, content }, { role: 'user' as const, content: 'Sure?' }];
    await anthropic.messages.create({ ...request, messages: again });
    expect(gateway.upstream.of('m').at(-1)?.body.messages).toMatchObject([{}, { content }, {}]);
  });

  it('errors arrive as the SDK’s own classes', async () => {
    const call = anthropic.messages.create({ model: 'anthropic/m~status=400', max_tokens: 9, messages: ask });
    await expect(call).rejects.toBeInstanceOf(Anthropic.BadRequestError);
    const unknown = anthropic.messages.create({ model: 'anthropic/m~status=404', max_tokens: 9, messages: ask });
    await expect(unknown).rejects.toBeInstanceOf(Anthropic.NotFoundError);
  });
});
