import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectAccessible } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

describe('keeping the books', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];
  const calledMs = Date.now() - 60_000;

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    page = await context.newPage();
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterAll(async () => {
    expect(problems).toEqual([]);
    await opened?.close();
  });

  it('repairs a refused request in the ledger and sends it again', async () => {
    const traceId = 'f'.repeat(32);
    const refused = {
      traceId: '00',
      spanId: '1'.repeat(16),
      name: 'checkout',
      startTimeUnixNano: '1795166042000000000',
    };
    await fetch(`${house.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [refused] }] }] }),
    });
    await page.goto(`${house.url}/ledger`);
    await page.getByText('it balances').waitFor();
    await page
      .getByRole('button', { name: /^Read / })
      .first()
      .click();
    const dialog = page.getByRole('dialog', { name: 'A refused request' });
    const body = dialog.getByLabel('Body');
    await body.fill((await body.inputValue()).replace('"00"', `"${traceId}"`));
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Repair and send again' }).click();
    await page.getByText('1 request taken').waitFor();
    await page.goto(`${house.url}/traces/${traceId}`);
    await page.getByRole('heading', { name: 'checkout' }).first().waitFor();
  });

  it('sets a price and prices what was called before with it', async () => {
    const traceId = 'e'.repeat(32);
    const attributes = {
      'gen_ai.operation.name': { stringValue: 'chat' },
      'gen_ai.provider.name': { stringValue: 'acme' },
      'gen_ai.request.model': { stringValue: 'acme-large' },
      'gen_ai.usage.input_tokens': { intValue: '1000000' },
      'gen_ai.usage.output_tokens': { intValue: '0' },
    };
    const at = BigInt(calledMs) * 1_000_000n;
    await fetch(`${house.url}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        resourceSpans: [
          {
            scopeSpans: [
              {
                spans: [
                  {
                    ...{ traceId, spanId: 'e'.repeat(16), name: 'chat acme-large' },
                    ...{ startTimeUnixNano: String(at), endTimeUnixNano: String(at + 1_000_000_000n) },
                    attributes: Object.entries(attributes).map(([key, value]) => ({ key, value })),
                  },
                ],
              },
            ],
          },
        ],
      }),
    });
    await page.goto(`${house.url}/prices`);
    await page.getByRole('button', { name: 'Set a price' }).click();
    const dialog = page.getByRole('dialog', { name: 'Set a price' });
    await dialog.getByLabel('Provider').fill('acme');
    await dialog.getByLabel('Model').fill('acme-*');
    await dialog.getByLabel('Input', { exact: true }).fill('2.5');
    await dialog.getByLabel('Valid from').fill('2026-01-01');
    await expectAccessible(page);
    await dialog.getByRole('button', { name: 'Set the price' }).click();
    await page.getByText('acme/acme-* has a price').waitFor();
    await page.getByLabel('Origin').selectOption('own');
    await page.getByRole('row', { name: /acme\/acme-\*.*\$2\.50/ }).waitFor();

    await page.getByRole('button', { name: 'Estimate' }).click();
    await page.getByRole('button', { name: 'Price 1 call again' }).click();
    await page.getByRole('region', { name: 'Re-pricings' }).getByText('completed').waitFor();
    await page.goto(`${house.url}/traces/${traceId}`);
    await page.getByText('$2.50').first().waitFor();
    await expectAccessible(page);
  });

  it('puts a bill beside what it counted itself', async () => {
    await page.goto(`${house.url}/prices`);
    const day = new Date(calledMs).toISOString().slice(0, 10);
    await page.getByLabel('Choose a bill').setInputFiles({
      name: 'bill.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(`date,model,usd\n${day},acme-large,3.00\n`),
    });
    await page.getByText('difference').first().waitFor();
    await page.getByRole('row', { name: /acme-large.*\$3\.00.*\$2\.50.*\$0\.500/ }).waitFor();
    await expectAccessible(page);
  });
});
