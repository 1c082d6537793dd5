import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRequest } from '@wheelhouse/core/ports';
import { type Caller, defaultProjectId } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callableAddress, createHttpCaller } from './http-caller.ts';
import { openProviders } from './open-providers.ts';
import { providersSection, readProviderSetups } from './provider-setup.ts';
import { createTransport } from './transport.ts';

const by: Caller = { project: defaultProjectId, actor: 'ann', role: 'owner', key: null, person: null, team: null };
const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
const transport = createTransport();
let answer: RequestListener;
let server: Server;
let url: string;
let providers: ReturnType<typeof openProviders>;

beforeAll(async () => {
  server = createServer((req, res) => answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const section = providersSection.parse({ mine: { vendor: 'openai', baseUrl: `${url}/base`, apiKey: 'sk-mine' } });
  providers = openProviders({ setups: readProviderSetups(section, {}), builtIn: [], nowMs: () => 0 });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([transport.close(), providers.close()]);
});

function call(given: Partial<HttpRequest> = {}, privateNetwork = true) {
  const { call: send } = createHttpCaller({ transport, providers, privateNetwork });
  return send({
    ...{ by, traceparent, method: 'POST', url: `${url}/x?a=1`, provider: null, headers: {}, body: null },
    ...{ timeoutMs: 10_000, onText: null, signal: new AbortController().signal },
    ...given,
  });
}
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('calls that models make over HTTP', () => {
  it('pass what is sent and what is answered, whatever its status', async () => {
    answer = async (req, res) => {
      let text = '';
      for await (const piece of req) text += piece;
      res.writeHead(418, { 'x-own': 'yes' });
      res.end(JSON.stringify([req.method, req.url, req.headers['x-team'], req.headers.traceparent, text]));
    };
    const { status, headers, body } = await call({ method: 'PUT', headers: { 'X-Team': 'a' }, body: 'ü' });
    expect([status, headers['x-own'], JSON.parse(body)]).toEqual([
      418,
      'yes',
      ['PUT', '/x?a=1', 'a', traceparent, 'ü'],
    ]);
  });

  it('carry the key of a provider to its address, and to no other', async () => {
    answer = (req, res) => res.end(`${req.url} ${req.headers.authorization}`);
    expect((await call({ provider: 'mine', url: '/rerank' })).body).toBe('/base/rerank Bearer sk-mine');
    expect((await call()).body).toBe('/x?a=1 undefined');
    expect(await codeOf(call({ provider: 'mine', url: '/../x' }))).toBe('invalid_request');
    expect(await codeOf(call({ provider: 'nobody', url: '/x' }))).toBe('invalid_request');
  });

  it('give text as it comes, whole characters alone, and of a failure all of it', async () => {
    const bytes = Buffer.from('aüb');
    answer = (_, res) => {
      res.write(bytes.subarray(0, 2));
      setImmediate(() => res.end(bytes.subarray(2)));
    };
    const pieces: string[] = [];
    expect((await call({ onText: (piece) => pieces.push(piece) })).body).toBe('');
    expect(pieces.join('')).toBe('aüb');
    answer = (_, res) => res.writeHead(500).end('broken');
    const seen: string[] = [];
    expect(await call({ onText: (piece) => seen.push(piece) })).toMatchObject({ status: 500, body: 'broken' });
    expect(seen).toEqual([]);
    answer = (_, res) => res.end('x');
    const wrong = call({
      onText: () => {
        throw new Error('not this');
      },
    });
    await expect(wrong).rejects.toThrow('not this');
  });

  it('end when they take too long, and with whoever asked', async () => {
    answer = () => {};
    expect(await codeOf(call({ timeoutMs: 20 }))).toBe('upstream_timeout');
    const controller = new AbortController();
    const running = codeOf(call({ signal: controller.signal }));
    controller.abort(new Error('left'));
    expect(await running).toBe('Error: left');
    expect(await codeOf(call({ signal: controller.signal }))).toBe('Error: left');
  });

  it('follow no redirect, and reach nobody where nobody is', async () => {
    answer = (_, res) => res.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    expect(await codeOf(call())).toBe('upstream_failed');
    expect(await codeOf(call({ url: 'http://127.0.0.1:9/' }))).toBe('upstream_unreachable');
  });

  it.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://[::1]/',
    'http://10.1.2.3/',
    'http://169.254.169.254/latest/meta-data',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://db.internal/',
    'http://[::ffff:10.0.0.1]/',
  ])('do not enter the operator’s network unless they may: %s', async (address) => {
    expect(() => callableAddress(address, true)).not.toThrow();
    expect(() => callableAddress(address, false)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    expect(await codeOf(call({ url: address }, false))).toBe('invalid_request');
  });

  it.each(['ftp://example.com/', 'file:///etc/passwd', '/path', 'http://user:pass@example.com/'])(
    'refuse %s',
    (address) => {
      expect(() => callableAddress(address, true)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
    },
  );
});
