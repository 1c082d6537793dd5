import { openDatabase } from '@wheelhouse/server/stores/clickhouse/database';
import { openClickHouse } from '@wheelhouse/server/stores/clickhouse/index';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../conformance/sample-spans.ts';
import { openTestEmbedded, type TestEmbedded } from '../embedded/index.ts';
import { kill } from './processes.ts';
import { createRandom } from './seeded-random.ts';

const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);
const random = createRandom(seed);
/** Databases that die often are started again after longer and longer pauses. */
const batches = 4;

let embedded: TestEmbedded;
beforeAll(async () => {
  embedded = await openTestEmbedded();
});
afterAll(() => embedded?.close());

it(`stores a batch once under its token, wherever the databases are killed meanwhile (seed ${seed})`, async () => {
  const stores = openClickHouse({ url: embedded.clickhouseUrl });
  const raw = openDatabase(embedded.clickhouseUrl);
  await stores.migrate();
  const rows: string[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const traceId = freshTraceId();
    const spans = Array.from({ length: 500 }, (_, n) => bareSpan(traceId, spanIdOf(n), { name: 'x'.repeat(2_000) }));
    const token = random.hex(32);
    const isStored = () =>
      stores.spans.append(spans, token).then(
        () => true,
        () => false,
      );
    const first = isStored();
    // Each turn of the event loop is a little of the insert.
    for (let turns = random.between(0, 400); turns > 0; turns--) await new Promise(setImmediate);
    kill(embedded.pid());
    await first;
    await vi.waitUntil(isStored, { timeout: 60_000, interval: 50 });
    const [found] = await raw.query<{ rows: string }>(
      'SELECT count() AS rows FROM spans WHERE trace_id = {trace:String}',
      { trace: traceId },
    );
    rows.push(found?.rows ?? '');
    expect(await stores.spans.traceSummaries(bareSpan(traceId, spanIdOf(0)).projectId, [traceId])).toMatchObject([
      { spanCount: 500 },
    ]);
  }
  expect(rows).toEqual(rows.map(() => '500'));
  await Promise.all([stores.close(), raw.close()]);
});
