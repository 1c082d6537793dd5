import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

type Answer = { experiment_id: string; run: { info: { run_id: string } } };

/** As MLflow's client writes. */
async function post(path: string, body: object): Promise<Answer> {
  const answer = await fetch(`${house.url}/api/2.0/mlflow${path}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${path}: ${text}`);
  return JSON.parse(text) as Answer;
}

const started = Date.UTC(2026, 0, 2, 3);
const runs: string[] = [];

async function train(experiment: string, index: number): Promise<void> {
  const { run } = await post('/runs/create', {
    ...{ experiment_id: experiment, run_name: `tuned ${index}`, start_time: started + index, user_id: 'ada' },
    tags: [{ key: 'mlflow.note.content', value: 'Smaller steps.' }],
  });
  const { run_id } = run.info;
  runs.push(run_id);
  const params = { learning_rate: String(0.1 / (index + 1)), optimizer: 'adam', layers: String(2 + (index % 2)) };
  const metrics = Array.from({ length: 400 }, (_, step) => [
    { key: 'loss', value: Math.exp(-step / (60 * (index + 1))) + 0.03 * Math.sin(step * (index + 1)), step },
    { key: 'eval/accuracy', value: 1 - Math.exp(-step / 90) / (index + 1), step },
  ]).flat();
  await post('/runs/log-batch', {
    ...{ run_id, params: Object.entries(params).map(([key, value]) => ({ key, value })) },
    metrics: metrics.map((metric) => ({ ...metric, timestamp: started + metric.step * 1_000 })),
  });
  const ended = { run_id, status: index === 2 ? 'FAILED' : 'FINISHED', end_time: started + 400_000 };
  await post('/runs/update', ended);
}

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  open = await visit(browser, `${house.url}/experiments/tracked`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

describe('tracked runs', () => {
  it('says how the first one is recorded, with this address', async () => {
    await page.getByRole('heading', { name: 'No tracked runs yet' }).waitFor();
    await page.getByText(`mlflow.set_tracking_uri("${house.url}")`).waitFor();
    await expectGoodNow(page, 'tracked-empty');
  });

  it('lists what was recorded, and filters it by parameters and metrics', async () => {
    const { experiment_id } = await post('/experiments/create', { name: 'small models' });
    for (const index of [0, 1, 2]) await train(experiment_id, index);
    await page.goto(`${house.url}/experiments/tracked`);
    await page.getByRole('link', { name: 'tuned 2' }).waitFor();
    const names = () => page.getByRole('link', { name: /^tuned/ }).allTextContents();
    await expect.poll(names).toEqual(['tuned 2', 'tuned 1', 'tuned 0']);
    await expectGoodNow(page, 'tracked-runs');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('least loss');
    await expect.poll(names).toEqual(['tuned 0', 'tuned 1', 'tuned 2']);
    await page.getByRole('combobox', { name: 'Order' }).selectOption('latest first');
    const filter = page.getByRole('textbox', { name: 'Filter' });
    await filter.fill("params.layers = '2' AND attributes.status = 'FINISHED'");
    await filter.press('Enter');
    await expect.poll(names).toEqual(['tuned 0']);
    await filter.fill('layers is two');
    await filter.press('Enter');
    await page.getByRole('alert').filter({ hasText: 'Invalid clause' }).waitFor();
    await filter.fill('');
    await filter.press('Enter');
    await page.getByRole('link', { name: 'tuned 2' }).waitFor();
  });

  it('shows one run: its metrics over steps, its parameters, and its files', async () => {
    const [id = ''] = runs;
    const file = `${house.url}/api/2.0/mlflow-artifacts/artifacts/1/${id}/artifacts/notes/read me.txt`;
    expect((await fetch(file, { method: 'PUT', body: 'hello' })).status).toBe(200);
    await page.getByRole('link', { name: 'tuned 0' }).click();
    await page.getByRole('heading', { name: 'tuned 0', level: 1 }).waitFor();
    const loss = page.getByRole('region', { name: 'loss', exact: true });
    await loss.getByText('400 points').waitFor();
    await loss.getByText('As a table').click();
    await loss.getByRole('cell', { name: '399', exact: true }).waitFor();
    await loss.getByText('As a table').click();
    await page.getByRole('table', { name: 'Parameters' }).getByText('adam').waitFor();
    await page.getByRole('button', { name: 'notes/' }).click();
    const link = page.getByRole('link', { name: 'read me.txt' });
    await link.waitFor();
    const read = await fetch(new URL((await link.getAttribute('href')) ?? '', house.url));
    expect(await read.text()).toBe('hello');
    await expectGoodNow(page, 'tracked-run');
  });

  it('compares runs: parameters that differ, and metrics over each other', async () => {
    await page.goto(`${house.url}/experiments/tracked`);
    for (const name of ['tuned 0', 'tuned 1', 'tuned 2']) await page.getByRole('checkbox', { name }).check();
    await page.getByRole('link', { name: 'Compare' }).click();
    await page.getByRole('heading', { name: '3 runs compared' }).waitFor();
    const differing = page.getByRole('region', { name: 'Parameters that differ' });
    await expect
      .poll(() => differing.getByRole('rowheader').allTextContents())
      .toEqual(['status', 'layers', 'learning_rate']);
    await page.getByText('1 parameter is the same.').waitFor();
    await page.getByRole('region', { name: 'loss', exact: true }).getByText('1,200 points').waitFor();
    await page.getByRole('combobox', { name: 'over' }).selectOption('time');
    await expect.poll(() => new URL(page.url()).searchParams.get('over')).toBe('time');
    await expectGoodNow(page, 'tracked-compare');
  });

  it('finds a run by the address that the client prints', async () => {
    const [, id = ''] = runs;
    const printed = await visit(browser, `${house.url}/#/experiments/1/runs/${id}`, {
      viewport: { width: 1280, height: 900 },
    });
    await printed.page.getByRole('heading', { name: 'tuned 1', level: 1 }).waitFor();
  });
});
