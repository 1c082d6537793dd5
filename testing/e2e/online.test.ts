import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let browser: Browser;
beforeAll(async () => {
  folder = await makeFolder();
  [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
  const graded = { reason: 'It repeats what was asked.', grade: 2, feedback: '' };
  const parameters = { sim: { input_price: 2, output_price: 8 } };
  const messages = [{ role: 'system' as const, content: `If asked about it, answer: ${JSON.stringify(graded)}` }];
  const version = { definition: { flavor: 'prompt' as const, baseModel: 'sim/rules', messages, parameters } };
  await house.client.call('createModel', { body: { name: 'critic', version } });
  const bot = { flavor: 'prompt' as const, baseModel: 'sim/echo', messages: [] };
  await house.client.call('createModel', { body: { name: 'support-bot', version: { definition: bot } } });
  await house.client.call('moveAlias', { params: { name: 'support-bot', alias: 'production' }, body: { version: 1 } });
});
afterAll(async () => {
  await browser?.close();
  await house?.stop();
  await folder?.remove();
});

const online = (...args: string[]) => runCli(['online', ...args], { env: { WHEELHOUSE_URL: house.url } });
const rubric = 'help=judge_rubric {"model":"critic@1","rubric":"Does it help?","schema":false}';

async function ask(content: string, headers: Record<string, string> = {}, model = 'support-bot@production') {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
  });
  expect(response.status).toBe(200);
  await response.text();
  return response.headers.get('x-wheelhouse-trace-id') ?? '';
}

const scoresOf = async (traceId: string) => {
  const { data } = await house.client.call('listScores', { query: { traceId } });
  return data.toSorted((a, b) => (a.name < b.name ? -1 : 1));
};
const isListed = async (traceId: string) =>
  (await house.client.call('listTraces', { query: { q: `trace:${traceId}` } })).data.length === 1;
/** Traces of calls that judge. */
const judging = async () => (await house.client.call('listTraces', { query: { q: 'tag:judge' } })).data;
const within = { timeout: 60_000, interval: 250 };

it('scores calls as they come, by code and by a judge, and nothing that judges', async () => {
  const before = await ask('Was this before?');
  await expect.poll(() => isListed(before), within).toBe(true);
  const made = await online(
    'new',
    'helpful',
    'model:support-bot,critic',
    '--budget',
    '5',
    '--scorers',
    `pii,${rubric}`,
  );
  expect(made).toMatchObject({ code: 0, stdout: '  helpful scores what arrives from now on\n' });
  const [first, other] = [await ask('Is it open?'), await ask('Is it open?', {}, 'sim/echo')];
  await expect.poll(async () => (await scoresOf(first)).length, within).toBe(2);
  expect(await scoresOf(first)).toMatchObject([
    { name: 'help', value: 0.25, source: 'judge', metadata: { online: 'helpful', version: 1 } },
    { name: 'pii', value: 1, source: 'code' },
  ]);
  // By now the judge's own call has arrived as well, and has been left alone.
  const second = await ask('Is it far?');
  await expect.poll(async () => (await scoresOf(second)).length, within).toBe(2);
  expect([await scoresOf(other), await scoresOf(before)]).toEqual([[], []]);
  await expect.poll(async () => (await judging()).length, within).toBe(2);
  expect((await judging()).flatMap(({ scores }) => scores)).toEqual([]);
  // A score is there before it is counted.
  const shown = async () => JSON.parse((await online('show', 'helpful', '--json')).stdout);
  await expect.poll(shown, within).toMatchObject({ state: 'on', today: { looked: 2, scored: 4, failed: 0 } });
});

it('goes on after a kill with what came meanwhile, and scores nothing twice', async () => {
  const traceId = await ask('Is it free?');
  await expect.poll(() => isListed(traceId), within).toBe(true);
  await house.stop('SIGKILL');
  house = await startWheelhouse({ folder: folder.path });
  await expect.poll(async () => (await scoresOf(traceId)).length, within).toBe(2);
  const later = await ask('Is it near?');
  await expect.poll(async () => (await scoresOf(later)).length, within).toBe(2);
  // One call of the judge for each of the four.
  await expect.poll(async () => (await judging()).length, within).toBe(4);
});

it('scores sessions when they are quiet, and says who asked again', async () => {
  expect(
    await online('new', 'talks', 'model:echo*', '--of', 'sessions', '--wait', '2s', '--scorers', 'readability'),
  ).toMatchObject({ code: 0 });
  expect(await online('new', 'again', 'model:echo*', '--of', 'follow_ups', '--wait', '3s')).toMatchObject({ code: 0 });
  const headers = { 'x-wheelhouse-session': 'talk' };
  const first = await ask('How do I reset my password?', headers, 'sim/echo');
  await ask('How can I reset the password?', headers, 'sim/echo');
  const ofSession = async () =>
    (await house.client.call('listScores', { query: { sessionId: 'talk' } })).data.map(({ name, traceId }) => ({
      name,
      traceId,
    }));
  await expect.poll(ofSession, within).toEqual([{ name: 'readability', traceId: null }]);
  const said = async () => Object.fromEntries((await scoresOf(first)).map(({ name, value }) => [name, value]));
  await expect.poll(said, within).toEqual({ regenerated: false, rephrased: true, settled: false });
});

it('is listed, tried, paused, filled up from before and removed from the command line', async () => {
  expect((await online('ls')).stdout).toMatch(/again +✓ on +follow_ups[\s\S]*helpful +✓ on +traces/);
  const tried = await online('new', 'x', 'model:support-bot', '--scorers', 'pii', '--try');
  expect(tried).toMatchObject({ code: 0, stdout: expect.stringMatching(/pii 1[\s\S]*5 looked at, for \$0;/) });
  expect(await online('pause', 'helpful')).toMatchObject({ code: 0, stdout: '  helpful is paused\n' });
  const filled = await online('backfill', 'helpful');
  expect(filled).toMatchObject({ code: 0, stdout: expect.stringMatching(/scr_\w+: \d+ to look at, about \$/) });
  const { data } = await house.client.call('listTraces', { query: { q: 'model:support-bot -has:score.help' } });
  await expect
    .poll(
      async () =>
        (await house.client.call('listTraces', { query: { q: 'model:support-bot -has:score.help' } })).data.length,
      within,
    )
    .toBe(0);
  expect(data.length).toBeLessThanOrEqual(1);
  expect(await online('resume', 'helpful')).toMatchObject({ code: 0 });
  const steps = ['new', 'steps', 'model:support-bot', '--of', 'spans', '--span', 'generation', '--scorers', 'pii'];
  expect(await online(...steps)).toMatchObject({ code: 0 });
  expect(await online('backfill', 'steps')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/[1-9]\d* to look at/),
  });
  const ofSpans = async () => {
    const { data: scorings } = await house.client.call('listScorings', { query: {} });
    return scorings.find(({ of }) => of === 'spans');
  };
  await expect.poll(ofSpans, within).toMatchObject({ status: 'completed', span: { kind: 'generation' }, failed: 0 });
  const { done = 0, scored = 0, kept = 0 } = (await ofSpans()) ?? {};
  expect([done > 0, scored + kept]).toEqual([true, done]);
  expect(await online('rm', 'talks')).toMatchObject({ code: 0, stdout: '  talks scores no more\n' });
  expect(await online('rm', 'talks')).toMatchObject({ code: 2 });
  const refused = await online('new', 'x', 'last:1h', '--scorers', 'pii');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('names a time') });
  expect((await online('check', 'helpful', '--label', '2')).stdout).toContain(
    '2 added: wheelhouse review label check-helpful',
  );
  expect((await online('check', 'helpful')).stdout).toMatch(/help of 5 traces[\s\S]*it says +25 %[\s\S]*in the queue/);
});

/** How many there are is not said: another evaluation with the same scorer may have been there first. */
const someGiven = /\b[1-9]\d* (?:scores? given|there already)/;

it('is made, tried and watched in its page', async () => {
  const { page, problems, close } = await visit(browser, `${house.url}/traces/online`, {});
  await page.getByRole('button', { name: 'New online evaluation' }).click();
  const form = page.getByRole('dialog', { name: 'New online evaluation' });
  await form.getByLabel('Name', { exact: true }).fill('no-secrets');
  await form.getByLabel('Filter').fill('model:support-bot');
  await form.getByRole('button', { name: 'Try on 10 recent' }).click();
  await form.getByText('of the newest were looked at').waitFor();
  await expectGoodNow(page, 'online-new');
  await form.getByRole('button', { name: 'Score what arrives' }).click();
  const line = page.getByRole('list', { name: 'Online evaluations' }).locator('> li').filter({ hasText: 'no-secrets' });
  await line.getByText('✓ on').waitFor();
  await ask('My number is 4111 1111 1111 1111');
  await line.getByText(someGiven).waitFor();
  await line.getByRole('button', { name: 'Pause' }).click();
  await line.getByText('■ paused').waitFor();
  const helpful = page.getByRole('list', { name: 'Online evaluations' }).locator('> li').filter({ hasText: 'helpful' });
  await helpful.getByRole('button', { name: 'Check by people …' }).click();
  await page.getByRole('dialog').getByText('are the least').waitFor();
  await expectGoodNow(page, 'online-check');
  expect(problems).toEqual([]);
  await close();
  await expectGoodPage({ browser, house }, { name: 'online', path: '/traces/online', settled: someGiven });
});
