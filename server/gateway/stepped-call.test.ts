import type { JsonObject, Model, ModelVersion } from '@wheelhouse/core/records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { caller, startGateway, type TestGateway } from '../../testing/gateway/start-gateway.ts';

const text = { type: 'string' };
const version = {
  number: 3,
  definition: {
    flavor: 'chain',
    steps: [
      {
        ...{ id: 'only', do: 'prompt', model: 'openai/m', parameters: {} },
        ...{ input: {}, messages: [{ role: 'user', content: '{{input.q}} {{parameters.tone}}' }] },
      },
    ],
  },
  signature: {
    input: { type: 'object', properties: { q: text }, required: ['q'] },
    output: text,
    parameters: { type: 'object', properties: { tone: { type: 'string', default: 'plain' } } },
  },
} as unknown as ModelVersion;
const model = { name: 'chain', latest: 3, aliases: [] } as unknown as Model;

describe('a model that is no single call, at the gateway', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway({ models: { chain: { model, versions: new Map([[3, version]]) } } });
  });
  afterAll(() => gateway.close());
  beforeEach(() => gateway.forget());

  const messages = [{ role: 'user', content: 'why' }];
  const chat = (more: JsonObject = {}) => gateway.post('/v1/chat/completions', { model: 'chain@3', messages, ...more });
  const lastSaid = () => {
    const said = gateway.upstream.of('m').at(-1)?.body.messages as { content: string }[] | undefined;
    return said?.at(-1)?.content;
  };

  it('takes its parameters from members of the request that its signature names', async () => {
    gateway.upstream.on('m', { text: 'Because.' });
    await (await chat({ temperature: 1 })).text();
    expect(lastSaid()).toBe('why plain');
    await (await chat({ tone: 'kind', variables: { q: 'how' } })).text();
    expect(lastSaid()).toBe('how kind');
    expect(gateway.upstream.of('m').every(({ body }) => body.temperature === undefined)).toBe(true);
  });

  it('answers calls from inside, errors in their dialect too', async () => {
    gateway.upstream.on('m', { text: 'Because.' });
    const ask = (body: object) =>
      gateway.inner({
        ...{ by: caller, path: '/v1/chat/completions', body: JSON.stringify({ model: 'chain@3', ...body }) },
        signal: new AbortController().signal,
      });
    const good = await ask({ messages });
    expect([good.status, JSON.parse(good.body).choices[0].message.content]).toEqual([200, 'Because.']);
    expect(good.requestId).toMatch(/^[0-9a-f]{32}$/);
    const bad = await ask({ messages: [] });
    expect([bad.status, JSON.parse(bad.body)]).toMatchObject([400, { error: { code: 'signature_mismatch' } }]);
  });

  it('says in the stream that it failed, once that has begun, and with a status before', async () => {
    gateway.upstream.on('m', { text: 'one two three four', cutAfter: 2 });
    const cut = await chat({ stream: true });
    expect(cut.status).toBe(200);
    const said = await cut.text();
    expect(said).toContain('one');
    expect(said).toMatch(/Step `only`.*"code":"upstream_cut"/);
    expect(said).not.toContain('[DONE]');
    gateway.upstream.on('m', { status: 400 });
    expect((await chat({ stream: true })).status).toBe(400);
  });

  it('asks for usage only where the caller does', async () => {
    gateway.upstream.on('m', { text: 'Because.' });
    const plain = await (await chat({ stream: true })).text();
    expect(plain).not.toContain('"usage":{');
    const counted = await (await chat({ stream: true, stream_options: { include_usage: true } })).text();
    expect(counted).toContain('"prompt_tokens":11');
    expect(counted.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('tells the vendor when its caller leaves', async () => {
    gateway.upstream.on('m', { silent: true });
    const controller = new AbortController();
    const body = { model: 'chain@3', messages };
    const left = gateway.post('/v1/chat/completions', body, {}, controller.signal).catch((error: Error) => error.name);
    await expect.poll(() => gateway.upstream.of('m').length).toBe(1);
    controller.abort();
    expect(await left).toBe('AbortError');
    await expect.poll(() => gateway.upstream.of('m')[0]?.state).toBe('left');
  });
});
