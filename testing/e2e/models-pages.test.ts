import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectAccessible, expectGoodNow, expectGoodPage, takePicture } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const rules =
  'If asked about sale, answer: Sale items go back within 30 days.\nIf asked about Norway, answer: Yes, 4 days.';
const first = `You answer for {{company}}.\n${rules}`;
const second = `You answer for {{company}}, {{tone}}.\n${rules}\nIf asked about blue, answer: On 3 December.`;
const promptOf = (content: string, temperature: number) => ({
  flavor: 'prompt' as const,
  baseModel: 'sim/rules',
  messages: [{ role: 'system' as const, content }],
  parameters: { temperature },
});

describe('models, as everybody sees them', () => {
  let opened: Opened;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;
  let traceId: string;
  let spanId: string;
  const failures: string[] = [];

  const call = async (variables: object, content: string, alias = 'production'): Promise<string> => {
    const answer = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: `support-bot@${alias}`, variables, messages: [{ role: 'user', content }] }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
    return answer.headers.get('x-wheelhouse-trace-id') ?? '';
  };
  const answerOf = (variant: string, input: number) =>
    page.getByRole('region', { name: `Answer of ${variant} to input ${input}` });
  const versionsOf = async (name: string) => (await house.client.call('getModel', { params: { name } })).versions;

  beforeAll(async () => {
    opened = await openHouse();
    ({ house, browser } = opened);
    const { client } = house;
    const params = { name: 'support-bot' };
    await client.call('createModel', {
      body: {
        name: 'support-bot',
        description: 'Answers customers of the shop',
        tags: ['support'],
        owner: 'ada@shop.example',
        version: { definition: promptOf(first, 0), message: 'First version', example: { company: 'Fjord & Co' } },
      },
    });
    await client.call('moveAlias', { params: { ...params, alias: 'production' }, body: { version: 1 } });
    const asked = [];
    for (const question of ['Can I return a sale item?', 'Do you ship to Norway?', 'Is it a sale?'])
      asked.push(await call({ company: 'Fjord & Co' }, question));
    traceId = asked[0] ?? '';
    const madeFrom = ['version:support-bot@1'];
    await client.call('createVersion', {
      params,
      body: { definition: promptOf(second, 0.7), message: 'Has a tone', madeFrom },
    });
    await client.call('moveAlias', {
      params: { ...params, alias: 'production' },
      body: { version: 2, breaking: true },
    });
    await client.call('createModel', {
      body: { name: 'translate', version: { definition: { flavor: 'base', baseModel: 'sim/echo' } } },
    });
    const stored = async () => {
      const { spans } = await client.call('getTrace', { params: { traceId } });
      spanId = spans.find(({ kind }) => kind === 'generation')?.spanId ?? '';
      expect(spanId).not.toBe('');
    };
    await vi.waitFor(stored, { timeout: 30_000, interval: 200 });
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    page = await context.newPage();
    page.on('pageerror', (error) => failures.push(error.message));
  });
  afterAll(async () => {
    await opened?.close();
    expect(failures).toEqual([]);
  });

  it('opens a call with its variables, tries versions and inputs beside each other, and saves what was made', async () => {
    await page.goto(`${house.url}/traces/${traceId}?span=${spanId}`);
    await page.getByRole('link', { name: 'Try' }).waitFor();
    await page.keyboard.press('v');
    await page.waitForURL(/\/playground\?from=span/);
    await expect.poll(() => page.getByLabel('company').inputValue()).toBe('Fjord & Co');
    await expect.poll(() => page.getByLabel('Message', { exact: true }).inputValue()).toBe('Can I return a sale item?');

    await page.getByRole('button', { name: 'Copy A beside it' }).click();
    const b = page.getByRole('region', { name: 'Variant B' });
    await b.getByLabel('Template of message 1').fill(`${first}\nIf asked about {{topic}}, answer: It is {{topic}}.`);
    await page.getByRole('button', { name: 'Input', exact: true }).click();
    const other = page.getByRole('group', { name: 'Input 2' });
    await other.getByLabel('topic').fill('blue');
    await other.getByLabel('company').fill('Fjord & Co');
    await other.getByLabel('Message').fill('Do you have blue?');
    await page.getByRole('group', { name: 'Input 1' }).getByLabel('topic').fill('sale');
    await page.keyboard.press('ControlOrMeta+Enter');

    await answerOf('B', 2).getByText('It is blue.').waitFor();
    await answerOf('A', 1).getByText('Sale items go back within 30 days.').waitFor();
    for (const [variant, input] of [
      ['A', 1],
      ['A', 2],
      ['B', 1],
      ['B', 2],
    ] as const) {
      const text = answerOf(variant, input);
      await text.getByRole('link', { name: 'Trace' }).waitFor();
      await text.getByText(/\d+ → \d+ tok/).waitFor();
      await text.getByText('$0', { exact: false }).waitFor();
    }
    await takePicture(page, 'playground-run-light');
    await expectAccessible(page);

    await page.getByRole('button', { name: 'Save B as a version' }).click();
    await page.getByRole('dialog').getByLabel('Why this version').fill('Answers any topic');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    const [newest] = await versionsOf('support-bot');
    expect(newest).toMatchObject({
      number: 3,
      message: 'Answers any topic',
      madeFrom: [`span:${traceId}/${spanId}`, 'version:support-bot@1'],
    });

    await answerOf('B', 2).getByRole('button', { name: 'Add to dataset' }).click();
    await page.getByRole('dialog').getByLabel('Dataset').fill('topics');
    await page.getByRole('dialog').getByRole('button', { name: 'Create and add' }).click();
    await page.getByText('1 example added to').waitFor();
    const { data } = await house.client.call('listExamples', { params: { name: 'topics' }, query: {} });
    expect(data[0]).toMatchObject({
      input: { variables: { topic: 'blue' }, messages: [{ role: 'user', content: 'Do you have blue?' }] },
      expected: 'It is blue.',
    });
  });

  it('is sent to others as a link', async () => {
    await page.getByRole('button', { name: 'Share' }).click();
    const copied = () => page.evaluate(() => navigator.clipboard.readText());
    await expect.poll(copied).toContain('/playground');
    const link = await copied();
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(link);
    await other.getByRole('region', { name: 'Variant B' }).waitFor();
    await expect
      .poll(() => other.getByRole('group', { name: 'Input 2' }).getByLabel('topic').inputValue())
      .toBe('blue');
    await context.close();
  });

  it('says at its line what the server has against a chain, and publishes it when it is right', async () => {
    await page.goto(`${house.url}/models`);
    await page.getByRole('button', { name: 'New model' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('greet');
    await dialog.getByRole('button', { name: 'Chain' }).click();
    const definition = dialog.getByRole('textbox', { name: 'Definition' });
    const steps = (model: unknown) => [{ id: 'say', do: 'prompt', model, input: { $from: '/input' } }];
    await definition.fill('{ "flavor": "chain", ');
    await dialog.getByText('✕ Line 1').waitFor();
    await definition.fill(JSON.stringify({ flavor: 'chain', steps: steps(7) }, null, 2));
    await dialog.getByRole('button', { name: 'Create' }).click();
    await dialog.getByText(/✕ Line 7:/).waitFor();
    await definition.fill(JSON.stringify({ flavor: 'chain', steps: steps('translate@1') }, null, 2));
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.waitForURL(/\/models\/greet/);
    expect((await versionsOf('greet'))[0]?.definition).toMatchObject({ flavor: 'chain' });
  });

  it('shows what is different between versions and what of it breaks callers, and takes an alias back by one key', async () => {
    await page.goto(`${house.url}/models/support-bot?version=2&against=1`);
    const card = page.getByRole('region', { name: 'What changed' });
    await card.getByText('tone').first().waitFor();
    await expect.poll(() => card.getByText('may break callers').count()).toBeGreaterThan(0);
    await page.getByLabel('Compare with').selectOption({ label: 'v3' });
    await card.getByText('topic').first().waitFor();
    await page.keyboard.press('b');
    await page.getByRole('dialog', { name: 'Roll @production back to v1?' }).waitFor();
    await page.getByRole('button', { name: 'Roll back to v1' }).click();
    await page.getByRole('button', { name: '@production → v1' }).waitFor();
    expect(await call({ company: 'Fjord & Co' }, 'Is it a sale?')).toMatch(/^[0-9a-f]{32}$/);
    await page.getByRole('button', { name: 'Move alias' }).click();
    const moving = page.getByRole('dialog', { name: 'Move an alias' });
    await moving.getByLabel('Version').selectOption({ label: 'v2 · Has a tone' });
    await moving.getByText('Callers of v1 may fail with v2').waitFor();
    await moving.getByLabel('Why it moves').fill('They are ready');
    await expectGoodNow(page, 'model-move-alias');
    await moving.getByRole('button', { name: 'Move it all the same' }).click();
    await moving.waitFor({ state: 'detached' });
    const { model } = await house.client.call('rollBackAlias', {
      params: { name: 'support-bot', alias: 'production' },
    });
    expect(model.aliases).toMatchObject([{ alias: 'production', version: 1 }]);
    const { data } = await house.client.call('listAudit', { query: { action: 'alias.move', limit: 1 } });
    expect(data).toMatchObject([{ detail: { message: 'They are ready' } }]);
  });

  it('asks for moves of what is protected', async () => {
    await page.goto(`${house.url}/models/support-bot?tab=aliases`);
    await page.getByRole('button', { name: 'any editor' }).click();
    await page.getByRole('button', { name: 'Protect' }).click();
    await page.getByRole('button', { name: 'admins, after a review' }).waitFor();
    await page.getByRole('button', { name: 'Move alias' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Version').selectOption({ label: 'v2 · Has a tone' });
    await dialog.getByText('Callers of v1 may fail with v2').waitFor();
    await dialog.getByLabel('Why it shall move').fill('Sounds better');
    await dialog.getByRole('button', { name: 'Ask for the move' }).click();
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('dialog').getByText('Sounds better').waitFor();
    await expectAccessible(page);
    await takePicture(page, 'alias-request-light');
    await page.getByRole('dialog').getByRole('button', { name: 'Withdraw' }).click();
    await page.getByText('withdrawn').waitFor();
  });

  it('shows what a version was made from and what was made from it', async () => {
    await page.goto(`${house.url}/models/support-bot?tab=lineage&version=1`);
    const graph = page.getByRole('group', { name: 'Lineage' });
    await graph.getByRole('link', { name: 'support-bot@production' }).waitFor();
    await graph.getByRole('link', { name: 'support-bot@3' }).click();
    await page.waitForURL(/version=3/);
    await page.getByRole('link', { name: `span ${spanId.slice(0, 8)}` }).waitFor();
  });

  it('keeps what people say of a version', async () => {
    await page.goto(`${house.url}/models/support-bot?tab=comments&version=2`);
    await page.getByRole('textbox', { name: 'Comment' }).fill('@ada is this tone right?');
    await page.getByRole('button', { name: 'Comment', exact: true }).click();
    await page.getByRole('listitem').getByText('is this tone right?').waitFor();
  });

  it('keeps what people say of a call and of an example, and asks for it when one is selected', async () => {
    const asked: (string | null)[] = [];
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.pathname === '/api/v1/comments' && request.method() === 'GET') asked.push(url.searchParams.get('on'));
    });
    const summary = (n: number) => page.locator('summary').filter({ hasText: `Comments (${n})` });
    const say = async (text: string) => {
      await page.getByRole('textbox', { name: 'Comment' }).fill(text);
      await page.keyboard.press('ControlOrMeta+Enter');
      await page.getByRole('listitem').getByText(text.replace('@ada ', '')).waitFor();
    };

    await page.goto(`${house.url}/traces/${traceId}?span=${spanId}`);
    await summary(0).click();
    await say('@ada this is what they mean');
    await summary(1).waitFor();
    await expectGoodNow(page, 'trace-comments');

    await house.client.call('addExamples', { params: { name: 'topics' }, body: { examples: [{ input: 'And red?' }] } });
    asked.length = 0;
    await page.goto(`${house.url}/datasets/topics`);
    const row = page.getByRole('row').filter({ hasText: 'Do you have blue?' });
    await row.waitFor();
    expect(asked).toEqual([]);
    await row.getByRole('gridcell').first().click();
    await summary(0).waitFor();
    await page.keyboard.press('m');
    await say('too short an answer');
    await summary(1).waitFor();
    const { data } = await house.client.call('listExamples', { params: { name: 'topics' }, query: {} });
    const on = data
      .filter(({ input }) => JSON.stringify(input).includes('blue'))
      .map(({ id }) => `example:topics/${id}`);
    expect([...new Set(asked)]).toEqual(on);
    await expectGoodNow(page, 'dataset-comments');
    await page.getByRole('row').filter({ hasText: 'And red?' }).getByRole('gridcell').first().click();
    await summary(0).waitFor();
    expect(await page.getByText('too short an answer').count()).toBe(0);
  });

  it('says anew what a model is for, who answers for it and what it is found by, where one may', async () => {
    await page.goto(`${house.url}/models/support-bot`);
    const edit = page.getByRole('button', { name: 'Edit description, tags and owner' });
    await edit.click();
    const dialog = page.getByRole('dialog', { name: 'About support-bot' });
    const save = dialog.getByRole('button', { name: 'Save' });
    expect(await save.isDisabled()).toBe(true);
    await dialog.getByLabel('Tags').fill('support, shop , shop,');
    await dialog.getByLabel('Owner').fill('');
    await expectGoodNow(page, 'model-about');
    // Meanwhile somebody else said something else.
    const description = 'Answers customers of the shop, politely';
    await house.client.call('changeModel', { params: { name: 'support-bot' }, body: { description } });
    await save.click();
    await page.getByRole('link', { name: 'shop', exact: true }).waitFor();
    await page.getByText(description).waitFor();
    await expect.poll(() => page.getByText('ada@shop.example').count()).toBe(0);
    expect((await house.client.call('getModel', { params: { name: 'support-bot' } })).model).toMatchObject({
      description,
      tags: ['support', 'shop'],
      owner: null,
    });

    await page.route('**/api/v1/me', async (route) => {
      const answer = await route.fetch();
      await route.fulfill({ response: answer, json: { ...(await answer.json()), role: 'viewer' } });
    });
    await page.reload();
    await page.getByText(description).waitFor();
    await expect.poll(() => page.getByRole('button', { name: /New version|Edit description/ }).count()).toBe(0);
    await page.unroute('**/api/v1/me');
  });

  it('finds models by what is said of them', async () => {
    await page.goto(`${house.url}/models`);
    await page.getByLabel('Search models').fill('customers');
    await expect.poll(() => page.getByRole('row').count()).toBe(2);
    await page.waitForURL(/q=customers/);
    await page.getByLabel('Search models').fill('nothing like it');
    await page.getByText('No model fits.').waitFor();
  });

  it('says of each alias what the version behind it did', async () => {
    const params = { name: 'support-bot' };
    await house.client.call('moveAlias', { params: { ...params, alias: 'staging' }, body: { version: 3 } });
    await house.client.call('moveAlias', { params: { ...params, alias: 'tests' }, body: { version: 3 } });
    for (const topic of ['blue', 'red'])
      await call({ company: 'Fjord & Co', topic }, `Do you have ${topic}?`, 'staging');
    const uses = async () => {
      const { data } = await house.client.call('listModelUse', { query: { models: 'support-bot', hours: 1 } });
      return Object.fromEntries(data.map(({ version, calls }) => [version, calls]));
    };
    await vi.waitFor(async () => expect((await uses())[3]).toBeGreaterThanOrEqual(2), {
      timeout: 30_000,
      interval: 200,
    });
    const known = await uses();
    await page.goto(`${house.url}/models`);
    const cellsOf = async (alias: string) => {
      const cells = await page.getByRole('row').filter({ hasText: alias }).getByRole('cell').allInnerTexts();
      return { alias: cells[1], calls: cells[4], p95: cells[7] };
    };
    const figures = (alias: string, version: number) => ({
      alias,
      calls: String(known[version]),
      p95: expect.any(String),
    });
    await expect.poll(() => cellsOf('@production')).toEqual(figures('@production → v1', 1));
    const staging = await cellsOf('@staging');
    expect(staging).toEqual(figures('@staging → v3@tests', 3));
    expect(staging.p95).toMatch(/\d/);
    await expect.poll(() => page.getByRole('row').filter({ hasText: 'Answers customers' }).count()).toBe(1);
    await expectGoodNow(page, 'model-figures');
    await page.getByRole('link', { name: 'support-bot@staging' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/models\/support-bot\?version=3/);
  });

  it('says what changed from what to what', async () => {
    await page.goto(`${house.url}/settings/audit`);
    await page.getByLabel('Did').fill('alias');
    await page.getByRole('button', { name: 'Filter' }).click();
    await page.waitForURL(/action=alias/);
    await expect.poll(() => page.getByText('model.create').count()).toBe(0);
    await page.getByRole('row').filter({ hasText: 'alias.' }).locator('ins').first().waitFor();
  });

  const pages = [
    { name: 'playground', path: () => `/playground?from=span:${traceId}/${spanId}`, settled: 'Fjord & Co' },
    { name: 'playground-empty', path: () => '/playground', settled: 'new prompt' },
    { name: 'model-list', path: () => '/models', settled: 'support-bot' },
    { name: 'model-diff', path: () => '/models/support-bot?version=2&against=1', settled: 'What changed' },
    { name: 'model-playground', path: () => '/models/support-bot?version=1&tab=playground', settled: 'Variant' },
    { name: 'model-usage', path: () => '/models/support-bot?tab=usage', settled: '@production' },
    { name: 'model-aliases', path: () => '/models/support-bot?tab=aliases', settled: 'after a review' },
    { name: 'audit-changes', path: () => '/settings/audit?subject=support-bot', settled: 'Filter' },
    { name: 'model-lineage', path: () => '/models/support-bot?tab=lineage&version=1', settled: 'stands above it' },
    {
      name: 'model-comments',
      path: () => '/models/support-bot?tab=comments&version=2',
      settled: 'is this tone right?',
    },
  ];
  it.each(pages)('$name is accessible, small, narrow where it must be, and without errors', async (target) => {
    await expectGoodPage({ browser, house }, { ...target, path: target.path() });
  });
});
