import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RequestBody } from '@wheelhouse/sdk';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, untilKey, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { runCli, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

const minuteMs = 60_000;
const size = 120;

/** Two models over eleven hours; every fourth call of one fails, and the other is slower. */
async function sendTraces(): Promise<void> {
  const now = Date.now();
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const count = (key: string, intValue: number) => ({ key, value: { intValue } });
  const spans = Array.from({ length: size }, (_, i) => {
    const isFirst = i % 3 > 0;
    const startMs = now - (5 + i * 5.5) * minuteMs;
    const latencyMs = (isFirst ? 600 : 1900) + ((i * 37) % 400);
    const hex = (Math.round(startMs) * 1000 + i).toString(16);
    return {
      ...{ traceId: hex.padStart(32, 'a'), spanId: hex.padStart(16, 'b'), name: 'answer', kind: 3 },
      ...{
        startTimeUnixNano: `${Math.round(startMs)}000000`,
        endTimeUnixNano: `${Math.round(startMs) + latencyMs}000000`,
      },
      status: isFirst && i % 4 === 0 ? { code: 2, message: 'overloaded' } : { code: 1 },
      attributes: [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('gen_ai.provider.name', 'openai'),
        attribute('gen_ai.request.model', isFirst ? 'gpt-4o-mini' : 'gpt-4o'),
        attribute('user.id', `u${i % 11}`),
        count('gen_ai.usage.input_tokens', 400 + i),
        count('gen_ai.usage.output_tokens', 60),
      ],
    };
  });
  const response = await fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
  await untilListed(house.client, size);
}

const panels = [
  {
    id: 'failing',
    title: 'Failing',
    width: 3,
    height: 1,
    kind: 'measure',
    measure: { kind: 'error_rate' },
    shape: 'number',
  },
  { id: 'spent', title: 'Spent', width: 3, height: 1, kind: 'measure', measure: { kind: 'cost' }, shape: 'number' },
  {
    id: 'why',
    title: 'What this is',
    width: 6,
    height: 1,
    kind: 'text',
    text: 'The **support** bot. <img src=x onerror=alert(1)>',
  },
  { id: 'slow', title: 'Slowness', kind: 'measure', measure: { kind: 'latency', quantile: 'p90' }, shape: 'line' },
  {
    id: 'models',
    title: 'Slowness by model',
    kind: 'measure',
    measure: { kind: 'latency', quantile: 'mean' },
    by: 'model',
    shape: 'bars',
  },
  { id: 'users', title: 'Users by model', kind: 'measure', measure: { kind: 'users' }, by: 'model', shape: 'table' },
  { id: 'calls', title: 'Traces', kind: 'measure', measure: { kind: 'traces' }, shape: 'bars' },
  {
    ...{ id: 'sql', title: 'By SQL', width: 6, kind: 'sql' },
    sql: 'SELECT model, count() AS traces FROM traces WHERE start >= {{from}} AND start < {{until}} GROUP BY model ORDER BY traces DESC',
  },
] satisfies NonNullable<RequestBody<'setDashboard'>['panels']>;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  await sendTraces();
  open = await visit(browser, `${house.url}/dashboards`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

const cli = (...args: string[]) => runCli(['dashboard', ...args], { env: { WHEELHOUSE_URL: house.url } });
const panelOf = (title: string): Locator => page.getByRole('region', { name: title, exact: true });
const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const titles = () => page.locator('[data-panel] h2').allTextContents();
const inStore = async () => (await house.client.call('getDashboard', { params: { dashboard: 'support' } })).panels;

describe('dashboards', () => {
  it('are files that are applied, shown in the terminal, and exported as they were', async () => {
    await page.getByRole('heading', { name: 'No dashboards yet' }).waitFor();
    await expectGoodNow(page, 'dashboards-empty');
    const file = join(house.folder, 'support.json');
    await writeFile(file, JSON.stringify({ name: 'support', title: 'Support', panels }));
    expect((await cli('apply', file)).stdout).toContain('support has 8 panels, revision 1');
    expect((await cli('apply', file)).stdout).toContain('revision 2');
    const shown = await cli('show', 'support');
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    expect(shown.stdout).toMatch(/failing share +16\.7 % +11\.1 % … 24\.3 % +120 +[▁-█ ]+/);
    expect(shown.stdout).toMatch(/gpt-4o-mini +\d+ ms +\d+ ms … \d+ ms +80/);
    expect(shown.stdout).toContain('<img src=x onerror=alert(1)>');
    expect(shown.stdout).toMatch(/openai\/gpt-4o-mini +80|gpt-4o-mini +80/);
    const of = JSON.parse((await cli('show', 'support', 'model:gpt-4o', '--last', '6h', '--json')).stdout);
    expect(of.panels[6].data.groups[0].total.value).toBeLessThan(40);
    const other = join(house.folder, 'other.json');
    expect((await cli('export', 'support', '-o', other)).code).toBe(0);
    expect((await cli('apply', other, '--name', 'again')).code).toBe(0);
    const [one, again] = await Promise.all([inStore(), readFile(other, 'utf8')]);
    expect(JSON.parse(again)).toEqual({ name: 'support', title: 'Support', panels: one });
    expect((await cli('ls')).stdout).toMatch(/again +Support +8 .*\n +support +Support +8/);
    expect((await cli('rm', 'again')).stdout).toContain('again is gone');
    await writeFile(
      file,
      JSON.stringify({ name: 'support', title: 'Support', panels: [{ ...panels[0], q: 'last:1h' }] }),
    );
    expect(await cli('apply', file)).toMatchObject({ code: 2, stderr: expect.stringContaining('names a time') });
  });

  it('show in a page what the list of traces, the charts and monitors say', async () => {
    await page.goto(`${house.url}/dashboards/support`);
    await panelOf('Failing').getByText('16.7 %').waitFor();
    await panelOf('Failing').getByText('11.1 % … 24.3 %').waitFor();
    await panelOf('Traces')
      .getByRole('img', { name: /traces over \d+ steps of time; in all 120/ })
      .waitFor();
    await panelOf('By SQL').getByRole('row').filter({ hasText: '80' }).waitFor();
    await panelOf('What this is').getByText('<img src=x onerror=alert(1)>').waitFor();
    await panelOf('Slowness by model').getByText('n 80').waitFor();
    await page.mouse.move(0, 0);
    await expectGoodNow(page, 'dashboard');
    const tried = await house.client.call('testMonitor', {
      body: { measure: { kind: 'error_rate' }, rule: { kind: 'above', value: 0.9 }, windowMinutes: 1440 },
    });
    expect(tried.value).toBeCloseTo(20 / 120, 12);
    await panelOf('Failing')
      .getByRole('link', { name: /^failing share: 16\.7 %/ })
      .click();
    await page.waitForURL(/\/traces\?q=/);
    const q = new URL(page.url()).searchParams.get('q') ?? '';
    const { data } = await house.client.call('listTraces', { query: { q, limit: 100 } });
    expect(data).toHaveLength(20);
    expect(new Set(data.map(({ status }) => status))).toEqual(new Set(['error']));
    await page.goBack();
    await panelOf('Slowness').getByRole('button', { name: 'Slowness as a table' }).click();
    const rows = panelOf('Slowness').getByRole('row');
    await rows.nth(1).getByRole('link').first().click();
    await page.waitForURL(/\/traces\?q=since/);
    expect(open.problems).toEqual([]);
  });

  it('keep the filter and the time of all panels in the address', async () => {
    await page.goto(`${house.url}/dashboards/support?q=model%3Agpt-4o&range=6h`);
    await panelOf('Failing').getByText('0 %', { exact: true }).waitFor();
    await page.getByRole('button', { name: '7d', exact: true }).click();
    await page.waitForURL(/range=7d/);
    await panelOf('Failing').getByText('n 40').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('are arranged by keys and by the pointer, and go back', async () => {
    await page.goto(`${house.url}/dashboards/support`);
    await panelOf('Failing').getByText('16.7 %').waitFor();
    const handle = page.getByRole('button', { name: 'Arrange Failing' });
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(async () => (await titles()).slice(0, 2)).toEqual(['Spent', 'Failing']);
    await expect.poll(async () => (await inStore())[1]).toMatchObject({ id: 'failing', width: 4, height: 2 });
    for (let i = 0; i < 3; i++) await page.keyboard.press('u');
    await expect
      .poll(async () => (await inStore()).slice(0, 2))
      .toMatchObject([{ id: 'failing', width: 3 }, { id: 'spent' }]);
    const target = await panelOf('Spent').boundingBox();
    await handle.hover();
    await page.mouse.down();
    await page.mouse.move((target?.x ?? 0) + 60, (target?.y ?? 0) + 40, { steps: 4 });
    await page.mouse.up();
    await expect.poll(async () => (await inStore()).map(({ id }) => id).slice(0, 2)).toEqual(['spent', 'failing']);
    const card = await panelOf('Spent').boundingBox();
    await page.mouse.move((card?.x ?? 0) + (card?.width ?? 0) - 4, (card?.y ?? 0) + (card?.height ?? 0) - 4);
    await page.mouse.down();
    await page.mouse.move((card?.x ?? 0) + (card?.width ?? 0) * 2, (card?.y ?? 0) + (card?.height ?? 0) + 100, {
      steps: 4,
    });
    await page.mouse.up();
    await expect.poll(async () => (await inStore())[0]).toMatchObject({ id: 'spent', width: 6, height: 2 });
    await handle.focus();
    await page.keyboard.press('Delete');
    await expect.poll(titles).not.toContain('Failing');
    await page.getByRole('button', { name: /^Undo/ }).click();
    await expect.poll(titles).toContain('Failing');
    expect(open.problems).toEqual([]);
  });

  it('take a panel that is shown while it is made, and one of them in trouble keeps no other back', async () => {
    await page.keyboard.press('n');
    const form = dialog('New panel');
    await form.getByLabel('What is measured').selectOption('latency');
    await form.getByLabel('Which', { exact: true }).selectOption('p50');
    await form.getByLabel('By', { exact: true }).selectOption('model');
    await form.getByRole('img', { name: /p50 latency over/ }).waitFor();
    await expectGoodNow(page, 'dashboard-panel');
    await form.getByRole('button', { name: 'Add' }).click();
    await panelOf('P50 latency by model').getByRole('img').waitFor();
    const now = await house.client.call('getDashboard', { params: { dashboard: 'support' } });
    const wrong = { id: 'wrong', title: 'Wrong', kind: 'measure' as const, view: 'gone' };
    await house.client.call('setDashboard', {
      params: { dashboard: 'support' },
      body: { title: 'Support', panels: [wrong, ...now.panels], ifRevision: now.revision },
    });
    // It was changed elsewhere: that is said, and shown when something is changed here, which is done to it.
    await page.getByText(/changed this dashboard, .*: “Wrong” is new\./).waitFor();
    expect(await panelOf('Wrong').count()).toBe(0);
    await expectGoodNow(page, 'dashboard-meanwhile');
    await page.getByRole('button', { name: 'Arrange Spent' }).focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/^✓ Done in what .* kept meanwhile/).waitFor();
    await panelOf('Wrong').getByText('There is no saved view `gone` any more.').waitFor();
    await panelOf('Spent').getByText('n 120').waitFor();
    await panelOf('Wrong').getByRole('button', { name: 'Change the panel' }).click();
    await dialog('Change Wrong').getByLabel('And of a saved view').selectOption('');
    await dialog('Change Wrong').getByRole('button', { name: 'Save' }).click();
    await panelOf('Wrong').getByRole('img').waitFor();
    const kept = async () => (await house.client.call('getDashboard', { params: { dashboard: 'support' } })).panels;
    const { panels } = await house.client.call('getDashboard', { params: { dashboard: 'support' } });
    expect(panels.map(({ title }) => title)).toContain('P50 latency by model');
    await house.client.call('setDashboard', {
      params: { dashboard: 'support' },
      body: { title: 'Support of the shop', panels },
    });
    await page.keyboard.press('n');
    await form.getByLabel('Title').fill('Mine');
    await page.getByText('it is called “Support of the shop”').waitFor();
    expect(await form.getByLabel('Title').inputValue()).toBe('Mine');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Show theirs' }).click();
    await page.getByRole('heading', { name: 'Support of the shop' }).waitFor();
    expect(await kept()).toHaveLength(panels.length);
    open.problems.splice(0, open.problems.length, ...open.problems.filter((one) => !/404/.test(one)));
    expect(open.problems).toEqual([]);
  });

  it('begin with the filter of the list, become monitors, and show what monitors watch', async () => {
    await page.goto(`${house.url}/traces?q=status%3Aerror+last%3A24h`);
    await untilKey(page, 'add to dataset');
    await page.keyboard.press('Shift+D');
    const form = dialog('To a dashboard');
    await form.getByText('status:error').waitFor();
    await form.getByRole('button', { name: 'Add' }).click();
    await page.waitForURL('**/dashboards/support');
    await expect.poll(async () => (await inStore()).at(-1)).toMatchObject({ q: 'status:error', title: 'Traces' });
    await page.getByRole('button', { name: 'More of Slowness', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Watch it with a monitor …' }).click();
    const monitor = dialog('New monitor');
    await monitor.getByLabel('Name').fill('slow');
    await expect.poll(() => monitor.getByLabel('What is measured').inputValue()).toBe('latency');
    await monitor.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/monitors/slow');
    await page.getByRole('button', { name: 'To a dashboard …' }).click();
    await form.getByRole('button', { name: 'Add' }).click();
    await page.waitForURL('**/dashboards/support');
    await expect
      .poll(async () => (await inStore()).at(-1))
      .toMatchObject({
        ...{ title: 'slow', measure: { kind: 'latency', quantile: 'p90' } },
      });
    expect(open.problems).toEqual([]);
    await expectGoodPage({ browser, house }, { name: 'dashboards', path: '/dashboards', settled: 'Support' });
  });
});
