import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findServer } from '../postgres/index.ts';
import { findRedis } from '../redis/index.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;

beforeAll(async () => {
  folder = await makeFolder({ cache: { models: { 'sim/echo': { ttlSeconds: 600 } } } });
  house = await startWheelhouse({ folder: folder.path });
});
afterAll(async () => {
  await house.stop();
  await folder.remove();
});

const cli = (...args: string[]) => runCli(args, { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });

/** The whole answer, read, so that no connection stays busy. */
async function ask(url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: 'a b c' }], ...body }),
  });
  return new Response(await answer.arrayBuffer(), answer);
}
const call = (body: object, headers: Record<string, string> = {}) => ask(house.url, body, headers);
const idOf = (stdout: string) => /\b(?:bg|lm)_\w+/.exec(stdout)?.[0] ?? '';

describe('the cache', () => {
  it('answers the same call once more, whole or as a stream, and keeps to the caller’s wish', async () => {
    const before = (await house.client.call('getGatewayUsage', {})).cache;
    for (const stream of [false, true]) {
      const first = await (await call({ temperature: 0, stream })).text();
      expect(await (await call({ stream, temperature: 0 })).text()).toBe(first);
      await (await call({ temperature: 0, stream }, { 'x-wheelhouse-cache': 'no-store' })).text();
      await (await call({ temperature: 1, stream })).text();
    }
    const { cache } = await house.client.call('getGatewayUsage', {});
    expect([cache.hits - before.hits, cache.misses - before.misses, cache.entries]).toEqual([2, 2, 2]);
  });
});

describe('a limit', () => {
  it('lets so many requests through, says when to come back, and is shown with what is taken', async () => {
    const set = await cli('limit', 'set', 'user', '*', '--rpm', '2');
    expect(set.stdout).toMatch(/✓ lm_\w+: user \*, 2 requests a minute/);
    const ann = () => call({ user: 'ann' });
    const passed = await ann();
    expect(passed.headers.get('x-ratelimit-remaining-requests')).toBe('1');
    await ann();
    const refused = await ann();
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
    expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited', type: 'rate_limit_error' } });
    expect((await call({ user: 'bob' })).status).toBe(200);
    expect((await cli('limit', 'ls')).stdout).toMatch(/user \*: ann +2 \/ 2/);
    expect((await cli('limit', 'rm', idOf(set.stdout))).stdout).toContain('is removed');
    expect((await ann()).status).toBe(200);
  });
});

describe('a budget', () => {
  it('refuses what could pass it, counts what was spent, and remembers it across a restart', async () => {
    await cli('prices', 'set', 'sim/echo', '--input', '1000', '--output', '1000');
    const set = await cli('budget', 'set', 'project', '--usd', '0.05', '--per', 'total');
    expect(set.stdout).toMatch(/✓ bg_\w+: project, \$0\.0500 in all, hard/);
    const passed = await call({ max_tokens: 20 });
    expect(passed.status).toBe(200);
    const refused = await call({ max_tokens: 100 });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, null]);
    expect(await refused.json()).toMatchObject({ error: { code: 'budget_exceeded', type: 'insufficient_quota' } });
    const spent = async () => {
      const { budgets } = await house.client.call('getGatewayUsage', {});
      return budgets[0]?.usedBy;
    };
    await expect.poll(async () => (await spent())?.[0]?.reservedNanoUsd).toBe('0');
    const before = await spent();
    expect(Number(before?.[0]?.spentNanoUsd)).toBeGreaterThan(0);
    await house.stop();
    house = await startWheelhouse({ folder: folder.path });
    expect(await spent()).toEqual(before);
    const { stdout } = await cli('budget', 'ls');
    expect(stdout).toMatch(/project +\$0\.0500 in all +hard +\$0\.00/);
    await cli('budget', 'rm', idOf(stdout));
    expect((await call({ max_tokens: 100 })).status).toBe(200);
  });
});

const openDatabase = findServer();
const startRedis = findRedis();

describe.runIf(openDatabase && startRedis)('two servers', () => {
  it('keep a limit and a budget together, and share cached answers', async () => {
    if (!openDatabase || !startRedis) return;
    const [database, redis] = [await openDatabase(), await startRedis()];
    const closers = [() => redis.close(), () => database.close()];
    try {
      await together(database.url, redis.url, closers);
    } finally {
      for (const close of closers) await close();
    }
  });
});

async function together(databaseUrl: string, redisUrl: string, closers: (() => Promise<unknown>)[]): Promise<void> {
  const config = { cache: { models: { 'sim/echo': { ttlSeconds: 600 } } } };
  // They share what seals stored keys.
  const env = { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, WHEELHOUSE_SECRET_KEY: '5'.repeat(64) };
  const houses: Wheelhouse[] = [];
  for (let i = 0; i < 2; i++) {
    const folder = await makeFolder(config);
    closers.unshift(() => folder.remove());
    const one = await startWheelhouse({ folder: folder.path, env });
    closers.unshift(() => one.stop());
    houses.push(one);
  }
  const [a, b] = houses;
  if (!a || !b) throw new Error('no servers');
  let question = 0;
  const sharedAnswer = async () => {
    const body = { temperature: 0, seed: ++question };
    const first = await (await ask(a.url, body)).text();
    return first === (await (await ask(b.url, body)).text());
  };
  // It is kept a moment after it was sent.
  await expect.poll(sharedAnswer).toBe(true);
  await a.client.call('setBudget', { body: { scope: 'project', usd: 1 } });
  await a.client.call('setLimit', { body: { scope: 'project', requestsPerMinute: 10 } });
  // The other server reads what was set when it sees the change counter move; from then on its answers tell of it.
  const limitOf = async () => (await ask(b.url, { seed: ++question })).headers.get('x-ratelimit-limit-requests');
  await expect.poll(limitOf).toBe('10');
  const answers = await Promise.all(Array.from({ length: 30 }, (_, i) => ask(houses[i % 2]?.url ?? '', { seed: i })));
  const passed = answers.filter(({ status }) => status === 200).length;
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 429]));
  // One was taken to see that it counts.
  expect(passed).toBeLessThanOrEqual(9);
  expect(passed).toBeGreaterThanOrEqual(7);
}
