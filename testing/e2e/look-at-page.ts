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
const wide = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 };
/** A theme changes colours and nothing else. */
const rulesOfColour = ['color-contrast', 'link-in-text-block'];

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

/** No rule of axe is broken: all of them, or those that are named. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  // Nothing here has frames of other origins: within the page axe costs a third of what it does across pages.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  const { violations } = await (rules ? axe.withRules(rules) : axe).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`)).toEqual([]);
}

export async function takePicture(page: Page, name: string): Promise<void> {
  await mkdir(screens, { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(screens, `${name}.png`) });
}

/** Nothing of what is shown stands out on the right. */
async function expectNothingCut(page: Page): Promise<void> {
  const cut = () =>
    page.evaluate(() =>
      [document.documentElement, ...document.querySelectorAll('main')].map(
        (element) => element.scrollWidth - element.clientWidth,
      ),
    );
  await expect.poll(async () => (await cut()).every((width) => width === 0)).toBe(true);
}

/** What is open now is accessible in both themes, and fits a small screen. Takes its pictures. */
export async function expectGoodNow(page: Page, name: string): Promise<void> {
  for (const theme of ['dark', 'light'] as const) {
    await page.emulateMedia({ colorScheme: theme });
    // The page of signing in has styles alone; the app says which theme it is in, once it is.
    await page.locator(`html:is(:not([data-theme]), [data-theme=${theme}])`).waitFor({ state: 'attached' });
    await takePicture(page, `${name}-${theme}`);
    await expectAccessible(page, theme === 'dark' ? rulesOfColour : undefined);
  }
  const before = page.viewportSize() ?? wide;
  await page.setViewportSize(narrow);
  await expectNothingCut(page);
  await page.setViewportSize(before);
}

type Where = { browser: Browser; house: { url: string }; state?: BrowserContextOptions['storageState'] };
type Shown = { name: string; path: string; settled: string | RegExp };

/** It is accessible in both themes, small, fits a small screen, and says nothing of errors. Takes its pictures. */
export async function expectGoodPage({ browser, house, state }: Where, { name, path, settled }: Shown): Promise<void> {
  const open = await visit(browser, `${house.url}${path}`, {
    colorScheme: 'dark',
    viewport: wide,
    ...(state && { storageState: state }),
  });
  const { page } = open;
  await page.getByText(settled).filter({ visible: true }).first().waitFor();
  await expect.poll(() => page.getByText(/^Loading /).count()).toBe(0);
  await page.waitForLoadState('load');
  expect(await open.scriptBytes()).toBeLessThanOrEqual(limits.scriptBytes);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThanOrEqual(limits.domNodes);
  await expectGoodNow(page, name);
  expect(open.problems).toEqual([]);
  await open.close();
}
