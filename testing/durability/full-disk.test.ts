import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { attribute, exportSpans } from './export-span.ts';
import { createRandom } from './seeded-random.ts';
import { balances } from './traffic.ts';
import { verifyExported } from './verify.ts';

const random = createRandom(Date.now());

/** A disk of its own, which only an administrator can have. */
function mountDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Takes all there is. */
function fill(file: string): void {
  const handle = openSync(file, 'w');
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch {}
  }
  closeSync(handle);
}

const folder = await makeFolder();
const hasDisk = mountDisk(folder.path);

describe('a full disk', () => {
  let house: Wheelhouse;

  beforeAll(async () => {
    if (hasDisk) house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house?.stop();
    if (hasDisk) execFileSync('umount', [folder.path]);
    await folder.remove();
  });

  it.skipIf(!hasDisk)(
    'fails no gateway call and loses nothing acknowledged; exporters are told to come back, and do',
    async () => {
      const acknowledged: { traceId: string; acknowledged: 3 }[] = [];
      const chats: number[] = [];
      const answers = new Set<string>();

      async function sendOne(): Promise<number> {
        const id = random.hex(32);
        const span = { traceId: id, spanId: random.hex(16), name: 'agent run' };
        const times = { startTimeUnixNano: '1795225214000000001', endTimeUnixNano: '1795225214000000002' };
        const filler = attribute('filler', random.hex(2_000));
        const answer = await exportSpans(house.url, [
          { ...span, ...times, attributes: [filler] },
          { ...span, ...times, spanId: random.hex(16), parentSpanId: span.spanId, name: 'step' },
        ]);
        const text = await answer.text();
        if (answer.status === 200 && text === '{}') acknowledged.push({ traceId: id, acknowledged: 3 });
        else answers.add(`${answer.status} ${text}`);
        return answer.status;
      }
      async function chat(): Promise<void> {
        const { status } = await fetch(`${house.url}/v1/chat/completions`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: random.hex(1_000) }] }),
        });
        chats.push(status);
      }
      const both = async () => (await Promise.all([sendOne(), chat()]))[0];

      expect(await both()).toBe(200);
      const filler = join(folder.path, 'filler');
      fill(filler);
      await vi.waitUntil(async () => (await both()) === 503, { timeout: 60_000, interval: 5 });
      for (let i = 0; i < 30; i++) await both();
      expect([...answers].join('\n')).toContain('disk of the telemetry store is full');

      rmSync(filler);
      await vi.waitUntil(async () => (await both()) === 200, { timeout: 60_000, interval: 20 });
      await vi.waitUntil(
        async () => {
          const ledger = await house.client.call('getLedger', {});
          expect(balances(ledger)).toBe(true);
          const gateway = ledger.sources.find(({ source }) => source === 'gateway');
          return gateway?.waiting === 0 && gateway.stored === chats.length && gateway.rejected === 0;
        },
        { timeout: 60_000, interval: 50 },
      );
      expect(chats.filter((status) => status !== 200)).toEqual([]);
      expect(await verifyExported(house.client, acknowledged)).toEqual({ missing: [], doubled: [] });
    },
  );
});
