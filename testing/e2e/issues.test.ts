import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let browser: Browser;

const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
let count = 0;
const newTraceId = () => (0xabc000 + ++count).toString(16).padEnd(32, '7');
/** Longer than what a server that was killed held is kept from others. */
const timeout = 30_000;

type Sent = { message: string | null; user?: string };

/** Traces of an application whose agent calls a tool; the ones with a message failed there. By the door that answers when they are stored. */
async function send(traces: Sent[]): Promise<string[]> {
  const startMs = Date.now();
  const ids = traces.map(newTraceId);
  const spans = traces.flatMap(({ message, user = 'ada' }, i) => {
    const status = message === null ? { code: 1 } : { code: 2 };
    const time = { startTimeUnixNano: `${startMs}000000`, endTimeUnixNano: `${startMs + 80}000000` };
    const traceId = ids[i];
    return [
      {
        ...{ traceId, spanId: '1'.repeat(16), name: 'answer', kind: 1, status, ...time },
        attributes: [attribute('user.id', user), attribute('input.value', 'Where is my parcel?')],
      },
      {
        ...{ traceId, spanId: '2'.repeat(16), parentSpanId: '1'.repeat(16), name: 'search_orders', kind: 1, ...time },
        status: { ...status, message: message ?? '' },
        attributes: message === null ? [] : [attribute('error.type', 'TimeoutError')],
      },
    ];
  });
  const response = await fetch(`${house.url}/v1/traces`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceSpans: [{ resource: { attributes: [] }, scopeSpans: [{ spans }] }] }),
  });
  expect(response.status).toBe(200);
  return ids;
}

/** A call of a model, and what its user thinks of it. */
async function ask(model: string, question: string, isGood: boolean): Promise<void> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, user: 'bob', messages: [], variables: { question } }),
  });
  expect(response.status).toBe(200);
  const traceId = response.headers.get('x-wheelhouse-trace-id') ?? '';
  await response.text();
  await house.client.call('createScore', { body: { traceId, name: 'feedback', value: isGood } });
}

const list = async (state?: 'open' | 'regressed' | 'resolved') =>
  (await house.client.call('listIssues', { query: state === undefined ? {} : { state } })).data;
const found = async (title: string) => (await list()).find((issue) => issue.title.startsWith(title));
const told = async () => (await list()).map(({ title, traces, users }) => `${traces}/${users} ${title}`).sort();
const version = (word: string) => ({
  definition: {
    ...{ flavor: 'prompt' as const, baseModel: 'sim/echo' },
    messages: [{ role: 'user' as const, content: `${word} {{question}}` }],
  },
});
const cli = (...args: string[]) => runCli(['issue', ...args], { env: { WHEELHOUSE_URL: house.url } });

beforeAll(async () => {
  folder = await makeFolder();
  [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
  const { client } = house;
  await client.call('createModel', { body: { name: 'bot', version: version('please') } });
  await client.call('createVersion', { params: { name: 'bot' }, body: version('hello') });
  await client.call('moveAlias', { params: { name: 'bot', alias: 'production' }, body: { version: 1 } });
});
afterAll(async () => {
  await browser?.close();
  await house?.stop();
  await folder?.remove();
});

describe('issues', () => {
  it('are found in what fails, alike ones as one, with a title that says what it is', async () => {
    await send([
      { message: 'no answer from orders-7 within 1203 ms' },
      { message: 'no answer from orders-9 within 88 ms', user: 'eve' },
      { message: 'certificate has expired' },
      { message: null },
    ]);
    await ask('bot@production', 'I want a refund for my order', false);
    await ask('bot@production', 'Refund please, my order never came', false);
    await ask('bot@production', 'How do I reset my password?', false);
    await ask('bot@production', 'What a lovely day', true);
    await expect
      .poll(told, { timeout })
      .toEqual([
        '1/1 Bad feedback: “please How do I reset my password?”',
        '1/1 TimeoutError: certificate has expired',
        '2/1 Bad feedback: order, refund',
        '2/2 TimeoutError: no answer from orders-# within # ms',
      ]);
    const issue = await found('TimeoutError: no answer');
    expect(issue).toMatchObject({ state: 'new', signal: 'error', models: [] });
    // By the end of the test it may be the next day.
    expect(issue?.days.slice(-2).reduce((sum, traces) => sum + traces, 0)).toBe(2);
    const detail = await house.client.call('getIssue', { params: { issueId: issue?.id ?? '' } });
    expect(detail).toMatchObject({
      q: 'status:error',
      groups: [{ what: 'TimeoutError', step: 'search_orders', isFirst: true }],
      events: [{ kind: 'opened', by: 'wheelhouse' }],
    });
    const refunds = await found('Bad feedback: order');
    const { q, versions } = await house.client.call('getIssue', { params: { issueId: refunds?.id ?? '' } });
    expect([q, versions]).toEqual(['score.feedback<0.5 model:bot', [{ model: 'bot', number: 1, traces: 2 }]]);
    const { rows } = await house.client.call('getAttention', { query: {} });
    expect(rows.filter(({ kind }) => kind === 'issue')).toMatchObject([{ href: '/issues?state=new' }]);
  });

  it('are made of bad scores by what the project says of them, which is told and changed in every way', async () => {
    const rate = async (value: number) => {
      const [traceId = ''] = await send([{ message: null }]);
      await house.client.call('createScore', { body: { traceId, name: 'stars', value } });
    };
    await rate(4);
    const listed = await cli('scores');
    expect(listed.stdout).toMatch(/stars +nothing +usual +1 score, 4 +below 3/);
    expect(listed.stdout).toMatch(/feedback +false +usual/);
    const refused = await cli('scores', 'stars', '--below', '3', '--never');
    expect(refused).toMatchObject({ code: 2 });
    const open = await visit(browser, `${house.url}/issues/scores`, { viewport: { width: 1280, height: 900 } });
    const { page } = open;
    await page.getByText('perhaps below 3?').waitFor();
    await page.getByRole('button', { name: 'Change what is bad of stars' }).click();
    await expect.poll(() => page.getByLabel('Number').inputValue()).toBe('3');
    await expectGoodNow(page, 'issue-scores');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('cell', { name: 'below 3' }).waitFor();
    expect(open.problems).toEqual([]);
    await open.close();
    await rate(2);
    await rate(5);
    await expect.poll(async () => (await found('Bad stars'))?.traces, { timeout }).toBe(1);
    const { id: issueId } = (await found('Bad stars')) ?? { id: '' };
    expect((await house.client.call('getIssue', { params: { issueId } })).q).toBe('score.stars<3');
    expect((await cli('scores', 'stars', '--usual')).stdout).toMatch(/stars +nothing +usual/);
    await house.client.call('changeIssue', { params: { issueId }, body: { state: 'resolved', from: 'now' } });
  });

  it('are shown, moved through and resolved by keyboard', async () => {
    const where = { browser, house };
    await expectGoodPage(where, { name: 'issues', path: '/issues', settled: /certificate has expired/ });
    const issue = await found('TimeoutError: cert');
    const path = `/issues/${issue?.id}`;
    await expectGoodPage(where, { name: 'issue', path, settled: 'Traces that fail in this way' });
    const open = await visit(browser, `${house.url}/issues`, { viewport: { width: 1280, height: 900 } });
    const { page } = open;
    const link = page.getByRole('link', { name: /certificate has expired/ });
    await link.waitFor();
    const isFocused = () => link.evaluate((element) => element === document.activeElement);
    for (let i = 0; i < (await list()).length && !(await isFocused()); i++) await page.keyboard.press('j');
    expect(await isFocused()).toBe(true);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: /certificate has expired/ }).waitFor();
    await page.getByRole('button', { name: /^Resolve/ }).waitFor();
    await page.keyboard.press('e');
    await page.getByText('✓ resolved').filter({ visible: true }).first().waitFor();
    expect((await list('resolved')).map(({ title }) => title)).toContain('TimeoutError: certificate has expired');
    expect(open.problems).toEqual([]);
    await open.close();
  });

  it('come back when they are seen again, and a kill counts nothing twice', async () => {
    const again = Array.from({ length: 30 }, (_, i) => ({ message: 'certificate has expired', user: `user ${i % 3}` }));
    await send(again);
    await house.stop('SIGKILL');
    house = await startWheelhouse({ folder: folder.path });
    await expect.poll(told, { timeout }).toContain('31/4 TimeoutError: certificate has expired');
    expect((await list('regressed')).map(({ title }) => title)).toEqual(['TimeoutError: certificate has expired']);
    const shown = await cli('show', (await found('TimeoutError: cert'))?.id ?? '');
    expect(shown.stdout).toContain('↩ regressed, 31 traces, 4 users');
  });

  it('of a version that is still called do not bring it back, those of a later one do', async () => {
    const issue = await found('Bad feedback: order');
    const resolved = await cli('resolve', issue?.id ?? '');
    expect(resolved.stdout).toContain('comes back with bot after version 1');
    await ask('bot@1', 'No refund for my order yet', false);
    await expect.poll(async () => (await found('Bad feedback: order'))?.traces, { timeout }).toBe(3);
    expect((await found('Bad feedback: order'))?.state).toBe('resolved');
    await ask('bot@2', 'Still no refund for this order', false);
    await expect.poll(async () => (await found('Bad feedback: order'))?.state, { timeout }).toBe('regressed');
  });

  it('hold the aliases of their models while they block', async () => {
    const issue = await found('Bad feedback: order');
    const blocked = await cli('block', issue?.id ?? '');
    expect(blocked.stdout).toContain('holds releases');
    const move = () =>
      house.client.call('moveAlias', { params: { name: 'bot', alias: 'production' }, body: { version: 2 } });
    await expect(move()).rejects.toMatchObject({ code: 'gate_not_held', message: expect.stringContaining('refund') });
    const start = { model: 'bot', candidate: 2, share: 0.1 };
    await expect(house.client.call('startRelease', { body: start })).rejects.toMatchObject({ code: 'gate_not_held' });
    await cli('resolve', '--now', issue?.id ?? '');
    await move();
    const errors = (await found('TimeoutError: no answer'))?.id ?? '';
    const none = house.client.call('changeIssue', { params: { issueId: errors }, body: { isBlocker: true } });
    await expect(none).rejects.toMatchObject({ code: 'conflict' });
  });

  it('stay together and apart as people say, and lose what is deleted', async () => {
    const [from, into] = await Promise.all([found('Bad feedback: “please How'), found('Bad feedback: order')]);
    await cli('merge', from?.id ?? '', into?.id ?? '');
    await ask('bot@production', 'My password cannot be reset', false);
    await expect.poll(async () => (await found('Bad feedback: order'))?.traces, { timeout }).toBe(6);
    const merged = await house.client.call('getIssue', { params: { issueId: from?.id ?? '' } });
    expect(merged.id).toBe(into?.id);
    const group = merged.groups.find(({ isFirst }) => !isFirst)?.id ?? '';
    const split = await cli('split', merged.id, group);
    expect(split.stdout).toContain('Bad feedback: password, reset');
    expect((await found('Bad feedback: order'))?.traces).toBe(4);
    const certificates = await found('TimeoutError: cert');
    const params = { issueId: certificates?.id ?? '' };
    const first = await house.client.call('listIssueTraces', { params, query: { limit: 20 } });
    const rest = await house.client.call('listIssueTraces', { params, query: { limit: 20, cursor: first.next ?? '' } });
    expect(new Set([...first.data, ...rest.data].map(({ traceId }) => traceId)).size).toBe(31);
    expect(rest.next).toBeNull();
    const traceId = first.data[0]?.traceId ?? '';
    await house.client.call('createDeletion', { body: { trace: traceId } });
    await expect.poll(async () => (await found('TimeoutError: cert'))?.traces, { timeout }).toBe(30);
  });
});
