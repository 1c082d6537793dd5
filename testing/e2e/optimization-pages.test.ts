import type { RequestBody } from '@wheelhouse/sdk';
import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const topics = ['shipping', 'billing', 'sales'];
const words = ['parcel', 'invoice', 'discount'];
const splitOf = (n: number) => (n < 12 ? 'train' : n < 24 ? 'validation' : 'test');
/** Questions whose topic an example shows, and nothing else does. */
const examples = Array.from({ length: 84 }, (_, n) => ({
  input: { question: `Case ${n}: my ${words[n % 3]} is lost` },
  expected: topics[n % 3] ?? '',
  split: splitOf(n),
}));
const sorting = (model: string) => ({
  definition: {
    ...{ flavor: 'program' as const, model },
    program: { module: 'predict', signature: "question -> label: Literal['billing', 'shipping', 'sales']" },
  },
});

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  const { client } = house;
  const slow = { flavor: 'base' as const, baseModel: 'sim/student', parameters: { sim: { latency_ms: 150 } } };
  await client.call('createModel', { body: { name: 'slow-student', version: { definition: slow } } });
  await client.call('createModel', { body: { name: 'triage', version: sorting('sim/student') } });
  await client.call('createModel', { body: { name: 'slow-triage', version: sorting('slow-student@1') } });
  await client.call('createDataset', { body: { name: 'cases' } });
  await client.call('addExamples', { params: { name: 'cases' }, body: { examples } });
  open = await visit(browser, `${house.url}/models/slow-triage`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

const search = (key: string) => new URL(page.url()).searchParams.get(key);
const region = (name: string): Locator => page.getByRole('region', { name, exact: true });
const dialog = (name: string): Locator => page.getByRole('dialog', { name });

/** Has run to its end, and is looked at. */
async function optimized(body: Partial<RequestBody<'createOptimization'>>): Promise<string> {
  const { client } = house;
  const whole = { program: 'triage@1', dataset: 'cases', budget: { calls: 2000 }, ...body };
  const { id } = await client.call('createOptimization', { body: whole });
  const state = async () => (await client.call('getOptimization', { params: { optimizationId: id } })).state;
  await expect.poll(state, { timeout: 90_000 }).toBe('done');
  await page.goto(`${house.url}/experiments/optimizations/${id}`);
  return id;
}

const optimizer = { name: 'gepa', options: { effort: 'light' } };

/** One that runs where its code is, and has told of a candidate of a candidate. */
async function recorded() {
  const { client } = house;
  const { id: optimizationId, turn } = await client.call('recordOptimization', {
    body: { name: 'answer kindly', program: 'kindness', model: 'sim/student', optimizer, budget: { calls: 400 } },
  });
  const rules = [
    'Say what it is about.',
    'If asked about a parcel, say shipping.',
    'If asked about a courier, say so.',
  ];
  const candidates = rules.map((_, n) => ({
    ...{ id: `c${n}`, by: n === 0 ? 'start' : 'reflection', parents: n === 0 ? [] : [`c${n - 1}`] },
    changed: n === 0 ? [] : ['instructions'],
    instances: { '': { instructions: rules.slice(0, n + 1).join('\n') } },
  }));
  const values = [0.625, 0.75, 0.875];
  const spentAfter = (calls: number) => ({ calls, costNanoUsd: String(calls * 100_000), minutes: calls / 60 });
  const scoreOf = (value: number) => ({
    ...{ score: { value, low: value - 0.25, high: value + 0.1, rows: 8 }, minibatch: null },
    ...{ calls: 8, costNanoUsd: '800000', latencyMs: 120 },
  });
  const told = {
    candidates,
    progress: {
      ...{ phase: 'searching' as const, rows: { train: 20, validation: 8, heldOut: 12 }, startId: 'c0', bestId: 'c2' },
      spend: { ...spentAfter(300), tokens: null },
      points: values.map((score, n) => ({ ...spentAfter((n + 1) * 100), score, best: score, candidateId: `c${n}` })),
      scores: Object.fromEntries(values.map((value, n) => [`c${n}`, scoreOf(value)])),
      front: {
        rows: 8,
        members: [
          { id: 'c1', score: 0.75, leads: [2, 3, 4, 5] },
          { id: 'c2', score: 0.875, leads: [0, 1, 7] },
        ],
      },
      failures: { answer: 0, call: 0, metric: 0, first: null },
    },
  };
  await client.call('reportOptimization', { params: { optimizationId }, body: { turn, ...told } });
  return { optimizationId, turn, told };
}

describe('the page of an optimization', () => {
  it('is started from the page of a model, by a form that says what it comes to', async () => {
    await page.getByRole('link', { name: 'Optimize …' }).click();
    const form = dialog('Optimize');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => new URL(page.url()).search).toBe('');
    await page.getByRole('link', { name: 'Optimize …' }).click();
    await expect.poll(() => search('open')).toBe('optimize');
    await expect.poll(() => form.getByLabel('Program or prompt').inputValue()).toBe('slow-triage@1');
    await form.getByText('12 rows to train, 12 to choose by, 60 held out').waitFor();
    await form.getByLabel('Calls of models').fill('');
    await form.getByText('Say what bounds it.').waitFor();
    await form.getByLabel('Calls of models').fill('900');
    await form.getByText('900 calls').waitFor();
    await form.getByLabel('Sets to try').fill('4');
    await form.getByLabel('Runs at one time').fill('1');
    await form.getByLabel('Name', { exact: true }).fill('sort cases');
    await expectGoodNow(page, 'optimization-new');
    await form.getByRole('button', { name: 'Start', exact: true }).click();
    await region('Progress').waitFor();
    await expect.poll(() => page.url()).toMatch(/\/experiments\/optimizations\/op_\w+$/);
  });

  it('shows by itself how far it is; it is stopped, and goes on with a larger budget', async () => {
    const bar = page.getByRole('progressbar', { name: 'Budget spent' });
    await expect
      .poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 60_000 })
      .toBeGreaterThan(1);
    await page.getByRole('heading', { name: /^\d+ candidates?$/ }).waitFor({ timeout: 60_000 });
    await expectGoodNow(page, 'optimization-running');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('■ stopped').waitFor();
    const [, optimizationId = ''] = /(op_\w+)/.exec(page.url()) ?? [];
    const { spend } = await house.client.call('getOptimization', { params: { optimizationId } });
    expect(spend.calls).toBeLessThan(900);

    await page.getByRole('button', { name: 'Resume …' }).click();
    await expect.poll(() => search('open')).toBe('resume');
    const form = dialog('Resume');
    await expect.poll(() => form.getByLabel('Calls of models').inputValue()).toBe('900');
    await form.getByLabel('Calls of models').fill('950');
    await form.getByRole('button', { name: 'Resume', exact: true }).click();
    await region('Progress').waitFor();
    await region('Settings').getByText('950 calls').waitFor();
    await region('Settings').getByText('once').waitFor();
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('■ stopped').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('says the verdict on rows held out, and shows each candidate with what was changed in it', async () => {
    const id = await optimized({ name: 'sort them', optimizer: { name: 'random-search', candidates: 3 } });
    const found = region('On rows held out');
    await found.getByText('▲ Gain on rows held out').waitFor();
    await found.getByText(/60 of 60 rows held out were compared/).waitFor();
    await region('Measures on rows held out')
      .getByRole('row', { name: /score.*better/ })
      .waitFor();
    const chart = page.getByRole('img', { name: /Score against calls.*as it was.*best/ });
    await chart.waitFor();
    await region('Score against spend').getByRole('link', { name: 'time' }).click();
    await page.getByRole('img', { name: /Score against time/ }).waitFor();
    await expect.poll(() => search('by')).toBe('minutes');
    await region('Score against spend').getByText('As a table').click();
    await region('Scores as a table').getByRole('row').nth(1).waitFor();

    const tried = region('Candidates tried').getByRole('row');
    await tried.filter({ hasText: 'best' }).getByRole('link').first().click();
    const peek = page.getByRole('complementary', { name: 'Candidate' });
    await peek.getByText(/^\d+ demonstrations?/).waitFor();
    await peek.getByText('+ new').first().waitFor();
    await expect.poll(() => search('candidate')).not.toBeNull();
    await expectGoodNow(page, 'optimization-candidate');
    await page.keyboard.press('Escape');
    await expect.poll(() => search('candidate')).toBeNull();
    await page.getByRole('link', { name: 'as they came' }).click();
    await tried.nth(1).getByRole('link', { name: 'as it was' }).waitFor();
    expect(open.problems).toEqual([]);
    await expectGoodPage(
      { browser, house },
      { name: 'optimization', path: `/experiments/optimizations/${id}`, settled: '▲ Gain on rows held out' },
    );
  });

  it('leads from a demonstration to the trace that it came from', async () => {
    const back = page.url();
    await optimized({ name: 'by examples', optimizer: { name: 'bootstrap-few-shot' } });
    await page.getByRole('link', { name: '#1' }).first().click();
    const peek = page.getByRole('complementary', { name: 'Candidate' });
    await page.reload();
    const demo = peek.getByRole('listitem').filter({ hasText: 'made by running the program' }).first();
    const question = /Case \d+: my \w+ is lost/.exec((await demo.textContent()) ?? '')?.[0] ?? '';
    const traceId = /[0-9a-f]{32}/.exec((await demo.getByRole('link').getAttribute('href')) ?? '')?.[0] ?? '';
    const stored = async () => (await fetch(`${house.url}/api/v1/traces/${traceId}`)).status;
    await expect.poll(stored).toBe(200);
    await demo.getByRole('link', { name: /^trace / }).click();
    await page.waitForURL(`**/traces/${traceId}`);
    await page.getByText(question).filter({ visible: true }).first().waitFor();
    expect(open.problems).toEqual([]);
    await page.goto(back);
  });

  it('publishes what was found; the rule of an alias holds it back, and the page says so', async () => {
    await page.getByRole('button', { name: /^Publish as version/ }).click();
    const form = dialog('Publish as version');
    await expect.poll(() => form.getByLabel('Model').inputValue()).toBe('triage');
    await form.getByLabel('Lead an alias to it').fill('staging');
    await expectGoodNow(page, 'optimization-publish');
    await form.getByRole('button', { name: 'Publish', exact: true }).click();
    await page.getByRole('link', { name: '✓ triage v2 @staging' }).waitFor();

    const rule = { role: 'admin', review: true } as const;
    await house.client.call('setAliasRule', { params: { alias: 'production' }, body: rule });
    await page.reload();
    await page.getByRole('button', { name: /^Publish as version/ }).click();
    await form.getByLabel('Model').fill('triage-of-cases');
    await form.getByLabel('Lead an alias to it').fill('production');
    await form.getByText('is protected').waitFor();
    await form.getByRole('button', { name: 'Publish', exact: true }).click();
    await form.getByRole('alert').waitFor();
    await form.getByRole('link', { name: 'triage-of-cases v1' }).click();
    await page.getByText('triage-of-cases').filter({ visible: true }).first().waitFor();
    const { model } = await house.client.call('getModel', { params: { name: 'triage-of-cases' } });
    expect(model).toMatchObject({ latest: 1, aliases: [] });
    expect(open.problems).toEqual([]);
  });

  it('says what breaks callers of the alias, and moves it all the same where they are ready', async () => {
    const { client } = house;
    const messages = [{ role: 'user' as const, content: 'What is {{topic}}?' }];
    const definition = { flavor: 'prompt' as const, baseModel: 'sim/student', messages };
    await client.call('createModel', { body: { name: 'sorter', version: { definition } } });
    await client.call('moveAlias', { params: { name: 'sorter', alias: 'tests' }, body: { version: 1 } });
    await optimized({ name: 'for others', optimizer: { name: 'random-search', candidates: 3 } });
    await page.getByRole('button', { name: /^Publish as version/ }).click();
    const form = dialog('Publish as version');
    await form.getByLabel('Model').fill('sorter');
    await form.getByLabel('Lead an alias to it').fill('tests');
    await form.getByRole('button', { name: 'Publish', exact: true }).click();
    await form.getByText('Callers of @tests may fail with v2').waitFor();
    await form.getByText('question').first().waitFor();
    await expectGoodNow(page, 'optimization-held-back');
    const at = async () =>
      (await client.call('getModel', { params: { name: 'sorter' } })).model.aliases.map(({ version }) => version);
    expect(await at()).toEqual([1]);
    await form.getByRole('button', { name: 'They are ready: move it all the same' }).click();
    await page.getByRole('link', { name: '✓ sorter v2 @tests' }).waitFor();
    expect(await at()).toEqual([2]);
    expect(open.problems).toEqual([]);
  });

  it('says that nothing better was found, as a normal answer', async () => {
    await optimized({ name: 'no example', optimizer: { name: 'labeled-few-shot', k: 0 } });
    await region('On rows held out').getByText('No gain found', { exact: true }).waitFor();
    const publish = page.getByRole('button', { name: /^Publish as version/ });
    expect(await publish.getAttribute('aria-disabled')).toBe('true');
    expect(await publish.getAttribute('title')).toBe('Nothing was found that is known to be better.');
    await expectGoodNow(page, 'optimization-no-gain');
  });

  it('shows one that runs elsewhere as well, with its front, and stops it there', async () => {
    const { optimizationId, turn, told } = await recorded();
    await page.goto(`${house.url}/experiments/optimizations/${optimizationId}`);
    await page.getByText('The calls are made where it was started.').waitFor();
    await page.getByRole('img', { name: /62\.5 % as it was.*best 87\.5 % after 300/ }).waitFor();
    const front = region('Candidates of the front').getByRole('row');
    await front.filter({ hasText: '#2' }).getByText('3 of 8').waitFor();
    await front.filter({ hasText: '#2' }).getByText('1–2, 8').waitFor();
    await front.getByRole('link', { name: '#2' }).click();
    const peek = page.getByRole('complementary', { name: 'Candidate' });
    const changed = peek.getByRole('region', { name: 'Instructions' });
    await changed.getByText('added: If asked about a courier').waitFor();
    expect(await changed.getByText('added:').count()).toBe(1);
    await peek.getByRole('link', { name: 'as it was', exact: true }).last().click();
    await expect.poll(() => changed.getByText('added:').count()).toBe(2);
    await expect.poll(() => search('against')).toBe('start');
    await expectGoodNow(page, 'optimization-front');

    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('■ stopped').waitFor();
    await page.getByText('It goes on where it was started').waitFor();
    expect(await page.getByRole('button', { name: 'Resume …' }).count()).toBe(0);
    const params = { optimizationId };
    expect(await house.client.call('reportOptimization', { params, body: { turn, ...told } })).toMatchObject({
      ...{ goesOn: false, state: 'stopped' },
    });
    expect(open.problems).toEqual([]);
  });

  it('is found among evaluations, by its kind, program and state, and deleted', async () => {
    const runs = [{ ref: 'triage@1' }, { ref: 'sim/echo' }];
    await house.client.call('createEvaluation', { body: { name: 'first try', dataset: 'cases', runs } });
    await page.goto(`${house.url}/experiments`);
    const row = region('Experiments').getByRole('row');
    await row.filter({ hasText: 'first try' }).waitFor();
    await row.filter({ hasText: 'sort them' }).getByText('▲ gain').waitFor();
    await expectGoodNow(page, 'experiments-kinds');
    await page.getByRole('navigation', { name: 'Experiments' }).getByRole('link', { name: 'Optimizations' }).click();
    await row.filter({ hasText: 'first try' }).waitFor({ state: 'detached' });
    await expect.poll(() => search('kind')).toBe('optimizations');
    await page.getByLabel('Status', { exact: true }).selectOption('stopped');
    await expect.poll(() => row.count()).toBe(3);
    await page.getByLabel('Model', { exact: true }).selectOption('slow-triage');
    await row.getByRole('link', { name: 'sort cases' }).click();
    await page.getByRole('button', { name: 'Delete this optimization' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.waitForURL('**/experiments?kind=optimizations');
    await row.filter({ hasText: 'sort them' }).waitFor();
    await expect.poll(() => row.filter({ hasText: 'sort cases' }).count()).toBe(0);
    const [{ id } = { id: '' }] = (await house.client.call('listOptimizations', {})).data;
    await page.goto(`${house.url}/x/${id}`);
    await page.waitForURL(`**/experiments/optimizations/${id}`);
    expect(open.problems).toEqual([]);
  });
});
