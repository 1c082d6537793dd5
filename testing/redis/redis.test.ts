import type { CachedAnswer } from '@wheelhouse/core/ports';
import { openRedis, type RedisStores } from '@wheelhouse/server/stores/redis/index';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allowanceStoreConformance } from '../conformance/index.ts';
import { findRedis, type TestRedis } from './index.ts';

const start = findRedis();
const answer: CachedAnswer = {
  ...{ status: 200, headers: { 'content-type': 'text/event-stream' }, streamed: true, storedAtMs: 12, traceId: 't1' },
  body: new Uint8Array([0, 255, 10, 13, 128]),
};

describe.runIf(start)('Redis', () => {
  let server: TestRedis;
  let stores: RedisStores;
  beforeAll(async () => {
    if (!start) throw new Error('no server');
    server = await start();
    stores = openRedis({ url: server.url });
  });
  afterAll(async () => {
    stores.close();
    await server.close();
  });

  allowanceStoreConformance('Redis', async () => ({ allowances: stores.allowances, close: async () => {} }));

  it('keeps answers byte by byte', async () => {
    stores.answers.put('p/one', answer, 60);
    // Commands of one connection are done in their order.
    const found = await stores.answers.get('p/one');
    expect({ ...found, body: [...(found?.body ?? [])] }).toEqual({ ...answer, body: [...answer.body] });
    expect(await stores.answers.get('p/two')).toBeNull();
  });

  it('keeps the newest questions, with their vectors as they were', async () => {
    const question = (key: string) => ({
      ...{ key, said: ['delete', 'account'], content: ['account'], untilMs: 12 },
      vector: Float32Array.from([0.1, -0.25, key.length]),
    });
    for (const key of ['a', 'bb', 'ccc'])
      stores.answers.place('p/questions', question(key), { ttlSeconds: 60, most: 2 });
    expect(await stores.answers.questions('p/questions')).toEqual([question('ccc'), question('bb')]);
    expect(await stores.answers.questions('p/others')).toEqual([]);
  });

  it('finds nothing, grants nothing and breaks nothing while it is away', async () => {
    if (!start) return;
    const gone = await start();
    const lost = openRedis({ url: gone.url });
    lost.answers.put('p/one', answer, 60);
    await lost.answers.get('p/one');
    await gone.close();
    expect(await lost.answers.get('p/one')).toBeNull();
    expect(await lost.answers.questions('p/one')).toEqual([]);
    lost.answers.put('p/one', answer, 60);
    const ask = { account: 'a', max: 1, kind: 'balance', used: [], keep: 0, need: 1, least: 1, spare: 0 } as const;
    await expect(lost.allowances.exchange('s', [{ ...ask, used: [], forgetAtMs: null }])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
    lost.close();
  });
});
