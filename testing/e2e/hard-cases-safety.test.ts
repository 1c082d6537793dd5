import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type GatewayHouse, startGatewayHouse, traceIdOf } from './gateway-house.ts';

const secret = 'sk-live-4242424242424242';
const messages = [{ role: 'user', content: `The secret word is pelican. ${secret}` }];

describe('hard cases: safety', () => {
  let gateway: GatewayHouse;
  const ask = (more: object, headers?: Record<string, string>) =>
    gateway.post('/v1/chat/completions', { model: 'openai/m', messages, ...more }, headers);
  beforeAll(async () => {
    gateway = await startGatewayHouse();
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  /** What a server answers to bytes, until it closes the connection. */
  const raw = (bytes: string) =>
    new Promise<string>((resolve, reject) => {
      const { port } = new URL(gateway.url);
      const socket = connect({ port: Number(port), host: '127.0.0.1' }, () => socket.write(bytes));
      let text = '';
      socket.setEncoding('utf8').on('data', (piece) => (text += piece));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
  const head = (...lines: string[]) =>
    [
      'POST /v1/chat/completions HTTP/1.1',
      `host: ${new URL(gateway.url).host}`,
      'connection: close',
      ...lines,
      '',
      '',
    ].join('\r\n');

  it.each([
    ['both lengths', ['content-length: 5', 'transfer-encoding: chunked'], '0\r\n\r\nGET /v1/models HTTP/1.1\r\n\r\n'],
    ['two lengths', ['content-length: 5', 'content-length: 50'], 'hello'],
    ['a folded header', ['content-length: 2', 'x-a: 1', ' b: 2'], '{}'],
  ])('25: a request with %s is refused, and nothing of it reaches a vendor', async (_, lines, body) => {
    expect(await raw(head(...lines) + body)).toMatch(/^HTTP\/1\.1 400 /);
    expect(gateway.upstream.calls).toEqual([]);
  });

  it('25: ten megabytes of headers are refused', async () => {
    const answer = await raw(head(`x-a: ${'a'.repeat(10 * 1024 * 1024)}`, 'content-length: 0')).catch(() => 'reset');
    expect(answer).toMatch(/^HTTP\/1\.1 431 |^reset$/);
  });

  it('25: a vendor that redirects is not followed', async () => {
    gateway.upstream.on('m', { location: `${gateway.upstream.url}/elsewhere` });
    const response = await ask({});
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.headers.get('location')).toBeNull();
    expect(new Set(gateway.upstream.calls.map(({ path }) => path))).toEqual(new Set(['/v1/chat/completions']));
  });

  it('25: what is meant for the gateway, and who calls, stays behind it', async () => {
    const own = {
      authorization: 'Bearer the-callers-own',
      cookie: 'session=a',
      'x-wheelhouse-tags': 'beta',
      'x-wheelhouse-session': 's-1',
      'x-forwarded-for': '10.0.0.1',
      'proxy-authorization': 'Basic YQ==',
      'openai-beta': 'assistants=v2',
    };
    expect((await ask({}, own)).status).toBe(200);
    const headers = gateway.upstream.calls[0]?.headers ?? {};
    expect(headers.authorization).toBe('Bearer sk-openai');
    expect(Object.keys(headers).filter((name) => /wheelhouse|cookie|forwarded|proxy/.test(name))).toEqual([]);
    expect(headers['openai-beta']).toBe('assistants=v2');
  });

  it('25: a vendor’s own cookies and connection headers do not come back', async () => {
    gateway.upstream.on('m', { headers: { 'set-cookie': 'a=b', 'x-upstream-secret': 'a', 'x-request-id': 'req-1' } });
    const { headers } = await ask({});
    expect([headers.get('set-cookie'), headers.get('transfer-encoding')]).toEqual([null, null]);
  });

  it('25: no error says what was asked, nor which key was used', async () => {
    const bad = [
      await ask({ model: 'openai/m~status=404' }),
      await ask({ model: 'openai/m~reset' }),
      await ask({ model: 'openai/m~status=500' }),
      await ask({ model: 'openai/m~status=401' }),
      await gateway.post('/v1/chat/completions', `{"model":"openai/m","messages":[{"content":"pelican ${secret}"`),
    ];
    for (const response of bad) {
      const text = await response.text();
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(text).not.toMatch(/pelican|sk-live|sk-openai/);
    }
    expect(gateway.house.output.stdout + gateway.house.output.stderr).not.toMatch(/pelican|sk-live|sk-openai/);
  });

  it('25: keys in what was asked are not in the trace', async () => {
    const response = await ask({});
    await response.text();
    const [span] = await gateway.spansOf(traceIdOf(response));
    expect(JSON.stringify(span)).toContain('pelican');
    expect(JSON.stringify(span)).not.toContain(secret);
  });

  it.each([
    'http://169.254.169.254/v1',
    'http://[::ffff:169.254.169.254]/v1',
    'http://2852039166/v1',
    'http://0x7f000001/v1',
    'http://127.0.0.1:1/v1',
    'http://[::1]/v1',
    'http://10.1.2.3/v1',
    'http://localhost/v1',
    'file:///etc/passwd',
  ])('25: nobody points a provider at %s over the API', async (baseUrl) => {
    const response = await gateway.post('/api/v1/providers', {
      name: 'inside',
      vendor: 'openai',
      baseUrl,
      apiKey: 'k-12345678',
    });
    expect([response.status, (await response.json()).error.type]).toEqual([400, 'invalid_request_error']);
  });
});
