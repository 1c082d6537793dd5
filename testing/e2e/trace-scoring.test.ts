import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import { runCli, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  for (const [i, content] of ['Is it open?', 'Is it far?', 'Is it free?'].entries())
    await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-wheelhouse-session': i < 2 ? 'talk' : 'other' },
      body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content }] }),
    });
  const graded = { reason: 'It repeats what was asked.', grade: 2, feedback: '' };
  const parameters = { sim: { input_price: 2, output_price: 8 } };
  const messages = [{ role: 'system' as const, content: `If asked about it, answer: ${JSON.stringify(graded)}` }];
  await house.client.call('createModel', {
    body: {
      name: 'critic',
      version: { definition: { flavor: 'prompt', baseModel: 'sim/rules', messages, parameters } },
    },
  });
});
afterAll(() => opened?.close());

const score = (...args: string[]) => runCli(['trace', 'score', ...args], { env: { WHEELHOUSE_URL: house.url } });
const rubricOf = (text: string) => `judge_rubric {"model":"critic@1","rubric":"${text}","schema":false}`;
const rubric = rubricOf('Does it help?');

it('scores what was traced from the command line, once, and says what it took', async () => {
  const usdPerMillion = { inputUncached: '2', outputText: '8' };
  await house.client.call('createPrice', { body: { provider: 'sim', model: 'rules', usdPerMillion, source: 'test' } });
  await untilListed(house.client, 3, 'model:echo*');
  const named = ['model:echo*', '--scorers', `pii,help=${rubric}`];
  const first = await score(...named);
  expect(first).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('3 traces: 6 scored, 0 were already, 0 could'),
  });
  const scored = async () =>
    (await house.client.call('listTraces', { query: { q: 'score.help=0.25 score.pii=1' } })).data;
  await expect.poll(scored).toHaveLength(3);
  const [trace] = await scored();
  const { data } = await house.client.call('listScores', { query: { traceId: trace?.traceId ?? '' } });
  expect(data.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
    { name: 'help', value: 0.25, source: 'judge', comment: 'It repeats what was asked.' },
    { name: 'pii', value: 1, source: 'code' },
  ]);
  expect(await score(...named)).toMatchObject({ code: 0, stdout: expect.stringContaining('0 scored, 6 were already') });
});

it('judges sessions, and asks before it costs more than was agreed', async () => {
  const named = ['model:echo*', '--sessions', '--scorers', rubric];
  const refused = await score(...named, '--confirm-above', '0');
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/more than was agreed: 2 sessions, about \$0\.00/),
  });
  expect(await score(...named)).toMatchObject({ code: 0, stdout: expect.stringContaining('2 sessions: 2 scored') });
  const { data } = await house.client.call('listScores', { query: { sessionId: 'talk' } });
  expect(data).toMatchObject([{ name: 'judge_rubric', traceId: null }]);
});

it('says what is wrong before anything is asked', async () => {
  expect(await score('--scorers', 'exact')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('nothing is expected'),
  });
  expect(await score()).toMatchObject({ code: 2, stderr: expect.stringContaining('Nothing says how to score') });
  expect(await score('name:nobody', '--scorers', 'pii')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('fits'),
  });
  const cancelled = await score('--cancel', 'scr_none');
  expect(cancelled.stderr).toContain('There is no scoring');
});

it('scores what the list shows, from its page, which says how far it is and what could not be scored', async () => {
  const path = '/traces?q=model%3Aecho*+last%3A24h';
  const { page, problems, close } = await visit(browser, `${house.url}${path}`, {});
  await page.getByRole('button', { name: 'Score these …' }).click();
  const dialog = page.getByRole('dialog', { name: 'Score these traces' });
  await dialog.getByText('3 traces').waitFor();
  await dialog.getByText('× 1 scorer, without a call of a model').waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('open')).toBe('score');
  await dialog.getByLabel('With options, one in a line').fill('exact');
  expect(problems).toEqual([]);
  await dialog.getByText('nothing is expected of traces').waitFor();
  // The refused one was asked for on purpose.
  problems.length = 0;
  await dialog
    .getByLabel('With options, one in a line')
    .fill(`fair=${rubricOf('Is it fair?')}\nkind=${rubricOf('Is it kind?')}`);
  await dialog.getByLabel('Cap in dollars').fill('1');
  await dialog.getByText('× 3 scorers, about 6 calls of judges').waitFor();
  await expectGoodNow(page, 'scoring-new');
  await dialog.getByRole('button', { name: 'Score', exact: true }).click();
  await page.waitForURL('**/traces/scorings');
  const first = page.getByRole('list', { name: 'Scorings' }).locator('> li').first();
  await first.getByText('✓ completed').waitFor();
  await first.getByText('6 scores given, 3 there already').waitFor();
  await first.getByText('stops at $1.00').waitFor();
  await first.getByRole('link', { name: 'fair', exact: true }).click();
  await page.getByRole('row').filter({ hasText: 'Is it open?' }).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('(model:echo* last:24h) has:score.fair');
  await page.goBack();
  await first.getByRole('link', { name: '3 traces' }).click();
  await page.getByRole('row').filter({ hasText: 'Is it open?' }).waitFor();
  await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('model:echo* last:24h');
  expect(problems).toEqual([]);
  await close();
  await expectGoodPage(
    { browser, house },
    { name: 'scorings', path: '/traces/scorings', settled: '6 scores given, 3 there already' },
  );
});
