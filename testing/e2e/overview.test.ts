import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible, expectGoodPage } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const eventually = <T>(read: () => T) => expect.poll(read);

type Traffic = {
  model: string;
  count: number;
  /** The newest is so old, and each before it so much older. */
  agoMs: number;
  stepMs: number;
  ms: (i: number) => number;
  failed?: number;
};

/** Two days of calls whose answers are known: one model fails, one is slow, one has no price, one is as ever. */
const traffic: Traffic[] = [
  { model: 'gpt-4o-mini', count: 60, agoMs: hourMs, stepMs: 20 * minuteMs, ms: () => 800, failed: 18 },
  { model: 'gpt-4o-mini', count: 60, agoMs: 25 * hourMs, stepMs: 20 * minuteMs, ms: () => 800, failed: 2 },
  { model: 'gpt-4o', count: 80, agoMs: hourMs, stepMs: 15 * minuteMs, ms: (i) => 2000 + (i % 10) * 40 },
  { model: 'gpt-4o', count: 300, agoMs: 25 * hourMs, stepMs: 4 * minuteMs, ms: (i) => 500 + (i % 10) * 10 },
  { model: 'gpt-house-1', count: 12, agoMs: hourMs, stepMs: minuteMs, ms: () => 300 },
];

const attribute = (key: string, value: string | number) => ({
  key,
  value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
});

async function sendTraffic(url: string): Promise<void> {
  const nowMs = Date.now();
  const spans = traffic.flatMap(({ model, count, agoMs, stepMs, ms, failed = 0 }, kind) =>
    Array.from({ length: count }, (_, i) => {
      const startMs = nowMs - agoMs - i * stepMs;
      return {
        traceId: (kind * 1000 + i + 1).toString(16).padStart(32, '9'),
        spanId: (kind * 1000 + i + 1).toString(16).padStart(16, '9'),
        name: `chat ${model}`,
        kind: 3,
        startTimeUnixNano: `${startMs}000000`,
        endTimeUnixNano: `${startMs + ms(i)}000000`,
        attributes: [
          attribute('gen_ai.operation.name', 'chat'),
          attribute('gen_ai.provider.name', 'openai'),
          attribute('gen_ai.request.model', model),
          attribute('gen_ai.usage.input_tokens', 1000),
          attribute('gen_ai.usage.output_tokens', 100),
        ],
        status: i < failed ? { code: 2, message: 'overloaded' } : { code: 1 },
      };
    }),
  );
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ resourceSpans: [{ resource: {}, scopeSpans: [{ scope: {}, spans }] }] });
  const answer = await fetch(`${url}/v1/traces`, { method: 'POST', headers, body });
  if (!answer.ok) throw new Error(await answer.text());
  // Refused, and kept as a dead letter.
  await (await fetch(`${url}/v1/traces`, { method: 'POST', headers, body: '{"resourceSpans": 7}' })).text();
}

const call = async (url: string, model: string, user: string) => {
  const body = JSON.stringify({ model, user, messages: [{ role: 'user', content: 'Do you ship to Norway?' }] });
  const headers = { 'content-type': 'application/json' };
  await (await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })).text();
};

async function seedServer({ url, client }: Wheelhouse): Promise<void> {
  await client.call('createKey', { body: { name: 'night-job', days: 3 } });
  await client.call('createKey', { body: { name: 'day-job', days: 90 } });
  const perMillion = { inputUncached: '100', outputText: '100' };
  await client.call('createPrice', {
    body: { provider: 'sim', model: 'echo', usdPerMillion: perMillion, source: 'test' },
  });
  await client.call('setBudget', { body: { scope: 'user', subject: '*', period: 'day', usd: 0.0001, hard: false } });
  await call(url, 'sim/echo', 'ada');
  // As many failures as open a circuit.
  for (let i = 0; i < 12; i++) await call(url, 'down/any', 'grace');
}

describe('the Overview', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  const rows = () => page.getByRole('region', { name: 'Needs attention' }).getByRole('listitem');
  const rowsOfTraces = () =>
    page
      .getByRole('grid', { name: 'Traces' })
      .getByRole('row')
      .filter({ hasNot: page.getByRole('columnheader') });
  const card = (name: string) => page.getByRole('region', { name, exact: true });

  beforeAll(async () => {
    opened = await openHouse({ config: { providers: { down: { baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'x' } } } });
    ({ house, browser } = opened);
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
    await page.goto(`${house.url}/overview`);
  });
  afterAll(() => opened?.close());

  it('says that nothing needs attention, and what it looked at', async () => {
    const region = page.getByRole('region', { name: 'Needs attention' });
    await region.getByText('Nothing needs attention.').waitFor();
    await region
      .getByText(
        /^Looked at 0 traces .+the ledger and its dead letters, 0 budgets, .+ of the last 24h, as of \d\d:\d\d\.$/,
      )
      .waitFor();
  });

  describe('of two days', () => {
    beforeAll(async () => {
      await Promise.all([sendTraffic(house.url), seedServer(house)]);
      const counted = async () => {
        const query = { q: 'last:30d model:openai/gpt*', of: 'calls' as const };
        const { groups } = await house.client.call('getSeries', { query });
        expect(groups[0]?.total.count).toBe(512);
      };
      await vi.waitFor(counted, { timeout: 30_000, interval: 200 });
      // A refused request and what a call cost are written down a moment after their answers.
      const found = async () => {
        const { rows: all, unread } = await house.client.call('getAttention', { query: { last: '24h' } });
        const kinds = expect.arrayContaining(['budget', 'dead_letters', 'failures', 'target']);
        expect({ kinds: all.map(({ kind }) => kind), unread }).toEqual({ kinds, unread: [] });
      };
      await vi.waitFor(found, { timeout: 30_000, interval: 200 });
    });

    it('lists what needs attention, the most severe first, with numbers that are true', async () => {
      const { rows: found, more, unread } = await house.client.call('getAttention', { query: { last: '24h' } });
      expect({ more, unread }).toEqual({ more: 0, unread: [] });
      // Issues of what fails here come a moment later.
      const others = found.filter(({ kind }) => kind !== 'issue');
      expect(others.map(({ kind, severity }) => `${kind} ${severity}`)).toEqual([
        ...[
          'target bad',
          'failures bad',
          'budget warn',
          'latency warn',
          'dead_letters warn',
          'key warn',
          'prices note',
        ],
      ]);
      const text = (kind: string) => found.find((row) => row.kind === kind)?.text;
      expect(text('failures')).toBe(
        'Traces that call openai/gpt-4o-mini fail more often: 30 % of 60, before 3.3 % of 60.',
      );
      expect(text('latency')).toMatch(
        /^Calls of openai\/gpt-4o are slower: p95 2\.3\d s over 80 calls, 5\d\d ms in the 7 days before\.$/,
      );
      expect(text('prices')).toBe('12 calls of openai/gpt-house-1 have no known price: costs are higher than shown.');
      expect(text('dead_letters')).toBe('1 refused request waits to be repaired and sent again.');
      expect(text('key')).toMatch(/^The key night-job \(….{4}\) ends in 3 days, on \d{4}-\d\d-\d\d \d\d:\d\d UTC\.$/);
      expect(text('budget')).toMatch(
        /^The budget of user ada of this day is used up: .+ of \$0\.0001.+; calls go on\.$/,
      );
      expect(text('target')).toMatch(/^down\/any takes no calls: \d+ of \d+ attempts failed/);
    });

    it('leads from a row to exactly the traces behind it', async () => {
      await page.reload();
      await eventually(() =>
        rows()
          .filter({ hasNotText: /New: |new issues/ })
          .count(),
      ).toBe(7);
      await rows()
        .getByRole('link', { name: /gpt-4o-mini fail more often/ })
        .click();
      await page.waitForURL('**/traces?*');
      await eventually(() => rowsOfTraces().count()).toBe(18);
      await page.goBack();
      await rows()
        .getByRole('link', { name: /have no known price/ })
        .click();
      await page.waitForURL('**/traces?*');
      await eventually(() => rowsOfTraces().count()).toBe(12);
      await page.goBack();
      await rows()
        .getByRole('link', { name: /waits to be repaired/ })
        .click();
      await page.waitForURL('**/ledger');
    });

    it('holds each figure against the period before, in words too, and says what is better or worse', async () => {
      await page.goto(`${house.url}/overview?q=model:openai/gpt-4o-mini`);
      await card('Errors').getByText('30 % · 18').waitFor();
      await card('Errors')
        .getByText(/^up 27 points from 3\.3 percent, worse; 95 %: \+\d+ to \+\d+, n 60 and 60$/)
        .waitFor({ state: 'attached' });
      await card('Latency').getByText('same').first().waitFor();
      await page.goto(`${house.url}/overview?q=model:openai/gpt-4o`);
      await card('Traces').getByText('down 73 percent from 300').waitFor({ state: 'attached' });
      await card('Latency')
        .getByText(/^up \d+ percent from 5\d\d ms, worse$/)
        .first()
        .waitFor({ state: 'attached' });
      await card('Errors').getByText('no clear difference', { exact: false }).first().waitFor();
      // p99 of 80 traces would be the slowest of them.
      await eventually(() =>
        card('Latency')
          .getByText(/^up \d+ percent/)
          .count(),
      ).toBe(2);
    });

    it('makes no percentage of a handful, and calls new what is new', async () => {
      await page.goto(`${house.url}/overview?q=model:openai/gpt-house-1`);
      await card('Traces').getByText('new').first().waitFor();
      await page.goto(`${house.url}/overview?q=model:openai/gpt-4o-mini&range=6h`);
      await card('Errors').getByText('Too few to compare: 15 traces, 18 before; it takes 20 each.').waitFor();
    });

    it('draws the period before as a line that the address switches', async () => {
      await page.goto(`${house.url}/overview`);
      const thin = () => card('Errors').locator('path[stroke-width="1"]').count();
      await eventually(thin).toBe(1);
      await page.getByRole('button', { name: 'Its line b' }).click();
      await eventually(thin).toBe(0);
      await expect.poll(() => new URL(page.url()).searchParams.get('before')).toBe('off');
      await page.keyboard.press('b');
      await eventually(thin).toBe(1);
      await page.goto(`${house.url}/overview?q=status:error+or+last:1h`);
      await page.getByText('there is no period before to compare with').waitFor();
    });

    it('is accessible, small, narrow where it must be, and met no errors on the way', async () => {
      const target = { name: 'overview-attention', path: '/overview', settled: 'fail more often' };
      await expectGoodPage({ browser, house }, target);
      await page.goto(`${house.url}/overview`);
      await rows().first().waitFor();
      await expectAccessible(page);
      expect(problems).toEqual([]);
    });
  });
});
