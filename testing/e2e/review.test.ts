import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createClient } from '@wheelhouse/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Opened, openHouse } from './open-house.ts';
import { cleanEnvironment, type Finished, runCli, type Wheelhouse } from './start-wheelhouse.ts';
import { untilListed } from './until-stored.ts';

const root = join(import.meta.dirname, '..', '..');
const questions = ['Where is my parcel?', 'Can I return it?', 'Do you ship to Norway?'];
const rows = 40;

let opened: Opened;
let house: Wheelhouse;
let browser: Browser;
const traces: string[] = [];

const env = () => ({ WHEELHOUSE_URL: house.url });
const cli = (...args: string[]) => runCli(['review', ...args], { env: env() });

/** The command with these keys pressed, one after another. */
function press(args: string[], keys: string): Promise<Finished> {
  const child = spawn(process.execPath, [join(root, 'cli', 'bin', 'wheelhouse.mjs'), 'review', ...args], {
    ...{ cwd: house.folder, env: cleanEnvironment(env()), stdio: ['pipe', 'pipe', 'pipe'] },
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text) => (output.stderr += text));
  child.stdin.end(keys);
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...output })));
}

async function ask(question: string): Promise<string> {
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'sim/echo', messages: [{ role: 'user', content: question }] }),
  });
  return answer.headers.get('x-wheelhouse-trace-id') ?? '';
}

const scoresOf = async (traceId: string) => (await house.client.call('listScores', { query: { traceId } })).data;

beforeAll(async () => {
  opened = await openHouse();
  ({ house, browser } = opened);
  for (const question of questions) traces.push(await ask(question));
});
afterAll(() => opened?.close());

it('labels traces in the terminal with keys; labels are scores, exports and examples', async () => {
  await untilListed(house.client, questions.length);
  const made = await cli('new', 'tone', '--field', 'good:boolean', '--field', 'better?:correction');
  expect(made).toMatchObject({ code: 0, stdout: expect.stringContaining('asks good (boolean), better (correction)') });
  expect(await cli('new', 'tone')).toMatchObject({ code: 1, stderr: expect.stringContaining('already') });
  expect((await cli('new', 'bad', '--field', 'good')).code).toBe(2);
  const added = await cli('add', 'tone', '--filter', '');
  expect(added.stdout).toContain('3 items added; 3 open');
  expect((await cli('add', 'tone', '--filter', '')).stdout).toContain('0 items added, 3 were there already');
  expect((await cli('add', 'tone')).code).toBe(2);
  expect((await cli('rule', 'tone', 'lorry', '--sample', '0.5')).stdout).toContain(
    '50.0 % of new traces that fit lorry',
  );
  expect((await cli('rule', 'tone', 'modle:x')).code).toBe(2);
  expect((await cli('rule', 'tone', '--off')).stdout).toContain('nothing comes by itself');

  // Newest first. The second is called bad, taken back, and called bad again with what would have been better.
  const labelled = await press(['label', 'tone'], 'y\rn\runYes, to\u007f\u007fby plane.\rs');
  expect(labelled).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing is left for you: 2 labelled.') });
  expect(labelled.stdout).toContain('Do you ship to Norway?');
  const [first, second, third] = [...traces].reverse() as [string, string, string];
  expect(await scoresOf(first)).toMatchObject([{ name: 'good', value: true, source: 'human' }]);
  expect(await scoresOf(second)).toMatchObject([
    { name: 'good', value: false, source: 'human', metadata: { queue: 'tone', item: 2 } },
  ]);
  expect(await scoresOf(third)).toEqual([]);

  const jsonl = await cli('export', 'tone');
  const lines = jsonl.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object);
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatchObject({ item: 2, traceId: second, answers: { good: false, better: 'Yes, by plane.' } });
  expect(lines[2]).toMatchObject({ item: 3, skipped: true, answers: {} });
  const csv = await cli('export', 'tone', '--format', 'csv');
  const [head, ...records] = csv.stdout.trim().split('\n');
  expect(head).toMatch(/^item,state,kind,traceId,.*,good,better$/);
  expect(records[1]).toMatch(/,false,"Yes, by plane\."$/);

  await house.client.call('createDataset', { body: { name: 'corrected' } });
  for (const count of [1, 0]) {
    const examples = await cli('examples', 'tone', 'corrected', '--tag', 'reviewed');
    expect(examples).toMatchObject({ code: 0, stdout: expect.stringContaining(`${count} example`) });
  }
  const { data } = await house.client.call('listExamples', { params: { name: 'corrected' } });
  expect(data).toMatchObject([
    { input: 'Can I return it?', expected: 'Yes, by plane.', tags: ['reviewed'], source: { traceId: second } },
  ]);
  expect((await cli('ls')).stdout).toMatch(/tone +1 +0 +2 +good \(boolean\)/);
});

it('gives two people other items, and what they disagree about to a third', async () => {
  const people = await Promise.all(
    ['ada', 'bob', 'eve'].map(async (name) => {
      const { secret } = await house.client.call('createKey', { body: { name, role: 'editor' } });
      return createClient({ baseUrl: house.url, apiKey: secret });
    }),
  );
  const [ada, bob, eve] = people as [typeof house.client, typeof house.client, typeof house.client];
  const params = { queue: 'pairs' };
  const form = [{ kind: 'boolean' as const, name: 'polite' }];
  await house.client.call('createReviewQueue', { body: { name: 'pairs', form, overlap: 2 } });
  await house.client.call('addReviewItems', { params, body: { from: 'traces', traceIds: traces.slice(0, 2) } });
  const take = async (who: typeof ada, of: 'open' | 'disputed' = 'open') =>
    (await who.call('takeReviewItem', { params, body: { of } })).item;
  const says = (who: typeof ada, item: number, polite: boolean) =>
    who.call('labelReviewItem', { params: { ...params, item: String(item) }, body: { answers: { polite } } });
  const taken = await Promise.all([take(ada), take(bob), take(eve)]);
  expect(taken.map((item) => item?.number).sort()).toEqual([1, 1, 2]);
  for (const item of [1, 2]) {
    await says(ada, item, true);
    await says(bob, item, item === 1);
  }
  expect(await take(eve)).toBeNull();
  const disputed = await take(eve, 'disputed');
  expect(disputed).toMatchObject({ number: 2, disputed: ['polite'], labels: [{}, {}] });
  const at = { ...params, item: '2' };
  const decided = await eve.call('decideReviewItem', { params: at, body: { answers: { polite: false } } });
  expect(decided).toMatchObject({ item: { state: 'done' }, queue: { items: { done: 2, disputed: 0 } } });
  const human = (await scoresOf(traces[1] ?? '')).filter(({ name }) => name === 'polite');
  expect(human.map(({ value, metadata }) => [value, metadata.decides ?? false])).toEqual(
    expect.arrayContaining([
      [true, false],
      [false, false],
      [false, true],
    ]),
  );
});

it('corrects the judge of an evaluation by labels of rows that were drawn', async () => {
  const { client } = house;
  const prompt = (answer: string) => ({
    flavor: 'prompt' as const,
    baseModel: 'sim/rules',
    messages: [{ role: 'system' as const, content: `If asked about trip, answer: ${answer}` }],
  });
  await client.call('createModel', { body: { name: 'guide', version: { definition: prompt('Oslo in May') } } });
  const second = { definition: prompt('Oslo in June') };
  await client.call('createVersion', { params: { name: 'guide' }, body: second });
  await client.call('createDataset', { body: { name: 'guided' } });
  const examples = Array.from({ length: rows }, (_, i) => ({ input: `Trip ${i}?`, expected: 'Oslo in June' }));
  await client.call('addExamples', { params: { name: 'guided' }, body: { examples } });
  const { id } = await client.call('createEvaluation', {
    body: { dataset: 'guided', runs: [{ ref: 'guide@1' }, { ref: 'guide@2' }], scorers: ['exact', 'levenshtein'] },
  });
  const params = { evaluationId: id };
  await expect.poll(async () => (await client.call('getEvaluation', { params })).status).toBe('completed');

  await cli('new', 'guides', '--field', 'useful:boolean');
  const added = await cli('add', 'guides', '--evaluation', id, '--pick', 'evenly', '--measure', 'levenshtein');
  expect(added.stdout).toContain(`${2 * rows} items added`);
  const queue = { queue: 'guides' };
  const { data } = await client.call('listReviewItems', { params: queue, query: { limit: 500 } });
  const { runs } = await client.call('getEvaluation', { params });
  const useful = (number: number) => number % 10 !== 0;
  for (const { number, target } of data) {
    if (target.kind !== 'cell') continue;
    const answers = { useful: target.runId === runs[1]?.id ? useful(number) : number % 3 === 0 };
    await client.call('labelReviewItem', { params: { ...queue, item: String(number) }, body: { answers } });
  }
  const judged = await client.call('correctJudge', { params: queue });
  const shares = runs.map(({ id: runId }) => {
    const own = data.filter(({ target }) => target.kind === 'cell' && target.runId === runId);
    return own.filter(({ number }) => (runId === runs[1]?.id ? useful(number) : number % 3 === 0)).length / own.length;
  });
  for (const [i, { score, agreement, difference }] of judged.runs.entries()) {
    expect(score).toMatchObject({ rows, labels: rows });
    // All rows are labelled: what people say is known, and the judge adds nothing.
    expect(score.estimate).toBeCloseTo(shares[i] ?? 0, 6);
    expect(agreement?.n).toBe(rows);
    expect(difference?.decision ?? null).toBe(i === 0 ? null : 'higher');
  }
  const shown = await cli('show', 'guides');
  expect(shown).toMatchObject({ code: 0, stdout: expect.stringMatching(/guide@2 +100\.0 % .*40 of 40 +higher/) });
  await cli('new', 'which', '--field', 'better:preference');
  const pairs = await cli('add', 'which', '--evaluation', id, '--pairs', '--count', '3');
  expect(pairs.stdout).toContain('3 items added');
  const preferred = await press(['label', 'which'], 'l=r');
  expect(preferred.stdout).toMatch(/left\n +Oslo in (May|June)\n +right\n +Oslo in (May|June)\n[\s\S]*3 labelled/);
  expect((await cli('show', 'which')).stdout).toMatch(/guide@[12] +[012] +1 +[012] +–/);
  const flaky = await cli('add', 'guides', '--evaluation', id, '--pick', 'best');
  expect(flaky).toMatchObject({ code: 2, stderr: expect.stringContaining('no way to pick') });
});

it('takes feedback of users from a page of elsewhere, by a public key', async () => {
  const built = readFileSync(join(root, 'sdk', 'dist', 'feedback', 'index.js'), 'utf8');
  const script = built.replace(/\/\*\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  expect(gzipSync(script).length).toBeLessThanOrEqual(1_536);
  const { key, id } = await house.client.call('createFeedbackKey', { body: { name: 'shop', scores: ['helpful'] } });
  const [traceId = ''] = traces;
  const page = `<!doctype html><div id="answer"></div><script type="module">
    import { createFeedback } from '/feedback.js';
    const { thumbs } = createFeedback({ server: '${house.url}', key: '${key}' });
    thumbs(document.getElementById('answer'), '${traceId}', { name: 'helpful' });</script>`;
  const shop: Server = createServer((req, res) => {
    const isScript = req.url === '/feedback.js';
    res.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' });
    res.end(isScript ? script : page);
  });
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve));
  const tab = await browser.newPage();
  try {
    await tab.goto(`http://127.0.0.1:${(shop.address() as AddressInfo).port}/`);
    const given = async () => (await scoresOf(traceId)).filter(({ source }) => source === 'user');
    await tab.getByRole('button', { name: 'Bad answer' }).click();
    await expect.poll(given).toMatchObject([{ name: 'helpful', value: false, metadata: { feedbackKey: id } }]);
    await tab.getByRole('button', { name: 'Good answer' }).click();
    await expect.poll(given).toMatchObject([{ name: 'helpful', value: true }]);
    await expect.poll(() => tab.getByRole('button', { name: 'Good answer', pressed: true }).count()).toBe(1);
  } finally {
    await tab.close();
    shop.close();
    shop.closeAllConnections();
  }
  const filter = await cli('add', 'tone', '--filter', 'score.helpful:true');
  expect(filter).toMatchObject({ code: 0, stdout: expect.stringContaining('were there already') });
});

it('forgets what was said of a trace that is deleted', async () => {
  const [traceId = ''] = traces;
  await house.client.call('deleteTrace', { params: { traceId } });
  const left = async () => {
    const { data } = await house.client.call('listReviewItems', { params: { queue: 'pairs' } });
    return data.map(({ number }) => number);
  };
  await expect.poll(left).toEqual([2]);
});
