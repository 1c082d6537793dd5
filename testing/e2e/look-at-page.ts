import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** Pictures for people to look at; `npm run screens` renews those in docs. */
const screens = join(root, process.env.SCREENS ?? '.cache/screens');

const limits = { domNodes: 1500, scriptBytes: 230 * 1024 };

type Visit = { page: Page; problems: string[]; scriptBytes: () => Promise<number>; close(): Promise<void> };

/** Opens a page in a browser that has seen nothing before, and listens for what goes wrong. */
export async function visit(
  browser: Browser,
  url: string,
  options: Parameters<Browser['newContext']>[0],
): Promise<Visit> {
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
      // The body of what was navigated away from is gone; only a page that stays is measured.
      scripts.push(
        response.body().then(
          (body) => gzipSync(body).length,
          () => 0,
        ),
      );
  });
  await page.goto(url);
  return {
    page,
    problems,
    scriptBytes: async () => (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0),
    close: () => context.close(),
  };
}

export async function expectAccessible(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

export async function takePicture(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(screens, `${name}.png`) });
}

type Shown = { path: string; settled: string | RegExp };
type Where = { browser: Browser; house: { url: string }; state?: BrowserContextOptions['storageState'] };

/** Takes its picture; it is accessible, small, and says nothing of errors. */
export async function expectGoodPage(
  { browser, house, theme, state }: Where & { theme: 'light' | 'dark' },
  { name, path, settled }: Shown & { name: string },
): Promise<void> {
  const open = await visit(browser, `${house.url}${path}`, {
    colorScheme: theme,
    viewport: { width: 1280, height: 800 },
    ...(state && { storageState: state }),
  });
  const { page } = open;
  await page.getByText(settled).first().waitFor();
  await expect.poll(() => page.getByText(/^Loading /).count()).toBe(0);
  await page.waitForLoadState('load');
  await takePicture(page, `${name}-${theme}`);
  expect(await open.scriptBytes()).toBeLessThanOrEqual(limits.scriptBytes);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThanOrEqual(limits.domNodes);
  await expectAccessible(page);
  expect(open.problems).toEqual([]);
  await open.close();
}

/** Nothing of what is shown stands out on the right. */
export async function expectNothingCut(page: Page): Promise<void> {
  const widths = await page.evaluate(() =>
    [document.documentElement, ...document.querySelectorAll('main')].map(
      (element) => element.scrollWidth - element.clientWidth,
    ),
  );
  expect(widths.every((width) => width === 0)).toBe(true);
}

/** Nothing of it stands out on the right of a small screen. */
export async function expectNarrow({ browser, house, state }: Where, { path, settled }: Shown): Promise<void> {
  const open = await visit(browser, `${house.url}${path}`, {
    viewport: { width: 320, height: 640 },
    ...(state && { storageState: state }),
  });
  await open.page.getByText(settled).first().waitFor({ state: 'attached' });
  await expectNothingCut(open.page);
  await open.close();
}
