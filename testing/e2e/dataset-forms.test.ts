import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

/** Writes three variants of any row, always the same ones. */
const writer = {
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/rules',
    messages: [
      {
        role: 'system' as const,
        content: `If asked about variants, answer: ${JSON.stringify({
          rows: ['Ship it NOW', 'WHERE is it', 'I am waiting!'].map((input) => ({ input, expected: 'Soon.' })),
        })}`,
      },
    ],
    parameters: { sim: { input_price: 2, output_price: 8 } },
  },
};

const question = 'Do you ship to Iceland?';
let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  await house.client.call('createModel', { body: { name: 'writer', version: writer } });
  open = await visit(browser, `${house.url}/datasets`, { viewport: { width: 1280, height: 800 } });
  page = open.page;
});
afterAll(() => opened?.close());

const plans = ['free', 'pro', 'pro', 'pro'];
const inputs = ['Do you ship to Norway?', 'Where is my order?', 'where is  my ORDER?', 'Write to ada@example.org'];

/** Four rows, of three customers. */
async function makeDataset(name: string): Promise<{ name: string }> {
  await house.client.call('createDataset', { body: { name } });
  const examples = inputs.map((input, i) => ({
    ...{ input, expected: i === 3 ? 'Done.' : 'Yes.' },
    metadata: { plan: plans[i] ?? '', customer: `c${Math.min(i, 2)}` },
  }));
  await house.client.call('addExamples', { params: { name }, body: { examples } });
  return { name };
}
const show = (name: string, search: string) => page.goto(`${house.url}/datasets/${name}${search}`);
const jobs = (name: string) => house.client.call('listDatasetJobs', { params: { name }, query: {} });
const detailOf = async (params: { name: string }) => (await house.client.call('getDataset', { params })).dataset;
const isThere = (locator: Locator) => locator.filter({ visible: true }).first().waitFor();

describe('what fills a dataset, and what its rows must be, on its page', () => {
  it('asks rows for what they have, and tells those that do not fit', async () => {
    const params = await makeDataset('typed');
    await show('typed', '?tab=schema');
    const found = page.getByRole('list', { name: 'What the metadata of rows has' });
    await found.getByText('metadata.plan').waitFor();
    const asked = page.getByLabel('Schema of input');
    await page.getByRole('button', { name: 'Ask for it of input' }).click();
    await expect.poll(async () => JSON.parse(await asked.inputValue())).toEqual({ type: 'string' });
    await asked.fill('{ "type": "text" }');
    await page.getByRole('button', { name: 'Save and check the rows' }).click();
    await isThere(page.getByText('The schema of `input` is no JSON Schema'));
    await asked.fill('{ "type": "string", "maxLength": 22 }');
    await page.getByRole('button', { name: 'Save and check the rows' }).click();
    await isThere(page.getByText('Rows must fit the schema of input; those that do not are refused.'));
    await isThere(page.getByText('✕ 1 of 4 rows did not fit'));
    expect((await detailOf(params)).schema).toEqual({
      ...{ input: { type: 'string', maxLength: 22 }, expected: null, metadata: null },
    });
    await expectGoodNow(page, 'dataset-schema');
    await page.getByRole('button', { name: 'Ask for what the rows have' }).click();
    await page.getByRole('button', { name: 'Save and check the rows' }).click();
    await isThere(page.getByText('✓ Each of 4 rows fitted'));
    expect((await detailOf(params)).schema).toMatchObject({ input: { type: 'string' }, metadata: { type: 'object' } });
  });

  it('splits by what stays together, after saying how many rows come where', async () => {
    const params = await makeDataset('parted');
    await show('parted', '?tab=splits');
    await page.getByLabel('What stays together').fill('nowhere');
    await isThere(page.getByText('What stays together is `input`'));
    await expect.poll(() => page.getByRole('button', { name: 'Split the rows' }).isDisabled()).toBe(true);
    await page.getByLabel('What stays together').fill('metadata.customer');
    await page.getByLabel('Name of part 2').fill('held-out');
    await page.getByLabel('Share of part 2').fill('80');
    const preview = await page
      .getByRole('status')
      .filter({ hasText: /Of 4 rows.*held-out/ })
      .textContent();
    await expectGoodNow(page, 'dataset-splits');
    await page.getByRole('button', { name: 'Split the rows' }).click();
    await isThere(page.getByText('train 50 %, held-out 50 %, by metadata.customer'));
    await expect.poll(async () => (await jobs('parted')).data[0]?.status).toBe('completed');
    const { data } = await house.client.call('listExamples', { params, query: {} });
    expect(data[2]?.split).toBe(data[3]?.split);
    const held = data.filter(({ split }) => split === 'held-out').length;
    expect(preview).toContain(`train ${4 - held}, held-out ${held}`);
    await isThere(page.getByText('All have that split already.'));
    await page.getByRole('button', { name: 'Forget the rule' }).click();
    await isThere(page.getByText('No rule: rows have the split that they came with.'));
    expect((await detailOf(params)).splits).toBeNull();
  });

  it('takes rows from traces: those that are there by a job, those that come by a rule', async () => {
    await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: question }] }),
    });
    const traces = async () => (await house.client.call('listTraces', { query: { q: 'model:sim/echo' } })).data.length;
    await expect.poll(traces).toBe(1);
    const { name } = await makeDataset('fed');
    await show('fed', '?tab=rules');
    await page.getByRole('button', { name: 'Take traces …' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('?tab=rules&open=traces');
    const dialog = page.getByRole('dialog', { name: 'Rows of fed from traces' });
    await dialog.getByLabel('Filter').fill('nonsense:');
    await dialog.getByRole('button', { name: 'Make the rule' }).click();
    await dialog.getByRole('alert').waitFor();
    await dialog.getByLabel('Filter').fill('model:sim/echo');
    await dialog.getByLabel('Tags').fill('live, echo');
    await dialog.getByLabel('Those that are there already').check();
    await expectGoodNow(page, 'dataset-traces');
    await dialog.getByLabel('New ones as they come').uncheck();
    await dialog.getByRole('button', { name: 'Take them' }).click();
    await dialog.getByText('1 added').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Take traces …' }).click();
    await dialog.getByLabel('Filter').fill('model:sim/echo');
    await dialog.getByLabel('Tags').fill('live, echo');
    await dialog.getByRole('button', { name: 'Make the rule' }).click();
    await dialog.waitFor({ state: 'detached' });
    const rule = page.getByRole('region', { name: 'Rules' }).getByRole('row').filter({ hasText: 'model:sim/echo' });
    await rule.getByText('echo, live').waitFor();
    expect((await house.client.call('listDatasetRules', { params: { name } })).data).toMatchObject([
      { q: 'model:sim/echo', sample: 1, expected: true, tags: ['echo', 'live'], added: 0 },
    ]);
    const { data } = await house.client.call('listExamples', { params: { name }, query: { tag: 'live' } });
    expect(data).toMatchObject([{ source: { traceId: expect.any(String) } }]);
    await expectGoodNow(page, 'dataset-rules');
    await rule.getByRole('button', { name: 'Pause the rule model:sim/echo' }).click();
    await rule.getByText('■ paused').waitFor();
    await rule.getByRole('button', { name: 'Let the rule model:sim/echo go on' }).waitFor();
    const unknown = { params: { name, ruleId: 'dr_none' }, body: { paused: true } };
    await expect(house.client.call('changeDatasetRule', unknown)).rejects.toMatchObject({ code: 'not_found' });
    await rule.getByRole('button', { name: 'Remove the rule model:sim/echo' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove', exact: true }).click();
    await isThere(page.getByText('Nothing comes by itself.'));
  });

  it('has a model write variants, which are marked, and says what that cost', async () => {
    const { name } = await makeDataset('varied');
    await show('varied', '');
    await page.getByRole('button', { name: 'Vary …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Variants of rows of varied' });
    await dialog.getByLabel('Model').selectOption('writer@1');
    await dialog.getByLabel('How variants are to differ').fill('As an angry customer');
    await dialog.getByLabel('Rows to write').fill('3');
    await isThere(dialog.getByText('1 call', { exact: true }));
    await expectGoodNow(page, 'dataset-synthesis');
    await dialog.getByRole('button', { name: 'Write them' }).click();
    await dialog.getByText('3 of 3 written').waitFor();
    await dialog.getByText('by writer@1').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    const rows = page.getByRole('grid', { name: 'Examples' }).getByRole('row');
    await expect.poll(() => rows.count()).toBe(1 + inputs.length + 3);
    const made = rows.filter({ hasText: 'I am waiting!' });
    await made.getByText('synthetic', { exact: true }).filter({ visible: true }).waitFor();
    const { data } = await house.client.call('listExamples', { params: { name }, query: { tag: 'synthetic' } });
    expect(data).toHaveLength(3);
  });

  it('makes a version by a recipe, of which each step says what comes out of it', async () => {
    await makeDataset('raw');
    await house.client.call('freezeDataset', { params: { name: 'raw' } });
    await house.client.call('createDataset', { body: { name: 'clean' } });
    await show('clean', '?tab=recipe');
    await page.getByLabel('From').selectOption('raw');
    const step = (at: number) => page.getByRole('list', { name: 'Steps' }).getByRole('listitem').nth(at);
    const add = (text: string) => page.getByRole('button', { name: text }).click();
    await add('Leave out equal rows');
    await step(0).getByText('→ 3 rows').waitFor();
    await add('Tag all rows');
    await expect.poll(() => page.getByRole('button', { name: 'Save and make v1' }).isDisabled()).toBe(true);
    await step(1).getByText('It says which tags.').waitFor();
    await step(1).getByLabel('Tags').fill('clean');
    await add('Mask personal data');
    await add('Keep or leave out rows');
    await step(3).getByLabel('Rows that fit all of this').selectOption('are left out');
    await step(3).getByLabel('Metadata').fill('plan: free');
    await step(3).getByText('→ 2 rows').waitFor();
    await page.getByRole('button', { name: 'Step 4 earlier' }).click();
    await step(2).getByText('→ 2 rows').waitFor();
    const outcome = page.getByRole('region', { name: 'What comes of it' });
    await outcome.getByText('Write to <EMAIL>').waitFor();
    await expectGoodNow(page, 'dataset-recipe');
    await page.getByRole('button', { name: 'Save and make v1' }).click();
    await isThere(page.getByText('made v1', { exact: false }));
    const { dataset, versions } = await house.client.call('getDataset', { params: { name: 'clean' } });
    expect(versions).toMatchObject([{ number: 1, count: 2, madeFrom: ['dataset:raw@1'] }]);
    expect(dataset.recipe).toEqual({
      from: 'raw',
      version: null,
      steps: [
        { do: 'deduplicate' },
        { do: 'tag', add: ['clean'] },
        { do: 'filter', not: true, metadata: { plan: 'free' } },
        { do: 'mask' },
      ],
    });
    await isThere(page.getByRole('button', { name: 'Make v2' }));
    await page.getByRole('link', { name: 'Versions', exact: true }).click();
    await isThere(page.getByRole('link', { name: 'dataset raw@1' }));
  });

  it('is small at its first load, whichever part is opened', async () => {
    await makeDataset('small');
    for (const tab of ['schema', 'recipe'])
      await expectGoodPage(
        { browser, house },
        {
          name: `dataset-${tab}-empty`,
          path: `/datasets/small?tab=${tab}`,
          settled: tab === 'schema' ? 'Rows may be anything.' : 'A recipe makes this dataset',
        },
      );
    expect(open.problems.filter((problem) => !problem.includes('status of 400'))).toEqual([]);
  });
});
