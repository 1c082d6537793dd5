/**
 * The rows that ingest would store, inserted by the official client into a table of the same schema and settings:
 * prepared before the clock starts, so that only the client and the engine are measured.
 */
import { createClient } from '@clickhouse/client';
import { normalizeSpan, priceSpan } from '@wheelhouse/core/trace';
import { decodeTraces } from '../../../server/dist/ingest/otlp.js';
import { createPriceReader, openCatalogue } from '../../../server/dist/prices/index.js';
import { openDatabase } from '../../../server/dist/stores/clickhouse/database.js';
import { openClickHouse } from '../../../server/dist/stores/clickhouse/index.js';
import { unpack } from '../../../server/dist/stores/clickhouse/pack-content.js';
import { toSpanRow } from '../../../server/dist/stores/clickhouse/span-row.js';
import { createPayload } from './otlp-payload.mjs';

const url = process.argv[2];
const database = 'bench_raw';
const store = openClickHouse({ url: `${url}/${database}` });
await store.migrate();
await store.close();
const client = createClient({ url, database });
const engine = openDatabase(`${url}/${database}`);
const prices = createPriceReader({
  store: { list: async () => [] },
  projects: () => ['default'],
  catalogue: openCatalogue(),
});

let seed = process.pid * 100;
let inserts = 0;

/** With every text in its place: the engine alone stores nothing apart. */
function wholeRow(span) {
  const pieces = new Map();
  const row = toSpanRow(span, pieces);
  const texts = ['input', 'output', 'tool_definitions', 'tool_call', 'documents', 'metadata', 'attributes'];
  return { ...row, ...Object.fromEntries(texts.map((name) => [name, unpack(row[name], pieces)])) };
}

async function run({ inFlight, rows: count, ms, requests = Number.POSITIVE_INFINITY }) {
  const prepared = Array.from({ length: inFlight }, () => {
    const { spans } = decodeTraces(createPayload(count, ++seed).next(), 'protobuf');
    return spans.map((span) => wholeRow(priceSpan(normalizeSpan(span, 'default'), prices)));
  });
  const startedAt = performance.now();
  const result = { acknowledged: 0, requests: 0, endMs: [], firstMs: [], failed: 0 };
  const inserter = async (rows) => {
    while (performance.now() - startedAt < ms && result.requests < requests) {
      result.requests++;
      const prefix = (++inserts).toString(16).padStart(8, '0') + seed.toString(16).padStart(8, '0');
      for (const [i, row] of rows.entries()) {
        row.trace_id =
          prefix +
          Math.floor(i / 4)
            .toString(16)
            .padStart(16, '0');
        row.span_id = i.toString(16).padStart(16, '0');
      }
      const sentAt = performance.now();
      await engine.insert('spans', rows, {
        insert_deduplication_token: prefix,
        deduplicate_blocks_in_dependent_materialized_views: 1,
      });
      result.acknowledged += rows.length;
      result.endMs.push(performance.now() - sentAt);
    }
  };
  await Promise.all(prepared.map(inserter));
  return { ...result, ms: performance.now() - startedAt };
}

/** How many inserts the engine has run so far. */
async function countInserts() {
  const query = "SELECT value FROM system.events WHERE event = 'InsertQuery'";
  const [row] = await (await client.query({ query, format: 'JSONEachRow' })).json();
  return Number(row?.value ?? Number.NaN);
}

process.on('message', async (job) => {
  process.send({ type: 'result', result: job.count ? await countInserts() : await run(job) });
});
process.on('disconnect', () => process.exit(0));
process.send({ type: 'ready', port: 0 });
