import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const domLimit = 1500;
const start = 1_795_166_042_000_000_000n;

type SpanOptions = {
  traceId: string;
  id: number;
  parent: number | null;
  startMs: number;
  forMs: number;
  more?: object;
};

const idOf = (id: number) => id.toString(16).padStart(16, '0');
const span = ({ traceId, id, parent, startMs, forMs, more }: SpanOptions) => ({
  traceId,
  spanId: idOf(id),
  ...(parent === null ? {} : { parentSpanId: idOf(parent) }),
  name: id % 3 === 0 ? 'execute_tool search' : `step ${id}`,
  startTimeUnixNano: String(start + BigInt(startMs) * 1_000_000n),
  endTimeUnixNano: String(start + BigInt(startMs + forMs) * 1_000_000n),
  attributes: [
    {
      key: 'gen_ai.operation.name',
      value: { stringValue: id === 1 ? 'invoke_agent' : id % 3 === 0 ? 'execute_tool' : 'chat' },
    },
  ],
  ...more,
});
const failed = { status: { code: 2, message: 'timeout after 10 s' } };

async function send(house: Wheelhouse, spans: object[]): Promise<void> {
  for (let i = 0; i < spans.length; i += 10_000) {
    const response = await fetch(`${house.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans.slice(i, i + 10_000) }] }] }),
    });
    expect({ status: response.status, body: await response.json() }).toMatchObject({ status: 200, body: {} });
  }
}

const attribute = (key: string, value: unknown) => ({ key, value: { stringValue: JSON.stringify(value) } });
const said = (content: string) => [{ role: 'assistant', parts: [{ type: 'text', content }] }];

const eventually = <T>(read: () => T) => expect.poll(read);

describe('a trace of any size', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;

  const nodes = () => page.evaluate(() => document.querySelectorAll('*').length);
  /** Milliseconds of the tasks over 50 ms since the last question. */
  const longTasks = () =>
    page.evaluate(() => {
      const seen = (window as unknown as { tasks: number[] }).tasks.map(Math.round);
      (window as unknown as { tasks: number[] }).tasks.length = 0;
      return seen;
    });
  const open = async (path: string, settled: () => Promise<unknown>) => {
    const began = performance.now();
    await page.goto(`${house.url}${path}`, { waitUntil: 'commit' });
    await settled();
    const settledMs = Math.round(performance.now() - began);
    const [paint] = await page.evaluate(() =>
      performance.getEntriesByName('first-contentful-paint').map((one) => one.startTime),
    );
    return `first paint after ${Math.round(paint ?? Number.NaN)} ms, in sight after ${settledMs} ms`;
  };

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
    page = await browser.newPage({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await page.addInitScript(() => {
      const tasks: number[] = [];
      Object.assign(window, { tasks });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) tasks.push(entry.duration);
      }).observe({ type: 'longtask', buffered: true });
    });
  });
  afterAll(() => opened?.close());

  it('shows 30,000 spans with a page of ordinary size, in every view', async () => {
    const traceId = 'a'.repeat(32);
    const spans = Array.from({ length: 30_000 }, (_, i) => {
      const id = i + 1;
      const parent = id === 1 ? null : id <= 301 ? 1 : 2 + (id % 300);
      const more = id % 997 === 0 ? failed : {};
      return span({ traceId, id, parent, startMs: i, forMs: id === 1 ? 30_100 : 5 + (id % 90), more });
    });
    await send(house, spans);
    await eventually(async () => (await house.client.call('listTraces', {})).data[0]?.spanCount).toBe(30_000);
    const painted = await open(`/traces/${traceId}?span=${idOf(1)}`, () =>
      page.getByRole('treeitem').nth(20).waitFor(),
    );
    await page.getByText('30,000 spans').waitFor();
    const again = await open(`/traces/${traceId}?span=${idOf(1)}`, () => page.getByRole('treeitem').nth(20).waitFor());
    expect(await nodes()).toBeLessThan(domLimit);
    await page.waitForTimeout(500);
    const loading = await longTasks();
    for (let i = 0; i < 15; i++) await page.keyboard.press('j');
    await page.keyboard.press('Shift+E');
    await eventually(() => page.getByRole('treeitem', { selected: true }).textContent()).toContain('✕ error');
    await page.keyboard.press('Shift+ArrowLeft');
    await page.keyboard.press('Shift+ArrowRight');
    await page.getByRole('tree').evaluate((tree) => tree.scrollTo({ top: tree.scrollHeight / 2 }));
    expect(await nodes()).toBeLessThan(domLimit);
    await page.keyboard.press('f');
    await page.locator('[aria-label="Find in this trace"]:focus').waitFor();
    await page.keyboard.type('timeout');
    await page.getByText(/^\d+ of 30$|^30$/).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('4');
    await page.getByRole('grid', { name: 'Log' }).getByRole('row').nth(10).waitFor();
    expect(await nodes()).toBeLessThan(domLimit);
    await page.keyboard.press('3');
    await page.getByRole('group', { name: 'Agent graph' }).getByRole('button').first().waitFor();
    expect(await nodes()).toBeLessThan(domLimit);
    const using = await longTasks();
    console.info(
      `30,000 spans: ${painted}, the second time ${again}; long tasks while loading ${loading.join(', ') || 'none'} ms, while in use ${using.join(', ') || 'none'} ms`,
    );
  });

  it('shows 130 levels, and says how deep a row is', async () => {
    const traceId = 'b'.repeat(32);
    const levels = Array.from({ length: 131 }, (_, i) =>
      span({ traceId, id: i + 1, parent: i === 0 ? null : i, startMs: i, forMs: 1000 - 2 * i }),
    );
    await send(house, levels);
    await open(`/traces/${traceId}?span=${idOf(131)}`, () => page.getByRole('treeitem', { selected: true }).waitFor());
    const deepest = page.getByRole('treeitem', { selected: true });
    expect(await deepest.getAttribute('aria-level')).toBe('131');
    await deepest.getByTitle('130 levels deep').waitFor();
    expect(await nodes()).toBeLessThan(domLimit);
  });

  it('takes of a 20 MB payload what can be read, and hands over the rest as a file', async () => {
    const traceId = 'c'.repeat(32);
    const text = 'A long answer of many words. '.repeat(700_000);
    const more = { name: 'chat', attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }] };
    more.attributes.push(attribute('gen_ai.output.messages', said(text)));
    await send(house, [span({ traceId, id: 1, parent: null, startMs: 0, forMs: 10, more })]);
    const painted = await open(`/traces/${traceId}`, () => page.getByText('are not shown').waitFor());
    await page.getByText('A long answer').first().waitFor();
    expect(await nodes()).toBeLessThan(domLimit);
    expect(await page.evaluate(() => document.body.textContent?.length ?? 0)).toBeLessThan(300_000);
    await page.waitForTimeout(300);
    console.info(`20 MB payload: ${painted}; long tasks ${(await longTasks()).join(', ') || 'none'} ms`);
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download all as JSON' }).click();
    const stream = await (await download).createReadStream();
    let size = 0;
    for await (const chunk of stream) size += (chunk as Buffer).length;
    expect(size).toBeGreaterThan(text.length);
  });

  it('loads all of a smaller payload when asked, and never shows base64', async () => {
    const traceId = 'd'.repeat(32);
    const words = 'Some words. '.repeat(80_000);
    const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (i * 37) % 256)).toString('base64');
    const output = [
      {
        role: 'assistant',
        parts: [
          { type: 'text', content: `${words}The last words.` },
          { type: 'blob', mime_type: 'image/png', content: bytes },
        ],
      },
    ];
    const more = { name: 'chat', attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }] };
    more.attributes.push(attribute('gen_ai.output.messages', output));
    await send(house, [span({ traceId, id: 1, parent: null, startMs: 0, forMs: 10, more })]);
    await open(`/traces/${traceId}`, () => page.getByText('are not shown').waitFor());
    await page.getByRole('button', { name: 'Load all', exact: true }).click();
    await page.getByRole('button', { name: /^Load all 960,015 characters/ }).click();
    await eventually(() => page.getByText('The last words.').count()).toBe(1);
    await page.getByText(/\[base64, 59 KB\]/).waitFor();
    expect(await page.evaluate((code) => document.body.textContent?.includes(code), bytes.slice(0, 200))).toBe(false);
    expect(await nodes()).toBeLessThan(domLimit);
  });
});
