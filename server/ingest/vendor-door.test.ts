import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { type Span, WheelhouseError, wholeToolCall } from '@wheelhouse/core/records';
import { renormalizeSpan } from '@wheelhouse/core/trace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doorRequest, fakeDoorWorld, plainJson, readRequests } from '../../testing/fakes/index.ts';
import { createLangfuseDoor } from './langfuse/langfuse-door.ts';
import { createLangSmithDoor } from './langsmith/langsmith-door.ts';
import { canDecompress } from './read-export.ts';
import { createVendorDoors } from './vendor-doors.ts';

const limit = 64 * 1024;
const event = {
  id: 'e',
  type: 'span-create',
  timestamp: '2026-11-21T07:46:47.890Z',
  body: { id: 'a', traceId: 't', name: 'a' },
};

describe('a front door over HTTP', () => {
  const world = fakeDoorWorld();
  const doors = createVendorDoors({ ...world.deps, bodyLimit: limit });
  let server: Server;
  let url = '';

  beforeAll(async () => {
    server = createServer((req, res) => {
      const path = (req.url ?? '').split('?', 1)[0] ?? '';
      const door = doors.find(({ prefix }) => path.startsWith(`${prefix}/`));
      door
        ?.handle(req, res, { by: doorRequest('', { url: '/' }).by, path })
        .catch((error: unknown) => door.refuse(req, res, error as WheelhouseError));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => void server.close());

  const post = async (path: string, body: string | Buffer, encoding?: string) => {
    const headers = { 'content-type': 'application/json', ...(encoding ? { 'content-encoding': encoding } : {}) };
    const response = await fetch(url + path, { method: 'POST', headers, body: body as BodyInit });
    return { status: response.status, retry: response.headers.get('retry-after'), body: await response.json() };
  };
  const text = JSON.stringify({ batch: [event] });

  it.each([
    ['identity', Buffer.from(text)],
    ['gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
  ])('takes %s', async (encoding, body) => {
    expect(await post('/api/public/ingestion', body, encoding)).toMatchObject({
      status: 207,
      body: { successes: [{ id: 'e' }], errors: [] },
    });
  });

  it.runIf(canDecompress('zstd'))('takes zstd, where Node has it', async () => {
    const { zstdCompressSync } = (await import('node:zlib')) as unknown as { zstdCompressSync(text: Buffer): Buffer };
    const body = zstdCompressSync(Buffer.from(text));
    expect(await post('/api/public/ingestion', body, 'zstd')).toMatchObject({ status: 207 });
  });

  it('tells LangSmith of zstd only where Node has it', async () => {
    const response = await fetch(`${url}/langsmith/info`);
    expect(await response.json()).toMatchObject({
      instance_flags: { zstd_compression_enabled: canDecompress('zstd') },
    });
  });

  it('refuses what is too large once decompressed, in the words of each vendor, and counts it', async () => {
    const before = world.rejected.length;
    const bomb = gzipSync(Buffer.alloc(limit * 20, ' '));
    expect(bomb.length).toBeLessThan(limit);
    const langfuse = await post('/api/public/ingestion', bomb, 'gzip');
    expect(langfuse).toMatchObject({ status: 413, body: { error: 'body_too_large', message: expect.any(String) } });
    const langsmith = await post('/langsmith/runs/batch', bomb, 'gzip');
    expect(langsmith).toMatchObject({ status: 413, body: { detail: expect.stringContaining('larger') } });
    expect(world.rejected.length - before).toBe(2);
  });

  it.each([
    ['gzip', Buffer.from('not gzip'), 400],
    ['br', Buffer.from('x'), 415],
  ])('refuses a broken or unknown %s', async (encoding, body, status) => {
    expect((await post('/langsmith/runs/batch', body, encoding)).status).toBe(status);
  });

  it('asks to come again while the store is away', async () => {
    world.goAway(new WheelhouseError('store_unavailable', 'The store is away.'));
    expect(await post('/api/public/ingestion', text)).toMatchObject({ status: 503, retry: '1' });
    world.goAway(null);
  });
});

it.each([
  ['langfuse/langfuse-3.39.json', createLangfuseDoor],
  ['langsmith/langsmith-0.10-traceable.json', createLangSmithDoor],
  ['langsmith/langsmith-py-0.14.json', createLangSmithDoor],
  ['langsmith/langchain-core-1.2.json', createLangSmithDoor],
] as const)('what came with %s reads the same from what the store keeps of it', async (file, create) => {
  const world = fakeDoorWorld();
  const door = create(world.deps);
  for (const request of await readRequests(file)) await door.answer(doorRequest(door.prefix, request));
  const whole = (span: Span) => ({ ...span, toolCall: wholeToolCall(span) });
  expect(plainJson(world.folded().map(renormalizeSpan).map(whole))).toBe(plainJson(world.folded().map(whole)));
});
