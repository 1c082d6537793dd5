import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayHouse, shapes, startGatewayHouse } from '../../e2e/gateway-house.ts';
import { vector } from '../../upstream/index.ts';
import { runClient } from './run-client.ts';

const four = 'Two and two is four.';

describe('Python clients before the gateway', () => {
  let gateway: GatewayHouse;
  const env = (shape: string) => ({ GATEWAY_URL: gateway.url, GATEWAY_MODEL: `${shape}/m` });
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => {
    gateway.upstream.forget();
    gateway.upstream.on('m', { text: four });
  });

  it.each(shapes)('openai to %s', async (shape) => {
    expect(await runClient('gateway/openai_client.py', env(shape))).toEqual({
      texts: [four, four, four, four],
      tokens: [18, 18, 18],
      usage_unasked: false,
      vector,
    });
  });

  it('openai to a registered chain', async () => {
    const steps = [
      {
        ...{ id: 'reply', do: 'prompt' as const, model: 'openai/m', parameters: {} },
        ...{ input: {}, messages: [{ role: 'user', content: '{{input.question}}' }] },
      },
    ];
    await gateway.house.client.call('createModel', {
      body: { name: 'desk', version: { definition: { flavor: 'chain', steps } } },
    });
    expect(await runClient('gateway/openai_client.py', { ...env('openai'), GATEWAY_MODEL: 'desk@1' })).toEqual({
      texts: [four, four, four, four],
      tokens: [18, 18, 18],
      usage_unasked: false,
      vector,
    });
  });

  it.each(shapes)('anthropic to %s', async (shape) => {
    expect(await runClient('gateway/anthropic_client.py', env(shape))).toEqual({
      texts: [four, four, four],
      tokens: [
        [8, 7],
        [8, 7],
      ],
    });
  });

  it.each(shapes)('LangChain to %s', async (shape) => {
    gateway.upstream.on('m', ({ text }) =>
      text.includes('"weather"')
        ? { toolCalls: [{ id: 'call_w1', name: 'weather', arguments: '{"city":"Paris"}' }] }
        : { text: four },
    );
    const called = [['weather', { city: 'Paris' }]];
    expect(await runClient('gateway/langchain_client.py', env(shape))).toEqual({
      texts: [four, four, four, four],
      calls: [called, called],
    });
  });

  it.each(shapes)('LlamaIndex to %s', async (shape) => {
    const said = await runClient('gateway/llama_index_client.py', env(shape), 'python-llama-index');
    expect(said).toEqual({ texts: [four, four], vector });
  });
});
