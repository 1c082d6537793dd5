import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';

const root = join(import.meta.dirname, '..', '..');
/** Where pictures go, for people to look at; none are taken unless it is said. `npm run screens` renews those in docs. */
const screens = process.env.SCREENS;

const limits = { domNodes: 1500, scriptBytes: 230 * 1024 };
const wide = { width: 1280, height: 800 };
const narrow = { width: 320, height: 640 };
/** A theme changes colours and nothing else. */
const rulesOfColour = ['color-contrast', 'link-in-text-block'];

type Heard = { problems: string[]; scriptBytes: () => Promise<number>; forget(): void };
type Visit = Omit<Heard, 'forget'> & { page: Page; close(): Promise<void> };

/** What goes wrong on a page, and how much it loads. */
function listenTo(page: Page): Heard {
  const problems: string[] = [];
  const scripts: Promise<number>[] = [];
  page.on('console', (message) => {
    // A page that names no icon, as what empties the window, has one asked for; that may be refused when the next page is open.
    if (message.location().url.endsWith('/favicon.ico')) return;
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
  return {
    problems,
    scriptBytes: async () => (await Promise.all(scripts)).reduce((sum, bytes) => sum + bytes, 0),
    forget() {
      problems.length = 0;
      scripts.length = 0;
    },
  };
}

const newContext = (browser: Browser, options: BrowserContextOptions) =>
  browser.newContext({ reducedMotion: 'reduce', timezoneId: 'UTC', locale: 'en-GB', ...options });

/** Opens a page in a browser that has seen nothing before, and listens for what goes wrong. */
export async function visit(browser: Browser, url: string, options: BrowserContextOptions): Promise<Visit> {
  const context = await newContext(browser, options);
  const page = await context.newPage();
  const { problems, scriptBytes } = listenTo(page);
  await page.goto(url);
  return { page, problems, scriptBytes, close: () => context.close() };
}

const looking = new WeakMap<Browser, { page: Page; heard: Heard }>();

/** What a browser keeps of somebody. */
type State = Exclude<BrowserContextOptions['storageState'], string | undefined>;
const nothing: State = { cookies: [], origins: [] };

/**
 * A page that has seen nothing of `url` before but `state`: always the same one, emptied, because half of what a page costs
 * is the window and the process that a new one gets.
 */
async function emptyPage(browser: Browser, { url, state = nothing }: { url: string; state?: State | undefined }) {
  let kept = looking.get(browser);
  if (!kept) {
    const page = await (await newContext(browser, { colorScheme: 'dark', viewport: wide })).newPage();
    kept = { page, heard: listenTo(page) };
    looking.set(browser, kept);
  }
  const { page, heard } = kept;
  await page.goto(`${url}/readyz`);
  await page.context().clearCookies();
  await page.context().addCookies(state.cookies);
  const items = state.origins.find(({ origin }) => origin === url)?.localStorage ?? [];
  await page.evaluate((own) => {
    sessionStorage.clear();
    localStorage.clear();
    for (const { name, value } of own) localStorage.setItem(name, value);
  }, items);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize(wide);
  heard.forget();
  return kept;
}

type Axe = {
  run(context: Document, options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
};

/** The axe that `@axe-core/playwright` brings; asked through that, a page reads all of it again with each question. */
function sourceOfAxe(): string {
  const require = createRequire(import.meta.url);
  return createRequire(require.resolve('@axe-core/playwright'))('axe-core').source;
}

/** No rule of axe is broken: all of them, or those that are named. Nothing here has frames. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(sourceOfAxe());
  const violations = await page.evaluate(async (runOnly) => {
    const { axe } = window as unknown as { axe: Axe };
    const found = await axe.run(document, { resultTypes: ['violations'], ...(runOnly && { runOnly }) });
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
  }, rules);
  expect(violations).toEqual([]);
}

export async function takePicture(page: Page, name: string): Promise<void> {
  if (!screens) return;
  await mkdir(join(root, screens), { recursive: true });
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(root, screens, `${name}.png`) });
}

/** A key that not everybody may press does nothing until the page knows who looks; then the bar at its foot names it. */
export async function untilKey(page: Page, label: string): Promise<void> {
  await page.getByRole('contentinfo').getByText(label).waitFor();
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

type Where = { browser: Browser; house: { url: string }; state?: State | undefined };
type Shown = { name: string; path: string; settled: string | RegExp };

/** It is accessible in both themes, small, fits a small screen, and says nothing of errors. Takes its pictures. */
export async function expectGoodPage({ browser, house, state }: Where, { name, path, settled }: Shown): Promise<void> {
  const { page, heard } = await emptyPage(browser, { url: house.url, state });
  await page.goto(`${house.url}${path}`);
  await page.getByText(settled).filter({ visible: true }).first().waitFor();
  await expect.poll(() => page.getByText(/^Loading /).count()).toBe(0);
  await page.waitForLoadState('load');
  expect(await heard.scriptBytes()).toBeLessThanOrEqual(limits.scriptBytes);
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThanOrEqual(limits.domNodes);
  await expectGoodNow(page, name);
  expect(heard.problems).toEqual([]);
}
