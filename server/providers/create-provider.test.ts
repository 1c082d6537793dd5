import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { ForwardRequest, Provider } from '@wheelhouse/core/ports';
import { defaultProjectId, type WheelhouseError } from '@wheelhouse/core/records';
import { afterEach, describe, expect, it } from 'vitest';
import { openProviders } from './open-providers.ts';
import { readProviderSetups } from './provider-setup.ts';

type Closer = () => Promise<unknown> | unknown;
const closers: Closer[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function listen(server: Server | TcpServer): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.unshift(() => new Promise((resolve) => server.close(resolve)));
  if ('closeAllConnections' in server) closers.push(() => server.closeAllConnections());
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const serve = (handler: RequestListener): Promise<string> => listen(createServer(handler));

/** A vendor that writes these bytes, whatever it is asked. */
async function serveBytes(bytes: string, then: (socket: Socket) => void = () => {}): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('data', () => socket.write(bytes, () => then(socket)));
  });
  const address = await listen(server);
  closers.push(() => sockets.forEach((socket) => void socket.destroy()));
  return address;
}

/** Takes connections and never says a word, so that no TLS comes to stand. */
function createSilent(): TcpServer {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  closers.push(() => sockets.forEach((socket) => void socket.destroy()));
  return server;
}

type Section = Parameters<typeof readProviderSetups>[0][string];

function provider(baseUrl: string, section: Partial<Section> = {}): Provider {
  const setups = readProviderSetups({ mine: { baseUrl, ...section } }, {});
  const providers = openProviders({ setups, builtIn: [], nowMs: () => Date.UTC(2026, 0, 2) });
  closers.push(() => providers.close());
  const found = providers.find(defaultProjectId, 'mine');
  if (found) return found;
  throw new Error('not found');
}

const request = (more: Partial<ForwardRequest> = {}): ForwardRequest => ({
  method: 'POST',
  path: '/chat/completions',
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{}'),
  key: null,
  connectTimeoutMs: 5000,
  ...more,
});

type Seen = { status: number; headers: Record<string, string>; body: string; error: WheelhouseError | null };

function send(to: Provider, what: Partial<ForwardRequest> = {}): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const seen: Seen = { status: 0, headers: {}, body: '', error: null };
    let returned = false;
    const check = () => {
      if (!returned) reject(new Error('the sink was called before forward had returned'));
    };
    to.forward(request(what), {
      onHeaders(status, headers) {
        check();
        Object.assign(seen, { status, headers });
      },
      onData(chunk) {
        seen.body += Buffer.from(chunk).toString('latin1');
        return true;
      },
      onEnd: () => resolve(seen),
      onError(error) {
        check();
        resolve({ ...seen, error: error as WheelhouseError });
      },
    });
    returned = true;
  });
}

describe('a provider', () => {
  it('sends bytes below its base URL and gives back what comes', async () => {
    const asked: unknown[] = [];
    const host = await serve((req, res) => {
      const pieces: Buffer[] = [];
      req.on('data', (piece: Buffer) => pieces.push(piece));
      req.on('end', () => {
        asked.push(req.method, req.url, Buffer.concat(pieces).toString(), req.headers['x-team']);
        res.writeHead(418, { 'x-a': ['1', '2'] }).end('short');
      });
    });
    const mine = provider(`http://${host}/v1/`, { headers: { 'X-Team': 'blue' } });
    const seen = await send(mine, { body: Buffer.from('{"a":1}') });
    expect(asked).toEqual(['POST', '/v1/chat/completions', '{"a":1}', 'blue']);
    expect(seen).toMatchObject({ status: 418, body: 'short', error: null });
    expect(seen.headers['x-a']).toBe('1, 2');
    await send(mine, { method: 'GET', path: '/models?limit=2', body: null, headers: { 'x-team': 'red' } });
    expect(asked.slice(4)).toEqual(['GET', '/v1/models?limit=2', '', 'blue']);
  });

  it.each([
    ['openai', {}, 'authorization', 'Bearer s3cret'],
    ['anthropic', {}, 'x-api-key', 's3cret'],
    ['anthropic', {}, 'anthropic-version', '2023-06-01'],
    ['anthropic', { 'anthropic-version': '2099-01-01' }, 'anthropic-version', '2099-01-01'],
    ['gemini', {}, 'x-goog-api-key', 's3cret'],
    ['azure-openai', {}, 'api-key', 's3cret'],
    ['bedrock', {}, 'authorization', 'Bearer s3cret'],
    ['vertex', { settings: 'project' }, 'authorization', 'Bearer s3cret'],
  ])('of the form of %s puts its key where the vendor looks for it', async (vendor, headers, name, value) => {
    const host = await serve((req, res) => res.end(JSON.stringify(req.headers)));
    const settings = vendor === 'vertex' ? { project: 'p' } : {};
    const mine = provider(`http://${host}`, { vendor, apiKey: 's3cret', settings });
    const key = mine.keys()[0] ?? null;
    const seen = await send(mine, { key, headers: { authorization: 'Bearer of the caller', ...headers } });
    expect(JSON.parse(seen.body)).toMatchObject({ [name]: value });
  });

  it('pauses the vendor while the sink is full, and resumes', async () => {
    let open = 0;
    const host = await serve((_, res) => {
      const more = () => {
        while (open++ < 400) if (!res.write(Buffer.alloc(64 * 1024))) return void res.once('drain', more);
        res.end();
      };
      more();
    });
    let bytes = 0;
    await new Promise<void>((resolve, reject) => {
      let first = true;
      const handle = provider(`http://${host}`).forward(request(), {
        onHeaders() {},
        onData(chunk) {
          bytes += chunk.length;
          if (!first) return true;
          first = false;
          // What fits into the sockets' buffers comes through; then the vendor stands still.
          const still = (before: number) =>
            setTimeout(() => {
              if (open !== before) {
                still(open);
                return;
              }
              expect(bytes).toBe(chunk.length);
              expect(open).toBeLessThan(400);
              handle.resume();
            }, 50);
          still(-1);
          return false;
        },
        onEnd: resolve,
        onError: reject,
      });
    });
    expect(bytes).toBe(400 * 64 * 1024);
  });

  it('closes the connection when the call is aborted, and says nothing more', async () => {
    let closed: () => void = () => {};
    const left = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const host = await serve((req, res) => {
      req.socket.once('close', closed);
      res.write('first');
    });
    const heard: string[] = [];
    await new Promise<void>((resolve) => {
      const handle = provider(`http://${host}`).forward(request(), {
        onHeaders: () => void heard.push('headers'),
        onData() {
          heard.push('data');
          handle.abort();
          handle.abort();
          handle.resume();
          resolve();
          return true;
        },
        onEnd: () => void heard.push('end'),
        onError: () => void heard.push('error'),
      });
    });
    await left;
    expect(heard).toEqual(['headers', 'data']);
  });

  it('gives up a connection that does not come to stand, in the time that the call has for it', async () => {
    const silent = createSilent();
    const seen = await send(provider(`https://${await listen(silent)}`), { connectTimeoutMs: 30 });
    expect(seen.error).toMatchObject({ code: 'upstream_unreachable', message: expect.stringContaining('0.03 s') });
  });

  it('can be aborted before there is a connection', async () => {
    const silent = createSilent();
    const mine = provider(`https://${await listen(silent)}`);
    const heard: string[] = [];
    const note = (what: string) => () => void heard.push(what);
    const sink = { onHeaders: note('headers'), onData: () => true, onEnd: note('end'), onError: note('error') };
    mine.forward(request({ connectTimeoutMs: 20 }), sink).abort();
    await send(mine, { connectTimeoutMs: 60 });
    expect(heard).toEqual([]);
  });

  it('sends nothing of a call that was aborted while its connection was made', async () => {
    const asked: (string | undefined)[] = [];
    const host = await serve((req, res) => {
      asked.push(req.url);
      res.end();
    });
    const mine = provider(`http://${host}`);
    const none = { onHeaders() {}, onData: () => true, onEnd() {}, onError() {} };
    mine.forward(request({ path: '/aborted' }), none).abort();
    for (const path of ['/1', '/2']) await send(mine, { path });
    expect(asked).toEqual(['/1', '/2']);
  });

  it('follows no redirect', async () => {
    const host = await serve((_, res) => res.writeHead(307, { location: 'http://169.254.169.254/' }).end());
    const seen = await send(provider(`http://${host}`));
    expect(seen.error).toMatchObject({ code: 'upstream_failed', message: expect.stringContaining('307') });
    expect(seen.status).toBe(0);
  });

  it.each([
    ['no server', '', 'upstream_unreachable'],
    ['half an answer', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf', 'upstream_cut'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nabcde', 'upstream_cut'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      'upstream_cut',
    ],
    ['endless headers', `HTTP/1.1 200 OK\r\nx: ${'x'.repeat(70_000)}\r\n\r\n`, 'upstream_failed'],
    ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n', 'upstream_failed'],
  ])('tells %s apart', async (_, bytes, code) => {
    const host = bytes === '' ? '127.0.0.1:1' : await serveBytes(bytes, (socket) => socket.end());
    expect((await send(provider(`http://${host}`))).error).toMatchObject({ code });
  });

  it.each(['/../admin', '/a/%2e%2E/b', '/./a', '/a/..', 'chat', '/..?x'])(
    'refuses the path %s, which leads elsewhere',
    async (path) => {
      const mine = provider('http://127.0.0.1:1');
      await expect(async () => send(mine, { path })).rejects.toMatchObject({ code: 'invalid_request' });
    },
  );

  it('refuses headers that would smuggle another request, once it has returned', async () => {
    const host = await serve((_, res) => res.end());
    const mine = provider(`http://${host}`);
    for (const headers of [{ 'x-a': 'b\r\nc: d' }, { 'transfer-encoding': 'chunked' }, { 'content-length': '1, 2' }])
      expect((await send(mine, { headers })).error).toMatchObject({ code: 'invalid_request' });
  });
});
