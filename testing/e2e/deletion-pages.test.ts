import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

const eventually = <T>(read: () => T) => expect.poll(read);

describe('deleting, as everybody sees it', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  const ask = async (content: string, user: string) => {
    const answer = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'sim/echo', user, messages: [{ role: 'user', content }] }),
    });
    await answer.text();
  };

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    await ask('Where is my refund?', 'ann');
    await ask('Say hello', 'bob');
    await untilListed(house.client, 2);
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await opened?.close();
  });

  it('takes traces out of the list that somebody has open, and leaves tombstones in datasets', async () => {
    const { client } = house;
    const { data } = await client.call('listTraces', { query: { q: 'user:ann' } });
    const traceId = data[0]?.traceId ?? '';
    const { spans } = await client.call('getTrace', { params: { traceId } });
    await client.call('createDataset', { body: { name: 'asked' } });
    const from = { traceId, spanId: spans[0]?.spanId ?? '' };
    const examples = [{ from }, { input: 'Do you ship to Norway?', expected: 'Yes.' }];
    await client.call('addExamples', { params: { name: 'asked' }, body: { examples } });

    await page.goto(`${house.url}/traces`);
    const rows = page.getByRole('grid', { name: 'Traces' }).getByRole('row');
    await eventually(() => rows.filter({ hasText: 'refund' }).count()).toBe(1);
    await client.call('createDeletion', { body: { user: 'ann' } });
    await eventually(() => rows.filter({ hasText: 'refund' }).count()).toBe(0);
    await expect.poll(() => rows.filter({ hasText: 'hello' }).count()).toBe(1);

    await eventually(async () => (await client.call('listDeletions', {})).data[0]?.status).toBe('completed');
    await page.goto(`${house.url}/datasets/asked`);
    await page.getByText('✕ erased').waitFor();
    const tombstone = page.getByRole('grid', { name: 'Examples' }).getByRole('row').filter({ hasText: 'erased' });
    await tombstone.getByTitle('This trace was deleted').waitFor();
    expect(await tombstone.getByRole('link').count()).toBe(0);
    expect(await tombstone.getByRole('button', { name: 'Edit this example' }).count()).toBe(0);
    await expectGoodNow(page, 'dataset-erased');
    await tombstone.getByRole('button', { name: 'Remove this example' }).click();
    await tombstone.waitFor({ state: 'detached' });
  });

  it('lets an admin say how long traces are kept', async () => {
    await page.goto(`${house.url}/settings`);
    const kept = page.getByLabel('Traces are kept');
    await kept.selectOption('for a number of days');
    await page.getByLabel('Days', { exact: true }).fill('14');
    await expectGoodNow(page, 'settings-keep');
    await page.getByRole('button', { name: 'Save', exact: true }).last().click();
    await page.getByText('✓ Traces are kept 14 days').waitFor();
    expect(await house.client.call('getRetention', {})).toMatchObject({ keepDays: 14, own: true });
    await page.reload();
    await eventually(() => page.getByLabel('Days', { exact: true }).inputValue()).toBe('14');
  });
});
