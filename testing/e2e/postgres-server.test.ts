import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEmbedded } from '../embedded/index.ts';
import { findServer, type TestDatabase } from '../postgres/index.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const refund = 'You get your money back within 30 days.';
const rules = [{ role: 'system' as const, content: `If asked about refund, answer: ${refund}` }];
const questions = Array.from({ length: 12 }, (_, i) => `Question ${i + 1}: how does a refund work?`);

const openServer = findServer();
if (openServer === null)
  console.log('No Postgres server was found: install `postgresql` or set TEST_DATABASE_URL to test the whole on one.');

async function ask(house: Wheelhouse, content: string): Promise<unknown> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'support-bot@production', messages: [{ role: 'user', content }] }),
  });
  const answer = (await response.json()) as { choices?: { message: { content: string } }[] };
  return answer.choices?.[0]?.message.content ?? answer;
}

async function publishModel({ client }: Wheelhouse): Promise<void> {
  const name = 'support-bot';
  const prompt = { flavor: 'prompt' as const, baseModel: 'sim/rules' };
  const polite = { ...prompt, messages: [{ role: 'system' as const, content: 'Be polite.' }] };
  await client.call('createModel', { body: { name, version: { definition: polite } } });
  await client.call('createVersion', { params: { name }, body: { definition: { ...prompt, messages: rules } } });
  await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
}

async function compare({ client }: Wheelhouse) {
  const name = 'refunds';
  await client.call('createDataset', { body: { name } });
  const examples = questions.map((input) => ({ input, expected: refund }));
  await client.call('addExamples', { params: { name }, body: { examples } });
  await client.call('freezeDataset', { params: { name } });
  const runs = [{ ref: 'support-bot@production' }, { ref: 'support-bot@2' }];
  const { id } = await client.call('createEvaluation', { body: { dataset: name, runs } });
  const read = () => client.call('getEvaluation', { params: { evaluationId: id } });
  await expect.poll(async () => (await read()).status, { timeout: 30_000 }).toBe('completed');
  return read();
}

describe.skipIf(openServer === null)('the loop with its records on a Postgres server', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let database: TestDatabase | undefined;
  let first: Wheelhouse | undefined;
  let second: Wheelhouse | undefined;

  beforeAll(async () => {
    [folder, database] = await Promise.all([makeFolder(), openServer?.()]);
  });
  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    await database?.close();
    await folder?.remove();
  });

  it('publishes, calls, compares and moves the alias, and keeps all of it there and not on this disk', async () => {
    const env = { DATABASE_URL: database?.url ?? '' };
    first = await startWheelhouse({ folder: folder.path, env });
    await publishModel(first);
    expect(await ask(first, 'A refund?')).toBe('A refund?');
    const compared = await compare(first);
    expect(compared).toMatchObject({ done: 24, total: 24, runs: [{ version: 1 }, { version: 2 }] });
    expect(compared.results.find(({ measure }) => measure === 'exact')).toMatchObject({
      wins: 12,
      losses: 0,
      verdict: 'better',
    });
    await first.client.call('moveAlias', {
      params: { name: 'support-bot', alias: 'production' },
      body: { version: 2 },
    });
    expect(await ask(first, 'A refund?')).toBe(refund);
    expect((await first.stop()).code).toBe(0);
    first = undefined;

    const client = new pg.Client(env.DATABASE_URL);
    await client.connect();
    const { rows } = await client.query('select alias, version from wheelhouse.model_aliases');
    await client.end();
    expect(rows).toEqual([{ alias: 'production', version: 2 }]);

    const elsewhere = await makeFolder();
    second = await startWheelhouse({ folder: elsewhere.path, env });
    expect(await ask(second, 'A refund, on a new machine?')).toBe(refund);
    const params = { evaluationId: compared.id };
    expect(await second.client.call('getEvaluation', { params })).toEqual(compared);
    expect((await second.stop()).code).toBe(0);
    second = undefined;
    await elsewhere.remove();
  });

  it('shares an evaluation between two servers: both ask, and no answer is asked for twice', async () => {
    const engine = await openTestEmbedded();
    const shared = await openServer?.();
    const env = { DATABASE_URL: shared?.url ?? '', CLICKHOUSE_URL: engine.clickhouseUrl };
    const folders = [await makeFolder(), await makeFolder()];
    // The first makes the tables.
    const houses: Wheelhouse[] = [];
    for (const { path } of folders) houses.push(await startWheelhouse({ folder: path, env }));
    const [one] = houses;
    if (!one) throw new Error('no servers');
    try {
      const { client } = one;
      const definition = {
        ...{ flavor: 'prompt' as const, baseModel: 'sim/echo', parameters: { sim: { latency_ms: 60 } } },
        messages: [{ role: 'system' as const, content: 'Repeat.' }],
      };
      await client.call('createModel', { body: { name: 'echo', version: { definition } } });
      await client.call('createDataset', { body: { name: 'rows' } });
      const examples = Array.from({ length: 200 }, (_, n) => ({ input: `row ${n}`, expected: `row ${n}` }));
      await client.call('addExamples', { params: { name: 'rows' }, body: { examples } });
      await client.call('freezeDataset', { params: { name: 'rows' } });
      const body = { dataset: 'rows', runs: [{ ref: 'echo@1' }, { ref: 'echo@1', label: 'again' }], concurrency: 4 };
      const { id } = await client.call('createEvaluation', { body });
      const read = () => client.call('getEvaluation', { params: { evaluationId: id } });
      await expect.poll(async () => (await read()).status, { timeout: 90_000 }).toBe('completed');
      expect(await read()).toMatchObject({ done: 400, failed: 0 });
      const asked = await Promise.all(
        houses.map(async ({ url }) => {
          const text = await (await fetch(`${url}/metrics`)).text();
          const counts = [...text.matchAll(/^gen_ai_server_request_duration_seconds_count\{.*\} (\d+)$/gm)];
          return counts.reduce((sum, [, count]) => sum + Number(count), 0);
        }),
      );
      expect(Math.min(...asked)).toBeGreaterThan(0);
      expect(asked.reduce((sum, count) => sum + count, 0)).toBe(400);
    } finally {
      await Promise.all(houses.map((house) => house.stop()));
      await Promise.all(folders.map((folder) => folder.remove()));
      await shared?.close();
      await engine.close();
    }
  });
});
