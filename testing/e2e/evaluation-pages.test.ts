import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, untilKey, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

const places = ['Oslo', 'Bergen', 'Paris', 'Rome'];
const knows = (known: string[], sim: Record<string, number> = {}) => ({
  definition: {
    flavor: 'prompt' as const,
    baseModel: 'sim/rules',
    messages: [
      {
        role: 'system' as const,
        content: known.map((place) => `If asked about ${place}, answer: ${place} is a town.`).join('\n'),
      },
    ],
    parameters: { temperature: 0, sim },
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
  const price = { input_price: 2, output_price: 8 };
  await client.call('createModel', { body: { name: 'guide', version: knows(['Oslo', 'Bergen'], price) } });
  const params = { name: 'guide' };
  await client.call('createVersion', {
    params,
    body: knows(['Bergen', 'Paris', 'Rome'], { ...price, input_price: 4 }),
  });
  await client.call('createVersion', { params, body: knows([], { latency_ms: 500 }) });
  await client.call('createDataset', { body: { name: 'towns' } });
  const examples = Array.from({ length: 12 }, (_, i) => {
    const place = places[i % places.length] ?? '';
    return { input: `Question ${i}: what is ${place}?`, expected: `${place} is a town.`, metadata: { place } };
  });
  await client.call('addExamples', { params: { name: 'towns' }, body: { examples } });
  await client.call('freezeDataset', { params: { name: 'towns' } });
  open = await visit(browser, `${house.url}/experiments`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

const search = (key: string) => new URL(page.url()).searchParams.get(key);
const idOf = () => /ev_\w+/.exec(page.url())?.[0] ?? '';
const openRows = () => page.getByRole('row').filter({ has: page.getByRole('button', { expanded: true }) });

/** Three runs, two answers each: the second knows more, and has forgotten one place. */
async function evaluated(): Promise<string> {
  const { id } = await house.client.call('createEvaluation', {
    body: {
      name: 'all guides',
      dataset: 'towns',
      runs: [{ ref: 'guide@1' }, { ref: 'guide@2' }, { ref: 'sim/echo', label: 'an echo' }],
      scorers: ['exact', 'levenshtein'],
      gates: ['exact >= baseline - 50pp', 'latency p95 <= 0ms'],
      repetitions: 2,
    },
  });
  const params = { evaluationId: id };
  const status = async () => (await house.client.call('getEvaluation', { params })).status;
  await expect.poll(status, { timeout: 60_000 }).toBe('completed');
  return id;
}

describe('the page of an evaluation', () => {
  it('is started by a form that says first what is wrong, and what it would cost', async () => {
    await page.getByText('No evaluations yet').waitFor();
    await untilKey(page, 'new evaluation');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New evaluation' });
    await dialog.getByLabel('A, the baseline').selectOption('guide@1');
    await dialog.getByLabel('B, the candidate').selectOption('guide@3');
    await dialog.getByText('24 calls').waitFor();
    await dialog.getByText('12 rows × 2 runs').waitFor();
    expect(open.problems).toEqual([]);
    await dialog.getByLabel('Gates').fill('exact is fine');
    await dialog.getByText('The gate `exact is fine` cannot be read').waitFor();
    await dialog.getByLabel('Gates').fill('exact >= baseline - 5pp\nerrors <= 1%');
    await dialog.getByLabel('Repetitions').fill('10');
    await dialog.getByLabel('Calls at one time').fill('1');
    await dialog.getByLabel('Cap in dollars').fill('5');
    await dialog.getByText('240 calls').waitFor();
    await expectGoodNow(page, 'evaluation-new');
    await dialog.getByRole('button', { name: 'Start', exact: true }).click();
    await page.getByRole('region', { name: 'Progress' }).waitFor();
    // The refused gate was asked for on purpose.
    open.problems.length = 0;
  });

  it('shows by itself how far it is, at what cost; it is stopped, and goes on with what is missing', async () => {
    const bar = page.getByRole('progressbar', { name: 'Answers' });
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(2);
    await page.getByText(/left$/).waitFor();
    await page.getByText('stops at $5.00').waitFor();
    await page.getByRole('cell').filter({ hasText: 'Oslo is a town.' }).first().waitFor();
    const soFar = page.getByRole('region', { name: 'So far' });
    await soFar.getByText(/examples? so far/).waitFor();
    await expectGoodNow(page, 'evaluation-running');
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('■ stopped').waitFor();
    const params = { evaluationId: idOf() };
    const { done } = await house.client.call('getEvaluation', { params });
    expect(done).toBeLessThan(240);

    await page.getByRole('button', { name: 'Resume …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Resume' });
    await dialog.getByText('of 240 answers are missing').waitFor();
    await dialog.getByRole('button', { name: 'Resume', exact: true }).click();
    await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow'))).toBeGreaterThan(done);
    await page.getByRole('button', { name: 'Stop', exact: true }).click();
    await page.getByText('■ stopped').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('says the verdict in words, with intervals and gates, and shows what got worse first', async () => {
    const id = await evaluated();
    await page.goto(`${house.url}/experiments/${id}`);
    const finding = page.getByRole('region', { name: 'exact', exact: true });
    await finding.getByText('+25.0 pp', { exact: true }).waitFor();
    await finding.getByText('6 higher, 3 lower, 3 same').waitFor();
    const gates = page.getByRole('list', { name: 'Gates' });
    await gates.getByText('✕ failed').waitFor();
    const pressed = page.getByRole('group', { name: 'Rows to show' }).getByRole('button', { pressed: true });
    await expect.poll(() => pressed.textContent()).toContain('Regressions 3');
    await page.getByRole('columnheader', { name: '■ B guide@2' }).waitFor();
    await expectGoodNow(page, 'evaluation-regressions');

    await page.getByLabel('B, the run beside the baseline').selectOption('an echo');
    await finding.getByText('−50.0 pp', { exact: true }).waitFor();
    await expect.poll(() => pressed.textContent()).toContain('Regressions 6');
    await page.getByRole('button', { name: 'levenshtein', exact: true }).click();
    await page.getByRole('region', { name: 'levenshtein', exact: true }).waitFor();
    await expect.poll(() => search('measure')).toBe('levenshtein');
    await page.goBack();
    await page.getByRole('columnheader', { name: '■ B guide@2' }).waitFor();
  });

  it('is read by keys: rows that differ, repetitions, kinds of rows, traces', async () => {
    await page.getByText('Oslo is a town.').first().waitFor();
    await page.keyboard.press('n');
    await expect.poll(() => openRows().count()).toBe(1);
    const first = search('row');
    expect(first).toMatch(/^ex_/);
    await page.keyboard.press('v');
    await page.getByText('2 of 2').first().waitFor();
    await expect.poll(() => search('rep')).toBe('1');
    await page.keyboard.press('n');
    await expect.poll(() => search('row')).not.toBe(first);
    await page.keyboard.press('p');
    await expect.poll(() => search('row')).toBe(first);
    await page.keyboard.press('i');
    await page.getByText('Paris is a town.').first().waitFor();
    await expect.poll(() => search('show')).toBe('improvements');
    await page.keyboard.press('l');
    await page.getByText('Bergen is a town.').first().waitFor();
    await page.keyboard.press('n');
    await openRows()
      .getByText(/Oslo|Paris|Rome/)
      .first()
      .waitFor();
    await page.keyboard.press('o');
    await page.waitForURL('**/traces/**');
    expect(open.problems).toEqual([]);
  });

  it('sets all runs beside each other, and quality against what it costs', async () => {
    const [{ id } = { id: '' }] = (await house.client.call('listEvaluations', { query: { status: 'completed' } })).data;
    await page.goto(`${house.url}/experiments/${id}?tab=runs`);
    const row = page.getByRole('region', { name: 'Runs' }).getByRole('row');
    await row
      .filter({ hasText: 'guide@2' })
      .getByText(/^75\.0 %/)
      .waitFor();
    await page.getByRole('img', { name: /exact against cost/ }).waitFor();
    await expectGoodNow(page, 'evaluation-runs');
    await page.getByRole('link', { name: 'latency' }).click();
    await page.getByRole('img', { name: /exact against latency.*an echo/ }).waitFor();
    await row.getByRole('link', { name: 'an echo' }).click();
    await page.getByRole('columnheader', { name: '■ B an echo' }).waitFor();
  });

  it('is compared with another one: picked in the list, row by row, with another baseline', async () => {
    const { client } = house;
    const body = { name: 'second try', dataset: 'towns', runs: [{ ref: 'guide@2', label: 'tried again' }] };
    const { id } = await client.call('createEvaluation', { body: { ...body, scorers: ['levenshtein'] } });
    const status = async () => (await client.call('getEvaluation', { params: { evaluationId: id } })).status;
    await expect.poll(status, { timeout: 60_000 }).toBe('completed');
    await page.goto(`${house.url}/experiments`);
    await page.getByRole('link', { name: 'second try · towns v1' }).focus();
    await page.keyboard.press('x');
    const bar = page.getByRole('region', { name: 'Picked to compare' });
    await bar.getByText('Pick one more').waitFor();
    await page.getByLabel('Pick all guides · towns v1 to compare').check();
    await bar.getByText('2 evaluations picked, 4 runs').waitFor();
    await expectGoodNow(page, 'experiments-picked');
    await page.reload();
    await bar.getByRole('link', { name: 'Compare' }).click();
    await page.waitForURL('**/experiments/compare?**');
    const finding = page.getByRole('region', { name: 'levenshtein', exact: true });
    await finding.getByText('6 higher, 3 lower, 3 same').waitFor();
    await page.getByLabel('B, the run beside the baseline').selectOption('tried again');
    await page.getByRole('columnheader', { name: '■ B tried again' }).waitFor();
    const pressed = page.getByRole('group', { name: 'Rows to show' }).getByRole('button', { pressed: true });
    await expect.poll(() => pressed.textContent()).toContain('Regressions 3');
    await page.getByText('Oslo is a town.').first().waitFor();
    await page.keyboard.press('n');
    await expect.poll(() => openRows().count()).toBe(1);
    await expectGoodNow(page, 'comparison');
    await page.getByRole('link', { name: '4 runs' }).click();
    const origins = page.getByRole('region', { name: 'Where the runs come from' });
    await expectGoodNow(page, 'comparison-runs');
    await origins.getByRole('link', { name: 'leave out: an echo' }).click();
    await page.getByRole('link', { name: '3 runs' }).waitFor();
    await origins.getByRole('link', { name: 'make baseline: tried again' }).click();
    await origins.getByText('● tried again').waitFor();
    await expect.poll(() => search('tab')).toBe('runs');
    const url = `${house.url}/api/v1/comparisons?${new URL(page.url()).searchParams}`;
    const { results } = (await (await fetch(url)).json()) as { results: { sentence: string }[] };
    await page.getByRole('link', { name: 'Rows', exact: true }).click();
    await finding.getByText(results[0]?.sentence ?? '').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('is found among others, run again, and deleted', async () => {
    await page.goto(`${house.url}/experiments`);
    const row = page.getByRole('region', { name: 'Experiments' }).getByRole('row');
    await row.filter({ hasText: 'all guides' }).getByText('1 better').or(row.getByText('1 worse')).first().waitFor();
    await page.getByLabel('Status', { exact: true }).selectOption('stopped');
    await expect.poll(() => row.count()).toBe(2);
    await page.getByLabel('Model', { exact: true }).selectOption('guide');
    await expect.poll(() => search('model')).toBe('guide');
    await row.getByRole('link').click();
    await page.getByRole('button', { name: 'Run again …' }).click();
    const dialog = page.getByRole('dialog');
    await expect.poll(() => dialog.getByLabel('Gates').inputValue()).toBe('exact >= baseline - 5pp\nerrors <= 1%');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Delete this evaluation' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    await page.waitForURL('**/experiments');
    await row.filter({ hasText: 'all guides' }).waitFor();
    await expect.poll(() => row.count()).toBe(3);
  });
});
