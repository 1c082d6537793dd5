import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { exportSpans } from './export-span.ts';
import { databasesOf, kill } from './processes.ts';
import { createRandom } from './seeded-random.ts';
import { balances } from './traffic.ts';
import { question, startVendor, type Vendor } from './vendor.ts';
import { verifyChats } from './verify.ts';

const random = createRandom(Date.now());

describe('while the databases are away', () => {
  let vendor: Vendor;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  const chats: { traceId: string }[] = [];

  beforeAll(async () => {
    vendor = await startVendor(5);
    folder = await makeFolder({ providers: { openai: { baseUrl: vendor.baseUrl('house') } } });
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    await vendor?.close();
    await folder?.remove();
  });

  async function chat(): Promise<number> {
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hello' }] }),
    });
    await response.text();
    if (response.ok) chats.push({ traceId: response.headers.get('x-wheelhouse-trace-id') ?? '' });
    return response.status;
  }

  const gateway = async () => {
    const ledger = await house.client.call('getLedger', {});
    expect(balances(ledger)).toBe(true);
    return ledger.sources.find(({ source }) => source === 'gateway');
  };

  /** Asks every so often, until it was so once. */
  async function see(what: () => Promise<boolean>): Promise<void> {
    await vi.waitUntil(what, { timeout: 60_000, interval: 20 });
  }

  it('answers gateway calls, refuses exports and reads in words, and recovers by itself', async () => {
    expect(await chat()).toBe(200);
    const ready = () => fetch(`${house.url}/readyz`).then(({ status }) => status);
    const read = () => house.client.call('listTraces', { query: { limit: 1 } });
    const send = () => {
      const span = { traceId: random.hex(32), spanId: random.hex(16), name: 's' };
      return exportSpans(house.url, [
        { ...span, startTimeUnixNano: '1795225214000000001', endTimeUnixNano: '1795225214000000002' },
      ]);
    };
    const databases = databasesOf(house.pid);
    let isAway = true;
    const calls = (async () => {
      const statuses: number[] = [];
      while (isAway) {
        statuses.push(await chat());
        await sleep(25);
      }
      return statuses;
    })();
    expect(kill(databases)).toBe(true);
    // They stay away until something waits on the disk; back sooner, they may take what is tried again from memory.
    const waitsOnDisk = see(async () => {
      if (((await gateway())?.spilled ?? 0) > 0) return true;
      kill(databasesOf(house.pid));
      return false;
    });

    await see(async () => (await ready()) === 503);
    await expect(read()).rejects.toMatchObject({
      status: 503,
      code: 'store_unavailable',
      hint: expect.stringContaining('sent again'),
    });
    const refused = await send();
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect(await refused.json()).toMatchObject({ code: 14, message: expect.stringContaining('sent again') });
    await waitsOnDisk;

    await see(async () => (await ready()) === 200);
    expect((await send()).status).toBe(200);
    await read();
    // As long as calls come faster than the store takes them, they go through the disk.
    isAway = false;
    const statuses = await calls;
    await see(async () => (await gateway())?.spilled === 0);
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    expect(databasesOf(house.pid)).not.toBe(databases);
    await see(async () => (await gateway())?.waiting === 0);
    expect(await gateway()).toMatchObject({ received: chats.length, stored: chats.length, rejected: 0 });
    const { sources } = await house.client.call('getLedger', {});
    const otlp = sources.find(({ source }) => source === 'otlp');
    expect(otlp?.rejections.map(({ reason }) => reason)).toEqual(['store_unavailable']);
    expect(await verifyChats(house.client, chats)).toEqual({ missing: [], doubled: [] });
  });

  it('loses no span of an evaluation that it is stopped in the middle of, and goes on with it when it starts again', async () => {
    const examples = Array.from({ length: 40 }, (_, n) => ({ input: question(n), expected: '' }));
    await house.client.call('createDataset', { body: { name: 'asked' } });
    await house.client.call('addExamples', { params: { name: 'asked' }, body: { examples } });
    const asked = new Promise<void>((resolve) => {
      vendor.onCall(
        () => vendor.calls.filter((call) => call.question.startsWith('question')).length >= 20 && resolve(),
      );
    });
    const { id } = await house.client.call('createEvaluation', {
      body: { dataset: 'asked', runs: [{ ref: 'openai/gpt-4o' }, { ref: 'openai/gpt-4o-mini' }], scorers: ['exact'] },
    });
    await asked;
    await house.stop();
    house = await startWheelhouse({ folder: folder.path });
    const status = async () => (await house.client.call('getEvaluation', { params: { evaluationId: id } })).status;
    await see(async () => (await status()) === 'completed');
    await see(async () => (await gateway())?.waiting === 0);
    const { data } = await house.client.call('listEvaluationRows', {
      params: { evaluationId: id },
      query: { limit: 200 },
    });
    const cells = data.flatMap((row) => Object.values(row.cells).flat());
    expect(cells).toHaveLength(80);
    const found: unknown[] = [];
    for (const { traceId } of cells)
      found.push((await house.client.call('getTrace', { params: { traceId: traceId ?? '' } })).trace.spanCount);
    expect(found).toEqual(cells.map(() => 1));
  });
});
