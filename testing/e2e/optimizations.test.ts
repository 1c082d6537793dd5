import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OptimizationBody, RequestBody } from '@wheelhouse/sdk';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databasesOf, gone, kill, recordingOf } from '../durability/processes.ts';
import { makeFolder, runCli, spawnCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const words = ['parcel', 'invoice', 'discount'];
const topics = ['shipping', 'billing', 'sales'];
const splitOf = (n: number) => (n < 15 ? 'train' : n < 30 ? 'validation' : 'test');
/** Questions whose topic an example shows, and nothing else does. */
const examples = Array.from({ length: 50 }, (_, n) => ({
  input: { question: `Case ${n}: my ${words[n % 3]} is lost` },
  expected: topics[n % 3] ?? '',
  split: splitOf(n),
}));
const signature = "question -> label: Literal['billing', 'shipping', 'sales']";
const program = (model: string) => ({
  definition: { flavor: 'program' as const, model, program: { module: 'predict', signature } },
});

let folder: Awaited<ReturnType<typeof makeFolder>>;
let house: Wheelhouse;
beforeAll(async () => {
  folder = await makeFolder();
  house = await startWheelhouse({ folder: folder.path });
  const { client } = house;
  for (const [name, latency_ms] of [['slow-student', 60] as const, ['slower-student', 300] as const]) {
    const definition = { flavor: 'base' as const, baseModel: 'sim/student', parameters: { sim: { latency_ms } } };
    await client.call('createModel', { body: { name, version: { definition } } });
  }
  await client.call('createModel', { body: { name: 'triage', version: program('slow-student@1') } });
  await client.call('moveAlias', { params: { name: 'triage', alias: 'production' }, body: { version: 1 } });
  await client.call('createDataset', { body: { name: 'cases' } });
  await client.call('addExamples', { params: { name: 'cases' }, body: { examples } });
});
afterAll(async () => {
  await house?.stop();
  await folder?.remove();
});

const read = (optimizationId: string) => house.client.call('getOptimization', { params: { optimizationId } });
const untilState = (id: string, state: OptimizationBody['state']) =>
  vi.waitUntil(async () => (await read(id)).state === state, { timeout: 120_000, interval: 100 });
const untilCalls = (id: string, calls: number) =>
  vi.waitUntil(async () => (await read(id)).spend.calls >= calls, { timeout: 60_000, interval: 20 });

const search: RequestBody<'createOptimization'> = {
  ...{ program: 'triage', dataset: 'cases', concurrency: 4, budget: { calls: 500 } },
  optimizer: { name: 'random-search', candidates: 3, stopAt: 1 },
};
const start = async (more: Partial<RequestBody<'createOptimization'>> = {}) =>
  (await house.client.call('createOptimization', { body: { ...search, ...more } })).id;

/** As when the machine goes down. */
async function crash(): Promise<void> {
  const rest = [databasesOf(house.pid), recordingOf(house.pid)];
  await house.stop('SIGKILL');
  for (const pid of rest) kill(pid);
  await vi.waitUntil(() => rest.every(gone), { timeout: 30_000, interval: 10 });
}

/** What comes of the seed; times do not. */
const saidOf = ({ state, verdict, score, bestId, spend, candidates, points, report }: OptimizationBody) => ({
  ...{ state, verdict, score, bestId, calls: spend.calls, rows: report?.rows, sentence: report?.sentence },
  candidates: candidates.map(({ latencyMs: _, ...candidate }) => candidate),
  points: points.map(({ minutes: _, ...point }) => point),
});

describe('an optimization in the server', () => {
  let first = '';

  it('that is killed with its server in the middle ends as one that was not, and asks nothing twice', async () => {
    const model = 'slower-student@1';
    first = await start({ model });
    await untilCalls(first, 30);
    expect((await read(first)).state).toBe('running');
    await crash();
    house = await startWheelhouse({ folder: folder.path });
    await untilState(first, 'done');
    const kept = await read(first);
    const other = await start({ model });
    await untilState(other, 'done');
    const uncut = await read(other);
    expect(saidOf(kept)).toEqual(saidOf(uncut));
    expect(kept).toMatchObject({ verdict: 'gain', turn: 0, isPublishable: true });
    // Each question is a trace, so these count what was asked; the kill may have cost the newest of them.
    const { client } = house;
    const traced = async (q = `run:${first},${other}`) => (await client.call('listFacets', { query: { q } })).total;
    await vi.waitUntil(
      async () => {
        const { sources } = await client.call('getLedger', {});
        return sources.every(({ waiting }) => waiting === 0) && (await traced()) >= uncut.spend.calls;
      },
      { timeout: 60_000, interval: 200 },
    );
    expect(await traced()).toBeLessThanOrEqual(kept.spend.calls + uncut.spend.calls + 4);
    // Searches are no traffic.
    expect(await traced('')).toBe(0);
  });

  it('shows of each example that came of a run its trace, which is there', async () => {
    const optimizer = { name: 'bootstrap-few-shot' as const, maxLabeled: 0, threshold: 0 };
    const id = await start({ optimizer, model: 'sim/student' });
    await untilState(id, 'done');
    const candidateId = (await read(id)).candidates.at(-1)?.id ?? '';
    const params = { optimizationId: id, candidateId };
    const { instances, by } = await house.client.call('getOptimizationCandidate', { params });
    const demos = instances['']?.demos ?? [];
    expect({ by, count: demos.length }).toEqual({ by: 'bootstrap', count: 4 });
    for (const { values, traceId = '' } of demos) {
      const found = await vi.waitUntil(() => house.client.call('getTrace', { params: { traceId } }).catch(() => null), {
        timeout: 60_000,
        interval: 100,
      });
      expect(found.trace.inputPreview).toContain(values.question);
    }
  });

  it('is listed, shown and published by commands; an alias that is protected stays where it is', async () => {
    const env = { WHEELHOUSE_URL: house.url };
    const list = await runCli(['optimize', 'ls', '--program', 'triage'], { env });
    expect(list).toMatchObject({ code: 0, stdout: expect.stringContaining(`✓ ${first}`) });
    const shown = await runCli(['optimize', 'show', first], { env });
    expect(shown.stdout).toContain('20 held-out rows');
    expect(shown.stdout).toContain(`${house.url}/experiments/optimizations/${first}`);
    const { bestId } = await read(first);
    const one = await runCli(['optimize', 'show', first, '--candidate', bestId?.slice(0, 12) ?? ''], { env });
    expect(one).toMatchObject({ code: 0, stdout: expect.stringContaining('Case ') });
    await house.client.call('setAliasRule', {
      params: { alias: 'production' },
      body: { review: true },
    });
    const held = await runCli(['optimize', 'publish', first, '--alias', 'production'], { env });
    await house.client.call('removeAliasRule', { params: { alias: 'production' } });
    const published = await runCli(['optimize', 'publish', first, '--alias', 'production', '--json'], { env });
    expect(published.code).toBe(0);
    const { number } = (await house.client.call('getModel', { params: { name: 'triage' } })).versions[0] ?? {};
    expect(JSON.parse(published.stdout).published).toEqual({ name: 'triage', version: number, alias: 'production' });
    expect(held).toMatchObject({ code: 1, stderr: expect.stringContaining('production was not moved') });
    const { actor, detail } =
      (await house.client.call('listAudit', { query: { action: 'optimization.publish' } })).data[0] ?? {};
    expect({ actor, detail }).toMatchObject({ detail: { name: 'triage', alias: 'production' } });
  });

  it('stops at its budget, goes on with a larger one, and is removed', async () => {
    const env = { WHEELHOUSE_URL: house.url };
    // Nothing is ever right, and answers take their time: it does not end before it is stopped.
    const args = [
      'optimize',
      'start',
      'triage@1',
      '--dataset',
      'cases',
      '--model',
      'slower-student@1',
      '--calls',
      '25',
    ];
    args.push('--scorers', 'contains {"values":["zzz"]}');
    for (const [optimizer, why] of [
      ['best', 'It takes one of labeled-few-shot'],
      ['random-search {candidates}', 'no JSON'],
      ['random-search {"breadth":3}', 'breadth'],
    ] as const)
      expect(await runCli([...args, '--optimizer', optimizer], { env })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(why),
      });
    const waited = await runCli([...args, '--optimizer', 'random-search {"candidates":5}', '--wait', '--json'], {
      env,
    });
    const ended = JSON.parse(waited.stdout) as OptimizationBody;
    expect(ended).toMatchObject({
      ...{ state: 'done', optimizer: { options: { candidates: 5 } }, report: { stopped: { reason: 'budget' } } },
    });
    // So few calls score no candidate on all rows.
    expect(waited.code).toBe(5);
    const { id } = ended;
    const refused = await runCli(['optimize', 'resume', id], { env });
    expect(refused).toMatchObject({ stderr: expect.stringContaining('The budget is spent') });
    expect((await runCli(['optimize', 'resume', id, '--calls', '400'], { env })).code).toBe(0);
    await untilCalls(id, 30);
    expect((await runCli(['optimize', 'stop', id], { env })).stdout).toContain('stopped');
    expect((await runCli(['optimize', 'rm', id], { env })).stdout).toContain(`removed ${id}`);
    await expect(read(id)).rejects.toMatchObject({ status: 404 });
  });
});

describe('an optimization where its code is', () => {
  it('is a record as well, which somebody may stop; going on is going on with it', async () => {
    const cwd = join(folder.path, 'code');
    await mkdir(cwd);
    const rows = examples.map(({ input, expected, split }) => ({ input, expected, split }));
    const text = `import { defineOptimization, predict, randomSearch } from '@wheelhouse/sdk/program';
export default defineOptimization({
  name: 'Sorting in code',
  program: predict(${JSON.stringify(signature)}),
  model: 'slower-student@1',
  data: { rows: ${JSON.stringify(rows)} },
  metric: 'exact',
  optimizer: randomSearch({ candidates: 3 }),
  budget: { calls: 500 },
  concurrency: 2,
});`;
    await writeFile(join(cwd, 'sort.program.ts'), text);
    const options = { cwd, env: { WHEELHOUSE_URL: house.url } };
    const { finished, output } = spawnCli(['optimize', 'sort.program.ts'], options);
    const linked = await vi.waitUntil(() => /optimizations\/(op_\w+)/.exec(output.stderr)?.[1], { timeout: 60_000 });
    await untilCalls(linked, 10);
    expect(await read(linked)).toMatchObject({
      ...{ name: 'Sorting in code', place: 'client', program: 'sort.program.ts', registered: null, state: 'running' },
      ...{ model: 'slower-student@1', scorers: ['exact'], optimizer: { name: 'random-search' } },
    });
    await house.client.call('stopOptimization', { params: { optimizationId: linked } });
    const stopped = await finished;
    expect(stopped).toMatchObject({ code: 130, stderr: expect.stringContaining('stopped by somebody') });
    expect(await read(linked)).toMatchObject({ state: 'stopped', report: null });
    expect(await readFile(join(cwd, 'sort.state.jsonl'), 'utf8')).toContain(linked);

    const again = ['optimize', 'sort.program.ts', '--resume', '--publish', 'sort', '--json'];
    const { code, stdout } = await runCli(again, options);
    expect({ code, published: JSON.parse(stdout).published }).toMatchObject({ code: 0, published: { version: 1 } });
    expect(await read(linked)).toMatchObject({
      ...{ state: 'done', turn: 1, verdict: 'gain', published: { name: 'sort', version: 1, alias: null } },
      score: { heldOut: expect.any(Number) },
    });
    const { data } = await house.client.call('listOptimizations', { query: { state: 'done' } });
    expect(data.filter(({ place }) => place === 'client').map(({ id }) => id)).toEqual([linked]);
  });
});
