import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Database, openDatabase } from '@wheelhouse/server/stores/clickhouse/database';
import { openClickHouse } from '@wheelhouse/server/stores/clickhouse/index';
import { figure, quantile } from './measure.ts';
import { startHelper } from './processes.ts';
import type { Report } from './report.ts';
import { days, spansPerTrace, traceIdSql, writeSampleRows } from './sample-rows.ts';
import { measureStorage, type Stored } from './storage.ts';
import { makeFolder, startHouse } from './wheelhouse.ts';

type Asked = { name: string; group: 'list' | 'open' | 'facets' | 'dashboard' | 'other'; path(round: number): string };
type Timed = Asked & { times: number[] };

const rounds = 30;
const agentTraces = 60;
/** What a goal allows, in milliseconds at p95. */
const goals = { list: 150, open: 100, facets: 500, dashboard: 500 } as const;

const traces = (q: string) => `/api/v1/traces?limit=50&q=${encodeURIComponent(q)}`;
const facets = (q: string) => `/api/v1/traces/facets?q=${encodeURIComponent(q)}`;
const series = (q: string, more: string) => `/api/v1/series?q=${encodeURIComponent(q)}&${more}`;

function questions(opened: { trace_id: string; span_id: string }[], cursor: string): Asked[] {
  const one = (round: number) => opened[round % opened.length] ?? { trace_id: '', span_id: '' };
  return [
    { name: 'newest', group: 'list', path: () => traces('') },
    { name: 'a page deep inside', group: 'list', path: () => `${traces('')}&cursor=${encodeURIComponent(cursor)}` },
    { name: 'last:24h', group: 'list', path: () => traces('last:24h') },
    { name: 'status:error', group: 'list', path: () => traces('status:error') },
    { name: 'model:gpt-4.1 tag:vip', group: 'list', path: () => traces('model:gpt-4.1 tag:vip') },
    { name: 'cost>0.15 latency>3s', group: 'list', path: () => traces('cost>0.15 latency>3s') },
    { name: 'of one user', group: 'list', path: (n) => traces(`user:user-${n * 17}`) },
    { name: 'search, two common words', group: 'other', path: () => traces('refund carrier') },
    { name: 'search, a number that one has', group: 'other', path: (n) => traces(`order ${n * 997 + 12}`) },
    { name: 'trace', group: 'open', path: (n) => `/api/v1/traces/${one(n).trace_id}` },
    { name: 'span', group: 'open', path: (n) => `/api/v1/traces/${one(n).trace_id}/spans/${one(n).span_id}` },
    { name: 'facets, last:24h', group: 'facets', path: () => facets('last:24h') },
    { name: `facets, all ${days} days`, group: 'facets', path: () => facets('') },
    { name: 'calls by model, last:24h', group: 'dashboard', path: () => series('last:24h', 'of=calls&by=model') },
    {
      name: `calls by model, ${days} days`,
      group: 'dashboard',
      path: () => series(`last:${days}d`, 'of=calls&by=model'),
    },
    { name: 'traces, last:24h', group: 'dashboard', path: () => series('last:24h', 'of=traces') },
    { name: `traces, ${days} days`, group: 'dashboard', path: () => series(`last:${days}d`, 'of=traces') },
  ];
}

async function ask(url: string): Promise<{ body: unknown; ms: number }> {
  const startedAt = performance.now();
  const response = await fetch(url);
  const body: unknown = await response.json();
  if (!response.ok) throw new Error(`${url} was answered ${response.status}: ${JSON.stringify(body)}`);
  return { body, ms: performance.now() - startedAt };
}

/** The cursor of the twentieth page. */
async function deepCursor(url: string): Promise<string> {
  let cursor = '';
  for (let page = 0; page < 20; page++) {
    const { body } = await ask(`${url}${traces('')}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
    cursor = (body as { next: string | null }).next ?? cursor;
  }
  return cursor;
}

/** Merges go on for a while after the last insert. */
async function waitForMerges(database: Database): Promise<void> {
  for (let quietFor = 0; quietFor < 3; ) {
    const [row] = await database.query<{ merges: string }>('SELECT count() AS merges FROM system.merges');
    quietFor = Number(row?.merges) === 0 ? quietFor + 1 : 0;
    await sleep(1_000);
  }
}

async function tableSizes(database: Database): Promise<{ table: string; bytes: number }[]> {
  const rows = await database.query<{ table: string; bytes: string }>(
    `SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts
     WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table`,
  );
  return rows.map(({ table, bytes }) => ({ table, bytes: Number(bytes) }));
}

/** Writes what is read, unless an earlier run left it in a folder that is kept. */
async function fill(database: Database, { url, spans, filled }: { url: string; spans: number; filled: string }) {
  if (existsSync(filled)) {
    const found = JSON.parse(readFileSync(filled, 'utf8')) as { spans: number; stored: Stored };
    if (found.spans !== spans) throw new Error(`${filled} is of ${found.spans} spans; name them, or another folder.`);
    return found.stored;
  }
  const stored = await measureStorage(url, agentTraces);
  const schema = openClickHouse({ url });
  await schema.migrate();
  await schema.close();
  const startNs = BigInt(Date.now() - days * 86_400_000) * 1_000_000n;
  let said = 0;
  await writeSampleRows(database, spans, startNs, (written) => {
    if (written - said < spans / 10) return;
    said = written;
    process.stdout.write(`  ${figure(written)} spans\n`);
  });
  writeFileSync(filled, JSON.stringify({ spans, stored }));
  return stored;
}

type QueryBench = {
  spans: number /** A folder that stays when it is done, to be read again; null: one that does not. */;
  keep: string | null;
};

/** Reads of a large store through the API, and bytes on disk beside the same engine without content addressing. */
export async function measureQuery({ spans, keep }: QueryBench): Promise<Report> {
  const closers: (() => Promise<void>)[] = [];
  try {
    const folder = await makeFolder();
    closers.push(folder.remove);
    const store = keep ?? folder.path;
    mkdirSync(store, { recursive: true });
    const engine = await startHelper('engine.mjs', { place: 'anywhere', args: [join(store, 'engine')] });
    closers.push(engine.stop);
    const url = String(engine.ready.url);
    const database = openDatabase(url);
    closers.push(() => database.close());
    const stored = await fill(database, { url, spans, filled: join(store, 'filled.json') });
    await waitForMerges(database);
    const sizes = await tableSizes(database);
    const opened = await database.query<{ trace_id: string; span_id: string }>(
      `SELECT ${traceIdSql('t')} AS trace_id, lower(hex(sipHash64(t * ${spansPerTrace} + 2))) AS span_id
       FROM (SELECT intDiv(number * ${spans / spansPerTrace}, ${rounds}) AS t FROM numbers(${rounds}))`,
    );
    const house = await startHouse({ folder: folder.path, env: { CLICKHOUSE_URL: url } });
    closers.push(house.stop);
    const timed: Timed[] = questions(opened, await deepCursor(house.url)).map((asked) => ({ ...asked, times: [] }));
    // In turn, so that what disturbs the machine for a while disturbs all; the first round fills caches.
    for (let round = -1; round < rounds; round++)
      for (const one of timed) {
        const { ms } = await ask(house.url + one.path(Math.max(round, 0)));
        if (round >= 0) one.times.push(ms);
      }
    return report({ spans, timed, sizes, stored });
  } finally {
    for (const close of closers.reverse()) await close();
  }
}

function latencyRow({ name, times }: Timed): string[] {
  return [name, figure(quantile(times, 0.5)), figure(quantile(times, 0.95)), figure(Math.max(...times))];
}

function report(found: {
  spans: number;
  timed: Timed[];
  sizes: { table: string; bytes: number }[];
  stored: Stored;
}): Report {
  const { spans, timed, sizes, stored } = found;
  const kib = (bytes: number) => figure(bytes / 1024 / stored.traces);
  const ours = stored.spanBytes + stored.payloadBytes;
  const ratio = stored.wholeBytes / (ours + stored.listBytes);
  const perSpan = sizes.reduce((sum, { bytes }) => sum + bytes, 0) / spans;
  const latencies = (Object.keys(goals) as (keyof typeof goals)[]).map((group) => {
    const slowest = Math.max(...timed.filter((one) => one.group === group).map((one) => quantile(one.times, 0.95)));
    return {
      goal: `${group}: p95 at most ${goals[group]} ms, each`,
      measured: `${figure(slowest)} ms`,
      met: slowest <= goals[group],
    };
  });
  return {
    name: 'query',
    title: 'Query and storage',
    method: [
      `${figure(spans)} spans over ${days} days, four a trace, made by the engine from a fixed rule; their summaries are made as the server makes them. Through the HTTP API, one request after the other, ${rounds} rounds; the engine runs beside on the same machine.`,
      `The agent: ${stored.traces} traces of 40 steps, ${stored.spans / stored.traces} spans each, that resend the history with every call (testing/bench/agent-workload.ts); as JSON ${kib(stored.rawBytes)} KiB a trace.`,
      'Published by others, on another machine and other spans: 530 ms for a list over 30 days of 1,000,000 spans, 127 ms over a day, and about 50 ms for a trace (docs.langsight.dev/self-hosting/scaling).',
      'Whole: the same rows with every text in its place, in a table of the same schema, order and codecs (ZSTD level 3), merged into one part as is ours. Its blocks of 1 MB already hold several spans of a trace, of which ZSTD finds what repeats.',
    ],
    tables: [
      {
        title: `Milliseconds at ${figure(spans)} spans`,
        columns: ['', 'p50', 'p95', 'most'],
        rows: timed.map(latencyRow),
      },
      {
        title: 'KiB on disk for a trace of the agent',
        columns: ['', 'spans', 'contents', 'lists and sums', 'together'],
        rows: [
          [
            'Wheelhouse',
            kib(stored.spanBytes),
            kib(stored.payloadBytes),
            kib(stored.listBytes),
            kib(ours + stored.listBytes),
          ],
          ['whole rows', kib(stored.wholeBytes), '', '', kib(stored.wholeBytes)],
        ],
      },
      {
        title: 'Bytes on disk a span, short calls',
        columns: ['', ...sizes.map(({ table }) => table), 'together'],
        rows: [['Wheelhouse', ...sizes.map(({ bytes }) => figure(bytes / spans)), figure(perSpan)]],
      },
    ],
    goals: [
      ...latencies,
      { goal: 'agent: at least 8 × fewer bytes than whole rows', measured: `${figure(ratio)} ×`, met: ratio >= 8 },
    ],
    figures: {
      spans,
      milliseconds: Object.fromEntries(
        timed.map(({ name, times }) => [name, { p50: quantile(times, 0.5), p95: quantile(times, 0.95), times }]),
      ),
      sizes,
      stored,
    },
  };
}
