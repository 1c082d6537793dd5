import { evaluationSchemas, scorerSchemas } from '@wheelhouse/core/contract';
import { scorerNames } from '@wheelhouse/core/eval';
import type { ModelRunner } from '@wheelhouse/core/ports';
import { defaultProjectId, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { by, openEvals, right } from '@wheelhouse/testing/evals';
import { describe, expect, test } from 'vitest';

test('the scorers of the contract are those that core/eval has', () => {
  expect([...scorerSchemas.scorerNames].sort()).toEqual([...scorerNames].sort());
});

describe('creating an evaluation', () => {
  test('fixes the versions behind aliases and freezes a changed draft', async () => {
    const api = await openEvals({ rows: 3 });
    const created = await api.create({ runs: [{ ref: 'bot' }, { ref: 'sim/echo', label: 'echo' }], repetitions: 2 });
    expect(evaluationSchemas.evaluation.parse(created)).toEqual(created);
    expect(created).toMatchObject({
      ...{ dataset: 'qa', datasetVersion: 1, status: 'queued', done: 0, total: 12, results: [] },
      runs: [
        { label: 'bot', ref: 'bot', model: 'bot', version: 1 },
        { label: 'echo', ref: 'sim/echo', model: 'sim/echo', version: null },
      ],
    });
    const job = { project: by.project, evaluationId: created.id, turn: 0, recorded: 0 };
    expect(api.jobs.waiting).toEqual([0, 1, 2].map((seat) => ({ ...job, seat })));
    expect(api.events.map(({ type }) => type)).toEqual(['datasets', 'evaluations']);
  });

  test('takes the head when the draft is unchanged, and an older version or a name of one when it is asked for', async () => {
    const api = await openEvals({ rows: 2 });
    await api.create();
    expect(await api.create()).toMatchObject({ datasetVersion: 1, total: 4 });
    await api.add(1, 2);
    expect(await api.create({ version: 1 })).toMatchObject({ datasetVersion: 1, total: 4 });
    expect(await api.create()).toMatchObject({ datasetVersion: 2, total: 6 });
    await api.datasets.setAlias(by, 'qa', 'golden', 1);
    expect(await api.create({ version: 'golden' })).toMatchObject({ datasetVersion: 1, total: 4 });
  });

  test('takes the rows of a split, and so many of them', async () => {
    const api = await openEvals({ rows: 20 });
    await api.erase(4);
    const rows = { split: 'test', tag: null, first: null };
    expect(await api.create({ rows })).toMatchObject({ total: 8, erased: 1 });
    const { id, total } = await api.create({ rows: { ...rows, first: 3 } });
    expect(total).toBe(4);
    api.jobs.waiting.splice(0, 4);
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 4, erased: 1 });
    expect(new Set(api.cells.all().map(({ exampleId }) => exampleId))).toEqual(new Set(['ex_0000', 'ex_0008']));
    await expect(api.create({ rows: { ...rows, split: 'dev' } })).rejects.toMatchObject({ code: 'dataset_empty' });
  });

  test('refuses with the field at fault and freezes nothing', async () => {
    const api = await openEvals();
    const b = { ref: 'bot@2' };
    const refusals: [Parameters<typeof api.create>[0], object][] = [
      [{ dataset: 'none' }, { code: 'not_found', param: 'dataset' }],
      [{ version: 3 }, { code: 'not_found', param: 'version' }],
      [{ runs: [{ ref: 'bot@9' }, b] }, { code: 'model_not_found', param: 'runs.0' }],
      [{ runs: [b, { ref: 'other@production' }] }, { code: 'model_not_found', param: 'runs.1' }],
      [{ runs: [{ ref: null, label: 'mine' }, b] }, { code: 'invalid_request', param: 'runs.0' }],
      [{ scorers: ['rouge'] }, { code: 'invalid_request', param: 'scorers' }],
      [{ scorers: ['bleu {"tokenize":"zh"}'] }, { code: 'invalid_request', param: 'scorers' }],
      [{ gates: ['bleu >= 0.4'] }, { code: 'invalid_request', param: 'gates' }],
      [
        { runs: [b], gates: ['exact >= baseline'] },
        { code: 'invalid_request', param: 'gates' },
      ],
    ];
    for (const [body, error] of refusals)
      await expect(api.create(body), JSON.stringify(body)).rejects.toMatchObject(error);
    expect(await api.datasets.versions(defaultProjectId, 'qa')).toEqual([]);
    expect(api.jobs.waiting).toEqual([]);
    const empty = await openEvals({ rows: 0 });
    await expect(empty.create()).rejects.toMatchObject({ code: 'dataset_empty' });
  });

  test('does not leave one waiting for ever when it cannot be queued', async () => {
    const api = await openEvals();
    api.jobs.enqueue = async () => {
      throw new WheelhouseError('store_unavailable', 'The database is away.');
    };
    await expect(api.create()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect((await api.list({ limit: 5 })).data).toMatchObject([{ status: 'failed' }]);
  });
});

describe('running an evaluation', () => {
  test('calls every run on every row and stores summaries, verdicts, gates, cells and cost', async () => {
    const api = await openEvals();
    const runs = [{ ref: 'bot@production' }, { ref: 'bot@2' }, { ref: 'sim/echo' }];
    const { id } = await api.create({ runs, gates: ['exact > baseline', 'errors <= 10%', 'latency p95 <= 2s'] });
    await api.jobs.runAll();
    const done = await api.get(id);
    expect(evaluationSchemas.evaluation.parse(done)).toEqual(done);
    expect(done).toMatchObject({ status: 'completed', error: null, done: 120, total: 120, costNanoUsd: '30000' });
    const [, b, c] = done.runs.map((run) => run.id);
    const verdicts = (run?: string) =>
      done.results.filter(({ runId }) => runId === run).map((one) => [one.measure, one.verdict]);
    expect(verdicts(b).slice(0, 2)).toEqual([
      ['exact', 'better'],
      ['levenshtein', 'better'],
    ]);
    expect(verdicts(c)[0]).toEqual(['exact', 'no_clear_difference']);
    expect(done.results[0]).toMatchObject({ meanA: 0.1, meanB: 1, wins: 36, losses: 0, pairs: 40 });
    expect(done.gateResults.map(({ text, runId, state }) => [text, runId === b ? 'b' : 'c', state])).toEqual([
      ['exact > baseline', 'b', 'held'],
      ['exact > baseline', 'c', 'inconclusive'],
      ['errors ≤ 10 %', 'b', 'held'],
      ['errors ≤ 10 %', 'c', 'held'],
      ['latency p95 ≤ 2 s', 'b', 'inconclusive'],
      ['latency p95 ≤ 2 s', 'c', 'inconclusive'],
    ]);
    const summaries = done.summaries.filter(({ runId }) => runId === b);
    const means = summaries.map(({ measure, mean }) => `${measure} ${mean?.toPrecision(3)}`);
    expect(means).toEqual(['exact 1.00', 'levenshtein 1.00', 'latency 0.00100', 'cost 2.50e-7', 'errors 0.00']);
    expect(api.events.at(-1)).toMatchObject({ type: 'evaluations', id, done: 120, total: 120, status: 'completed' });
    expect(new Set(api.calls).size).toBe(120);
  });

  test('shows its rows by pages, whole or those that changed, each with the cells of every run', async () => {
    const api = await openEvals({ rows: 12 });
    const { id, runs } = await api.create({ repetitions: 2 });
    expect((await api.rows(id)).data[0]?.cells).toEqual({ [runs[0]?.id ?? '']: [], [runs[1]?.id ?? '']: [] });
    await api.jobs.runAll();
    const first = await api.rows(id, { limit: 2 });
    expect(evaluationSchemas.evaluationRowPage.parse(first)).toEqual(first);
    expect(first.data.map(({ exampleId }) => exampleId)).toEqual(['ex_0000', 'ex_0001']);
    expect(first.data[1]).toMatchObject({ input: 'question 1', expected: 'answer 1' });
    expect(first.data[1]?.cells[runs[0]?.id ?? '']).toMatchObject([
      { repetition: 0, output: 'I do not know', latencyNs: '1000000', costNanoUsd: '250' },
      { repetition: 1 },
    ]);
    const second = await api.rows(id, { limit: 11, cursor: first.next ?? '' });
    expect([second.data[0]?.exampleId, second.data.length, second.next]).toEqual(['ex_0002', 10, null]);
    const better = await api.rows(id, { limit: 7, filter: 'improvements' });
    expect(better.counts).toEqual({ regressions: 0, improvements: 10, errors: 0, flaky: 0 });
    expect(better.data.map(({ change }) => change)).toEqual([1, 1, 1, 1, 1, 1, 1]);
    const rest = await api.rows(id, { limit: 7, filter: 'improvements', cursor: better.next ?? '' });
    expect(rest.data).toHaveLength(3);
  });

  test('leaves out examples that were erased, before or while it runs, and says how many', async () => {
    const api = await openEvals({ rows: 4 });
    await api.erase(1);
    const { id, total, erased } = await api.create();
    expect([total, erased]).toEqual([6, 1]);
    await api.erase(3);
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 4, total: 4, erased: 2 });
    const { data } = await api.rows(id);
    expect(data.map(({ input, erasedAt }) => [input, erasedAt === null])).toEqual([
      ['question 0', true],
      [null, false],
      ['question 2', true],
      [null, false],
    ]);
    await api.erase(0);
    await api.erase(2);
    await expect(api.create()).rejects.toMatchObject({ code: 'dataset_empty', param: 'dataset' });
  });

  test('a call that fails is a cell with its error, counted on its side', async () => {
    const run: ModelRunner['run'] = async (name, input, options) =>
      name === 'bot@2'
        ? { ok: false, error: 'no such thing', traceId: 't' as TraceId, latencyNs: 5n, costNanoUsd: null }
        : right(name, input, options);
    const api = await openEvals({ run });
    const { id } = await api.create({ gates: ['errors <= 5%'] });
    await api.jobs.runAll();
    const { status, results, failed, gateResults } = await api.get(id);
    expect([status, failed, gateResults[0]?.state]).toEqual(['completed', 40, 'failed']);
    expect(results[0]).toMatchObject({ verdict: 'not_enough_data', failuresA: 0, failuresB: 40, meanB: null });
    expect((await api.rows(id, { filter: 'errors' })).data).toHaveLength(40);
  });
});

describe('an evaluation that costs and waits', () => {
  test('takes answers of the same rollout again, at no cost', async () => {
    const api = await openEvals({ rows: 8 });
    const body = { rollout: 'r1', repetitions: 2 };
    await api.create(body);
    await api.jobs.runAll();
    const { id } = await api.create(body);
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 32, cached: 32, costNanoUsd: null });
    expect(api.calls).toHaveLength(32);
    await api.create({ ...body, rollout: 'r2' });
    await api.create({ repetitions: 2 });
    await api.jobs.runAll();
    expect(api.calls).toHaveLength(96);
  });

  test('stops at its cap, says so, and goes on under a higher one', async () => {
    const api = await openEvals();
    const { id } = await api.create({ cap: '0.000005', concurrency: 2 });
    await api.jobs.runAll();
    const stopped = await api.get(id);
    expect(stopped).toMatchObject({ status: 'stopped', error: expect.stringContaining('cap of $0.000005') });
    expect(Number(stopped.costNanoUsd)).toBeGreaterThanOrEqual(5000);
    expect(Number(stopped.costNanoUsd)).toBeLessThanOrEqual(5000 + 2 * 250);
    await api.resume(id, '1');
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80, error: null });
    expect(new Set(api.calls).size).toBe(api.calls.length);
  });

  test('stops when somebody says so, and is resumed where it was', async () => {
    const api = await openEvals({
      run: async (...call) => {
        if (api.calls.length === 20) {
          await api.stop(id);
          api.ring();
        }
        return right(...call);
      },
    });
    const { id } = await api.create();
    await api.jobs.runNext();
    const stopped = await api.get(id);
    expect(stopped).toMatchObject({ status: 'stopped', error: null, done: api.cells.all().length });
    expect(stopped.done).toBeLessThan(80);
    await api.jobs.runAll();
    await api.resume(id);
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80 });
    expect(new Set(api.calls).size).toBe(api.calls.length);
  });

  test('that is removed leaves nothing, also of what was under way', async () => {
    const api = await openEvals({
      run: async (...call) => {
        if (api.calls.length === 20) {
          await api.remove(id);
          api.ring();
        }
        return right(...call);
      },
    });
    const { id } = await api.create();
    await api.jobs.runAll();
    await expect(api.get(id)).rejects.toMatchObject({ code: 'not_found' });
    expect(api.cells.all()).toEqual([]);
    expect(api.logged).toEqual([]);
  });

  test('lets others have a turn when it has had the worker for long', async () => {
    const api = await openEvals({
      run: async (...call) => {
        if (api.calls.length === 20) {
          api.clockAt.nowNs += 60_000_000_000n;
          api.ring();
        }
        return right(...call);
      },
    });
    const { id } = await api.create();
    const other = await api.create({ runs: [{ ref: 'bot@1' }, { ref: 'bot@2' }] });
    const jobs = api.jobs.waiting.length;
    await api.jobs.runNext();
    expect((await api.get(id)).status).toBe('running');
    expect(api.jobs.waiting).toHaveLength(jobs);
    await api.jobs.runAll();
    for (const one of [id, other.id]) expect(await api.get(one)).toMatchObject({ status: 'completed', done: 80 });
    expect(new Set(api.calls).size).toBe(160);
  });
});
