import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { openTestEmbedded, type TestEmbedded } from '@wheelhouse/testing/embedded';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const quiet = { level: ClickHouseLogLevel.OFF };
const patient = { timeout: 30_000, interval: 50 };

describe('embedded databases', () => {
  let embedded: TestEmbedded;
  beforeAll(async () => {
    embedded = await openTestEmbedded();
  }, 60_000);
  afterAll(() => embedded.close());

  const clickhouse = (options: { database?: string; request?: boolean } = {}) =>
    createClient({
      url: embedded.clickhouseUrl,
      database: options.database ?? 'default',
      compression: { request: options.request ?? false },
      log: quiet,
    });

  async function ask<Row>(query: string, params: Record<string, unknown> = {}, settings = {}): Promise<Row[]> {
    const client = clickhouse();
    try {
      const answer = await client.query({
        query,
        query_params: params,
        format: 'JSONEachRow',
        clickhouse_settings: settings,
      });
      return await answer.json<Row>();
    } finally {
      await client.close();
    }
  }

  async function records<Row extends pg.QueryResultRow>(query: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: embedded.databaseUrl });
    client.on('error', () => {});
    await client.connect();
    try {
      return (await client.query<Row>(query, values)).rows;
    } finally {
      await client.end();
    }
  }

  it('writes nothing to the disk but what it is given: no logs of its own, whatever it is asked', async () => {
    const bytes = async () => {
      const entries = await readdir(join(embedded.dataDir, 'clickhouse'), { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const sizes = await Promise.all(files.map((file) => stat(join(file.parentPath, file.name)).catch(() => null)));
      return sizes.reduce((sum, file) => sum + (file?.size ?? 0), 0);
    };
    const work = async (times: number) => {
      for (let n = 0; n < times; n++) await ask(`SELECT count() FROM numbers(${n})`);
      await expect(ask('SELECT nothing')).rejects.toThrow();
    };
    await work(5);
    const before = await bytes();
    await work(100);
    expect(await bytes()).toBeLessThanOrEqual(before);
    expect(await ask("SELECT name FROM system.tables WHERE database = 'system' AND name LIKE '%_log'")).toEqual([]);
  });

  it('speaks ClickHouse’s HTTP interface to the official client', async () => {
    const outside = clickhouse();
    await outside.command({ query: 'CREATE DATABASE {name:Identifier}', query_params: { name: 'talk' } });
    const client = clickhouse({ database: 'talk', request: true });
    await client.command({ query: 'CREATE TABLE t (a UInt64, `b` String) ENGINE = MergeTree ORDER BY a' });
    const row = { a: '18446744073709551615', b: 'é\'"\\\n\t\u0000' };
    const { summary } = await client.insert({ table: 't', values: [row], columns: ['a', 'b'], format: 'JSONEachRow' });
    expect(summary?.written_rows).toBe('1');
    await client.insert({ table: 't', values: [], format: 'JSONEachRow' });
    await client.command({ query: "INSERT INTO t VALUES (1, 'inline')" });
    const rows = await client.query({
      query: 'SELECT * FROM t WHERE b = {b:String} AND a IN {as:Array(UInt64)}',
      query_params: { b: row.b, as: [BigInt(row.a), 3] },
    });
    expect((await rows.json<typeof row>()).data).toEqual([row]);
    expect((await client.ping()).success).toBe(true);
    expect((await client.ping({ select: true })).success).toBe(true);
    const odd = `a'b"c\\d\ne\tf`;
    expect(await ask('SELECT {x:Array(String)} AS x', { x: [odd, ''] })).toEqual([{ x: [odd, ''] }]);
    await client.close();
    await outside.close();
  });

  it('has Postgres sync what is committed', async () => {
    expect(await records('show fsync')).toEqual([{ fsync: 'on' }]);
    expect(await records('show synchronous_commit')).toEqual([{ synchronous_commit: 'on' }]);
    expect(await records('show wal_sync_method')).toEqual([{ wal_sync_method: 'fsync' }]);
  });

  it('gives exceptions with their codes', async () => {
    await expect(ask('SELECT nope')).rejects.toMatchObject({ code: '47', type: 'UNKNOWN_IDENTIFIER' });
    await expect(ask('SELEC 1')).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
    await expect(ask('SELECT {x:UInt8}', { x: 'abc' })).rejects.toMatchObject({ code: '457' });
    await expect(ask('SELECT 1', {}, { nonsense: 1 })).rejects.toMatchObject({ code: '115', type: 'UNKNOWN_SETTING' });
    await expect(ask('SELECT 1', {}, { 'a=1; DROP': 1 })).rejects.toMatchObject({ code: '115' });
    const lost = clickhouse({ database: 'nowhere' });
    await expect(lost.query({ query: 'SELECT 1' })).rejects.toMatchObject({ code: '81', type: 'UNKNOWN_DATABASE' });
    await lost.close();
  });

  it('lets nobody in without the password of this start', async () => {
    const { origin } = new URL(embedded.clickhouseUrl);
    for (const authorization of ['', 'Basic ZGVmYXVsdDo=', `Basic ${'A'.repeat(80)}`]) {
      const answer = await fetch(`${origin}/?query=SELECT+1`, { headers: { authorization } });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('x-clickhouse-exception-code')).toBe('516');
    }
    expect(await (await fetch(`${origin}/ping`)).text()).toBe('Ok.\n');
  });

  it('keeps the settings of one query from the next', async () => {
    const query = "SELECT getSetting('max_block_size') AS n";
    const [before] = await ask(query);
    expect(await ask(query, {}, { max_block_size: '777' })).toEqual([{ n: 777 }]);
    for (let i = 0; i < 8; i++) expect(await ask(query)).toEqual([before]);
  });

  it('answers others while a slow query runs', async () => {
    const done: string[] = [];
    const slow = ask('SELECT sleepEachRow({s:Float64}) FROM numbers(2)', { s: 0.5 }).then(() => done.push('slow'));
    for (let i = 0; i < 5; i++) await ask('SELECT {i:UInt8} AS i', { i });
    done.push('quick');
    await slow;
    expect(done).toEqual(['quick', 'slow']);
  });

  it('refuses a second start on the directory', async () => {
    await expect(embedded.startAgain()).rejects.toMatchObject({
      code: 'data_dir_locked',
      message: `Process ${process.pid} already uses ${embedded.dataDir}.`,
    });
  });

  it('comes back by itself after a kill, at the same addresses, with every acknowledged row', async () => {
    await ask('SELECT 1');
    const client = clickhouse();
    await client.command({
      query: 'CREATE TABLE kept (n UInt32) ENGINE = MergeTree ORDER BY n SETTINGS fsync_after_insert = 1',
    });
    await records('CREATE TABLE kept (n int)');
    let acknowledged = 0;
    const pid = embedded.pid();
    const writing = (async () => {
      for (let n = 0; ; n++) {
        await client.insert({ table: 'kept', values: [{ n }], format: 'JSONEachRow' });
        await records('INSERT INTO kept VALUES ($1)', [n]);
        acknowledged = n + 1;
        if (n === 10) process.kill(pid ?? 0, 'SIGKILL');
      }
    })();
    await expect(writing).rejects.toThrow();
    const all = Array.from({ length: acknowledged }, (_, n) => n);
    const stored = await vi.waitFor(() => ask<{ n: number }>('SELECT n FROM kept ORDER BY n'), patient);
    expect(stored.map(({ n }) => n).slice(0, acknowledged)).toEqual(all);
    const rows = await records<{ n: number }>('SELECT n FROM kept ORDER BY n');
    expect(rows.map(({ n }) => n).slice(0, acknowledged)).toEqual(all);
    expect(embedded.pid()).not.toBe(pid);
    await client.close();
  }, 60_000);

  it('keeps its rows over a stop and a start', async () => {
    const other = await openTestEmbedded();
    const client = createClient({ url: other.clickhouseUrl, log: quiet });
    await client.command({
      query: 'CREATE TABLE t ENGINE = MergeTree ORDER BY n AS SELECT number AS n FROM numbers(100)',
    });
    await client.close();
    await other.stop();
    expect((await readdir(other.dataDir)).sort()).toEqual(['clickhouse', 'postgres']);
    // What a restore that was cut off leaves behind.
    await writeFile(join(other.dataDir, 'postgres.draft-0'), '');
    const again = await other.startAgain();
    const later = createClient({ url: again.clickhouseUrl, log: quiet });
    const count = await later.query({ query: 'SELECT count() AS n FROM t', format: 'JSONEachRow' });
    expect(await count.json()).toEqual([{ n: '100' }]);
    await later.close();
    await again.stop();
    expect((await readdir(other.dataDir)).sort()).toEqual(['clickhouse', 'postgres']);
    await rm(other.dataDir, { recursive: true });
  }, 60_000);

  it('ends with the server that started it, however that ends', async () => {
    const other = await openTestEmbedded();
    await other.stop();
    const door = new URL('../../dist/stores/embedded/index.js', import.meta.url);
    const template = fileURLToPath(new URL('../../dist/postgres-template.tar.gz', import.meta.url));
    const script = join(other.dataDir, 'server.mjs');
    await writeFile(
      script,
      `import { startEmbedded } from ${JSON.stringify(door)};
       const { pid } = await startEmbedded({ dataDir: ${JSON.stringify(other.dataDir)}, template: ${JSON.stringify(template)} });
       process.send(pid());`,
    );
    const server = fork(script, { execArgv: [] });
    const [pid] = (await once(server, 'message')) as [number];
    server.kill('SIGKILL');
    await once(server, 'exit');
    const again = await other.startAgain();
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow(), patient);
    await again.stop();
    await rm(other.dataDir, { recursive: true });
  }, 60_000);

  it('says why it did not start, and lets the directory go', async () => {
    const other = await openTestEmbedded();
    await other.stop();
    const home = join(other.dataDir, 'clickhouse');
    await rm(home, { recursive: true });
    await writeFile(home, 'not a directory');
    await expect(other.startAgain()).rejects.toMatchObject({ code: 'store_unavailable' });
    await rm(home);
    await (await other.startAgain()).stop();
    await rm(other.dataDir, { recursive: true });
  }, 60_000);
});
