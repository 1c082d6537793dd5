import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { databasesOf, gone, kill, recordingOf } from './processes.ts';
import { balances } from './traffic.ts';
import { startVendor, type Vendor } from './vendor.ts';
import { verifyChats } from './verify.ts';

const see = (check: () => Promise<boolean>) => vi.waitUntil(check, { timeout: 30_000, interval: 20 });

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let vendor: Vendor;
const chats: { traceId: string }[] = [];

beforeAll(async () => {
  vendor = await startVendor(1);
  folder = await makeFolder({ providers: { openai: { baseUrl: vendor.baseUrl('house') } } });
  house = await startWheelhouse({ folder: folder.path });
  await see(async () => recordingOf(house.pid) !== null);
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
    body: JSON.stringify({
      model: 'openai/gpt-4o-mini',
      messages: [{ role: 'user', content: `hello ${chats.length}` }],
    }),
  });
  await response.text();
  chats.push({ traceId: response.headers.get('x-wheelhouse-trace-id') ?? '' });
  return response.status;
}

async function gateway() {
  const ledger = await house.client.call('getLedger', {});
  expect(balances(ledger)).toBe(true);
  return ledger.sources.find(({ source }) => source === 'gateway');
}

async function allStored(): Promise<void> {
  await see(async () => (await gateway())?.waiting === 0);
  expect(await gateway()).toMatchObject({ received: chats.length, stored: chats.length, rejected: 0 });
  expect(await verifyChats(house.client, chats)).toEqual({ missing: [], doubled: [] });
}

it('fails no call and loses none when the process that records is killed', async () => {
  for (let killed = 0; killed < 2; killed++) {
    const recording = recordingOf(house.pid);
    for (let n = 0; n < 20; n++) {
      if (n === 10) expect(kill(recording)).toBe(true);
      expect(await chat()).toBe(200);
    }
    await see(async () => ![null, recording].includes(recordingOf(house.pid)));
  }
  await allStored();
}, 60_000);

it('loses no call that had been handed over when the server is killed', async () => {
  const before = chats.length;
  // They cannot be stored, so that they wait when the server goes.
  expect(kill(databasesOf(house.pid))).toBe(true);
  for (let n = 0; n < 20; n++) expect(await chat()).toBe(200);
  expect(await gateway()).toMatchObject({ received: before + 20 });
  const recording = recordingOf(house.pid);
  const databases = databasesOf(house.pid);
  await house.stop('SIGKILL');
  kill(databases);
  house = await startWheelhouse({ folder: folder.path });
  // The one before puts on disk what it had, and goes by itself.
  await see(async () => gone(recording));
  await allStored();
}, 60_000);
