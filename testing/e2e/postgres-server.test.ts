import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  const body = { dataset: name, a: 'support-bot@production', b: 'support-bot@2' };
  const { id } = await client.call('createComparison', { body });
  const read = () => client.call('getComparison', { params: { comparisonId: id } });
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
    expect(compared).toMatchObject({ done: 24, total: 24, a: { version: 1 }, b: { version: 2 } });
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
    const params = { comparisonId: compared.id };
    expect(await second.client.call('getComparison', { params })).toEqual(compared);
    expect((await second.stop()).code).toBe(0);
    second = undefined;
    await elsewhere.remove();
  });
});
