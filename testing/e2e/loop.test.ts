import OpenAI from 'openai';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed, untilStored } from './until-stored.ts';

const refund = 'You get your money back within 30 days.';
const rule = `If asked about refund, answer: ${refund}`;
/** Eleven questions; version 1 repeats each, version 2 knows about refunds. */
const questions = Array.from({ length: 11 }, (_, i) => `Question ${i + 1}: how does a refund work?`);

const openai = (house: Wheelhouse) => new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'anything', maxRetries: 0 });

async function ask(house: Wheelhouse, model: string, content: string) {
  const { data, response } = await openai(house)
    .chat.completions.create({ model, messages: [{ role: 'user', content }] })
    .withResponse();
  return { text: data.choices[0]?.message.content, traceId: response.headers.get('x-wheelhouse-trace-id') ?? '' };
}

/** Calls of evaluations are left out where nothing names them. */
const everything = 'run:* or -run:*';

/** The stored text of a number as people read it, without its sign. */
const points = (value: number | null) => Math.abs((value ?? Number.NaN) * 100).toFixed(1);

describe('the loop: call, see, collect, compare, move an alias, call again', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  let browser: Browser;
  let page: Page;
  let evaluationId = '';

  beforeAll(async () => {
    folder = await makeFolder();
    [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await house?.stop();
    await folder?.remove();
  });

  it('starts in an empty directory and hands over a call that works without a key', () => {
    expect(house.output.stdout).toMatch(/wheelhouse \d+\.\d+\.\d+ {3}ready in \d+\.\d s/);
    expect(house.output.stdout).toContain('.wheelhouse  (empty)');
    expect(house.output.stdout).toContain(`curl ${house.url}/v1/chat/completions`);
  });

  it('registers a model with two versions and points production at the first', async () => {
    const prompt = (content: string) => ({
      flavor: 'prompt' as const,
      baseModel: 'sim/rules',
      messages: [{ role: 'system' as const, content }],
    });
    const version = { definition: prompt('Be polite.') };
    await house.client.call('createModel', { body: { name: 'support-bot', version } });
    const second = await house.client.call('createVersion', {
      params: { name: 'support-bot' },
      body: { definition: prompt(`Be polite.\n${rule}`), message: 'Knows about refunds' },
    });
    expect(second.number).toBe(2);
    await house.client.call('moveAlias', {
      params: { name: 'support-bot', alias: 'production' },
      body: { version: 1 },
    });
  });

  it('answers the OpenAI SDK, streamed and not, and the open page shows the calls without a reload', async () => {
    await page.goto(`${house.url}/traces`);
    await page.evaluate(() => Object.assign(window, { notReloaded: true }));
    const whole = await ask(house, 'support-bot@production', 'Is a refund possible?');
    expect(whole.text).toBe('Is a refund possible?');

    const stream = await openai(house).chat.completions.create({
      model: 'support-bot@production',
      messages: [{ role: 'user', content: 'Streamed: is a refund possible?' }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let streamed = '';
    let tokens = 0;
    for await (const chunk of stream) {
      streamed += chunk.choices[0]?.delta.content ?? '';
      tokens = chunk.usage?.total_tokens ?? tokens;
    }
    expect(streamed).toBe('Streamed: is a refund possible?');
    expect(tokens).toBeGreaterThan(0);

    await page.getByRole('row', { name: 'Streamed: is a refund possible?' }).waitFor();
    await page.getByRole('row', { name: /(?<!Streamed: i)Is a refund possible\?/ }).waitFor();
    expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);
  });

  it('prints one line per trace in the terminal, the first with a link', async () => {
    await expect
      .poll(() => house.output.stdout)
      .toMatch(/\d\d:\d\d:\d\d {2}trace .*✓ first trace!\n +→ http:\/\/\S+\/x\/[0-9a-f]{32}/);
  });

  it('takes a good answer into a dataset with one key in the UI', async () => {
    const good = await ask(house, 'support-bot@2', questions[0] ?? '');
    expect(good.text).toBe(refund);
    await page
      .getByRole('row', { name: questions[0] ?? '' })
      .getByRole('link')
      .click();
    await page.waitForURL(`**/traces/${good.traceId}**`);
    // The list shows this answer too, so wait for what only the trace's own page has.
    await page.getByRole('button', { name: 'Add to dataset' }).waitFor();
    await page.keyboard.press('a');
    await page.getByRole('dialog').getByLabel('Dataset').fill('refunds');
    await page.getByRole('dialog').getByRole('button', { name: 'Create and add' }).click();
    await page.getByText('1 example added to').waitFor();

    const { data } = await house.client.call('listExamples', { params: { name: 'refunds' } });
    expect(data).toHaveLength(1);
    expect(data[0]).toMatchObject({ expected: refund, source: { traceId: good.traceId } });
  });

  it('freezes the dataset in the UI', async () => {
    const examples = questions.slice(1).map((input) => ({ input, expected: refund }));
    await house.client.call('addExamples', { params: { name: 'refunds' }, body: { examples } });
    await page.goto(`${house.url}/datasets/refunds`);
    await page.getByRole('button', { name: 'Freeze v1' }).click();
    await page.getByText('Frozen as v1, 11 examples').waitFor();
  });

  it('compares both versions from the command line; the UI shows the same stored numbers', async () => {
    const args = [
      'eval',
      'refunds',
      '--run',
      'support-bot@production',
      '--run',
      'support-bot@2',
      '--gate',
      'exact >= baseline',
    ];
    const { code, stdout, stderr } = await runCli(args, { env: { WHEELHOUSE_URL: house.url } });
    expect(stderr).toContain('refunds v1 · 11 rows × 2 runs · exact, levenshtein');
    expect({ code, stdout }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(/exact ≥ baseline {3}held/);
    evaluationId = /\/x\/(ev_\w+)/.exec(stdout)?.[1] ?? '';

    const stored = await house.client.call('getEvaluation', { params: { evaluationId } });
    expect(stored).toMatchObject({ status: 'completed', done: 22, total: 22, runs: [{ version: 1 }, { version: 2 }] });
    const exact = stored.results.find(({ measure }) => measure === 'exact');
    expect(exact).toMatchObject({
      meanA: 0,
      meanB: 1,
      wins: 11,
      losses: 0,
      ties: 0,
      failuresA: 0,
      failuresB: 0,
      verdict: 'better',
    });

    await page.goto(`${house.url}/x/${evaluationId}`);
    await page.waitForURL(`**/experiments/${evaluationId}`);
    const table = page.getByRole('region', { name: 'Measures' });
    for (const { measure, difference, low, high } of stored.results.filter(({ measure }) =>
      stored.scorers.includes(measure),
    )) {
      const row = () => table.getByRole('row', { name: new RegExp(`^${measure}`) }).textContent();
      const line = stdout.split('\n').find((text) => text.trim().startsWith(measure)) ?? '';
      for (const number of [points(difference), points(low), points(high)]) {
        await expect.poll(row).toContain(number);
        expect(line).toContain(number);
      }
    }
    const finding = page.getByRole('region', { name: 'exact', exact: true });
    await expect.poll(() => finding.textContent()).toContain(exact?.sentence ?? '–');
    await expect.poll(() => page.getByRole('list', { name: 'Gates' }).textContent()).toContain('heldexact ≥ baseline');
  });

  it('moves the alias in the UI, and the next call is answered by version 2, as its span says', async () => {
    await page.goto(`${house.url}/models/support-bot`);
    await page.getByRole('button', { name: 'Move alias' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Version').selectOption({ label: 'v2 · Knows about refunds' });
    await dialog.getByText('production: v1 → v2').waitFor();
    await dialog.getByRole('button', { name: 'Move', exact: true }).click();
    await dialog.waitFor({ state: 'detached' });

    const { text, traceId } = await ask(house, 'support-bot@production', 'And now, a refund?');
    expect(text).toBe(refund);
    const { spans } = await untilStored(house.client, traceId);
    expect(spans).toHaveLength(1);
    const span = await house.client.call('getSpan', { params: { traceId, spanId: spans[0]?.spanId ?? '' } });
    expect(span).toMatchObject({ model: 'support-bot@2', alias: 'production', status: 'ok' });
  });

  it('drains on SIGTERM, starts again on the same directory, and everything is still there', async () => {
    const listTraces = () => house.client.call('listTraces', { query: { q: everything, limit: 100 } });
    // Four calls of ours and those of the evaluation; what is stored is stored after the answer, not in its order.
    await untilListed(house.client, 4 + 2 * questions.length, everything);
    const before = await Promise.all([
      listTraces(),
      house.client.call('getDataset', { params: { name: 'refunds' } }),
      house.client.call('getEvaluation', { params: { evaluationId } }),
      house.client.call('getModel', { params: { name: 'support-bot' } }),
    ]);
    const ended = await house.stop('SIGTERM');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('stopped');

    house = await startWheelhouse({ folder: folder.path });
    const after = await Promise.all([
      listTraces(),
      house.client.call('getDataset', { params: { name: 'refunds' } }),
      house.client.call('getEvaluation', { params: { evaluationId } }),
      house.client.call('getModel', { params: { name: 'support-bot' } }),
    ]);
    expect(after).toEqual(before);
    expect((await ask(house, 'support-bot@production', 'Still a refund?')).text).toBe(refund);
  });
});
