import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayHouse, shapes, startGatewayHouse, traceIdOf } from './gateway-house.ts';
import { readStream } from './read-stream.ts';

const messages = [{ role: 'user', content: 'Count.' }];
const doors = {
  chat: { path: '/v1/chat/completions', body: { messages } },
  responses: { path: '/v1/responses', body: { input: 'Count.' } },
  messages: { path: '/v1/messages', body: { messages, max_tokens: 64 } },
};
type Door = keyof typeof doors;

describe('hard cases: what a call costs', () => {
  let gateway: GatewayHouse;
  beforeAll(async () => {
    gateway = await startGatewayHouse();
    for (const provider of shapes)
      await gateway.house.client.call('createPrice', {
        body: {
          provider,
          model: 'priced',
          usdPerMillion: { inputUncached: '3', cacheRead: '0.3', cacheWrite5m: '3.75', outputText: '15' },
        },
      });
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  async function costOf(door: Door, model: string, stream: boolean) {
    const { path, body } = doors[door];
    const response = await gateway.post(path, { ...body, model, stream });
    expect(response.status).toBe(200);
    await readStream(response);
    const [span] = await gateway.spansOf(traceIdOf(response));
    return span?.cost?.totalNanoUsd ?? null;
  }

  /** 8 new tokens, 3 of the cache, 7 answered, by hand; however the vendor counts them. */
  const byHand = String(8 * 3_000 + 3 * 300 + 7 * 15_000);

  it.each((Object.keys(doors) as Door[]).flatMap((door) => shapes.map((shape): [Door, string] => [door, shape])))(
    '9: from %s to %s, streamed and whole, the cost is the one of the hand table',
    async (door, shape) => {
      const model = `${shape}/priced`;
      expect([await costOf(door, model, false), await costOf(door, model, true)]).toEqual([byHand, byHand]);
    },
  );

  it('10: a price that nobody knows is unknown, not nothing', async () => {
    const response = await gateway.post('/v1/chat/completions', { model: 'openai/of-nobody', messages });
    expect(response.status).toBe(200);
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect([span?.cost, span?.usage?.counts.inputUncached]).toEqual([null, 8]);
  });

  it('10: a new price does not touch what was priced before', async () => {
    const ask = async () => {
      const response = await gateway.post('/v1/chat/completions', { model: 'openai/moving', messages });
      await gateway.spansOf(traceIdOf(response));
      return traceIdOf(response);
    };
    const costs = async (traceId: string) => (await gateway.spansOf(traceId))[0]?.cost;
    const setPrice = (input: string) =>
      gateway.house.client.call('createPrice', {
        body: { provider: 'openai', model: 'moving', usdPerMillion: { inputUncached: input, outputText: '0' } },
      });
    await setPrice('1');
    const first = await ask();
    await setPrice('2');
    const second = await ask();
    const [before, after] = [await costs(first), await costs(second)];
    expect([before?.totalNanoUsd, after?.totalNanoUsd]).toEqual([String(11 * 1_000), String(11 * 2_000)]);
    expect(before?.priceId).not.toBe(after?.priceId);
  });
});
