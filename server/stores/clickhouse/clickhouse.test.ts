import {
  cellStoreConformance,
  exampleStoreConformance,
  scoreStoreConformance,
  spanStoreConformance,
} from '@wheelhouse/testing/conformance';
import { openTestEmbedded, type TestEmbedded } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ClickHouse, openClickHouse } from './index.ts';

describe('ClickHouse', () => {
  let embedded: TestEmbedded;
  let stores: ClickHouse;

  beforeAll(async () => {
    embedded = await openTestEmbedded();
    stores = openClickHouse({ url: embedded.clickhouseUrl });
    await stores.migrate();
  }, 60_000);
  afterAll(async () => {
    await stores.close();
    await embedded.close();
  });

  const open = async () => ({ ...stores, close: async () => {} });
  spanStoreConformance('ClickHouse', open);
  scoreStoreConformance('ClickHouse', open);
  cellStoreConformance('ClickHouse', open);
  exampleStoreConformance('ClickHouse', open);

  it('migrates once, however often and by however many servers it is asked to', async () => {
    const messages: string[] = [];
    const log = { info: (_: object, message: string) => void messages.push(message) };
    const url = `${embedded.clickhouseUrl}/fresh`;
    const others = [1, 2].map(() => openClickHouse({ url, log }));
    await Promise.all(others.map((other) => other.migrate()));
    const before = messages.length;
    for (const other of others) await other.migrate();
    expect(before).toBeGreaterThan(0);
    expect(messages).toHaveLength(before);
    for (const other of others) await other.close();
  });

  it('says store_unavailable where nobody answers', async () => {
    const nowhere = openClickHouse({ url: 'http://127.0.0.1:1' });
    await expect(nowhere.ping()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(nowhere.migrate()).rejects.toMatchObject({ code: 'store_unavailable' });
    await nowhere.close();
    await expect(stores.ping()).resolves.toBeUndefined();
  });
});
