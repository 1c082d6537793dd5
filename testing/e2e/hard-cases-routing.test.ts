import { readFile, writeFile } from 'node:fs/promises';
import OpenAI from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Call } from '../upstream/index.ts';
import { type GatewayHouse, startGatewayHouse } from './gateway-house.ts';
import { readStream, readUntil } from './read-stream.ts';

const messages = [{ role: 'user', content: 'Count.' }];
const outcome = ({ model }: Call) => model;
const once = { attempts: 1 };

describe('hard cases: retries, keys and targets', () => {
  let gateway: GatewayHouse;
  const ask = (model: string, more: object = {}) => gateway.post('/v1/chat/completions', { model, messages, ...more });
  const statuses = (answers: Response[]) => answers.map(({ status }) => status);
  const many = (count: number, model: string, more?: (i: number) => object) =>
    Promise.all(Array.from({ length: count }, (_, i) => ask(model, more?.(i))));

  beforeAll(async () => {
    const at = (url: string) => ({ vendor: 'openai', baseUrl: `${url}/v1` });
    gateway = await startGatewayHouse({
      providersAt: (url) => ({
        pool: { ...at(url), apiKey: ['key-1', 'key-2', 'key-3', 'key-4', 'key-5'] },
        dead: { ...at(url), apiKey: ['key-1', 'key-2'] },
        shaky: { ...at(url), apiKey: 'key-1' },
        outage: { ...at(url), apiKey: 'key-1' },
      }),
      config: {
        routes: {
          again: { targets: ['openai/waits'], retries: { attempts: 2, backoffMs: 10 }, timeouts: { totalMs: 5_000 } },
          elsewhere: { targets: ['openai/waits', 'openai/second'], strategy: 'priority' },
          three: {
            targets: ['openai/one', 'openai/two', 'openai/three'],
            strategy: 'priority',
            retries: { attempts: 2, backoffMs: 1, maxBackoffMs: 2 },
          },
          down: {
            targets: ['outage/a', 'outage/b', 'outage/c'],
            retries: { attempts: 2, backoffMs: 1, maxBackoffMs: 2 },
          },
          breaking: { targets: ['shaky/bad', 'openai/good'], strategy: 'priority', retries: once },
          split: {
            targets: [
              { model: 'openai/left', weight: 70 },
              { model: 'openai/right', weight: 30 },
            ],
            sticky: 'user',
          },
        },
      },
    });
  });
  afterAll(() => gateway?.stop());
  beforeEach(() => gateway.upstream.forget());

  /** Between the first attempt, which is answered at once, and the second, in milliseconds. */
  const waited = () => {
    const [first, second] = gateway.upstream.of('waits');
    return (second?.startedMs ?? Number.NaN) - (first?.startedMs ?? Number.NaN);
  };

  it.each<[string, () => Record<string, string>, number]>([
    ['seconds', () => ({ 'retry-after': '1' }), 990],
    ['a date', () => ({ 'retry-after': new Date(Date.now() + 2_000).toUTCString() }), 900],
    ['milliseconds', () => ({ 'retry-after-ms': '400' }), 395],
    ['milliseconds of Azure', () => ({ 'x-ms-retry-after-ms': '400' }), 395],
    ['a negative number', () => ({ 'retry-after': '-5' }), 0],
  ])('14: Retry-After as %s is kept', async (_, headers, atLeastMs) => {
    gateway.upstream.on('waits', () => ({ status: 429, headers: headers() }), {});
    expect((await ask('again')).status).toBe(200);
    expect(waited()).toBeGreaterThanOrEqual(atLeastMs);
  });

  it('14: a wait beyond the deadline is not begun: the next target is taken, or the caller told', async () => {
    gateway.upstream.on('waits', { status: 429, headers: { 'retry-after': '3600' } });
    expect((await ask('elsewhere')).status).toBe(200);
    expect(gateway.upstream.calls.map(outcome)).toEqual(['waits', 'second']);
    const told = await ask('again');
    expect([told.status, (await told.json()).error.code]).toEqual([429, 'upstream_rate_limited']);
    expect(Number(told.headers.get('retry-after'))).toBeGreaterThanOrEqual(60);
  });

  it('15: an SDK that retries before a route that retries reaches the vendor no more often than budgeted', async () => {
    for (const model of ['one', 'two', 'three']) gateway.upstream.on(model, { status: 500 });
    const openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any', maxRetries: 2 });
    const call = openai.chat.completions.create({ model: 'three', messages: [{ role: 'user', content: 'a' }] });
    await expect(call).rejects.toBeInstanceOf(OpenAI.InternalServerError);
    // Three calls of the client, three targets, two attempts each, would be 18.
    expect(gateway.upstream.calls.length).toBeLessThanOrEqual(18);
    expect(gateway.upstream.calls.length).toBeGreaterThanOrEqual(3);
  });

  it('15: in a full outage retries stop adding to the load', async () => {
    for (const model of ['a', 'b', 'c']) gateway.upstream.on(model, { status: 503 });
    for (let i = 0; i < 20; i++) await many(10, 'down');
    // Each call may try once; one in ten may be a retry, and a few before the outage is known.
    expect(gateway.upstream.calls.length).toBeLessThanOrEqual(200 * 1.1 + 20);
  });

  it.each([400, 413, 422])('15: a refusal with %i is never tried again, nor elsewhere', async (status) => {
    gateway.upstream.on('one', { status });
    const response = await ask('three');
    expect([response.status, gateway.upstream.calls.map(outcome)]).toEqual([status, ['one']]);
    expect(await response.json()).toMatchObject({ error: { message: expect.stringContaining(`${status}`) } });
  });

  it('16: of five keys the one that is rate limited cools alone', async () => {
    const limited = { status: 429, headers: { 'retry-after': '30' } };
    gateway.upstream.on('m', ({ key }) => (key === 'key-3' ? limited : {}));
    for (let i = 0; i < 10; i++) expect(statuses(await many(5, 'pool/m'))).toEqual([200, 200, 200, 200, 200]);
    const byKey = (key: string) => gateway.upstream.of('m').filter((call) => call.key === key).length;
    expect(byKey('key-3')).toBeLessThanOrEqual(5);
    for (const key of ['key-1', 'key-2', 'key-4', 'key-5']) expect(byKey(key)).toBeGreaterThan(5);
  });

  it('16: a key that is refused is left alone, and when none is left it is the server’s fault, not the caller’s', async () => {
    gateway.upstream.on('m', ({ key }) => (key === 'key-1' ? { status: 401 } : {}));
    for (let i = 0; i < 6; i++) expect((await ask('dead/m')).status).toBe(200);
    expect(gateway.upstream.of('m').filter(({ key }) => key === 'key-1').length).toBeLessThanOrEqual(1);
    gateway.upstream.on('m', { status: 403 });
    const response = await ask('dead/m');
    expect([response.status, (await response.json()).error.code]).toEqual([502, 'upstream_credentials_exhausted']);
  });

  it('17: a target that keeps failing is left out, its provider’s other models are not', async () => {
    gateway.upstream.on('bad', { status: 500 });
    for (let i = 0; i < 15; i++) expect(statuses(await many(4, 'breaking'))).toEqual([200, 200, 200, 200]);
    const tried = gateway.upstream.of('bad').length;
    expect(tried).toBeLessThan(30);
    expect(statuses(await many(10, 'breaking'))).toEqual(Array(10).fill(200));
    expect(gateway.upstream.of('bad').length - tried).toBeLessThanOrEqual(1);
    expect((await ask('shaky/other')).status).toBe(200);
  });

  it('24: users stay where they are while weights change under load, no call fails, and a wrong file changes nothing', async () => {
    const users = Array.from({ length: 400 }, (_, i) => `user-${i}`);
    const places = async () => {
      gateway.upstream.forget();
      const answers: Response[] = [];
      for (let i = 0; i < users.length; i += 40)
        answers.push(...(await Promise.all(users.slice(i, i + 40).map((user) => ask('split', { user })))));
      expect(new Set(statuses(answers))).toEqual(new Set([200]));
      return new Map(gateway.upstream.calls.map(({ body, model }) => [body.user, model]));
    };
    const share = (placed: Map<unknown, string>) =>
      [...placed.values()].filter((model) => model === 'left').length / 400;
    const before = await places();
    expect(await places()).toEqual(before);
    expect(Math.abs(share(before) - 0.7)).toBeLessThan(0.09);

    const file = JSON.parse(await readFile(gateway.configFile, 'utf8'));
    const write = (weights: [unknown, unknown]) => {
      const targets = ['openai/left', 'openai/right'].map((model, i) => ({ model, weight: weights[i] }));
      const routes = { ...file.routes, split: { ...file.routes.split, targets } };
      return writeFile(gateway.configFile, JSON.stringify({ ...file, routes }));
    };
    const printed = (pattern: RegExp) =>
      expect.poll(() => gateway.house.output.stdout + gateway.house.output.stderr).toMatch(pattern);
    await write([50, 50]);
    const under: Response[] = [];
    await printed(/configuration in force/);
    under.push(...(await many(100, 'split', (i) => ({ user: `user-${i}` }))));
    expect(new Set(statuses(under))).toEqual(new Set([200]));
    const after = await places();
    expect(Math.abs(share(after) - 0.5)).toBeLessThan(0.1);
    // Only who has to move moves: from left to right, about two in seven of them.
    expect([...after].filter(([user, model]) => model === 'left' && before.get(user) === 'right')).toEqual([]);
    await write(['many', 50]);
    await printed(/weight/);
    expect(await places()).toEqual(after);
  });
});

describe('hard cases: the end of a server', () => {
  it('24: on SIGTERM running streams end by themselves', async () => {
    const gateway = await startGatewayHouse();
    const response = await gateway.post('/v1/chat/completions', {
      model: 'openai/m~words=30~gapMs=50',
      messages,
      stream: true,
    });
    const copy = response.clone();
    await readUntil(copy, /w2/);
    const stopped = gateway.house.stop('SIGTERM');
    const read = await readStream(response);
    expect([read.said.split(' ').length, read.text.endsWith('data: [DONE]\n\n')]).toEqual([30, true]);
    expect(await stopped).toMatchObject({ code: 0 });
    await gateway.stop();
  });
});
