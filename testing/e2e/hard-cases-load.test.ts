import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canReadProcesses, residentKb, socketsOf } from '../processes/index.ts';
import { type GatewayHouse, startGatewayHouse } from './gateway-house.ts';
import { readStream, readUntil } from './read-stream.ts';

const messages = [{ role: 'user', content: 'Count.' }];
const kilobyte = 1024;

describe.skipIf(!canReadProcesses)('hard cases: load', () => {
  let gateway: GatewayHouse;
  const ask = (model: string, more: object = {}) => gateway.post('/v1/chat/completions', { model, messages, ...more });
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  /** Asks for a stream and reads none of it. */
  async function slowReader(model: string): Promise<Socket> {
    const { port, host } = new URL(gateway.url);
    const body = JSON.stringify({ model, messages, stream: true });
    const socket = connect({ port: Number(port), host: '127.0.0.1' });
    socket.on('error', () => socket.destroy());
    socket.pause();
    socket.write(
      `POST /v1/chat/completions HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    );
    return socket;
  }

  it('22: readers that do not read hold their vendors back, and nobody else', async () => {
    gateway.upstream.on('huge', { kilobytes: 50 * kilobyte });
    await (await ask('openai/m')).text();
    const before = residentKb(gateway.house.pid);
    const readers = await Promise.all(Array.from({ length: 100 }, () => slowReader('openai/huge')));
    const sent = () => gateway.upstream.of('huge').reduce((sum, call) => sum + call.sent, 0);
    await gateway.upstream.until(() => gateway.upstream.of('huge').length === 100);
    // Held back: while others are served, the vendor gets rid of nothing more.
    let last = -1;
    await expect
      .poll(
        async () => {
          for (let i = 0; i < 20; i++) expect((await ask('openai/m')).status).toBe(200);
          const held = sent() === last;
          last = sent();
          return held;
        },
        { timeout: 60_000, interval: 100 },
      )
      .toBe(true);
    for (const { sent: bytes, state } of gateway.upstream.of('huge')) {
      expect(state).toBe('open');
      // What operating systems hold between two processes, twice.
      expect(bytes).toBeLessThan(32 * kilobyte * kilobyte);
    }
    // Less than 64 KB each, beside the 32 MB that all running answers share to keep what is traced of them, and what a
    // process has not given back yet.
    expect(residentKb(gateway.house.pid) - before).toBeLessThan(100 * 64 + 32 * kilobyte + 64 * kilobyte);
    for (const reader of readers) reader.destroy();
    await gateway.upstream.until(() => gateway.upstream.of('huge').every(({ state }) => state === 'left'));
    expect((await ask('openai/m')).status).toBe(200);
  });

  it('23: after calls that end in every way no socket is left, and the server has not complained', async () => {
    const idle = async () => {
      for (let i = 0; i < 8; i++)
        await Promise.all(Array.from({ length: 16 }, () => ask('openai/m').then((r) => r.text())));
      return socketsOf(gateway.house.pid);
    };
    const before = await idle();
    async function leave(model: string): Promise<void> {
      const left = new AbortController();
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages, stream: true }),
        signal: left.signal,
      });
      await readUntil(response, /w1/);
      left.abort();
    }
    const large = [{ role: 'user', content: 'x'.repeat(kilobyte * kilobyte) }];
    const kinds: (() => Promise<unknown>)[] = [
      () => ask('openai/m~words=20', { stream: true }).then(readStream),
      () => ask('anthropic/m~words=20', { stream: true }).then(readStream),
      () => leave('openai/m~words=200~gapMs=5'),
      () => leave('gemini/m~words=200~gapMs=5'),
      () => ask('openai/m~words=20~cutAfter=5', { stream: true }).then(readStream),
      () => ask('bedrock/m~words=20~errorAfter=5', { stream: true }).then(readStream),
      () => ask('openai/m~reset').then((r) => r.text()),
      () => ask('openai/m~status=429~retryAfter=0').then((r) => r.text()),
      () => ask('openai/m', { messages: large }).then((r) => r.text()),
    ];
    for (let round = 0; round < 12; round++) await Promise.all([...kinds, ...kinds].map((run) => run()));
    await gateway.upstream.until(() => gateway.upstream.calls.every(({ state }) => state !== 'open'));
    await expect.poll(idle).toBeLessThanOrEqual(before + 8);
    expect(gateway.house.output.stderr).not.toMatch(/unhandled|MaxListeners|Error:/i);
  });
});
