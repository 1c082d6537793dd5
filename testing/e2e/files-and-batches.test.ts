import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const openai = (house: Wheelhouse) => new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'anything', maxRetries: 0 });

/** Answers take their time, so that a kill finds the batch under way. */
const line = (i: number, url: string, body: object) =>
  JSON.stringify({ custom_id: `row ${i}`, method: 'POST', url, body });
const question = (i: number) => ({
  model: 'sim/echo',
  messages: [{ role: 'user', content: `question ${i}` }],
  sim: { latency_ms: 15 },
});

/** A vendor that answers nothing until it is told to. */
async function startSlowVendor() {
  const held = new Set<ServerResponse>();
  let isOpen = false;
  const answer = (res: ServerResponse) => {
    const message = { role: 'assistant', content: 'At last.' };
    const body = { id: 'c1', object: 'chat.completion', created: 1, model: 'm', choices: [{ index: 0, message }] };
    res.setHeader('content-type', 'application/json').end(JSON.stringify(body));
  };
  const server = createServer((req, res) => {
    req.resume();
    if (isOpen) return answer(res);
    held.add(res);
    res.once('close', () => held.delete(res));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    waiting: () => held.size,
    open() {
      isOpen = true;
      for (const res of held) answer(res);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('files and batches, by the OpenAI client', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  let slow: Awaited<ReturnType<typeof startSlowVendor>>;

  beforeAll(async () => {
    slow = await startSlowVendor();
    folder = await makeFolder({ limits: { fileBytes: 1_000_000 }, providers: { slow: { baseUrl: slow.url } } });
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await slow?.close();
    await folder?.remove();
  });

  const input = async (lines: string[]) =>
    openai(house).files.create({ file: await toFile(Buffer.from(lines.join('\n')), 'in.jsonl'), purpose: 'batch' });
  const ended = async (id: string) => {
    const read = () => openai(house).batches.retrieve(id);
    await vi.waitUntil(async () => (await read()).status === 'completed', { timeout: 60_000, interval: 50 });
    return read();
  };
  const rows = async (id: string | null | undefined) =>
    (await (await openai(house).files.content(id ?? '')).text())
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text) as { custom_id: string; response: { body: Record<string, unknown> } });

  it('gives every line one answer, also when the server is killed in the middle', async () => {
    const count = 300;
    const file = await input(Array.from({ length: count }, (_, i) => line(i, '/v1/chat/completions', question(i))));
    const { id } = await openai(house).batches.create({
      input_file_id: file.id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    const done = async () => (await openai(house).batches.retrieve(id)).request_counts?.completed ?? 0;
    await vi.waitUntil(async () => (await done()) > 0, { timeout: 60_000, interval: 5 });
    await house.stop('SIGKILL');
    house = await startWheelhouse({ folder: folder.path });
    const batch = await ended(id);
    expect(batch.request_counts).toEqual({ total: count, completed: count, failed: 0 });
    const answers = await rows(batch.output_file_id);
    expect(answers.map(({ custom_id }) => custom_id)).toEqual(Array.from({ length: count }, (_, i) => `row ${i}`));
    expect(JSON.stringify(answers[42]?.response.body)).toContain('question 42');
    expect(batch.error_file_id).toBeUndefined();
  });

  it('traces the calls of a batch like any call, and takes embeddings too', async () => {
    const body = { model: 'sim/embed', input: 'a sentence' };
    const file = await input([line(1, '/v1/embeddings', body)]);
    const { id } = await openai(house).batches.create({
      input_file_id: file.id,
      endpoint: '/v1/embeddings',
      completion_window: '24h',
    });
    const [answer] = await rows((await ended(id)).output_file_id);
    expect(answer?.response.body).toMatchObject({ object: 'list', data: [{ object: 'embedding' }] });
    await expect
      .poll(async () => (await house.client.call('listTraces', { query: { limit: 1 } })).data[0]?.name, {
        ...{ timeout: 60_000, interval: 50 },
      })
      .toBe('embeddings sim/embed');
  });

  describe('responses in the background', () => {
    const ask = (text: string, more: object = {}) =>
      openai(house).responses.create({ model: 'sim/echo', input: text, background: true, ...more });
    const settled = async (id: string) => {
      const read = () => openai(house).responses.retrieve(id);
      const isPending = async () => ['queued', 'in_progress'].includes((await read()).status ?? '');
      await vi.waitUntil(async () => !(await isPending()), { timeout: 60_000, interval: 20 });
      return read();
    };

    it('are told at once, made by and by, and can be gone on from', async () => {
      const asked = await ask('the first question');
      expect(asked).toMatchObject({ object: 'response', status: 'queued', background: true, model: 'sim/echo' });
      const made = await settled(asked.id);
      expect(made).toMatchObject({ id: asked.id, status: 'completed', background: true });
      expect(made.output_text).toContain('the first question');
      const next = await ask('the second', { previous_response_id: asked.id });
      expect(next.previous_response_id).toBe(asked.id);
      expect((await settled(next.id)).usage?.input_tokens).toBeGreaterThan(made.usage?.input_tokens ?? 0);
    });

    it('end the call of the vendor when they are cancelled, and nobody goes on from one that is not made', async () => {
      const { id } = await ask('too long', { model: 'slow/m' });
      await vi.waitUntil(() => slow.waiting() === 1, { timeout: 60_000, interval: 5 });
      await expect(ask('and then?', { previous_response_id: id })).rejects.toMatchObject({ status: 409 });
      expect(await openai(house).responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
      expect(await openai(house).responses.cancel(id)).toMatchObject({ id, status: 'cancelled' });
      await vi.waitUntil(() => slow.waiting() === 0, { timeout: 60_000, interval: 5 });
      const plain = await openai(house).responses.create({ model: 'sim/echo', input: 'at once' });
      await expect(openai(house).responses.cancel(plain.id)).rejects.toMatchObject({ status: 400 });
      expect(await openai(house).responses.delete(id)).toMatchObject({ deleted: true });
      await expect(openai(house).responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
    });

    it('survive a kill of the server', async () => {
      const { id } = await ask('under way', { model: 'slow/m' });
      await vi.waitUntil(() => slow.waiting() === 1, { timeout: 60_000, interval: 5 });
      expect((await openai(house).responses.retrieve(id)).status).toBe('in_progress');
      await house.stop('SIGKILL');
      slow.open();
      house = await startWheelhouse({ folder: folder.path });
      expect(await settled(id)).toMatchObject({ id, status: 'completed', output_text: 'At last.' });
    });

    it('are refused at once where nothing could come of them', async () => {
      await expect(ask('x', { store: false })).rejects.toMatchObject({ status: 400, param: 'store' });
      await expect(ask('x', { stream: true })).rejects.toMatchObject({ status: 400, param: 'stream' });
      await expect(ask('x', { model: 'nobody@production' })).rejects.toMatchObject({ status: 404 });
    });
  });

  it('refuses a file that is too large before it is kept', async () => {
    const large = await toFile(Buffer.alloc(1_000_001), 'large');
    await expect(openai(house).files.create({ file: large, purpose: 'user_data' })).rejects.toMatchObject({
      status: 413,
      error: { code: 'body_too_large', hint: expect.stringContaining('limits.fileBytes') },
    });
  });
});
