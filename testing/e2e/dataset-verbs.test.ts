import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient, openDataset } from '@wheelhouse/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

describe('wheelhouse dataset, as a user types it', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  const cli = (...args: string[]) =>
    runCli(['dataset', ...args], { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });
  const file = (name: string) => join(folder.path, name);

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
    const rows = Array.from({ length: 40 }, (_, n) => `question ${n},answer ${n % 2},c${n % 7}`);
    await writeFile(file('faq.csv'), `q,a,customer\n${rows.join('\n')}\nragged\n`);
  });
  afterAll(async () => {
    await house.stop();
    await folder.remove();
  });

  it('reads a file, lists what it could not take, and ends with 1', async () => {
    const fields = ['--input', 'q', '--expected', 'a', '--metadata', '*'];
    const read = await cli('import', 'faq', 'faq.csv', '--create', ...fields);
    expect(read).toMatchObject({ code: 1, stdout: expect.stringContaining('40 rows added, 1 refused') });
    expect(read.stderr).toContain('42  It has 1 fields; the header has 3.');
    const again = await cli('import', 'faq', 'faq.csv', '--unique', ...fields);
    expect(again.stdout).toContain('0 rows added, 40 were there already, 1 refused');
    const none = await cli('import', 'nothing', 'faq.csv');
    expect(none).toMatchObject({ code: 2, stderr: expect.stringContaining('No dataset is called') });
  });

  it('splits, freezes, shows and compares', async () => {
    expect(await cli('split', 'faq', 'train=70', 'test=30', '--by', 'metadata.customer')).toMatchObject({ code: 0 });
    const frozen = await cli('freeze', 'faq', '--alias', 'golden');
    expect(frozen.stdout).toBe('  faq@1  40 rows, called golden\n');
    expect((await cli('add', 'faq', '--input', 'one more', '--expected', 'x', '--tag', 'new')).code).toBe(0);
    const shown = await cli('show', 'faq', '--tag', 'new');
    expect(shown.stdout).toContain('golden → 1');
    expect(shown.stdout).toContain('one more');
    const diff = await cli('diff', 'faq', 'golden');
    expect(diff.stdout).toContain('1 added, 0 removed, 0 changed');
    const { stdout } = await cli('ls');
    expect(stdout).toMatch(/faq +@1 +41 rows +changed since/);
  });

  it('looks at its health, and prints clean JSON in a pipe', async () => {
    const report = await cli('health', 'faq', '--version', 'golden');
    expect(report).toMatchObject({ code: 0, stdout: expect.stringContaining('40 rows') });
    expect(report.stdout).not.toContain('\u001b');
    expect(JSON.parse((await cli('health', 'faq', '--json')).stdout)).toMatchObject({ rows: 41, version: null });
  });

  it('gives rows out and takes them back, in every table', async () => {
    for (const ending of ['parquet', 'jsonl', 'csv', 'json']) {
      expect((await cli('export', 'faq', '-o', `faq.${ending}`, '--version', '1')).code).toBe(0);
      const back = await cli('import', `from-${ending}`, `faq.${ending}`, '--create');
      expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining('40 rows added') });
    }
    const chat = await cli('export', 'faq', '--format', 'openai-chat', '--version', '1');
    const lines = chat.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { messages: object[] });
    expect(lines).toHaveLength(40);
    expect(lines[0]?.messages).toEqual([
      { role: 'user', content: 'question 0' },
      { role: 'assistant', content: 'answer 0' },
    ]);
    expect((await readFile(file('faq.csv'), 'utf8')).split('\r\n')[0]).toBe(
      'id,input,expected,metadata,tags,split,weight',
    );
  });

  it('is filled from code and from traces, and follows a recipe', async () => {
    const client = createClient({ baseUrl: house.url });
    await client.call('createDataset', { body: { name: 'code' } });
    const dataset = openDataset(client, 'code');
    const { ids } = await dataset.add({ input: 'a', expected: 'b' }, { input: 'A', expected: 'b' });
    expect(ids).toHaveLength(2);
    await dataset.freeze();
    await client.call('createDataset', { body: { name: 'made' } });
    const params = { name: 'made' };
    const steps = [{ do: 'deduplicate' as const }, { do: 'tag' as const, add: ['clean'] }];
    await client.call('setDatasetRecipe', { params, body: { from: 'code', steps } });
    const { id } = await client.call('runDatasetRecipe', { params });
    const job = () => client.call('getDatasetJob', { params: { name: 'made', jobId: id } });
    while ((await job()).finishedAt === null);
    expect(await job()).toMatchObject({ status: 'completed', result: { version: 1, rows: 1 } });
    const made: unknown[] = [];
    for await (const { input, tags } of openDataset(client, 'made').rows({ version: 1 })) made.push([input, tags]);
    expect(made).toEqual([['a', ['clean']]]);
    const lineage = await client.call('getLineage', { query: { of: 'dataset:made@1' } });
    expect(JSON.stringify(lineage)).toContain('dataset:code@1');
  });

  it('goes for good, when that was meant', async () => {
    expect(await cli('rm', 'made')).toMatchObject({ code: 2, stderr: expect.stringContaining('--yes') });
    expect(await cli('rm', 'made', '--yes')).toMatchObject({ code: 0, stdout: '  made is removed\n' });
    expect((await cli('show', 'made')).code).toBe(2);
  });
});
