import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TraceSummaryBody } from '@wheelhouse/sdk';
import { readParquet } from '@wheelhouse/testing/parquet';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

describe('wheelhouse trace, as a user types it', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  const cli = (...args: string[]) =>
    runCli(['trace', ...args], { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });
  const list = async (...args: string[]) =>
    (JSON.parse((await cli('ls', '--json', ...args)).stdout) as { data: TraceSummaryBody[] }).data;

  async function ask(content: string, user: string): Promise<void> {
    const response = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sim/echo', user, messages: [{ role: 'user', content }] }),
    });
    expect(response.status).toBe(200);
    await response.text();
  }

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
    await ask('Where is my Refund?', 'ann');
    await ask('What is the weather like?', 'ann');
    await ask('Say hello', 'bob');
    await untilListed(house.client, 3);
  });
  afterAll(async () => {
    await house.stop();
    await folder.remove();
  });

  it('lists what fits, newest first, without colours in a pipe', async () => {
    expect((await list('user:ann')).map(({ inputPreview }) => inputPreview)).toEqual([
      'What is the weather like?',
      'Where is my Refund?',
    ]);
    expect(await list('refund', 'model:echo', 'last:1h', 'latency>0s')).toHaveLength(1);
    expect(await list('status:error or user:bob')).toHaveLength(1);
    const table = await cli('ls', '--limit', '2');
    expect(table).toMatchObject({ code: 0, stderr: expect.stringContaining('there are more') });
    expect(table.stdout.trimEnd().split('\n')).toHaveLength(3);
    expect(table.stdout).not.toContain('\u001b');
  });

  it('points at what is wrong in a filter and ends with 2; with 4 where no server is', async () => {
    const wrong = await cli('ls', 'user:ann stauts:error');
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('    user:ann stauts:error\n             ^^^^^^');
    expect(wrong.stderr).toContain('Did you mean `status`?');
    const away = await runCli(['trace', 'ls'], { env: { WHEELHOUSE_URL: 'http://127.0.0.1:1' } });
    expect(away).toMatchObject({ code: 4, stderr: expect.stringContaining('No answer from') });
  });

  it('shows a trace by the digits that a list shows', async () => {
    const [trace] = await list('user:bob');
    const shown = await cli('show', trace?.traceId.slice(0, 8) ?? '');
    expect(shown).toMatchObject({ code: 0, stderr: `  → ${house.url}/x/${trace?.traceId}\n` });
    expect(shown.stdout).toContain('◆ chat sim/echo');
    expect(shown.stdout).toContain('in  Say hello');
  });

  it('exports with contents, to JSONL and to Parquet', async () => {
    expect(await cli('export', 'user:ann', '-o', 'out.jsonl')).toMatchObject({ code: 0 });
    const lines = (await readFile(join(folder.path, 'out.jsonl'), 'utf8')).trimEnd().split('\n');
    const [first] = lines.map((line) => JSON.parse(line) as { spans: { input: object }[] });
    expect(lines).toHaveLength(2);
    expect(JSON.stringify(first?.spans[0]?.input)).toContain('What is the weather like?');
    expect((await cli('export', 'user:ann')).stdout.trimEnd().split('\n')).toEqual(lines);

    expect(await cli('export', '-o', 'out.parquet')).toMatchObject({ code: 0 });
    const bytes = await readFile(join(folder.path, 'out.parquet'));
    const rows = await readParquet(new Uint8Array(bytes).buffer);
    expect(rows.map(({ user_id, kind }) => [user_id, kind])).toEqual([
      ['bob', 'generation'],
      ['ann', 'generation'],
      ['ann', 'generation'],
    ]);
  });

  it('answers facets, series and SQL of the same traces', async () => {
    const facets = await house.client.call('listFacets', { query: { q: 'user:bob', fields: 'user,status' } });
    expect(facets).toMatchObject({
      total: 1,
      facets: [
        {
          values: [
            { value: 'ann', count: 2 },
            { value: 'bob', count: 1 },
          ],
        },
        { values: [{ value: 'ok', count: 1 }] },
      ],
    });
    const series = await house.client.call('getSeries', { query: { q: 'last:1h', of: 'calls', by: 'model' } });
    expect(series.groups).toMatchObject([{ value: 'sim/echo', total: { count: 3, errors: 0 } }]);
    const sql = 'SELECT user_id, count() AS n FROM traces GROUP BY user_id ORDER BY user_id';
    expect(await house.client.call('runSql', { body: { sql } })).toMatchObject({
      rows: [
        ['ann', '2'],
        ['bob', '1'],
      ],
    });
    await expect(house.client.call('runSql', { body: { sql: 'DROP TABLE spans' } })).rejects.toMatchObject({
      code: 'sql_refused',
    });
  });

  it('keeps traces as long as the project says', async () => {
    const set = (days: string) =>
      runCli(['project', 'set', '--keep-days', days], { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });
    expect(await set('30')).toMatchObject({ code: 0, stdout: expect.stringContaining('kept 30 days; older ones') });
    expect(await house.client.call('getRetention', {})).toEqual({ keepDays: 30, own: true, serverDays: 'forever' });
    expect(await set('default')).toMatchObject({
      stdout: expect.stringContaining('kept for ever, as the server says'),
    });
    expect(await set('0')).toMatchObject({ code: 2 });
  });

  it('exports to the server, and fetches what it wrote', async () => {
    const made = await cli('export', '--to', 'blob', 'user:ann');
    expect(made).toMatchObject({ code: 0, stderr: expect.stringContaining('2 traces') });
    const id = made.stdout.trim();
    const path = join(folder.path, 'stored.jsonl');
    expect(await cli('export', '--stored', id, '-o', path)).toMatchObject({ code: 0 });
    const { stdout: direct } = await cli('export', 'user:ann');
    expect(await readFile(path, 'utf8')).toBe(direct);
    expect((await cli('exports')).stdout).toContain(id);
    expect(await cli('export', '--to', 'blob', '-o', path)).toMatchObject({ code: 2 });
    expect(await cli('exports', '--rm', id)).toMatchObject({ code: 0 });
    expect(await cli('export', '--stored', id)).toMatchObject({ code: 2 });
  });

  it('reads stored spans again, of which there is nothing to do here', async () => {
    const done = await cli('renormalize');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing was read by an older version') });
    expect(await cli('renormalize', '--from', 'yesterday')).toMatchObject({ code: 2 });
  });

  it('removes a user for good: traces, contents, examples that were made of them, and from every list', async () => {
    const { client } = house;
    const [mine] = await list('refund');
    const { spans } = await client.call('getTrace', { params: { traceId: mine?.traceId ?? '' } });
    const from = { traceId: mine?.traceId ?? '', spanId: spans[0]?.spanId ?? '' };
    await client.call('createDataset', { body: { name: 'asked' } });
    const params = { name: 'asked' };
    await client.call('addExamples', {
      params,
      body: { examples: [{ from }, { input: 'by hand', expected: 'kept' }] },
    });
    const version = await client.call('freezeDataset', { params });
    const unsure = await cli('rm', '--user', 'ann');
    expect(unsure).toMatchObject({ code: 2, stderr: expect.stringContaining('Add --yes.') });
    const [trace] = await list('user:ann');
    const removed = await cli('rm', '--user', 'ann', '--yes');
    expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('2 removed') });
    expect(await list()).toHaveLength(1);
    expect(await cli('show', trace?.traceId ?? '')).toMatchObject({ code: 2 });
    const { data } = await house.client.call('listDeletions', {});
    expect(data).toMatchObject([{ subject: { type: 'user', id: 'ann' }, status: 'completed', traces: 2 }]);
    for (const query of [{}, { version: 1 }]) {
      const { data: examples } = await client.call('listExamples', { params, query });
      expect(examples).toMatchObject([
        { input: null, expected: null, source: from, erasedAt: expect.any(String) },
        { input: 'by hand', expected: 'kept', erasedAt: null },
      ]);
    }
    expect((await client.call('getDataset', { params })).versions).toEqual([version]);
    const eval_ = await runCli(['eval', 'asked', '--run', 'sim/echo', '--run', 'sim/echo'], {
      cwd: folder.path,
      env: { WHEELHOUSE_URL: house.url },
    });
    expect(eval_.stdout).toContain('left out: 1 whose content was erased with its trace');
  });
});
