import type { JsonObject, Model, ModelId, ModelVersion } from '@wheelhouse/core/records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../testing/gateway/start-gateway.ts';

/** A model whose `production` is at version 1, while version 2 listens. */
function listened(name: string, definitions: JsonObject[]) {
  const model: Model = {
    ...{ id: `md_${name}` as ModelId, name, description: '', tags: [], owner: null, latest: definitions.length },
    ...{ createdAt: '', changedAt: '' },
    aliases: [
      {
        ...{ alias: 'production', version: 1, before: null, movedAt: '' },
        release: { id: `rel_${name}`, candidate: 2, share: 1, sticky: 'user', isShadow: true },
      },
    ],
  };
  const versions = definitions.map((definition, i): [number, ModelVersion] => [
    i + 1,
    {
      ...{ modelId: model.id, number: i + 1, hash: String(i), definition: definition as never, example: null },
      ...{ signature: { input: {}, output: {} }, message: '', author: '', madeFrom: [], createdAt: '' },
    },
  ]);
  return { model, versions: new Map(versions) };
}
const base = (vendorModel: string) => ({ flavor: 'base', baseModel: `openai/${vendorModel}`, parameters: {} });
const chain = (model: string) => ({
  flavor: 'chain',
  steps: [{ id: 'say', do: 'prompt', model, parameters: {}, messages: [{ role: 'user', content: 'Say it.' }] }],
});

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway({
    models: {
      bot: listened('bot', [base('old'), base('new')]),
      chained: listened('chained', [chain('openai/old'), chain('openai/new')]),
    },
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

const path = '/v1/chat/completions';
const messages = [{ role: 'user', content: 'Where is my order?' }];
const chat = (more: object = {}, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  gateway.post(path, { model: 'bot', messages, user: 'ann', ...more }, headers, signal);
const asked = () => gateway.upstream.calls.map(({ model }) => model);
const isOver = (count: number) => gateway.until((all) => all.length === count);

describe('a version that only listens', () => {
  it.each([false, true])('is asked the same after the answer, as nobody’s call (stream: %s)', async (stream) => {
    const response = await chat({ stream, temperature: 0.3 });
    const text = await response.text();
    expect(text).not.toBe('');
    const [own, copy] = await isOver(2);
    expect(asked()).toEqual(['old', 'new']);
    expect(own).toMatchObject({ model: { version: 1, alias: 'production' }, userId: 'ann', run: null });
    expect(own?.attributes).toMatchObject({ 'wheelhouse.release': 'rel_bot', 'wheelhouse.release.arm': 'incumbent' });
    expect(copy).toMatchObject({
      ...{ model: { version: 2, alias: null }, userId: null, sessionId: null, parentSpanId: null, tags: ['shadow'] },
      run: { runId: 'rel_bot', exampleId: `${own?.traceId}-${own?.spanId}` },
      ...{ input: own?.input, params: { temperature: 0.3 } },
    });
    expect(copy?.traceId).not.toBe(own?.traceId);
    expect(copy?.startNs ?? 0n).toBeGreaterThanOrEqual(own?.endNs ?? 0n);
    expect(response.headers.get('x-wheelhouse-trace-id')).toBe(own?.traceId);
  });

  it('is run where it is more than one call, and everything in the copy says so', async () => {
    await (await chat({ model: 'chained' })).text();
    await expect.poll(() => gateway.spans.length).toBe(6);
    const { spans } = gateway;
    const [own, copies] = [spans.filter(({ run }) => run === null), spans.filter(({ run }) => run !== null)];
    expect([own.length, copies.length]).toEqual([3, 3]);
    const root = (all: typeof spans) => all.find(({ model, parentSpanId }) => model !== null && parentSpanId === null);
    expect(root(own)).toMatchObject({ model: { name: 'chained', version: 1 }, userId: 'ann' });
    expect(root(own)?.attributes).toMatchObject({ 'wheelhouse.release': 'rel_chained' });
    expect(root(copies)).toMatchObject({ model: { name: 'chained', version: 2, alias: null }, userId: null });
    const run = { runId: 'rel_chained', exampleId: `${root(own)?.traceId}-${root(own)?.spanId}` };
    for (const span of copies) expect(span).toMatchObject({ run, tags: ['shadow'], userId: null });
    expect(new Set(copies.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it('fails for nobody, and what it meets at the vendor makes no other call wait', async () => {
    gateway.upstream.on('new', { status: 429, headers: { 'retry-after': '600' } });
    for (let i = 1; i <= 3; i++) {
      expect((await chat()).status).toBe(200);
      await isOver(2 * i);
    }
    expect(gateway.spans.filter(({ status }) => status === 'error').map(({ requestModel }) => requestModel)).toEqual(
      Array.from({ length: 3 }, () => 'new'),
    );
    gateway.upstream.on('new', {});
    expect((await chat({ model: 'openai/new' })).status).toBe(200);
    await isOver(7);
    expect(gateway.upstream.of('new')).toHaveLength(4);
  });

  it('is not asked what its caller left, nor what the vendor itself would act on, nor by the key of a call', async () => {
    gateway.upstream.on('old', { words: 4, stallAfter: 1 });
    const stop = new AbortController();
    const left = await chat({ stream: true }, {}, stop.signal);
    await left.body?.getReader().read();
    stop.abort();
    await isOver(1);
    gateway.upstream.on('old', {});
    await (await chat({ tools: [{ type: 'mcp', server_url: 'https://acts.example' }] })).text();
    await isOver(2);
    await (await chat({}, { 'idempotency-key': 'once' })).text();
    await isOver(4);
    expect(asked()).toEqual(['old', 'old', 'old', 'new']);
    expect(gateway.upstream.calls.map(({ headers }) => headers['idempotency-key'])).toEqual([
      ...[undefined, undefined, 'once', undefined],
    ]);
  });

  it('lets go what comes while as many copies run as may, and never holds up a caller', async () => {
    gateway.upstream.on('new', { silent: true });
    const answers = await Promise.all(Array.from({ length: 40 }, () => chat()));
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 40 }, () => 200));
    await gateway.until((all) => all.length === 40);
    await gateway.upstream.until(() => gateway.upstream.of('new').length === 16);
    expect(gateway.upstream.of('new')).toHaveLength(16);
    expect(gateway.upstream.of('old')).toHaveLength(40);
  });
});
