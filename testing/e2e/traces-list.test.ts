import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible, untilKey } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { type Seeded, seed } from './seed.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

const eventually = <T>(read: () => T) => expect.poll(read);

describe('finding traces', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let seeded: Seeded;
  const problems: string[] = [];

  const search = (name: string) => new URL(page.url()).searchParams.get(name);
  const rows = () =>
    page
      .getByRole('grid', { name: 'Traces' })
      .getByRole('row')
      .filter({ hasNot: page.getByRole('columnheader') });
  const facet = (section: string, value: RegExp) =>
    page
      .getByRole('complementary', { name: 'Facets' })
      .getByRole('region', { name: section })
      .getByRole('button', { name: value });
  const call = (content: string, model = 'sim/echo') =>
    fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
    });

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
    seeded = await seed(house.url, house.client);
    context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    await untilListed(house.client, 24);
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await opened?.close();
  });

  it('narrows by facets, whose counts are right, and keeps the filter in the address', async () => {
    await page.goto(`${house.url}/traces`);
    await eventually(() => rows().count()).toBe(24);
    await facet('Status', /^error 3$/).click();
    await eventually(() => search('q')).toBe('status:error');
    await eventually(() => rows().count()).toBe(3);
    await facet('Status', /ok 21$/).click();
    await eventually(() => search('q')).toBe('status:error,ok');
    await facet('Status', /error 3$/).click();
    await facet('Status', /ok 21$/).click();
    await eventually(() => search('q')).toBeNull();
    await facet('Kind', /^agent 3$/).click();
    await eventually(() => rows().count()).toBe(3);
    await page.reload();
    await eventually(() => rows().count()).toBe(3);
    await expectAccessible(page);
  });

  it('completes fields and recorded values while one types', async () => {
    await page.goto(`${house.url}/traces`);
    await rows().first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('use');
    await page.getByRole('option', { name: /^user/ }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.keyboard.type('gr');
    await page.getByRole('option', { name: 'grace' }).waitFor();
    await expectAccessible(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await eventually(() => search('q')).toBe('user:grace');
    await eventually(() => rows().count()).toBe(8);
    await page.keyboard.type('score.grounded<0.7');
    await page.keyboard.press('Enter');
    await eventually(() => search('q')).toBe('user:grace score.grounded<0.7');
    await eventually(() => rows().count()).toBeLessThan(4);
  });

  it('says where a filter is wrong and what may have been meant', async () => {
    await page.goto(`${house.url}/traces?q=status:error+modle:gpt`);
    const alert = page.getByRole('alert');
    await alert.getByText('There is no field `modle`').waitFor();
    await alert.getByText('Did you mean `model`?').waitFor();
    await expect.poll(() => alert.locator('.underline').textContent()).toBe('modle');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await eventually(() => rows().count()).toBe(24);
  });

  it('looks at a trace beside the list, follows j and k, and opens it with a second Enter', async () => {
    await page.goto(`${house.url}/traces?q=kind:agent`);
    await rows().first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await eventually(() => search('peek')).toMatch(/^[0-9a-f]{32}$/);
    const first = search('peek');
    const peek = page.getByRole('complementary', { name: 'Peek' });
    await peek.getByText('execute_tool track_parcel').click();
    await peek.getByText('"PostNord"', { exact: true }).waitFor();
    await page.keyboard.press('j');
    await eventually(() => search('peek')).not.toBe(first);
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await eventually(() => search('peek')).toBeNull();
    await rows().nth(2).getByRole('gridcell').nth(1).click();
    await eventually(() => search('peek')).toBe(seeded.traceId);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/traces/${seeded.traceId}`);
  });

  it('holds new traces back while paused, and shows only those that fit the filter', async () => {
    await page.goto(`${house.url}/traces?q=wombat`);
    await page.getByText('No trace matches the filter').waitFor();
    await call('a wombat, please');
    await rows().filter({ hasText: 'a wombat, please' }).waitFor();
    await page.getByRole('button', { name: 'Live' }).click();
    await call('a second wombat');
    await call('something else');
    await page.getByRole('button', { name: '▲ 1 new' }).waitFor();
    expect(await rows().count()).toBe(1);
    await page.getByRole('button', { name: '▲ 1 new' }).click();
    await eventually(() => rows().count()).toBe(2);
  });

  it('leaves the calls of evaluations out until they are asked for', async () => {
    await eventually(
      async () => (await house.client.call('listTraces', { query: { q: 'run:*' } })).data.length,
    ).toBeGreaterThan(40);
    await page.goto(`${house.url}/traces?q=service:support-api`);
    await eventually(() => rows().count()).toBe(24);
    await facet('Evaluations', /calls of evaluations/).click();
    await eventually(() => search('q')).toBe('service:support-api run:*');
    await page.goto(`${house.url}/traces`);
    await facet('Evaluations', /calls of evaluations/).click();
    await eventually(() => search('q')).toBe('run:*');
    await rows().first().waitFor();
    await rows().filter({ hasText: 'support-bot' }).first().waitFor();
  });

  it('saves a view, goes back to it, and forgets it', async () => {
    await page.goto(`${house.url}/traces?q=status:error`);
    await rows().first().waitFor();
    await page.keyboard.press('v');
    await page.getByRole('dialog').getByLabel('Save what is seen now as').fill('What failed');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved as “What failed”').waitFor();
    await page.goto(`${house.url}/traces`);
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'What failed' }).click();
    await eventually(() => search('q')).toBe('status:error');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('button', { name: 'Forget What failed' }).click();
    await page.getByText('No view was saved yet.').waitFor();
    await page.keyboard.press('Escape');
  });

  it('hands over what fits as a file', async () => {
    await page.goto(`${house.url}/traces?q=status:error`);
    await rows().first().waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'Export as JSONL' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.map((line) => (JSON.parse(line) as { status?: string }).status)).not.toContain('ok');
  });

  it('takes several into a dataset', async () => {
    await page.goto(`${house.url}/traces?q=user:ada`);
    await rows().first().waitFor();
    await untilKey(page, 'add to dataset');
    for (const key of ['j', 'x', 'j', 'x', 'a']) await page.keyboard.press(key);
    await page.getByRole('dialog').getByLabel('Dataset').fill('from-the-list');
    await page.getByRole('dialog').getByRole('button', { name: 'Create and add' }).click();
    await page.getByText('2 examples added to').waitFor();
  });

  it('reads a session as a conversation, and lists who talked', async () => {
    await page.goto(`${house.url}/traces?group=session`);
    await page.getByRole('table', { name: 'Sessions' }).getByRole('link', { name: seeded.sessionId }).click();
    await page.waitForURL(`**/sessions/${seeded.sessionId}`);
    const conversation = page.getByRole('region', { name: 'Conversation' });
    await conversation.getByText('Do you ship to Norway?').waitFor();
    await expect.poll(() => conversation.getByRole('listitem').count()).toBe(4);
    await expectAccessible(page);
    await conversation.getByRole('link', { name: 'invoke_agent support' }).click();
    await page.waitForURL(`**/traces/${seeded.traceId}`);

    await page.goto(`${house.url}/traces?group=user`);
    await page.getByRole('table', { name: 'Users' }).getByRole('link', { name: 'linus' }).click();
    await eventually(() => search('q')).toBe('user:linus');
    await eventually(() => rows().count()).toBe(4);
  });

  it('scores a trace and a span, and shows it at once', async () => {
    await page.goto(`${house.url}/traces/${seeded.traceId}?span=${seeded.spanId}`);
    await page.getByText('execute_tool track_parcel').waitFor();
    await untilKey(page, 'add to dataset');
    await page.keyboard.press('s');
    const dialog = page.getByRole('dialog', { name: 'Add a score' });
    await dialog.getByLabel('Name').fill('tone');
    await dialog.getByRole('button', { name: 'The span' }).click();
    await dialog.getByRole('button', { name: 'Category' }).click();
    await dialog.getByLabel('Value').fill('kind');
    await dialog.getByLabel('Comment').fill('Says sorry first');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Save score' }).click();
    const scores = page.getByRole('region', { name: 'Scores' });
    await scores.getByText('Says sorry first').waitFor();
    await scores.getByText('human, this span').waitFor();
    const { scores: stored } = await house.client.call('getTrace', { params: { traceId: seeded.traceId } });
    expect(stored.find((score) => score.name === 'tone')).toMatchObject({ value: 'kind', spanId: seeded.spanId });
  });

  it('leads from a chart of the Overview to the traces behind it', async () => {
    await page.goto(`${house.url}/overview?q=since:2026-11-20T09:00+until:2026-11-20T10:00`);
    const errors = page.getByRole('region', { name: 'Errors', exact: true });
    await errors.getByText('12.5 % · 3').waitFor();
    await errors.getByText('As a table').click();
    await errors.getByRole('region', { name: 'Errors as a table' }).getByRole('link').first().click();
    await eventually(() => search('q')).toMatch(/^status:error since:\S+ until:\S+$/);
    await eventually(() => rows().count()).toBeGreaterThan(0);
    await page.goBack();
    await page
      .getByRole('region', { name: 'By group' })
      .getByRole('link', { name: 'openai/gpt-4o-mini', exact: true })
      .click();
    await eventually(() => search('q')).toContain('model:openai/gpt-4o-mini');
    await page.goto(house.url);
    await page.waitForURL('**/overview');
  });

  it('deletes what was selected, for good', async () => {
    await page.goto(`${house.url}/traces?q=user:barbara`);
    await eventually(() => rows().count()).toBe(4);
    await untilKey(page, 'add to dataset');
    for (const key of ['j', 'x', 'Delete']) await page.keyboard.press(key);
    await page
      .getByRole('dialog', { name: 'Delete 1 trace?' })
      .getByRole('button', { name: 'Delete for good' })
      .click();
    await page.getByText('1 trace deleted').waitFor();
    await eventually(() => rows().count()).toBe(3);
    await page.reload();
    await eventually(() => rows().count()).toBe(3);
  });

  it('deletes the trace that is read', async () => {
    await page.goto(`${house.url}/traces?q=user:barbara`);
    await rows().first().getByRole('link').click();
    await page.getByRole('button', { name: 'Add to dataset' }).waitFor();
    await page.keyboard.press('.');
    await page.getByRole('dialog', { name: 'Actions of this page' }).getByText('delete this trace').click();
    await page.getByRole('button', { name: 'Delete for good' }).click();
    await page.waitForURL('**/traces');
    await eventually(
      async () => (await house.client.call('listTraces', { query: { q: 'user:barbara' } })).data.length,
    ).toBe(2);
  });

  it('deletes all of a user, and says before what that is', async () => {
    await page.goto(`${house.url}/traces?group=user`);
    await page.getByRole('button', { name: 'Delete all of linus' }).click();
    const dialog = page.getByRole('dialog', { name: 'Delete all of this user?' });
    await dialog.getByText('linus', { exact: true }).waitFor();
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Delete for good' }).click();
    await page.getByText('4 traces deleted').waitFor();
    await eventually(() =>
      page.getByRole('table', { name: 'Users' }).getByRole('link', { name: 'linus' }).count(),
    ).toBe(0);
  });

  it('shows what still runs, and follows it to its end without a reload', async () => {
    const traceId = '9'.repeat(32);
    const startMs = Date.now() - 2000;
    const report = (endMs: number | null) =>
      fetch(`${house.url}/v1/traces`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          resourceSpans: [
            {
              scopeSpans: [
                {
                  spans: [
                    {
                      ...{ traceId, spanId: '9'.repeat(16), name: 'long work' },
                      startTimeUnixNano: `${startMs}000000`,
                      endTimeUnixNano: endMs === null ? '0' : `${endMs}000000`,
                    },
                  ],
                },
              ],
            },
          ],
        }),
      });
    expect((await report(null)).status).toBe(200);
    await page.goto(`${house.url}/traces?q=name:"long+work"`);
    await rows().getByText('running').first().waitFor({ state: 'attached' });
    await page.goto(`${house.url}/traces/${traceId}`);
    await page.getByText('… running').waitFor();
    expect(await page.getByRole('treeitem').textContent()).toContain('running');
    expect((await report(startMs + 1500)).status).toBe(200);
    await page.getByRole('treeitem').getByText('1.50 s').waitFor();
  });
});
