import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { type Seeded, seed } from './seed.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const root = join(import.meta.dirname, '..', '..');
/** Pictures for people to look at; `npm run screens` renews those in docs. */
const screens = join(root, process.env.SCREENS ?? '.cache/screens');

const limits = { domNodes: 1500, scriptBytes: 230 * 1024 };

type Target = { name: string; path: (seeded: Seeded) => string; settled: string | RegExp };

/** When the seeded traffic was. */
const morning = 'q=since:2026-11-20T09:10+until:2026-11-20T09:40';

const targets: Target[] = [
  { name: 'overview', path: () => `/overview?${morning}`, settled: 'Score · grounded' },
  { name: 'overview-split', path: () => `/overview?${morning}&by=user&split=on`, settled: 'barbara' },
  { name: 'traces', path: () => '/traces', settled: 'invoke_agent support' },
  { name: 'traces-peek', path: ({ traceId }) => `/traces?q=user:ada&peek=${traceId}`, settled: 'find_order' },
  {
    name: 'traces-wrong-filter',
    path: () => '/traces?q=status:error+modle:gpt*',
    settled: 'There is no field `modle`.',
  },
  { name: 'sessions', path: () => '/traces?group=session', settled: 'chat-106' },
  { name: 'users', path: () => '/traces?group=user', settled: 'barbara' },
  { name: 'session', path: ({ sessionId }) => `/sessions/${sessionId}`, settled: 'Do you ship to Norway?' },
  {
    name: 'trace',
    path: ({ traceId, spanId }) => `/traces/${traceId}?span=${spanId}`,
    settled: 'execute_tool track_parcel',
  },
  {
    name: 'conversation',
    path: ({ traceId }) => `/traces/${traceId}?view=conversation`,
    settled: 'Let me look at the order.',
  },
  { name: 'graph', path: ({ traceId }) => `/traces/${traceId}?view=graph`, settled: '4 steps' },
  { name: 'log', path: ({ traceId }) => `/traces/${traceId}?view=log`, settled: 'execute_tool track_parcel' },
  { name: 'models', path: () => '/models', settled: 'support-bot' },
  { name: 'model', path: () => '/models/support-bot', settled: 'Knows deliveries and invoices' },
  { name: 'datasets', path: () => '/datasets', settled: 'support-golden' },
  { name: 'dataset', path: () => '/datasets/support-golden', settled: 'Do you ship to Norway?' },
  { name: 'experiments', path: () => '/experiments', settled: 'support-golden' },
  {
    name: 'comparison',
    path: ({ comparisonId }) => `/experiments/${comparisonId}`,
    settled: /24 (?:answers|rows)|Regressions/,
  },
  { name: 'ledger', path: () => '/ledger', settled: 'it balances' },
  { name: 'prices', path: () => '/prices?model=gpt-4o-mini', settled: 'openai/gpt-4o-mini' },
  { name: 'settings', path: () => '/settings', settled: 'OPENAI_API_KEY' },
];

type Visit = { page: Page; problems: string[]; scriptBytes: () => Promise<number>; close(): Promise<void> };

/** Opens a page in a browser that has seen nothing before, and listens for what goes wrong. */
async function visit(browser: Browser, url: string, options: Parameters<Browser['newContext']>[0]): Promise<Visit> {
  const context: BrowserContext = await browser.newContext({
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-GB',
    ...options,
  });
  const page = await context.newPage();
  const problems: string[] = [];
  const scripts: Promise<number>[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('response', (response) => {
    if (response.request().resourceType() === 'script')
      scripts.push(response.body().then((body) => gzipSync(body).length));
  });
  await page.goto(url);
  return {
    page,
    problems,
    scriptBytes: async () => (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0),
    close: () => context.close(),
  };
}

describe('every page', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  let browser: Browser;
  let seeded: Seeded;

  beforeAll(async () => {
    folder = await makeFolder();
    await mkdir(screens, { recursive: true });
    [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await folder?.remove();
  });

  async function expectGood(target: { name: string; path: string; settled: string | RegExp }, theme: 'light' | 'dark') {
    const open = await visit(browser, `${house.url}${target.path}`, {
      colorScheme: theme,
      viewport: { width: 1280, height: 800 },
    });
    const { page } = open;
    await page.getByText(target.settled).first().waitFor();
    await expect.poll(() => page.getByText(/^Loading /).count()).toBe(0);
    await page.evaluate(() => document.fonts.ready);
    await page.waitForLoadState('load');
    await page.screenshot({ path: join(screens, `${target.name}-${theme}.png`) });
    expect(await open.scriptBytes()).toBeLessThanOrEqual(limits.scriptBytes);
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThanOrEqual(limits.domNodes);
    const { violations } = await new AxeBuilder({ page }).analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
    expect(open.problems).toEqual([]);
    await open.close();
  }

  describe.each(['light', 'dark'] as const)('empty, %s', (theme) => {
    it.each([
      ['traces', 'No traces yet'],
      ['models', 'No models yet'],
      ['datasets', 'No datasets yet'],
      ['experiments', 'No comparisons yet'],
    ])('%s teaches what to do first', async (name, settled) => {
      await expectGood({ name: `${name}-empty`, path: `/${name}`, settled }, theme);
    });
  });

  describe('with content', () => {
    beforeAll(async () => {
      seeded = await seed(house.url, house.client);
      const params = { comparisonId: seeded.comparisonId };
      const finished = async () =>
        expect((await house.client.call('getComparison', { params })).status).toBe('completed');
      await vi.waitFor(finished, { timeout: 30_000, interval: 200 });
      const listed = async () => expect((await house.client.call('listFacets', {})).total).toBe(24);
      await vi.waitFor(listed, { timeout: 30_000, interval: 200 });
    });

    describe.each(['light', 'dark'] as const)('%s', (theme) => {
      it.each(targets)('$name is accessible, small and without errors', async ({ name, path, settled }) => {
        await expectGood({ name, path: path(seeded), settled }, theme);
      });
    });

    it.each(targets)('$name fits 320 pixels', async ({ path, settled }) => {
      const open = await visit(browser, `${house.url}${path(seeded)}`, { viewport: { width: 320, height: 640 } });
      await open.page.getByText(settled).first().waitFor({ state: 'attached' });
      const widths = await open.page.evaluate(() =>
        [document.documentElement, ...document.querySelectorAll('main')].map(
          (element) => element.scrollWidth - element.clientWidth,
        ),
      );
      expect(widths).toEqual([0, 0]);
      await open.close();
    });
  });
});
