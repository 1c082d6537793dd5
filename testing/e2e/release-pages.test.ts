import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { type Opened, openHouse } from './open-house.ts';
import type { Wheelhouse } from './start-wheelhouse.ts';

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
let open: Awaited<ReturnType<typeof visit>>;
let page: Page;

const say = (word: string) => ({
  definition: {
    ...{ flavor: 'prompt' as const, baseModel: 'sim/echo' },
    messages: [{ role: 'user' as const, content: `${word} {{question}}` }],
  },
});

/** A model whose version 1 answers as `one`, and version 2 as `two`; production is at 1. */
async function twoVersions(name: string): Promise<void> {
  const { client } = house;
  await client.call('createModel', { body: { name, version: say('one') } });
  await client.call('createVersion', { params: { name }, body: say('two') });
  await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
}

/** A call, and what its user thought of it; gives the version that answered. */
async function askAndRate(model: string, user: string, goodOf: (version: 1 | 2) => number): Promise<1 | 2> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, user, messages: [], variables: { question: 'Why?' } }),
  });
  const body = (await response.json()) as { choices?: { message: { content: string } }[] };
  const traceId = response.headers.get('x-wheelhouse-trace-id') ?? '';
  const version = body.choices?.[0]?.message.content.startsWith('two') ? 2 : 1;
  await house.client.call('createScore', { body: { traceId, name: 'helpful', value: goodOf(version) } });
  return version;
}

/** Calls of so many users who did not call before, ten at a time. */
let users = 0;
const tenCalls = (model: string, goodOf: (version: 1 | 2) => number) =>
  Promise.all(Array.from({ length: 10 }, () => askAndRate(`${model}@production`, `user ${users++}`, goodOf)));
async function traffic(model: string, count: number, goodOf: (version: 1 | 2) => number): Promise<void> {
  for (let left = count; left > 0; left -= 10) await tenCalls(model, goodOf);
}
/** As many as it takes until each version has answered so many: which one answers whom is chance. */
async function trafficOfBoth(model: string, each: number, goodOf: (version: 1 | 2) => number): Promise<void> {
  const answered = { 1: 0, 2: 0 };
  while (Math.min(...Object.values(answered)) < each)
    for (const version of await tenCalls(model, goodOf)) answered[version] += 1;
}

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  open = await visit(browser, `${house.url}/releases`, { viewport: { width: 1280, height: 900 } });
  page = open.page;
});
afterAll(() => opened?.close());

const region = (name: string | RegExp): Locator => page.getByRole('region', { name, exact: true });
const dialog = (name: string): Locator => page.getByRole('dialog', { name });
const rail = (name: string): Locator => region('Rails').getByRole('row').filter({ hasText: name });
const good = () => 1;

describe('the pages of releases', () => {
  it('teach what a release is, and start one with what its history suggests', async () => {
    await page.getByRole('heading', { name: 'No releases yet' }).waitFor();
    await expectGoodNow(page, 'releases-empty');
    await twoVersions('support-bot');
    await house.client.call('createDataset', { body: { name: 'failures' } });
    await traffic('support-bot', 30, good);
    await expect
      .poll(async () => {
        const { rails } = await house.client.call('planRelease', { body: { model: 'support-bot', candidate: 2 } });
        return rails.map(({ name }) => name);
      })
      .toEqual(expect.arrayContaining(['helpful', 'latency', 'errors', 'refusals']));
    await page.reload();
    await page.getByRole('button', { name: 'Start a release' }).first().click();
    const form = dialog('Start a release');
    await form.getByText('It is rolled back by itself when it is worse').waitFor();
    await expect.poll(() => form.getByLabel('Model', { exact: true }).inputValue()).toBe('support-bot');
    await expect.poll(() => form.getByLabel('New version', { exact: true }).inputValue()).toBe('2');
    await form.getByRole('checkbox', { name: /^latency/ }).uncheck();
    await form.getByLabel('Smallest loss of helpful that matters').fill('30');
    await form.getByLabel('Per cent', { exact: true }).fill('50');
    await form.getByLabel('Then grows to').fill('25@10');
    await form.getByText('Each step is more than the one before').waitFor();
    await expect.poll(() => form.getByRole('button', { name: 'Start the release' }).isDisabled()).toBe(true);
    await form.getByLabel('Then grows to').fill('75@200');
    await form.getByLabel('Values of each rail').fill('10');
    await form.getByLabel('become draft examples of').selectOption('failures');
    await form.getByText('growing to 75 %').waitFor();
    await expectGoodNow(page, 'release-new');
    await form.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    await region('How it stands')
      .getByText(/^(?:Nothing was looked at yet|Fewer than 10 values)/)
      .waitFor();
    expect(open.problems).toEqual([]);
  });

  it('show by themselves what comes: the split, each rail with its interval, and the test as it goes on', async () => {
    await trafficOfBoth('support-bot', 10, (version) => (version === 1 ? 1 : 0.6));
    await rail('helpful').getByText('not settled').waitFor();
    await region('How it stands').getByText('Not settled yet').waitFor();
    await region('How it stands')
      .getByText(/Counted so far: \d+ users with v1, \d+ with v2/)
      .waitFor();
    await page.getByRole('img', { name: /^Difference in helpful over \d+ looks?; now −40\.0 pp/ }).waitFor();
    await rail('errors')
      .getByRole('button', { name: /^errors/ })
      .click();
    await expect.poll(() => new URL(page.url()).searchParams.get('rail')).toBe('errors');
    await page.getByRole('img', { name: /^Difference in errors/ }).waitFor();
    await region('errors as it went on').getByText('As a table').click();
    await region('errors as it went on, as a table').getByRole('row').nth(1).waitFor();
    await expectGoodNow(page, 'release-running');
    await page.getByRole('link', { name: 'Releases', exact: true }).first().click();
    await page.getByRole('row').filter({ hasText: 'support-bot@production' }).getByText('running').waitFor();
    await expectGoodNow(page, 'releases');
    await page.goto(`${house.url}/models/support-bot`);
    await page.getByRole('link', { name: 'v2 has 50 % of @production' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    expect(open.problems).toEqual([]);
  });

  it('lead from a rail to the traces that are worse, and say how it was rolled back, and where its failures are', async () => {
    await traffic('support-bot', 100, (version) => (version === 1 ? 1 : 0));
    await page.getByText('Rolled back: @production is at v1, as before.').waitFor({ timeout: 30_000 });
    await rail('helpful').getByText('worse').waitFor();
    await page.getByText(/^\d+ calls? that failed (is|are) in the draft of/).waitFor({ timeout: 30_000 });
    await region('History').getByText('Verdict: roll back').waitFor();
    const where = new URL(page.url()).pathname;
    await rail('helpful').getByRole('link').last().click();
    await page.waitForURL(/\/traces\?q=/);
    const q = new URL(page.url()).searchParams.get('q') ?? '';
    expect(q).toContain('model:support-bot@2');
    const { data } = await house.client.call('listTraces', { query: { q, limit: 200 } });
    expect(data.length).toBeGreaterThan(10);
    expect(new Set(data.flatMap(({ scores }) => scores.map(({ value }) => value)))).not.toContain(1);
    expect(open.problems).toEqual([]);
    await expectGoodPage(
      { browser, house },
      { name: 'release-rolled-back', path: where, settled: 'Rolled back: @production' },
    );
  });

  it('promote one by hand from the page of a model, undo that, and say why it cannot be undone twice', async () => {
    await twoVersions('other-bot');
    await page.goto(`${house.url}/models/other-bot`);
    await page.getByRole('link', { name: 'Release …' }).click();
    const form = dialog('Start a release');
    await form.getByText('It is rolled back by itself').waitFor();
    await expect.poll(() => form.getByLabel('Model', { exact: true }).inputValue()).toBe('other-bot');
    await form.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    await page.getByRole('button', { name: 'Promote v2 …' }).click();
    await dialog('Promote v2').getByText('The verdict does not say so yet').waitFor();
    await dialog('Promote v2').getByLabel('Why').fill('It answers in rhymes');
    await expectGoodNow(page, 'release-promote');
    await dialog('Promote v2').getByRole('button', { name: 'Promote v2' }).click();
    await page.getByText('Promoted: @production is at v2.').waitFor();
    await page.getByText('It answers in rhymes').filter({ visible: true }).first().waitFor();
    await expectGoodNow(page, 'release-promoted');
    await page.keyboard.press('b');
    await dialog('Undo the promotion').getByRole('button', { name: 'Move back to v1' }).click();
    await page.getByText('Rolled back: @production is at v1').waitFor();
    const moved = { params: { name: 'other-bot', alias: 'production' }, body: { version: 2 } };
    const { id: releaseId } = await house.client.call('startRelease', { body: { model: 'other-bot', candidate: 2 } });
    await house.client.call('promoteRelease', { params: { releaseId }, body: {} });
    await house.client.call('moveAlias', { ...moved, body: { version: 1 } });
    await page.goto(`${house.url}/releases/${releaseId}`);
    const undo = page.getByRole('button', { name: 'Undo …' });
    await expect.poll(() => undo.getAttribute('aria-disabled')).toBe('true');
    expect(await undo.getAttribute('title')).toBe('@production was moved since, to v1.');
    expect(open.problems).toEqual([]);
  });

  it('start one that only listens, show what it would have said, and go on as a canary by one key', async () => {
    await twoVersions('heard-bot');
    await page.goto(`${house.url}/models/heard-bot`);
    await page.getByRole('link', { name: 'Release …' }).click();
    const form = dialog('Start a release');
    await form.getByLabel(/^Only listen/).check();
    await form.getByLabel('Per cent', { exact: true }).fill('99');
    await form.getByText('after the answer went out, and answers nobody').waitFor();
    expect(await form.getByLabel('Then grows to').count()).toBe(0);
    await expectGoodNow(page, 'release-new-listening');
    await form.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    await traffic('heard-bot', 10, good);
    await region('How it stands').getByText('v1 answers').waitFor();
    await region('How it stands')
      .getByText(/copies answered, for/)
      .waitFor({ timeout: 30_000 });
    const said = region('What it would have said');
    await said.getByText('■ v2 would have said').first().waitFor({ timeout: 30_000 });
    await said.getByText('two Why?').first().waitFor();
    await expectGoodNow(page, 'release-listening');
    await page.keyboard.press('p');
    const canary = dialog('Start the canary of v2');
    await canary.getByLabel('Per cent', { exact: true }).fill('30');
    await canary.getByLabel('It moves by how the new version does').check();
    await canary.getByLabel('At least, in per cent').fill('40');
    await canary.getByText('It begins at 30 %, which has to lie between its ends.').waitFor();
    await expect.poll(() => canary.getByRole('button', { name: 'Start the canary' }).isDisabled()).toBe(true);
    await canary.getByLabel('At least, in per cent').fill('15');
    await expectGoodNow(page, 'release-canary');
    const before = page.url();
    await canary.getByRole('button', { name: 'Start the canary' }).click();
    await page.waitForURL((url) => url.href !== before);
    await region('How it stands').getByText('30 %').waitFor();
    await region('Settings').getByText('between 15 % and 90 %').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('start what callers may fail with only where somebody says that they are ready', async () => {
    await twoVersions('strict-bot');
    await house.client.call('createVersion', { params: { name: 'strict-bot' }, body: say('{{tone}}') });
    await page.goto(`${house.url}/models/strict-bot`);
    await page.getByRole('link', { name: 'Release …' }).click();
    const form = dialog('Start a release');
    await form.getByText('Callers of v1 may fail with v3').waitFor();
    await form.getByText('(required: callers must send it)').waitFor();
    await expect.poll(() => form.getByRole('button', { name: 'Start the release' }).isDisabled()).toBe(true);
    await expectGoodNow(page, 'release-new-breaking');
    await form.getByRole('button', { name: 'They are ready: start it all the same' }).click();
    await form.getByLabel(/^Only listen/).check();
    await form.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    await page.getByRole('button', { name: 'Start its canary …' }).click();
    const canary = dialog('Start the canary of v3');
    await canary.getByText('Callers of v1 may fail with v3').waitFor();
    await expect.poll(() => canary.getByRole('button', { name: 'Start the canary' }).isDisabled()).toBe(true);
    await canary.getByLabel('They are ready: start it all the same').check();
    const before = page.url();
    await canary.getByRole('button', { name: 'Start the canary' }).click();
    await page.waitForURL((url) => url.href !== before);
    await region('How it stands').getByText('10 %').waitFor();
    expect(open.problems).toEqual([]);
  });

  it('let a share move by how the new version does, and say how it moved and why', async () => {
    await page.goto(`${house.url}/models/support-bot`);
    await page.getByRole('link', { name: 'Release …' }).click();
    const form = dialog('Start a release');
    await form.getByText('It is rolled back by itself').waitFor();
    await form.getByLabel('It moves by how the new version does').check();
    expect(await form.getByLabel('Then grows to').count()).toBe(0);
    await form.getByLabel('Per cent', { exact: true }).fill('50');
    await form.getByLabel('At most, in per cent').fill('95');
    await form.getByText('moving between 10 % and 95 % by how it does').waitFor();
    await expectGoodNow(page, 'release-new-moving');
    await form.getByRole('button', { name: 'Start the release' }).click();
    await page.waitForURL(/\/releases\/rel_\w+$/);
    const moved = region('How its share moved');
    await moved.getByText('It began with 50 %. Decided next at 30.').waitFor();
    await trafficOfBoth('support-bot', 31, good);
    const why = /After \d+ users of v(ersion )?2 it is [\d.]+ % likely that \w+ loses less than half of what matters/;
    await moved.getByText(why).waitFor({ timeout: 30_000 });
    await region('History').getByText(why).first().waitFor();
    await region('History')
      .getByText(/^Share 50 % → /)
      .waitFor();
    await moved.getByText('As a table').click();
    await region('How its share moved, as a table').getByRole('row').nth(1).waitFor();
    const releaseId = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const { shares, release } = await house.client.call('getRelease', { params: { releaseId } });
    expect(shares[0]).toMatchObject({ calls: 30, rail: expect.any(String) });
    expect(release.share).toBe(shares.at(-1)?.share);
    await expectGoodNow(page, 'release-moving');
    await house.client.call('rollBackRelease', { params: { releaseId }, body: {} });
    expect(open.problems).toEqual([]);
  });

  it('are told to whoever looks at the Overview', async () => {
    const { id } = await house.client.call('startRelease', { body: { model: 'support-bot', candidate: 2 } });
    await page.goto(`${house.url}/overview`);
    await page.getByText('support-bot@production: version 2 was rolled back').waitFor();
    await page.getByRole('link', { name: /support-bot@production: version 2 has 10 % of the calls/ }).click();
    await page.waitForURL(`**/releases/${id}`);
    await page.goto(`${house.url}/x/${id}`);
    await page.waitForURL(`**/releases/${id}`);
    expect(open.problems).toEqual([]);
  });

  it('show before a release what it would change for callers', async () => {
    const { client } = house;
    const name = 'agent-bot';
    const calls = (text: string) => ({
      definition: {
        ...{ flavor: 'prompt' as const, baseModel: 'sim/echo', messages: [{ role: 'user' as const, content: text }] },
        parameters: {
          tools: ['find_order', 'refund'].map((tool) => ({ type: 'function', function: { name: tool } })),
        },
      },
    });
    const json = (more: string) => ({
      definition: {
        ...{ flavor: 'prompt' as const, baseModel: 'sim/echo' },
        messages: [{ role: 'user' as const, content: `{"answer":"{{question}}"${more}}` }],
      },
    });
    await client.call('createModel', { body: { name, version: calls('call find_order {"id":"{{question}}"}') } });
    const more = calls('call refund {"id":"{{question}}"}\ncall find_order {"id":"{{question}}","now":true}');
    await client.call('createVersion', { params: { name }, body: more });
    await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 1 } });
    for (const question of ['Where is 7?', 'Where is 8?'])
      await fetch(`${house.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: name, messages: [], variables: { question } }),
      });
    const asked = () => client.call('listTraces', { query: { q: `model:"${name}@1"` } });
    await expect.poll(async () => (await asked()).data.length).toBe(2);
    await page.goto(`${house.url}/models/${name}`);
    await page.getByRole('link', { name: 'Release …' }).click();
    await dialog('Start a release').getByRole('button', { name: 'Replay first' }).click();
    const form = dialog('Replay agent-bot@production with v2');
    await form.getByText('2 different inputs, 8 calls').waitFor();
    await form.getByLabel('Times each is asked').fill('1');
    await form.getByText('2 different inputs, 4 calls').waitFor();
    await expectGoodNow(page, 'replay-new');
    await form.getByRole('button', { name: 'Start the replay' }).click();
    await page.waitForURL(/\/releases\/replays\/ev_\w+$/);
    await page.getByText('0 inputs with the same calls · 2 with other tools').waitFor();
    await page.getByRole('button', { name: '2 other tools' }).click();
    await page.getByRole('row').filter({ hasText: 'refund' }).getByText('not called').first().waitFor();
    await expectGoodNow(page, 'replay');
    await page.getByRole('link', { name: 'Replays', exact: true }).click();
    await page.getByRole('link', { name: 'agent-bot@production' }).waitFor();
    await expectGoodNow(page, 'replays');
    for (const text of [',"note":"x"', ',"note":2,"why":"y"'])
      await client.call('createVersion', { params: { name }, body: json(text) });
    await client.call('moveAlias', { params: { name, alias: 'production' }, body: { version: 3 } });
    const { id } = await client.call('startReplay', {
      body: { model: name, alias: 'production', candidate: 4, repetitions: 1 },
    });
    await page.goto(`${house.url}/releases/replays/${id}`);
    await region('Fields of answers')
      .getByRole('row')
      .filter({ hasText: 'why' })
      .getByText('string in 100 %')
      .waitFor();
    await page.getByText('✓ none fails that answered').waitFor();
    await expectGoodNow(page, 'replay-fields');
    expect(open.problems).toEqual([]);
  });
});
