import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineRunBody, RequestBody } from '@wheelhouse/sdk';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launchChromium } from '../chromium/index.ts';
import { databasesOf, gone, kill, recordingOf } from '../durability/processes.ts';
import { expectGoodNow, expectGoodPage, visit } from './look-at-page.ts';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const words = ['parcel', 'invoice', 'discount'];
const topics = ['shipping', 'billing', 'sales'];
const splitOf = (n: number) => (n < 12 ? 'train' : n < 24 ? 'validation' : 'test');
/** Questions whose topic an example shows, and nothing else does. */
const examples = Array.from({ length: 60 }, (_, n) => ({
  input: { question: `Case ${n}: my ${words[n % 3]} is lost` },
  expected: { label: topics[n % 3] ?? '' },
  split: splitOf(n),
}));
const program = {
  ...{ flavor: 'program' as const, model: 'sim/student' },
  program: { module: 'predict', signature: "question -> label: Literal['billing', 'shipping', 'sales']" },
};
const say = (word: string, latency_ms = 0) => ({
  ...{ flavor: 'prompt' as const, baseModel: 'sim/echo', parameters: { sim: { latency_ms } } },
  messages: [{ role: 'user' as const, content: `${word} {{question}}` }],
});

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
let browser: Browser;

/** A model whose production is at version 1, with a version 2 at staging. */
async function twoVersions(name: string, latencyMs = 0): Promise<void> {
  const { client } = house;
  await client.call('createModel', { body: { name, version: { definition: say('one', latencyMs) } } });
  await client.call('createVersion', { params: { name }, body: { definition: say('two', latencyMs) } });
  for (const [alias, version] of [['production', 1] as const, ['staging', 2] as const])
    await client.call('moveAlias', { params: { name, alias }, body: { version } });
}

beforeAll(async () => {
  folder = await makeFolder();
  [house, browser] = await Promise.all([startWheelhouse({ folder: folder.path }), launchChromium()]);
  const { client } = house;
  await client.call('createModel', { body: { name: 'triage', version: { definition: program } } });
  await client.call('moveAlias', { params: { name: 'triage', alias: 'production' }, body: { version: 1 } });
  await client.call('createDataset', { body: { name: 'cases' } });
  await client.call('addExamples', { params: { name: 'cases' }, body: { examples } });
  await client.call('createDataset', { body: { name: 'words' } });
  const rows = examples.slice(0, 30).map(({ input }) => ({ input, expected: `two ${input.question}` }));
  await client.call('addExamples', { params: { name: 'words' }, body: { examples: rows } });
});
afterAll(async () => {
  await browser?.close();
  await house?.stop();
  await folder?.remove();
});

const set = (pipeline: string, body: RequestBody<'setPipeline'>) =>
  house.client.call('setPipeline', { params: { pipeline }, body });
const newest = async (pipeline: string): Promise<PipelineRunBody | null> =>
  (await house.client.call('getPipeline', { params: { pipeline } })).newest;
/** Until a run is in this state; what it says where it ended in another one. */
async function until(pipeline: string, state: PipelineRunBody['state']): Promise<PipelineRunBody> {
  const is = async () => {
    const run = await newest(pipeline);
    if (run?.endedAt && run.state !== state) throw new Error(`${run.state}: ${run.sentence}`);
    return run?.state === state ? run : null;
  };
  return (await vi.waitUntil(is, { timeout: 90_000, interval: 100 })) as PipelineRunBody;
}
const releasesOf = async (model: string) => (await house.client.call('listReleases', { query: { model } })).data;
const cli = (...args: string[]) => runCli(['pipeline', ...args], { env: { WHEELHOUSE_URL: house.url } });

describe('a pipeline', () => {
  it('goes from what a person corrected to a canary that a person allowed', async () => {
    const { client } = house;
    const queue = { queue: 'corrections' };
    const form = [{ name: 'right', kind: 'correction' as const, required: false }];
    await client.call('createReviewQueue', { body: { name: 'corrections', form } });
    await set('refresh', {
      ...{ model: 'triage', triggers: [{ on: 'labels', queue: 'corrections', count: 1 }] },
      steps: [
        { do: 'dataset', dataset: 'cases', queue: 'corrections', least: 61 },
        { do: 'optimize', optimizer: { name: 'random-search', candidates: 3, stopAt: 1 }, budget: { calls: 600 } },
        { do: 'publish', alias: 'staging' },
        { do: 'evaluate', rows: { split: 'test' }, gates: ['exact >= baseline'] },
        { do: 'approve', note: 'Is the new version polite?' },
        { do: 'release', share: 0.2, sticky: 'request' },
      ],
    });
    const question = 'Case 99: my parcel is lost';
    const asked = await fetch(`${house.url}/api/v1/models/triage/predict`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ input: { question } }),
    });
    const traceId = asked.headers.get('x-wheelhouse-trace-id') ?? '';
    expect([asked.status, traceId]).toEqual([200, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    const add = () =>
      client.call('addReviewItems', { params: queue, body: { from: 'traces', traceIds: [traceId] } }).then(
        ({ added }) => added === 1,
        () => false,
      );
    await vi.waitUntil(add, { timeout: 60_000, interval: 100 });
    expect(await newest('refresh')).toBeNull();
    const item = { ...queue, item: '1' };
    await client.call('labelReviewItem', { params: item, body: { answers: { right: '{"label":"shipping"}' } } });

    const asks = await until('refresh', 'asks');
    expect(asks).toMatchObject({
      ...{ cause: { kind: 'labels' }, baseline: 1, candidate: 2, mayDecide: true },
      steps: [
        { state: 'done', output: { dataset: { name: 'cases', version: 1, rows: 61 } } },
        { state: 'done', output: { optimization: expect.stringMatching(/^op_/) } },
        { state: 'done', output: { version: 2 } },
        { state: 'done', output: { evaluation: expect.stringMatching(/^ev_/) } },
        ...[{ state: 'asks' }, { state: 'to_do' }],
      ],
    });
    expect(await releasesOf('triage')).toEqual([]);

    const { page, problems, close } = await visit(browser, `${house.url}/pipelines`, {
      viewport: { width: 1280, height: 800 },
    });
    const seen = (text: string) => page.getByText(text).filter({ visible: true }).first();
    await page.getByRole('link', { name: 'refresh' }).click();
    await page.getByRole('link', { name: 'Run 1' }).click();
    await seen('Is the new version polite?').waitFor();
    await page.getByRole('button', { name: 'Approve …' }).click();
    await page.getByText('v2 gets 20 % of the calls of triage@production').waitFor();
    await page.getByRole('dialog').getByLabel('Why').fill('It is');
    await page.getByRole('button', { name: 'Yes, go on' }).click();
    await page.getByRole('link', { name: 'Release', exact: true }).waitFor();
    await seen('It has 20 % of the traffic.').waitFor();
    expect(problems).toEqual([]);
    await close();
    const [release] = await releasesOf('triage');
    expect(release).toMatchObject({ candidate: 2, state: 'running', share: 0.2, message: 'Pipeline refresh, run 1' });

    const { id } = (await newest('refresh')) ?? { id: '' };
    await client.call('promoteRelease', { params: { releaseId: release?.id ?? '' }, body: {} });
    expect(await until('refresh', 'done')).toMatchObject({ id, sentence: expect.stringContaining('It was promoted.') });
    const audit = await client.call('listAudit', { query: { subject: 'refresh' } });
    expect(audit.data.map(({ action }) => action)).toEqual(['pipeline.decide', 'pipeline.run', 'pipeline.set']);
  });

  it('ends where a gate does not hold: nobody is asked, and nothing is released', async () => {
    await twoVersions('gated');
    const file = join(folder.path, 'gated.yaml');
    const lines = (gate: string) => `name: gated
model: gated
candidate: staging
steps:
  - { do: evaluate, dataset: words, gates: ['${gate}'] }
  - { do: approve, role: editor }
  - { do: release, share: 0.5 }
`;
    await writeFile(file, lines('exact is good'));
    const wrong = await cli('apply', file);
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('The step `evaluate`') });
    await writeFile(file, lines('exact >= baseline + 200pp'));
    expect(await cli('apply', file)).toMatchObject({ code: 0, stdout: expect.stringContaining('evaluate → approve') });
    const { code, stdout } = await cli('run', 'gated', '--watch');
    expect([code, stdout]).toEqual([6, expect.stringContaining('Gate not passed')]);
    expect(await newest('gated')).toMatchObject({
      state: 'held_back',
      steps: [{}, { state: 'to_do' }, { state: 'to_do' }],
    });
    expect(await releasesOf('gated')).toEqual([]);
    expect((await cli('ls')).stdout).toMatch(/gated +gated@production +held back +by hand/);

    const { client } = house;
    const evaluates = { do: 'evaluate' as const, dataset: 'words', gates: ['exact >= baseline'] };
    const steps = [
      evaluates,
      { do: 'approve' as const, role: 'editor' as const },
      { do: 'release' as const, share: 0.5 },
    ];
    await set('gated', { model: 'gated', candidate: 'staging', steps });
    const { id, number } = await client.call('runPipeline', { params: { pipeline: 'gated' }, body: {} });
    expect(number).toBe(2);
    await until('gated', 'asks');
    expect((await cli('show', 'gated')).stdout).toContain('wheelhouse pipeline approve gated');
    expect(await cli('approve', 'gated', '--note', 'Fine')).toMatchObject({ code: 0 });
    await vi.waitUntil(async () => (await releasesOf('gated')).length === 1, { timeout: 60_000, interval: 100 });
    const removing = client.call('removePipeline', { params: { pipeline: 'gated' } });
    await expect(removing).rejects.toMatchObject({ code: 'conflict' });
    await client.call('stopPipelineRun', { params: { runId: id }, body: { reason: 'Enough' } });
    expect(await until('gated', 'stopped')).toMatchObject({ sentence: 'local stopped it: Enough' });
    await expect.poll(() => releasesOf('gated')).toMatchObject([{ state: 'rolled_back' }]);
    expect(await client.call('removePipeline', { params: { pipeline: 'gated' } })).toEqual({ removed: true });
  });

  it('is where it was when its server is killed in the middle of a step', async () => {
    await twoVersions('killed', 300);
    const evaluates = { do: 'evaluate' as const, dataset: 'words', concurrency: 4 };
    await set('killed', { model: 'killed', candidate: '2', steps: [evaluates, { do: 'approve' }] });
    const { id } = await house.client.call('runPipeline', { params: { pipeline: 'killed' }, body: {} });
    const done = async () => (await newest('killed'))?.steps[0]?.progress?.done ?? 0;
    await vi.waitUntil(async () => (await done()) > 0, { timeout: 30_000, interval: 50 });
    const rest = [databasesOf(house.pid), recordingOf(house.pid)];
    await house.stop('SIGKILL');
    for (const pid of rest) kill(pid);
    await vi.waitUntil(() => rest.every(gone), { timeout: 30_000, interval: 10 });
    house = await startWheelhouse({ folder: folder.path });
    const asks = await until('killed', 'asks');
    expect(asks).toMatchObject({ id, number: 1, steps: [{ state: 'done', attempts: 1 }, {}] });
    const { data } = await house.client.call('listEvaluations', { query: { model: 'killed' } });
    expect(data).toMatchObject([{ status: 'completed', done: 60, metadata: { pipelineRun: id } }]);
  });

  it('has pages that are good to look at', async () => {
    const { client } = house;
    await twoVersions('shown');
    await set('shown', {
      ...{
        description: 'What is new at staging goes out on Mondays.',
        model: 'shown',
        candidate: 'staging',
        budget: 5,
      },
      triggers: [{ on: 'rolled_back' }, { on: 'schedule', cron: '0 3 * * mon' }],
      steps: [
        { do: 'dataset', dataset: 'words', least: 20 },
        { do: 'evaluate', gates: ['exact >= baseline'] },
        { do: 'approve', role: 'editor', note: 'Look at ten answers before you say yes.' },
        {
          do: 'release',
          share: 0.1,
          steps: [
            { share: 0.1, after: 0 },
            { share: 0.5, after: 200 },
          ],
        },
      ],
    });
    const start = () => client.call('runPipeline', { params: { pipeline: 'shown' }, body: {} });
    const { id: first } = await start();
    await until('shown', 'asks');
    const no = { yes: false, step: 'approve', note: 'Two answers are rude' };
    await client.call('decidePipelineRun', { params: { runId: first }, body: no });
    await until('shown', 'held_back');
    const { id: second } = await start();
    await until('shown', 'asks');
    const good = (name: string, path: string, settled: string) =>
      expectGoodPage({ browser, house }, { name, path: `/pipelines${path}`, settled });
    await good('pipelines', '', 'when a release is rolled back');
    await good('pipeline', '/shown', 'Two answers are rude');
    await good('pipeline-run', `/shown/runs/${first}`, 'Two answers are rude');
    await good('pipeline-run-asks', `/shown/runs/${second}`, 'Somebody has to say yes');
  });

  it('shows whoever is asked what breaks callers, and takes a yes for that by name', async () => {
    const { client } = house;
    await twoVersions('strict');
    await client.call('createVersion', { params: { name: 'strict' }, body: { definition: say('{{tone}}') } });
    const steps = [
      { do: 'approve' as const, role: 'editor' as const },
      { do: 'release' as const, share: 0.1 },
    ];
    await set('strict', { model: 'strict', candidate: '3', steps });
    const { id } = await client.call('runPipeline', { params: { pipeline: 'strict' }, body: {} });
    await until('strict', 'asks');
    expect((await cli('show', 'strict')).stdout).toContain('pipeline approve strict --breaking');
    expect(await cli('approve', 'strict')).toMatchObject({
      ...{ code: 1, stderr: expect.stringContaining('Callers may fail with what is to be released: variable `tone`') },
    });
    const { page, problems, close } = await visit(browser, `${house.url}/pipelines/strict/runs/${id}`, {
      viewport: { width: 1280, height: 800 },
    });
    await page.getByRole('button', { name: 'Approve …' }).click();
    await page.getByRole('dialog').getByText('Callers of strict@production may fail with v3').waitFor();
    await expectGoodNow(page, 'pipeline-run-breaking');
    await page.getByRole('button', { name: 'Yes, all the same' }).click();
    await page.getByRole('link', { name: 'Release', exact: true }).waitFor();
    expect(problems).toEqual([]);
    await close();
    expect(await releasesOf('strict')).toMatchObject([{ candidate: 3, state: 'running' }]);
    await client.call('stopPipelineRun', { params: { runId: id }, body: {} });
    await until('strict', 'stopped');
  });

  it('are written in a form or as text, which say what they would do, and are not set over what another set', async () => {
    const { client } = house;
    await twoVersions('written');
    const open = await visit(browser, `${house.url}/pipelines?open=new`, { viewport: { width: 1280, height: 900 } });
    const { page } = open;
    await page.getByLabel('Name', { exact: true }).fill('by-hand');
    await page.getByLabel('Model', { exact: true }).selectOption('written');
    for (const step of ['dataset', 'optimize', 'publish']) {
      await page.getByRole('heading', { name: new RegExp(`^${step}:`) }).waitFor();
      await page.getByRole('button', { name: 'Take out step 1' }).click();
    }
    await page.getByText('has no dataset').first().waitFor();
    await expect.poll(() => page.getByRole('button', { name: 'Set it up' }).isDisabled()).toBe(true);
    await page.getByLabel('Candidate').fill('staging');
    await page.getByRole('list', { name: 'steps' }).getByLabel('Dataset').first().selectOption('words');
    await page.getByLabel('Gates').fill('exact >= baseline');
    await page.getByLabel('Add a trigger').selectOption('rolled_back');
    const plan = page.getByRole('region', { name: 'What it would do now' });
    await plan.getByText('Asks written@1 and written@2 about words').waitFor();
    await plan.getByText('it goes on if exact >= baseline').waitFor();
    await page.getByRole('button', { name: 'Take out step 3' }).click();
    await expect.poll(() => plan.getByRole('listitem').count()).toBe(2);
    await page.getByRole('button', { name: 'Undo' }).click();
    await plan.getByText('Gives written@2 10 % of written@production').waitFor();
    await expectGoodNow(page, 'pipeline-new');
    await page.getByRole('button', { name: 'As text' }).click();
    const text = page.getByLabel('Definition, as YAML or JSON');
    await expect.poll(() => text.inputValue()).toContain('on: rolled_back');
    await text.fill((await text.inputValue()).replace('share: 0.1', 'share: 0.25'));
    await plan.getByText('Gives written@2 25 %').waitFor();
    await text.fill('steps: [');
    await page.getByText(/not YAML/).waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await plan.getByText('Gives written@2 10 %').waitFor();
    await expectGoodNow(page, 'pipeline-text');
    await page.getByRole('button', { name: 'Set it up' }).click();
    await page.getByRole('button', { name: 'Run now' }).waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Dollars a run may cost').fill('7');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('$7 a run').waitFor();
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('no bound').waitFor();
    await page.keyboard.press('e');
    await page.getByLabel('Dollars a run may cost').fill('8');
    const { definition } = await client.call('getPipeline', { params: { pipeline: 'by-hand' } });
    await set('by-hand', { ...(definition as RequestBody<'setPipeline'>), description: 'Of somebody else' });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Somebody set `by-hand` meanwhile').waitFor();
    expect((await client.call('getPipeline', { params: { pipeline: 'by-hand' } })).definition.budget).toBeNull();
    // The answer of a save that is refused is told by browsers as well.
    expect(open.problems.filter((problem) => !/400|409/.test(problem))).toEqual([]);
    await open.close();
  });
});
