import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;
/** Where messages go: it answers as it is told to. */
let sink: Server;
let answer = 503;

const minuteMs = 60_000;

type Chat = { beforeMs: number; question: string; answer: string; fails: boolean };

/** Traces of the past, by the door that answers when they are stored. */
async function sendTraces(chats: readonly Chat[]): Promise<void> {
  const now = Date.now();
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const said = (role: string, content: string) => JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
  const spans = chats.map((chat, i) => {
    const startMs = now - chat.beforeMs;
    const hex = (startMs * 1000 + i).toString(16);
    return {
      ...{ traceId: hex.padStart(32, 'a'), spanId: hex.padStart(16, 'b'), name: 'chat bot', kind: 3 },
      ...{ startTimeUnixNano: `${startMs}000000`, endTimeUnixNano: `${startMs + 700 + (i % 9) * 40}000000` },
      status: chat.fails ? { code: 2, message: 'overloaded' } : { code: 1 },
      attributes: [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('gen_ai.request.model', 'bot'),
        attribute('gen_ai.input.messages', said('user', chat.question)),
        attribute('gen_ai.output.messages', said('assistant', chat.answer)),
      ],
    };
  });
  const response = await fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
}

const dayMs = 24 * 60 * minuteMs;
const french = (i: number) => ({
  ...{ question: `Où est mon colis numéro ${i} ?`, answer: 'Votre colis est en route, il arrive demain matin.' },
});
/** Half of the last half hour fails, and nothing before; for two days people ask in another language than a week ago. */
const chats = [
  ...Array.from({ length: 30 }, (_, i) => ({ ...french(i), beforeMs: (5 + i) * minuteMs, fails: i % 2 === 0 })),
  ...Array.from({ length: 70 }, (_, i) => ({ ...french(i), beforeMs: (70 + i * 40) * minuteMs, fails: false })),
  ...Array.from({ length: 40 }, (_, i) => ({
    ...{ beforeMs: 7 * dayMs + i * 20 * minuteMs, fails: false },
    ...{ question: `Where is my parcel number ${i}?`, answer: 'It is on its way.' },
  })),
];

beforeAll(async () => {
  sink = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(answer).end('as told'));
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  opened = await openHouse();
  ({ house, browser } = opened);
  await sendTraces(chats);
  open = await visit(browser, `${house.url}/channels`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(async () => {
  await opened?.close();
  sink?.closeAllConnections();
  sink?.close();
});

const region = (name: string): Locator => page.getByRole('region', { name, exact: true });
const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const tab = (name: string): Locator => page.getByRole('navigation', { name: 'Watching' }).getByRole('link', { name });

describe('the pages of monitors', () => {
  it('set up a channel, and say what its test was answered', async () => {
    await page.getByRole('heading', { name: 'No channels yet' }).waitFor();
    await expectGoodNow(page, 'channels-empty');
    await page.keyboard.press('n');
    const form = dialog('New channel');
    await form.getByLabel('Name').fill('ops');
    await form.getByLabel('Kind').selectOption('webhook');
    await form.getByLabel('Address').fill(`http://127.0.0.1:${(sink.address() as AddressInfo).port}/hook`);
    await form.getByRole('button', { name: 'Save' }).click();
    const row = region('Channels').getByRole('row').filter({ hasText: 'ops' });
    await row.getByText('✓ nothing waits').waitFor();
    await row.getByRole('button', { name: 'Test' }).click();
    await row.getByText('✕ It answered with status 503').waitFor();
    answer = 200;
    await row.getByRole('button', { name: 'Test' }).click();
    await row.getByText('✓ it arrived (200)').waitFor();
    await expectGoodNow(page, 'channels');
    expect(open.problems).toEqual([]);
  });

  it('make a monitor that is tried before it is saved, and show what it found with the traces behind it', async () => {
    await tab('Monitors').click();
    await page.getByRole('heading', { name: 'No monitors yet' }).waitFor();
    await expectGoodNow(page, 'monitors-empty');
    await house.client.call('setMonitor', {
      params: { monitor: 'a-quiet-one' },
      body: { measure: { kind: 'traces' }, rule: { kind: 'above', value: 1e6 }, windowMinutes: 1440 },
    });
    await page.getByRole('button', { name: 'New monitor' }).first().click();
    const form = dialog('New monitor');
    await form.getByLabel('Name').fill('failures');
    await form.getByLabel('Alert when it').selectOption('above');
    await form.getByLabel('Limit, in %').fill('20');
    await form.getByLabel('ops').check();
    await form.getByRole('button', { name: 'Try it' }).click();
    await form.getByText('✕ would alert').waitFor();
    await form.getByText(/^The failing share is 50 % \(.+ traces\), above 20 %\.$/).waitFor();
    await expectGoodNow(page, 'monitor-new');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/monitors/failures');
    await region('Alerts of this monitor').getByText('The failing share is 50 %').waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: '✕ alert', exact: true }).waitFor({ timeout: 30_000 });
    await page
      .getByRole('img', { name: /^failing share, by an hour over \d+ steps of time: measured, limit/ })
      .waitFor();
    await expectGoodNow(page, 'monitor');
    expect(open.problems).toEqual([]);
  });

  it('lead from the Overview to an alert, who was told of it, and the traces behind it', async () => {
    await page.goto(`${house.url}/overview`);
    await page.getByRole('link', { name: 'failures: The failing share is 50 %' }).click();
    await page.waitForURL(/\/alerts\/al_\w+$/);
    const where = new URL(page.url()).pathname;
    await region('Messages').getByRole('row').filter({ hasText: 'ops' }).getByText('✓ delivered').waitFor();
    await page.keyboard.press('r');
    await page.waitForURL(/\/traces\?q=/);
    const q = new URL(page.url()).searchParams.get('q') ?? '';
    const { data } = await house.client.call('listTraces', { query: { q, limit: 100 } });
    expect(data).toHaveLength(15);
    expect(new Set(data.map(({ status }) => status))).toEqual(new Set(['error']));
    expect(open.problems).toEqual([]);
    await expectGoodPage({ browser, house }, { name: 'alert', path: where, settled: '✓ delivered' });
  });

  it('list those that ask for somebody first', async () => {
    await page.goto(`${house.url}/monitors`);
    const rows = region('Monitors').getByRole('row');
    await rows.filter({ hasText: 'failures' }).getByText('✕ alert').waitFor();
    await rows.filter({ hasText: 'a-quiet-one' }).getByText('✓ ok').waitFor({ timeout: 60_000 });
    await expect.poll(() => rows.nth(1).textContent()).toContain('failures');
    expect(open.problems).toEqual([]);
    await expectGoodPage({ browser, house }, { name: 'monitors', path: '/monitors', settled: '✕ alert' });
  });

  it('silence it, change it, and say what is over', async () => {
    await page.goto(`${house.url}/monitors/failures`);
    await page.getByRole('button', { name: 'Silence …' }).click();
    await page.getByRole('menuitem', { name: 'for 4 hours' }).click();
    await page.getByText(/It tells nobody until/).waitFor();
    await page.getByText('silent', { exact: true }).first().waitFor();
    await page.keyboard.press('e');
    const form = dialog('Change failures');
    await expect.poll(() => form.getByLabel('Limit, in %').inputValue()).toBe('20');
    await form.getByLabel('Limit, in %').fill('80');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.getByText(/^The failing share was 50 % \(.+ traces\), not above 80 %\.$/).waitFor({ timeout: 60_000 });
    await tab('Alerts').click();
    await region('Alerts').getByRole('row').filter({ hasText: '50 %' }).getByText('✓ alert, over').waitFor();
    await expectGoodNow(page, 'alerts');
    await page.getByLabel('State').selectOption('open');
    await page.getByText('Nothing fits.').waitFor();
    await expect.poll(() => new URL(page.url()).searchParams.get('open')).toBe('yes');
    expect(open.problems).toEqual([]);
  });

  it('say of drift what changed, and which traces moved it', async () => {
    await page.goto(`${house.url}/monitors?open=new&q=model:bot`);
    const form = dialog('New monitor');
    await form.getByLabel('Name').fill('other');
    await expect.poll(() => form.getByLabel('Of which traces').inputValue()).toBe('model:bot');
    await form.getByLabel('Alert when it').selectOption('drift');
    await form.getByLabel('Held against').selectOption('filter');
    await form.getByLabel('Pinned traces').fill('until:2000-01-01');
    await form.getByRole('button', { name: 'Try it' }).click();
    await form.getByText('? no data').waitFor();
    const before = new Date(Date.now() - 5 * dayMs).toISOString().slice(0, 19);
    await form.getByLabel('Pinned traces').fill(`until:${before}`);
    expect(await form.getByLabel('Over').inputValue()).toBe('1440');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/monitors/other');
    await page.getByRole('button', { name: /^Look now/ }).click();
    await page.waitForURL('**/monitors/other?look=now');
    const language = region('What changed').getByRole('row').filter({ hasText: 'language' });
    await language.getByText('▲ drifted').waitFor();
    const moved = await language.getByRole('link').getAttribute('href');
    expect(decodeURIComponent(moved ?? '')).toMatch(/trace:[0-9a-f]{32},/);
    const topics = region('What topic is made of').getByRole('row').filter({ hasText: 'colis' });
    await topics.getByText('0 %', { exact: true }).waitFor();
    expect(await topics.getByRole('link').first().getAttribute('href')).toMatch(/trace/);
    await expectGoodNow(page, 'monitor-drift');
    expect(open.problems).toEqual([]);
  });

  it('watch each of something, each budget, and say what asking a model would cost', async () => {
    await house.client.call('setBudget', { body: { scope: 'user', subject: '*', usd: 5, period: 'day' } });
    await page.goto(`${house.url}/monitors?open=new`);
    const form = dialog('New monitor');
    await form.getByLabel('What is measured').selectOption('budget');
    await form.getByLabel('Budget').selectOption({ label: 'each end user: $5.00 a day' });
    await form.getByLabel('Limit, in %').fill('80');
    await form.getByRole('button', { name: 'Try it' }).click();
    await form.getByText('What is used of the budget was 0 %, not above 80 %.').waitFor();
    await form.getByLabel('Alert when it').selectOption('drift');
    await form.getByLabel('Compare meanings with').fill('sim/embed');
    await form.getByText(/^It asks for 4 calls once a day/).waitFor();
    await expectGoodNow(page, 'monitor-new-drift');
    await form.getByLabel('Alert when it').selectOption('above');
    await form.getByLabel('What is measured').selectOption('error_rate');
    await form.getByLabel('Over').selectOption('60');
    await form.getByLabel('Name').fill('each-name');
    await form.getByLabel('Each by itself').selectOption('name');
    await form.getByLabel('Limit, in %').fill('20');
    await form.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL('**/monitors/each-name');
    const group = region('Each name').getByRole('row').filter({ hasText: 'chat bot' });
    await group.getByText('✕ alert').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /^Look now/ }).click();
    await region('What a look found of each').getByText('✕ would alert').waitFor();
    const lines = page.getByRole('group', { name: 'Each name that has a line' });
    const line = lines.getByRole('button', { name: /^chat bot/ });
    expect(await line.getAttribute('aria-pressed')).toBe('true');
    await page.getByRole('img', { name: /over \d+ steps of time: chat bot.*limit$/ }).waitFor();
    await expectGoodNow(page, 'monitor-groups');
    await line.click();
    await page.waitForURL(/lines=/);
    expect(await line.getAttribute('aria-pressed')).toBe('false');
    await page.reload();
    await line.waitFor();
    expect(await line.getAttribute('aria-pressed')).toBe('false');
    await group.getByRole('link').click();
    await page.waitForURL(/\/alerts\/al_\w+$/);
    await page.getByText(/^chat bot: The failing share is 50 % \(.+ traces\), above 20 %/).waitFor();
    expect(open.problems).toEqual([]);
  });
});
