import { readFile } from 'node:fs/promises';
import { type Client, createClient } from '@wheelhouse/sdk';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectGoodNow, expectGoodPage, untilKey, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';
import { untilStored } from './until-stored.ts';

const rows = 50;
const questions = ['Where is my parcel?', 'Can I return it?', 'Do you ship to Norway?'];

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;
let evaluationId: string;
const traces: string[] = [];

async function ask(content: string): Promise<string> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content }] }),
  });
  return answer.headers.get('x-wheelhouse-trace-id') ?? '';
}

/** Two versions that say the same of even rows, and different things of odd ones. */
async function evaluate(client: Client): Promise<string> {
  const version = (odd: string) => ({
    definition: {
      ...{ flavor: 'prompt' as const, baseModel: 'sim/rules' },
      messages: [
        {
          role: 'system' as const,
          content: `If asked about odd, answer: ${odd}\nIf asked about even, answer: Take the train.`,
        },
      ],
    },
  });
  await client.call('createModel', { body: { name: 'guide', version: version('Take the bus.') } });
  await client.call('createVersion', { params: { name: 'guide' }, body: version('Take the tram.') });
  await client.call('createDataset', { body: { name: 'trips' } });
  const examples = Array.from({ length: rows }, (_, i) => ({
    ...{ input: `An ${i % 2 === 0 ? 'even' : 'odd'} trip, number ${i}?`, expected: 'Take the tram.' },
  }));
  await client.call('addExamples', { params: { name: 'trips' }, body: { examples } });
  const { id } = await client.call('createEvaluation', {
    body: { name: 'trips', dataset: 'trips', runs: [{ ref: 'guide@1' }, { ref: 'guide@2' }], scorers: ['exact'] },
  });
  const finished = async () =>
    expect((await client.call('getEvaluation', { params: { evaluationId: id } })).status).toBe('completed');
  await vi.waitFor(finished, { timeout: 60_000, interval: 200 });
  return id;
}

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  for (const question of questions) traces.push(await ask(question));
  evaluationId = await evaluate(house.client);
  open = await visit(browser, `${house.url}/review`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

const item = (number: number) => page.getByRole('article', { name: `Item ${number}`, exact: true });
const itemsOf = async (queue: string) =>
  (await house.client.call('listReviewItems', { params: { queue }, query: { limit: 500 } })).data;
const table = (name: string) => page.getByRole('region', { name, exact: true });

describe('the page of review', () => {
  it('teaches how the first queue is made, which is made by a form', async () => {
    await page.getByText('No queues yet').filter({ visible: true }).waitFor();
    await untilKey(page, 'new queue');
    await page.keyboard.press('n');
    const dialog = page.getByRole('dialog', { name: 'New queue' });
    await dialog.getByRole('textbox', { name: 'Name', exact: true }).first().fill('trips');
    await dialog.getByLabel('Instructions').fill('Would you send this to a customer?');
    await expectGoodNow(page, 'review-new');
    await dialog.getByRole('button', { name: 'Create', exact: true }).click();
    await page.waitForURL('**/review/trips?open=add');
  });

  it('is filled from an evaluation, whose rows chance draws', async () => {
    const dialog = page.getByRole('dialog', { name: 'Add items to trips' });
    await dialog.getByRole('button', { name: 'Answers of an evaluation' }).click();
    await dialog.getByLabel('Evaluation', { exact: true }).selectOption(evaluationId);
    await dialog.getByLabel('guide@2').waitFor();
    await expectGoodNow(page, 'review-add');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await dialog.getByText(`${2 * rows} items added`).waitFor();
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
    await expect.poll(() => page.url()).not.toContain('open=');
    expect(open.problems).toEqual([]);
  });

  it('takes a hundred labels by keys alone, blind, with undo and a correction', async () => {
    await page.keyboard.press('l');
    await item(1).waitFor();
    await item(1).getByText('who answered is hidden').waitFor();
    expect(await page.getByText('guide@').filter({ visible: true }).count()).toBe(0);
    await expectGoodNow(page, 'review-label');
    await page.keyboard.press('1');
    await item(2).waitFor();
    await page.keyboard.press('u');
    await item(1).waitFor();
    await page.keyboard.press('s');
    await item(2).waitFor();
    await page.keyboard.press('k');
    await item(1).waitFor();
    await page.keyboard.press('c');
    const corrected = page.getByLabel('What should it have said?');
    await expect.poll(() => corrected.inputValue()).toContain('Take the');
    await expect.poll(() => corrected.evaluate((box) => box === document.activeElement)).toBe(true);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Walk, it is near.');
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');
    await page.keyboard.press('Enter');
    await item(2).waitFor();
    for (let number = 2; number <= 2 * rows; number++) {
      await item(number).waitFor();
      await page.keyboard.press(number % 4 === 0 ? '2' : '1');
    }
    await page.getByText('Nothing is left for you').waitFor();
    await page.getByText(`${2 * rows} labels given`).waitFor();
    const labels = async () => (await itemsOf('trips')).map((one) => one.labels.map(({ answers }) => answers));
    await expect
      .poll(labels)
      .toEqual([
        [{ good: false, better: 'Walk, it is near.' }],
        ...Array.from({ length: 2 * rows - 1 }, (_, i) => [{ good: (i + 2) % 4 !== 0 }]),
      ]);
    expect(open.problems).toEqual([]);
  }, 300_000);

  it('says what people would say of all rows, and makes examples of what was corrected', async () => {
    await page.getByRole('link', { name: 'See what came of it' }).click();
    const judged = await house.client.call('correctJudge', { params: { queue: 'trips' } });
    const [first, second] = judged.runs;
    // Every other answer of the second run was called bad, and of the first one alone.
    expect(second?.difference?.decision).toBe('lower');
    const percent = (value: number | null | undefined) => `${((value ?? 0) * 100).toFixed(1)} %`;
    const judge = table('Judge and people').getByRole('row');
    await judge.filter({ hasText: 'guide@1' }).getByText(percent(first?.score.estimate)).first().waitFor();
    await judge.filter({ hasText: 'guide@2' }).getByText(percent(second?.score.raw)).first().waitFor();
    await judge.filter({ hasText: 'guide@2' }).getByText('▼ lower').waitFor();
    await table('People').getByRole('cell', { name: 'local' }).waitFor();
    await expectGoodNow(page, 'review-queue');
    await page.getByRole('link', { name: 'Corrections to a dataset …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Corrections to a dataset' });
    await dialog.getByLabel('Dataset').fill('corrected');
    await dialog.getByRole('button', { name: 'Create and add' }).click();
    await dialog.getByText('1 example added to').waitFor();
    const { data } = await house.client.call('listExamples', { params: { name: 'corrected' } });
    expect(data).toMatchObject([{ expected: 'Walk, it is near.', tags: ['reviewed'] }]);
    await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  });

  it('writes labels to a file', async () => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'Labels as CSV' }).click();
    const lines = (await readFile(await (await download).path(), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(1 + 2 * rows);
    expect(lines[0]).toMatch(/^item,state,kind,.*,good,better$/);
    expect(lines[1]).toMatch(/^1,done,cell,.*,false,"Walk, it is near\."$/);
  });

  it('sets pairs beside each other, and says which run is preferred', async () => {
    const form = [{ kind: 'preference' as const, name: 'better', label: 'Which would you send?' }];
    await house.client.call('createReviewQueue', { body: { name: 'pairs', form } });
    await page.goto(`${house.url}/experiments/${evaluationId}`);
    await page.getByRole('button', { name: 'Review …' }).click();
    await page.getByRole('dialog').getByRole('link', { name: 'pairs', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'Add items to pairs' });
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    // Even rows have equal answers, which are no question.
    await dialog.getByText(`${rows / 2} items added`).waitFor();
    await page.goto(`${house.url}/review/pairs/label`);
    await item(1).getByText('← left · who answered is hidden').waitFor();
    await expectGoodNow(page, 'review-pair');
    const found = await itemsOf('pairs');
    const { runs } = await house.client.call('getEvaluation', { params: { evaluationId } });
    for (const { number, target } of found) {
      await item(number).waitFor();
      const isLeft = target.kind === 'pair' && target.left === runs[1]?.id;
      await page.keyboard.press(number % 5 === 0 ? '=' : isLeft ? 'ArrowLeft' : 'ArrowRight');
    }
    await page.getByText('Nothing is left for you').waitFor();
    await page.getByRole('link', { name: 'See what came of it' }).click();
    const better = table('Preferences').getByRole('row');
    await expect
      .poll(() => better.nth(1).getByRole('cell').allTextContents())
      .toMatchObject(['guide@2', '20', '5', '0', expect.stringContaining('%'), '1 of 2']);
    await expectGoodNow(page, 'review-preferences');
    expect(open.problems).toEqual([]);
  });

  it('shows by itself what people disagree about, which somebody decides by keys', async () => {
    const form = [
      { kind: 'boolean' as const, name: 'polite', label: 'Is it polite?' },
      { kind: 'number' as const, name: 'tone', low: 1, high: 5 },
    ];
    const params = { queue: 'tone' };
    await house.client.call('createReviewQueue', { body: { name: 'tone', form, overlap: 2 } });
    await house.client.call('addReviewItems', { params, body: { from: 'traces', traceIds: traces } });
    await page.goto(`${house.url}/review/tone`);
    await page.getByText('No item has two labels yet.').waitFor();
    for (const name of ['ada', 'bob']) {
      const { secret } = await house.client.call('createKey', { body: { name, role: 'editor' } });
      const client = createClient({ baseUrl: house.url, apiKey: secret });
      for (const number of [1, 2, 3]) {
        const answers = { polite: name === 'ada' || number === 1, tone: name === 'ada' ? 1 : 2 };
        await client.call('labelReviewItem', { params: { ...params, item: String(number) }, body: { answers } });
      }
    }
    const agreement = table('Agreement').getByRole('row');
    await agreement.filter({ hasText: 'polite' }).getByText('too few items').waitFor();
    await page.getByRole('link', { name: '▲ Decide 2' }).waitFor();
    await expectGoodNow(page, 'review-agreement');
    await page.keyboard.press('d');
    await item(2).getByText('▲ polite true').waitFor();
    await item(2).getByText('▲ polite false').waitFor();
    await expectGoodNow(page, 'review-decide');
    // The second field is the next one by itself; the last press sends it.
    await page.keyboard.press('2');
    await page.keyboard.press('5');
    await item(3).waitFor();
    await page.keyboard.press('1');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('2');
    await page.keyboard.press('4');
    await page.getByText('Nothing is left for you').waitFor();
    const decisions = async () =>
      (await itemsOf('tone')).flatMap(({ labels }) =>
        labels.filter(({ decides }) => decides).map(({ answers }) => answers),
      );
    await expect.poll(decisions).toEqual([
      { polite: false, tone: 5 },
      { polite: false, tone: 4 },
    ]);
    expect(open.problems).toEqual([]);
  });

  it('is fed by a filter, and by hand from a trace', async () => {
    await page.goto(`${house.url}/review/tone?open=rule`);
    const rule = page.getByRole('dialog', { name: 'What comes by itself' });
    await rule.getByLabel('Filter').fill('modle:gpt');
    await rule.getByRole('button', { name: 'Save' }).click();
    await rule.getByRole('alert').waitFor();
    // It was refused on purpose.
    open.problems.length = 0;
    await rule.getByLabel('Filter').fill('lorry');
    await rule.getByRole('button', { name: 'Save' }).click();
    await page.getByText('new traces that fit').waitFor();
    await page.goto(`${house.url}/review/tone/label`);
    await page.getByText('Nothing is left for you').waitFor();
    const [, other = ''] = [await ask('Where is the lorry?'), await ask('Where is the ship?')];
    await item(4).getByText('Where is the lorry?').first().waitFor({ timeout: 30_000 });

    await untilStored(house.client, other);
    await page.goto(`${house.url}/traces/${other}`);
    await page.getByRole('button', { name: 'Review …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Add to a review queue' });
    await dialog.getByLabel('Queue').selectOption('trips');
    await dialog.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('1 trace added to').waitFor();
    expect((await itemsOf('trips')).at(-1)).toMatchObject({ traceId: other, state: 'open' });
    expect(open.problems).toEqual([]);
  });

  it.each([
    ['review', '/review', 'Fed by'],
    ['review-items', '/review/tone?tab=items', 'local decided'],
    ['review-item', '/review/tone/label?item=1', 'Is it polite?'],
  ])('%s is accessible, small, narrow where it must be, and without errors', async (name, path, settled) => {
    await expectGoodPage({ browser, house }, { name, path, settled });
  });
});
