import { importRows, openDataset } from '@wheelhouse/sdk';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from '../e2e/start-wheelhouse.ts';
import { databasesOf, gone, kill, recordingOf } from './processes.ts';
import { createRandom } from './seeded-random.ts';

/** So many that a server mostly takes longer for them than another does to start. */
const rows = 40_000;
const random = createRandom(Date.now());
const name = 'imported';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

const read = (jobId: string) => house.client.call('getDatasetJob', { params: { name, jobId } });

/** As when the machine goes down. */
async function crash(): Promise<void> {
  const rest = [databasesOf(house.pid), recordingOf(house.pid)];
  await house.stop('SIGKILL');
  for (const pid of rest) kill(pid);
  await vi.waitUntil(() => rest.every(gone), { timeout: 30_000, interval: 10 });
}

it('goes on with a file after kill -9 in the middle, and no row is lost or comes twice', async () => {
  await house.client.call('createDataset', { body: { name } });
  const lines = Array.from({ length: rows }, (_, n) => `{"input":"row ${n}","expected":${n}}\n`);
  const { id } = await importRows({
    ...{ baseUrl: house.url, dataset: name, file: lines.join(''), query: { format: 'jsonl' } },
  });
  for (const least of [1, 3_000]) {
    const until = random.between(least, least + 2_000);
    await vi.waitUntil(async () => (await read(id)).read >= until, { timeout: 90_000, interval: 20 });
    const { finishedAt } = await read(id);
    if (least === 1) expect(finishedAt).toBeNull();
    // On a busy machine the second server is through before it is known to run.
    else if (finishedAt !== null) break;
    await crash();
    house = await startWheelhouse({ folder: folder.path });
  }
  await vi.waitUntil(async () => (await read(id)).finishedAt !== null, { timeout: 90_000, interval: 100 });
  expect(await read(id)).toMatchObject({ status: 'completed', read: rows, added: rows, refused: 0 });
  const { count } = await house.client.call('freezeDataset', { params: { name } });
  expect(count).toBe(rows);
  const seen: unknown[] = [];
  for await (const { expected } of openDataset(house.client, name).rows({ version: 1 })) seen.push(expected);
  expect(seen).toEqual(Array.from({ length: rows }, (_, n) => n));
}, 300_000);
