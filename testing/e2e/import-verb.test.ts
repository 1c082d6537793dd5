import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EvaluationBody } from '@wheelhouse/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, runCli, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const fixtures = join(import.meta.dirname, '..', 'fixtures', 'import');

describe('wheelhouse import, as a user types it', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  const cli = (...args: string[]) => runCli(args, { cwd: folder.path, env: { WHEELHOUSE_URL: house.url } });
  const bring = (tool: string, what: string, ...more: string[]) =>
    cli('import', tool, join(fixtures, what), '--out', 'brought', ...more);

  const evaluations = async (dataset: string): Promise<EvaluationBody[]> =>
    (await house.client.call('listEvaluations', { query: { dataset } })).data;
  const means = ({ runs, summaries }: EvaluationBody, measure: string) =>
    runs.map(({ id }) => summaries.find((one) => one.runId === id && one.measure === measure)?.mean);

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path });
  });
  afterAll(async () => {
    await house.stop();
    await folder.remove();
  });

  it('says first what it would make and what has no twin, and makes nothing', async () => {
    const plan = await bring('openai-evals', 'openai-hosted', '--dry-run');
    expect(plan).toMatchObject({ code: 1, stderr: '' });
    for (const said of ['it-tickets.eval.ts', 'gleu: has no twin here', 'openai-hosted/file-tickets.jsonl:4'])
      expect(plan.stdout).toContain(said);
    const { stdout } = await bring('langsmith', 'langsmith', '--dry-run', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ datasets: [{ name: 'trips', rows: 3 }], problemCount: 0 });
    expect((await house.client.call('listDatasets', {})).data).toEqual([]);
    expect(await readdir(folder.path)).not.toContain('brought');
  });

  it('brings evals of OpenAI over, with the numbers that they had', async () => {
    const brought = await bring('openai-evals', 'openai-hosted', '--licence', 'CC-BY-4.0');
    expect(brought).toMatchObject({ code: 1, stdout: expect.stringMatching(/dataset +it-tickets +@1, 4 rows added/) });
    const { dataset } = await house.client.call('getDataset', { params: { name: 'it-tickets' } });
    expect(dataset).toMatchObject({
      source: 'OpenAI Evals eval_tickets',
      licence: 'CC-BY-4.0',
      head: 1,
      draftCount: 4,
    });
    expect(dataset.schema.input).toMatchObject({ required: ['ticket'] });
    const [evaluation] = (await evaluations('it-tickets')) as [EvaluationBody];
    expect(evaluation).toMatchObject({ status: 'completed', done: 8, total: 8, failed: 1, place: 'client' });
    expect(means(evaluation, 'right label')).toEqual([expect.closeTo(2 / 3), 1]);
    expect(means(evaluation, 'latency')).toEqual([null, null]);
    const { versions } = await house.client.call('getModel', { params: { name: 'it-tickets' } });
    expect(versions).toHaveLength(2);
  });

  it('makes nothing twice, and keeps files as they are', async () => {
    const again = await bring('openai-evals', 'openai-hosted');
    expect(again.stdout).toMatch(/it-tickets\.eval\.ts +is there already/);
    expect(again.stdout).not.toContain('✓');
    expect(await evaluations('it-tickets')).toHaveLength(1);
  });

  it('goes on with results that were cut off', async () => {
    const [{ id, runs, metadata }] = (await evaluations('it-tickets')) as [EvaluationBody];
    await house.client.call('removeEvaluation', { params: { evaluationId: id } });
    const cut = await house.client.call('createEvaluation', {
      body: {
        ...{ name: 'IT tickets', dataset: 'it-tickets', place: 'client', metadata },
        runs: runs.map(({ label }) => ({ ref: null, label })),
        scorers: [{ own: 'right label' }, { own: 'quality' }],
      },
    });
    expect((await bring('openai-evals', 'openai-hosted')).stdout).toContain(`${cut.id} 8 answers, gone on with`);
    const [whole, ...others] = await evaluations('it-tickets');
    expect(others).toEqual([]);
    expect(whole).toMatchObject({ id: cut.id, status: 'completed', done: 8 });
  });

  it('writes an evaluation that runs, and does not take the place of another dataset', async () => {
    expect(await bring('openai-evals', 'openai-registry', '--only', 'capitals')).toMatchObject({ code: 0 });
    const [evaluation] = (await evaluations('capitals')) as [EvaluationBody];
    expect(means(evaluation, 'match')).toEqual([0.75]);
    expect(await readFile(join(folder.path, 'brought', 'capitals.eval.ts'), 'utf8')).toContain("name: 'match'");
    const ran = await cli('eval', 'brought/capitals.eval.ts', '--json');
    expect(ran).toMatchObject({ code: 0, stderr: expect.stringContaining('4/4') });
    await house.client.call('createDataset', { body: { name: 'trips' } });
    const clash = await bring('langsmith', 'langsmith');
    expect(clash).toMatchObject({ code: 2, stderr: expect.stringContaining('--prefix') });
  });

  it('brings Langfuse over: rows, runs, traces, scores, prompts', async () => {
    expect(await bring('langfuse', 'langfuse')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('It has no input.'),
    });
    const [evaluation] = (await evaluations('support-questions')) as [EvaluationBody];
    expect(means(evaluation, 'helpful')).toEqual([0.75, 0.75]);
    expect(means(evaluation, 'latency')).toEqual([1, 0.75]);
    const { data: rows } = await house.client.call('listEvaluationRows', { params: { evaluationId: evaluation.id } });
    const traceId = Object.values(rows[0]?.cells ?? {})[0]?.[0]?.traceId ?? '';
    const trace = await house.client.call('getTrace', { params: { traceId } });
    expect(JSON.stringify(trace)).toContain('delivery');
    const { model } = await house.client.call('getModel', { params: { name: 'label-question' } });
    expect(model.aliases.map(({ alias }) => alias)).toEqual(['production']);
    const again = await bring('langfuse', 'langfuse');
    expect(again.stdout).not.toContain('✓');
  });

  it('brings LangSmith over under a prefix; runs of one example are repetitions', async () => {
    const brought = await bring('langsmith', 'langsmith', '--prefix', 'smith-', '--range', 'stars=1..5');
    expect(brought).toMatchObject({ code: 0, stdout: expect.stringContaining('smith-trips') });
    const [evaluation] = (await evaluations('smith-trips')) as [EvaluationBody];
    expect(evaluation).toMatchObject({ repetitions: 2, done: 12, failed: 2 });
    expect(means(evaluation, 'correct')).toEqual([0, 1]);
    expect(means(evaluation, 'stars')).toEqual([0.75, 0.75]);
  });
});
