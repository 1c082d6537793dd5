import { randomBytes } from 'node:crypto';
import {
  abuseTelemetryConformance,
  callCostsConformance,
  cellStoreConformance,
  exampleStoreConformance,
  issueTelemetryConformance,
  metricHistoryConformance,
  modelTrafficConformance,
  onlineTelemetryConformance,
  releasePairsConformance,
  releaseTelemetryConformance,
  scoreStoreConformance,
  spanFinderConformance,
  spanFragmentsConformance,
  spanStoreConformance,
} from '@wheelhouse/testing/conformance';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from './database.ts';
import { type ClickHouse, openClickHouse } from './index.ts';

describe.each(telemetryEngines())('$name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;

  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    await stores.migrate();
  }, 60_000);
  afterAll(async () => {
    await stores.close();
    await opened.close();
  });

  const open = async () => ({ ...stores, close: async () => {} });
  spanStoreConformance(engine.name, open);
  scoreStoreConformance(engine.name, open);
  spanFinderConformance(engine.name, open);
  spanFragmentsConformance(engine.name, open);
  cellStoreConformance(engine.name, open);
  exampleStoreConformance(engine.name, open);
  metricHistoryConformance(engine.name, open);
  callCostsConformance(engine.name, open);
  modelTrafficConformance(engine.name, async () => ({ ...(await open()), settle: () => stores.summaries.settle() }));
  abuseTelemetryConformance(engine.name, open);
  issueTelemetryConformance(engine.name, open);
  releaseTelemetryConformance(engine.name, open);
  releasePairsConformance(engine.name, open);
  onlineTelemetryConformance(engine.name, open);

  it('migrates once, however often and by however many servers it is asked to', async () => {
    const messages: string[] = [];
    const log = { info: (_: object, message: string) => void messages.push(message), warn: () => {}, error: () => {} };
    const name = `wheelhouse_test_${randomBytes(6).toString('hex')}`;
    const url = new URL(`/${name}`, opened.url).href;
    const servers = [1, 2].map(() => openClickHouse({ url, log }));
    await Promise.all(servers.map((server) => server.migrate()));
    const before = messages.length;
    for (const server of servers) await server.migrate();
    expect(before).toBeGreaterThan(0);
    expect(messages).toHaveLength(before);
    for (const server of servers) await server.close();
    const database = openDatabase(url);
    await database.command(`DROP DATABASE ${name}`);
    await database.close();
  });

  it('says store_unavailable where nobody answers', async () => {
    const nowhere = openClickHouse({ url: 'http://127.0.0.1:1' });
    await expect(nowhere.ping()).rejects.toMatchObject({ code: 'store_unavailable' });
    await expect(nowhere.migrate()).rejects.toMatchObject({ code: 'store_unavailable' });
    await nowhere.close();
    await expect(stores.ping()).resolves.toBeUndefined();
  });
});
