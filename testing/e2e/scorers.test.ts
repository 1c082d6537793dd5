import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectAccessible, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { runCli, type Wheelhouse } from './start-wheelhouse.ts';

const good = { city: 'Oslo', days: 4, tags: ['sea', 'snow'] };
const asked = Array.from({ length: 12 }, (_, i) => `Trip ${i + 1}: where to?`);
const prompt = (answer: object) => ({
  flavor: 'prompt' as const,
  baseModel: 'sim/rules',
  messages: [{ role: 'system' as const, content: `If asked about trip, answer: ${JSON.stringify(answer)}` }],
});

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  const { client } = house;
  const version = { definition: prompt({ ...good, days: 5, tags: ['sea'] }) };
  await client.call('createModel', { body: { name: 'trips', version } });
  await client.call('createVersion', {
    params: { name: 'trips' },
    body: { definition: prompt(good), message: 'all tags' },
  });
  for (const [name, expected] of [['trips', good] as const, ['texts', JSON.stringify(good)] as const]) {
    await client.call('createDataset', { body: { name } });
    const examples = asked.map((input) => ({ input, expected }));
    await client.call('addExamples', { params: { name }, body: { examples } });
  }
});
afterAll(() => opened?.close());

const compare = (dataset: string, ...more: string[]) =>
  runCli(['eval', dataset, '--run', 'trips@1', '--run', 'trips@2', ...more], { env: { WHEELHOUSE_URL: house.url } });

it('the command line scores JSON by its values, and texts by their words, with options', async () => {
  const json = await compare('trips', '--scorers', 'json_diff,exact,bleu', '--gate', 'json_diff >= baseline');
  expect(json).toMatchObject({ code: 0, stdout: expect.stringContaining('json_diff ≥ baseline   held') });
  expect(json.stdout).toMatch(/bleu +– +– +– +– +not enough data/);
  const label = 'bleu {"tokenize":"char"}';
  const texts = await compare('texts', '--scorers', `rouge_l,${label}`, '--gate', 'bleu >= baseline', '--json');
  expect(texts.code).toBe(0);
  const { results, gateResults } = JSON.parse(texts.stdout) as {
    results: { measure: string; meanB: number }[];
    gateResults: object[];
  };
  expect(results.slice(0, 2)).toMatchObject([
    { measure: 'rouge_l', meanB: 1 },
    { measure: label, meanB: 1 },
  ]);
  expect(gateResults).toMatchObject([{ gate: { measure: label }, state: 'held' }]);
  const wrong = await compare('texts', '--scorers', 'rouge');
  expect(wrong.stderr).toContain('There is no scorer `rouge`.');
  expect(wrong.stderr).toContain('rouge_lsum');
});

it('the form offers every scorer, and the evaluation says why a score is what it is', async () => {
  const { page, problems, close } = await visit(browser, `${house.url}/datasets/trips`, {
    viewport: { width: 1280, height: 900 },
  });
  await page.getByRole('button', { name: 'Evaluate on it' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('checkbox', { name: /^exact/ }).uncheck();
  await dialog.getByRole('checkbox', { name: /^levenshtein/ }).uncheck();
  await dialog.getByRole('checkbox', { name: /^json_diff/ }).check();
  await dialog.getByText('24 calls').waitFor();
  await expectAccessible(page);
  await dialog.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('region', { name: 'json_diff', exact: true }).getByText('▲ B is better').waitFor();
  const evaluationId = /ev_\w+/.exec(page.url())?.[0] ?? '';
  const rows = await house.client.call('listEvaluationRows', { params: { evaluationId }, query: { limit: 1 } });
  const [cells] = Object.values(rows.data[0]?.cells ?? {});
  expect(cells?.[0]?.scores.json_diff).toMatchObject({
    ok: true,
    score: 0.5,
    reason: 'days is 5, not 4; tags[1] is missing',
  });
  await page.keyboard.press('l');
  await page.getByText('Trip 1: where to?').first().waitFor();
  await page.keyboard.press('j');
  await page.getByText('days is 5, not 4; tags[1] is missing').waitFor();
  const changed = page.getByRole('row').filter({ has: page.getByRole('button', { expanded: true }) });
  await changed.getByText('tags[1]: snow added').waitFor();
  expect(problems).toEqual([]);
  await close();
});
