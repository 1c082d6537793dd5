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

describe('files and batches, by the OpenAI client', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;

  beforeAll(async () => {
    folder = await makeFolder({ limits: { fileBytes: 1_000_000 } });
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
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
      .poll(async () => (await house.client.call('listTraces', { query: { limit: 1 } })).data[0]?.name)
      .toBe('embeddings sim/embed');
  });

  it('refuses a file that is too large before it is kept', async () => {
    const large = await toFile(Buffer.alloc(1_000_001), 'large');
    await expect(openai(house).files.create({ file: large, purpose: 'user_data' })).rejects.toMatchObject({
      status: 413,
      error: { code: 'body_too_large', hint: expect.stringContaining('limits.fileBytes') },
    });
  });
});
