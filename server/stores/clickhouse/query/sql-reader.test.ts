import type { ProjectId } from '@wheelhouse/core/records';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../database.ts';
import { openClickHouse } from '../index.ts';
import { createSqlReader } from './index.ts';

const project = 'mine' as ProjectId;
const hour = 499_999 * 3600;

describe.each(telemetryEngines())('SQL of users: $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let database: Database;

  beforeAll(async () => {
    opened = await engine.open();
    const stores = openClickHouse({ url: opened.url });
    await stores.migrate();
    await stores.close();
    database = openDatabase(opened.url);
    const row = (project_id: string, n: number, more: object = {}) => ({
      ...{ project_id, hour, trace_id: String(n).padStart(32, '0'), version: 1, is_deleted: 0 },
      ...{ start_ns: BigInt(hour) * 1_000_000_000n + BigInt(n), duration_ns: n * 1_000_000, name: `trace ${n}` },
      ...{ status: n % 2 === 0 ? 'ok' : 'error', cost_nano_usd: n * 1_000_000, tags: ['a', 'b'], ...more },
    });
    await database.insert('trace_summaries', [
      ...Array.from({ length: 10 }, (_, n) => row('mine', n + 1)),
      row('theirs', 77, { name: 'secret' }),
    ]);
    await database.insert('scores', [
      {
        project_id: 'mine',
        trace_id: '1'.padStart(32, '0'),
        id: 's',
        name: 'good',
        value: 'true',
        created_at: '2026-01-01 00:00:00',
      },
    ]);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await opened.close();
  });

  const ask = (sql: string, limit = 100) => createSqlReader(database).query(project, sql, { limit });
  const refused = (sql: string) =>
    ask(sql).then(
      (answer) => ({ answered: answer }),
      (error: { code: string; message: string; hint: string }) => error,
    );

  it('sees the traces of its project and no others', async () => {
    expect(await ask('SELECT count() AS n, sum(cost_usd) AS cost FROM traces')).toMatchObject({
      columns: [{ name: 'n', type: 'UInt64' }, { name: 'cost' }],
      rows: [['10', 0.055]],
      truncated: false,
    });
    expect((await ask("SELECT * FROM traces WHERE name = 'secret'")).rows).toEqual([]);
  });

  it('keeps the order, cuts the rows and says so', async () => {
    const { rows, truncated } = await ask('SELECT name, latency_ms FROM traces ORDER BY latency_ms DESC', 3);
    expect(rows).toEqual([
      ['trace 10', 10],
      ['trace 9', 9],
      ['trace 8', 8],
    ]);
    expect(truncated).toBe(true);
  });

  it.each([
    'SELECT status, count() FROM traces GROUP BY status HAVING count() > 1 ORDER BY status LIMIT 1 -- why not',
    'WITH slow AS (SELECT * FROM traces WHERE latency_ms > 5) SELECT avg(latency_ms), quantile(0.9)(cost_usd) FROM slow;',
    "SELECT t.name, s.number FROM traces AS t INNER JOIN scores AS s USING (trace_id) WHERE s.value = 'true'",
    "SELECT name FROM traces WHERE trace_id IN (SELECT trace_id FROM scores) AND status IN ('ok', 'error') UNION ALL SELECT 'x; y'",
    "SELECT toStartOfHour(start) AS at, countIf(status = 'error') / count() AS share FROM traces GROUP BY at ORDER BY at WITH FILL",
    'SELECT tag, row_number() OVER (PARTITION BY tag ORDER BY start) FROM traces ARRAY JOIN tags AS tag LIMIT 2 BY tag',
    'SELECT count() FROM spans',
    'SELECT provider, sum(input_tokens), max(cost_usd) FROM calls GROUP BY ALL',
    'SELECT number FROM numbers(3)',
    "SELECT CASE WHEN has(tags, 'a') THEN 1 ELSE 0 END, start - INTERVAL 1 DAY, CAST(name AS String), * EXCEPT (text) FROM traces",
  ])('answers %s', async (sql) => {
    expect((await ask(sql)).columns.length).toBeGreaterThan(0);
  });

  it.each([
    ['SELECT * FROM trace_summaries', 'no table `trace_summaries`'],
    ['SELECT * FROM payloads', 'no table `payloads`'],
    ['SELECT * FROM wheelhouse.traces', 'no table `wheelhouse.traces`'],
    ['SELECT * FROM `wheelhouse`.`spans`', 'no table `wheelhouse.spans`'],
    ['SELECT * FROM system.tables', 'no table `system.tables`'],
    ['SELECT * FROM information_schema.tables', 'no table `information_schema.tables`'],
    ['SELECT 1 WHERE 1 IN system.one', 'IN takes a list'],
    ['SELECT 1 WHERE 1 GLOBAL NOT IN (payloads)', 'IN takes a list'],
    ['SELECT in(1, trace_summaries)', 'IN takes a list'],
    ['SELECT * FROM (SELECT * FROM (SELECT * FROM scores JOIN payloads ON 1 = 1))', 'no table `payloads`'],
    ['WITH x AS (SELECT * FROM eval_cells) SELECT * FROM x', 'no table `eval_cells`'],
    ["SELECT (SELECT count() FROM merge('.*', '.*'))", 'table function `merge`'],
    ["SELECT * FROM file('/etc/passwd', 'LineAsString')", 'table function `file`'],
    ["SELECT * FROM url('http://127.0.0.1/', 'LineAsString')", 'table function `url`'],
    ["SELECT * FROM remote('127.0.0.1', system.one)", 'table function `remote`'],
    ["SELECT * FROM executable('x', 'TSV', 'a String')", 'table function `executable`'],
    ["SELECT * FROM s3('https://x/y')", 'table function `s3`'],
    ["SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))", 'table function `viewExplain`'],
    ['SELECT * FROM (EXPLAIN SELECT * FROM payloads)', 'table function `viewExplain`'],
    ['SELECT * FROM view(SELECT * FROM payloads)', 'table function `view`'],
    ["SELECT file('/etc/passwd')", 'function `file`'],
    ["SELECT dictGet('a', 'b', 1)", 'function `dictGet`'],
    ["SELECT joinGet('wheelhouse.x', 'c', 1)", 'function `joinGet`'],
    ['SELECT sleep(3)', 'function `sleep`'],
    ['SELECT currentDatabase()', 'function `currentDatabase`'],
    ["SELECT getSetting('max_threads')", 'function `getSetting`'],
    ["SELECT hasColumnInTable('wheelhouse', 'payloads', 'x')", 'function `hasColumnInTable`'],
    ['SELECT * APPLY(sleep) FROM traces', 'APPLY'],
    ['SELECT 1 SETTINGS max_execution_time = 0', 'SETTINGS'],
    ['SELECT * FROM (SELECT 1 SETTINGS max_memory_usage = 0)', 'SETTINGS'],
    ['SELECT {project:String}', 'Parameters'],
    ['SELECT 1 FORMAT JSON', 'FORMAT'],
    ["SELECT 1 INTO OUTFILE '/tmp/x'", 'FORMAT'],
    ['SELECT 1; SELECT 2', 'The database refused it'],
    ['SELECT 1; DROP TABLE spans', 'The database refused it'],
    ['SELECT 1) UNION ALL (SELECT * FROM payloads', 'The database refused it'],
    ['DROP TABLE spans', 'Only a SELECT'],
    ["INSERT INTO spans (name) VALUES ('x')", 'Only a SELECT'],
    ['ALTER TABLE spans DELETE WHERE 1', 'Only a SELECT'],
    ['CREATE TABLE x (a Int8) ENGINE = Memory', 'Only a SELECT'],
    ['SET max_threads = 1', 'Only a SELECT'],
    ['SYSTEM SHUTDOWN', 'Only a SELECT'],
    ['EXPLAIN SELECT * FROM payloads', 'Only a SELECT'],
    ['SHOW TABLES', 'Only a SELECT'],
    ['SELECT `x\n  TableIdentifier traces` FROM traces', 'Line breaks'],
    ['SELEC 1', 'The database refused it'],
    ['SELECT nope FROM traces', 'The database refused it'],
    ['SELECT * FROM nowhere', 'The database refused it'],
    ["SELECT 'unclosed", 'The database refused it'],
    ['/* SELECT 1', 'The database refused it'],
  ])('refuses %s', async (sql, reason) => {
    const error = await refused(sql);
    expect(error).toMatchObject({ code: 'sql_refused' });
    expect('message' in error && error.message).toContain(reason);
    expect('message' in error && error.message.length).toBeLessThan(400);
  });

  it('ends what takes too long or too much, and works on afterwards', async () => {
    const memory = await refused('SELECT groupArray(number) FROM numbers(1000000000)');
    expect(memory).toMatchObject({ code: 'sql_refused', message: 'It needs more than 1 GiB of memory.' });
    const large = await refused('SELECT repeat(toString(number), 1000000) FROM numbers(90)');
    expect(large).toMatchObject({ code: 'sql_refused', message: 'Its answer is larger than 64 MiB.' });
    const hurried = createSqlReader(database, { seconds: 1 });
    const endless = 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1';
    await expect(hurried.query(project, endless, { limit: 1 })).rejects.toMatchObject({
      code: 'sql_refused',
      message: 'It took longer than 1 s.',
    });
    expect((await ask('SELECT 1')).rows).toEqual([[1]]);
    expect(await database.query('SELECT count() AS n FROM numbers(200000000)')).toEqual([{ n: '200000000' }]);
  });
});
