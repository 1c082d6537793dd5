import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  await house.client.call('createDataset', { body: { name: 'faq', description: 'What people ask' } });
  open = await visit(browser, `${house.url}/datasets/faq`, { viewport: { width: 1280, height: 800 } });
  page = open.page;
});
afterAll(() => opened?.close());

const params = { name: 'faq' };
const rows = () => page.getByRole('grid', { name: 'Examples' }).getByRole('row');
const tab = (name: string) =>
  page.getByRole('navigation', { name: 'Parts of the dataset' }).getByRole('link', { name, exact: true });

const lines = [
  'question;answer;plan',
  '"Do you ship; to Norway?";"Yes, in 3 to 6 days.";pro',
  'Where is my order?;On its way.;free',
  'only a question',
  'Can I pay by card?;Yes.;pro',
];

describe('the page of a dataset', () => {
  it('takes a file: which field is what, what rows become by that, how far it is, and what was not taken', async () => {
    const path = join(house.folder, 'faq.csv');
    await writeFile(path, lines.join('\n'));
    await page.getByRole('button', { name: 'Import a file' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import rows into faq' });
    await dialog.getByLabel('File').setInputFiles(path);
    const preview = dialog.getByRole('region', { name: 'What the first rows become' });
    await preview.getByText('Do you ship; to Norway?').waitFor();
    await dialog.getByLabel('question').selectOption('Expected');
    await dialog.getByLabel('answer').selectOption('Input');
    await expect
      .poll(() => preview.getByRole('listitem').first().textContent())
      .toBe('Yes, in 3 to 6 days.Do you ship; to Norway?');
    await dialog.getByLabel('question').selectOption('Input');
    await dialog.getByLabel('answer').selectOption('Expected');
    await dialog.getByLabel('plan').selectOption('Tags');
    await expectGoodNow(page, 'dataset-import');
    await dialog.getByRole('button', { name: 'Import', exact: true }).click();
    await dialog.getByText('✕ 1 row refused').waitFor();
    await dialog.getByText('Rows that were not taken').click();
    await dialog.getByText('It has 1 fields; the header has 3.').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
    await expect.poll(() => rows().count()).toBe(4);
    const { data } = await house.client.call('listExamples', { params, query: {} });
    expect(data[0]).toMatchObject({
      input: 'Do you ship; to Norway?',
      expected: 'Yes, in 3 to 6 days.',
      tags: ['pro'],
    });
    await tab('Jobs').click();
    await page.getByRole('list', { name: 'Jobs' }).getByText('3 added').waitFor();
    await expectGoodNow(page, 'dataset-jobs');
    await tab('Rows').click();
  });

  it('labels rows and shows slices of them; what is chosen is in the link', async () => {
    await rows().filter({ hasText: 'Where is my order?' }).getByRole('button', { name: 'Edit this example' }).click();
    const dialog = page.getByRole('dialog', { name: 'Edit example' });
    await dialog.getByLabel('Tags').fill('free, late');
    await dialog.getByLabel('Split').fill('test');
    await dialog.getByLabel('Weight').fill('2');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });
    await rows().filter({ hasText: 'free, late' }).getByText('×2').waitFor();
    await page.getByLabel('Tag').selectOption('pro');
    await expect.poll(() => rows().count()).toBe(3);
    await page.getByLabel('Text in the rows').fill('card');
    await page.keyboard.press('Enter');
    await expect.poll(() => rows().count()).toBe(2);
    await expect.poll(() => new URL(page.url()).search).toBe('?tag=pro&q=card');
    await page.getByRole('link', { name: 'Show all' }).click();
    await expect.poll(() => rows().count()).toBe(4);
    await expectGoodNow(page, 'dataset-labels');
  });

  it('freezes, names, compares and takes back versions', async () => {
    await page.getByRole('button', { name: 'Freeze v1' }).click();
    await page.getByText('Frozen as v1, 3 examples').waitFor();
    const { data } = await house.client.call('listExamples', { params, query: {} });
    const content = { input: 'Can I pay by card?', expected: 'Yes, by any card.' };
    await house.client.call('replaceExample', {
      params: { ...params, exampleId: data[2]?.id ?? '' },
      body: { ...content, tags: ['pro'] },
    });
    await house.client.call('addExamples', { params, body: { examples: [{ input: 'Are you open on Sunday?' }] } });
    await tab('Versions').click();
    await page.getByRole('button', { name: 'Name version 1' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('golden');
    await page.getByRole('dialog').getByRole('button', { name: 'Name it' }).click();
    await page.getByText('@golden', { exact: true }).waitFor();
    await page.getByRole('link', { name: 'to the draft' }).click();
    const differences = page.getByRole('region', { name: 'Differences' });
    await differences.getByText('+1 −0 ~1').waitFor();
    await differences.getByRole('listitem').filter({ hasText: 'changed' }).getByText(', by any card').waitFor();
    await expectGoodNow(page, 'dataset-versions');
    await page.getByRole('button', { name: 'Make the draft version 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Make it so' }).click();
    await differences.getByText('Nothing is different.').waitFor();
    await page.getByRole('link', { name: 'v1', exact: true }).click();
    await expect.poll(() => rows().count()).toBe(4);
    await expect.poll(() => page.getByRole('button', { name: 'Edit this example' }).count()).toBe(0);
  });

  it('says what is wrong with the rows, lays them out on a map, and marks what it found', async () => {
    const examples = Array.from({ length: 30 }, (_, i) => ({
      input: i < 28 ? `When does parcel number ${i} come?` : 'Write to ada@example.org about the parcel',
      expected: i === 29 ? 'At noon' : 'Tomorrow',
    }));
    await house.client.call('addExamples', { params, body: { examples } });
    await page.goto(`${house.url}/datasets/faq?tab=health`);
    await page.getByRole('button', { name: 'Check the draft' }).click();
    const findings = page.getByRole('list', { name: 'Findings' });
    await findings.getByText('email 2').waitFor();
    await findings.getByRole('listitem').filter({ hasText: 'One input, several' }).getByText('1 input').waitFor();
    await page.getByRole('img', { name: /Map of 33 rows/ }).waitFor();
    await page.getByRole('list', { name: 'Topics' }).getByRole('button').first().focus();
    await expectGoodNow(page, 'dataset-health');
    await findings.getByRole('button', { name: 'Tag as personal-data' }).click();
    await page.waitForURL('**/datasets/faq?tag=personal-data');
    await expect.poll(() => rows().count()).toBe(3);
    expect(open.problems).toEqual([]);
  });
});
