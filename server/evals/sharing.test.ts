import { evaluationSchemas } from '@wheelhouse/core/contract';
import type { EvaluationId, PriceRow } from '@wheelhouse/core/records';
import { WheelhouseError } from '@wheelhouse/core/records';
import { by, memory, openEvals, right } from '@wheelhouse/testing/evals';
import { describe, expect, test } from 'vitest';

const uninteresting = new Set(['latency']);
const numbers = (results: { runId: string; measure: string }[]) =>
  results.filter(({ measure }) => !uninteresting.has(measure)).map(({ runId: _, ...rest }) => rest);

describe('work that is cut off', () => {
  test('goes on where it stopped: no recorded cell is called again and the results are the same', async () => {
    const whole = await openEvals();
    const { id: wholeId } = await whole.create();
    await whole.jobs.runAll();

    let controller = new AbortController();
    const api = await openEvals({
      run: async (...call) => {
        if (api.calls.length === 30 || api.calls.length === 60) controller.abort(new Error('The server stops.'));
        return right(...call);
      },
    });
    const { id } = await api.create();
    for (let cut = 0; cut < 2; cut++) {
      controller = new AbortController();
      // What a seat got on with is queued anew, with all its attempts, before it goes on.
      const until = async () => {
        for (;;) await api.jobs.runNext(controller.signal);
      };
      await expect(until()).rejects.toThrow('The server stops.');
      expect((await api.get(id)).status).toBe('running');
    }
    const recorded = api.cells.all().length;
    expect(recorded).toBeGreaterThan(30);
    expect(recorded).toBeLessThan(80);
    await api.jobs.runAll();
    const done = await api.get(id);
    expect(done).toMatchObject({ status: 'completed', done: 80, costNanoUsd: '20000' });
    expect(numbers(done.results)).toEqual(numbers((await whole.get(wholeId)).results));
    const repeated = api.calls.length - new Set(api.calls).size;
    expect(repeated).toBe(api.calls.length - 80);
    expect(repeated).toBeLessThanOrEqual(2 * 8);
  });

  test('waits for a store that is away, and calls nothing twice', async () => {
    const api = await openEvals();
    const { id } = await api.create();
    const failing = <Args extends unknown[], T>(method: (...args: Args) => Promise<T>) => {
      let calls = 0;
      return async (...args: Args) => {
        calls += 1;
        if (calls % 3 === 1) throw new WheelhouseError('store_unavailable', 'The database is away.');
        return method(...args);
      };
    };
    for (const name of ['put', 'marks', 'measured', 'tally'] as const)
      api.cells[name] = failing(api.cells[name] as never) as never;
    api.datasets.members = failing(api.datasets.members);
    for (const name of ['sit', 'take', 'report', 'finish', 'complete'] as const)
      api.evaluations[name] = failing(api.evaluations[name] as never) as never;
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80 });
    expect(api.calls).toHaveLength(80);
    expect(api.logged).toEqual([]);
  }, 60_000);

  test('does once what a store did without its being heard', async () => {
    const api = await openEvals();
    const { id } = await api.create();
    const unheard = <Args extends unknown[], T>(method: (...args: Args) => Promise<T>) => {
      let calls = 0;
      return async (...args: Args) => {
        const answer = await method(...args);
        calls += 1;
        if (calls % 2 === 1) throw new WheelhouseError('store_unavailable', 'The database is away.');
        return answer;
      };
    };
    api.cells.put = unheard(api.cells.put);
    for (const name of ['sit', 'take', 'report', 'finish', 'complete'] as const)
      api.evaluations[name] = unheard(api.evaluations[name] as never) as never;
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80, total: 80, costNanoUsd: '20000' });
    expect(api.calls).toHaveLength(80);
  }, 60_000);

  test('has failed, and says so, when its job was given up; it can be resumed', async () => {
    const api = await openEvals();
    const { id } = await api.create();
    await api.jobs.giveUpNext();
    expect(await api.get(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('Resume it') });
    expect(api.events.at(-1)).toMatchObject({ id, status: 'failed' });
    await api.resume(id);
    await api.jobs.runAll();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80, error: null });
  });

  test('is not done twice: jobs of what is finished, gone or of an earlier turn do nothing', async () => {
    const api = await openEvals();
    const { id } = await api.create();
    await api.stop(id);
    const stale = [...api.jobs.waiting];
    await api.resume(id);
    await api.jobs.runAll();
    expect(api.calls).toHaveLength(80);
    const { results } = await api.get(id);
    const job = { project: by.project, evaluationId: id as EvaluationId, turn: 1, seat: 0, recorded: 0 };
    for (const one of [...stale, job, { ...job, evaluationId: 'ev_none' }]) await api.jobs.enqueue('evaluation', one);
    await api.jobs.runAll();
    expect(api.calls).toHaveLength(80);
    expect((await api.get(id)).results).toEqual(results);
  });

  test('has failed and says why when it cannot be run', async () => {
    const api = await openEvals();
    const { id } = await api.create();
    api.examples.get = async () => new Map();
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('of `qa` is missing') });
    expect(api.logged).toEqual(['an evaluation failed']);
  });
});

test('two servers share an evaluation: each cell is made once, and the results are those of one', async () => {
  const alone = await openEvals();
  const { id: aloneId } = await alone.create();
  await alone.jobs.runAll();

  const stores = memory();
  let switching = 0;
  /** Now and then the others go first. */
  const run: typeof right = async (...call) => {
    for (let i = 0; i < switching++ % 7; i++) await Promise.resolve();
    return right(...call);
  };
  const first = await openEvals({ stores, run });
  const one = first.jobs.runNext.bind(first.jobs);
  const { id } = await first.create();
  const [jobOne] = stores.jobs.waiting;
  const working = one();
  const second = await openEvals({ stores, run, rows: 0 });
  stores.jobs.waiting.splice(stores.jobs.waiting.indexOf(jobOne as object), 1);
  await Promise.all([working, second.jobs.runNext()]);
  while (stores.jobs.waiting.length > 0) await second.jobs.runNext();
  expect(first.calls.length).toBeGreaterThan(0);
  expect(second.calls.length).toBeGreaterThan(0);
  const all = [...first.calls, ...second.calls];
  expect(new Set(all).size).toBe(80);
  expect(all).toHaveLength(80);
  const done = await second.get(id);
  expect(done).toMatchObject({ status: 'completed', done: 80, total: 80, costNanoUsd: '20000' });
  expect(numbers(done.results)).toEqual(numbers((await alone.get(aloneId)).results));
});

describe('where the code is', () => {
  const cell = (runId: string, n: number, more: object = {}) => ({
    ...{ runId, exampleId: `ex_000${n}`, repetition: 0, output: `answer ${n}`, error: null, scores: {} },
    ...{ latencyNs: '5', costNanoUsd: '7', judgeNanoUsd: '0', traceId: null, cached: false, answerKey: '' },
    ...more,
  });

  test('a client hands in cells, the first of each place counts, and it gets the same results', async () => {
    const api = await openEvals({ rows: 8 });
    const runs = [{ ref: null, label: 'mine' }, { ref: 'bot@2' }];
    const { id, status, runs: made } = await api.create({ place: 'client', runs, scorers: ['exact'] });
    expect([status, api.jobs.waiting, made[0]?.label]).toEqual(['running', [], 'mine']);
    const [a = '', b = ''] = made.map((run) => run.id);
    const all = Array.from({ length: 8 }, (_, n) => [cell(a, n, { output: 'no idea' }), cell(b, n)]).flat();
    await api.addCells(id, all.slice(0, 10));
    const again = all.map((one) => ({ ...one, output: one.runId === a ? 'no idea' : 'second thoughts' }));
    expect(await api.addCells(id, [...again.slice(0, 10), ...all.slice(10)])).toMatchObject({
      done: 16,
      costNanoUsd: '112',
    });
    const done = await api.finish(id);
    expect(done).toMatchObject({ status: 'completed', done: 16, total: 16 });
    expect(done.results[0]).toMatchObject({ runId: b, measure: 'exact', meanA: 0, meanB: 1, verdict: 'better' });
    expect(await api.finish(id)).toEqual(done);
    await expect(api.addCells(id, all)).rejects.toMatchObject({ code: 'conflict' });
  });

  test('refuses what belongs nowhere, and names the cell', async () => {
    const api = await openEvals({ rows: 2 });
    const { id, runs } = await api.create({ place: 'client' });
    const of = (more: object) => api.addCells(id, [cell(runs[0]?.id ?? '', 0), cell(runs[0]?.id ?? '', 1, more)]);
    const refused = (field: string) => ({ code: 'invalid_request', param: `cells.1.${field}` });
    await expect(of({ runId: 'run_x' })).rejects.toMatchObject(refused('runId'));
    await expect(of({ exampleId: 'ex_9' })).rejects.toMatchObject(refused('exampleId'));
    await expect(of({ repetition: 1 })).rejects.toMatchObject(refused('repetition'));
    await expect(of({ output: null })).rejects.toMatchObject(refused('output'));
    const here = await api.create();
    await expect(api.addCells(here.id, [cell(here.runs[0]?.id ?? '', 0)])).rejects.toMatchObject({ code: 'conflict' });
  });
});

test('runs of different evaluations are compared on the fly, over the same rows only', async () => {
  const api = await openEvals();
  const first = await api.create({ runs: [{ ref: 'bot@1' }] });
  const second = await api.create({ runs: [{ ref: 'bot@2' }], scorers: ['exact'] });
  await api.jobs.runAll();
  expect((await api.get(first.id)).results).toEqual([]);
  const [a = '', b = ''] = [first.runs[0]?.id, second.runs[0]?.id];
  const found = await api.compare({ baseline: a, runs: b, gates: 'exact > baseline; errors <= 10%' });
  expect(found).toMatchObject({
    ...{ dataset: 'qa', datasetVersion: 1, baseline: { id: a, evaluationId: first.id } },
    runs: [{ id: b, evaluationId: second.id }],
  });
  expect(found.results.map(({ measure, verdict }) => `${measure} ${verdict}`)[0]).toBe('exact better');
  expect(found.gateResults.map(({ state }) => state)).toEqual(['held', 'held']);
  await api.add(1, 40);
  const other = await api.create({ runs: [{ ref: 'bot@2' }] });
  const strangers = api.compare({ baseline: a, runs: other.runs[0]?.id ?? '' });
  await expect(strangers).rejects.toMatchObject({ code: 'invalid_request', param: 'runs' });
  await expect(api.compare({ baseline: 'run_none', runs: b })).rejects.toMatchObject({ param: 'baseline' });
});

test('an estimate goes by what the version cost lately, and freezes nothing', async () => {
  const api = await openEvals({ rows: 10 });
  const before = await api.estimate({ repetitions: 3 });
  expect(before).toMatchObject({
    rows: 10,
    calls: 60,
    costNanoUsd: null,
    runs: [{ basis: 'unknown' }, { basis: 'unknown' }],
  });
  expect(await api.datasets.versions(by.project, 'qa')).toEqual([]);
  await api.create({ runs: [{ ref: 'bot@2' }] });
  await api.jobs.runAll();
  const after = await api.estimate({ repetitions: 3, runs: [{ ref: 'bot@2' }, { ref: 'bot@1' }] });
  expect(after).toMatchObject({
    ...{
      costNanoUsd: '7500',
      runs: [
        { basis: 'lately', callNanoUsd: '250' },
        { basis: 'unknown', callNanoUsd: null },
      ],
    },
  });
  expect((await api.create({ repetitions: 3, runs: [{ ref: 'bot@2' }] })).estimateNanoUsd).toBe('7500');
});

test('an estimate has the calls of judges in it, and names those of which no price is known', async () => {
  const row: PriceRow = {
    ...{ id: 'p', provider: 'sim', model: 'judge', validFrom: null },
    perMillion: { inputUncached: 1_000_000_000n, outputText: 2_000_000_000n },
  };
  const prices = { find: ({ models }: { models: readonly string[] }) => (models.includes('judge') ? row : null) };
  const api = await openEvals({ rows: 10, prices });
  const judge = (model: string) => `judge_pairwise {"model":"${model}"}`;
  const plain = await api.estimate({ scorers: ['exact'] });
  expect(plain).toMatchObject({ costNanoUsd: null, judges: [] });
  const judged = await api.estimate({ scorers: ['exact', judge('sim/judge')], repetitions: 2 });
  const [one] = judged.judges;
  expect(one).toMatchObject({ calls: 2 });
  expect(Number(one?.nanoUsd)).toBeGreaterThan(2 * 120 * 2_000);
  expect(judged.costNanoUsd).toBe(String(BigInt(one?.nanoUsd ?? 0) * 40n));
  const unknown = await api.estimate({ scorers: [judge('sim/other')] });
  expect(unknown).toMatchObject({ costNanoUsd: null, judges: [{ calls: 2, nanoUsd: null }] });
  expect(evaluationSchemas.evaluationEstimate.parse(judged)).toEqual(judged);
});

describe('before an evaluation is completed', () => {
  test('what is finished is compared by intervals that hold whenever one looks', async () => {
    const controller = new AbortController();
    const api = await openEvals({
      rows: 200,
      run: async (...call) => {
        if (api.calls.length === 160) controller.abort(new Error('The server stops.'));
        return right(...call);
      },
    });
    const { id, runs } = await api.create();
    expect(await api.soFar(id)).toMatchObject({ rows: 0, results: [{ pairs: 0, verdict: 'not_enough_data' }] });
    await expect(api.jobs.runNext(controller.signal)).rejects.toThrow();
    const soFar = await api.soFar(id);
    expect(evaluationSchemas.soFar.parse(soFar)).toEqual(soFar);
    expect(soFar.rows).toBeGreaterThan(60);
    expect(soFar.rows).toBeLessThan(90);
    const [result] = soFar.results;
    expect(result).toMatchObject({ runId: runs[1]?.id, measure: 'exact', verdict: 'better', confidence: 0.975 });
    expect(result?.sentence).toMatch(/^B is better: \+\d\d\.\d pp \[.*\] on \d\d examples so far\.$/);
    expect((await api.soFar(id, 'latency')).results[0]).toMatchObject({
      ...{ verdict: 'not_enough_data', low: null },
      sentence: expect.stringContaining('from 100 on'),
    });
    await expect(api.soFar(id, 'bleu')).rejects.toMatchObject({ code: 'invalid_request', param: 'measure' });
  });
});

test('runs of two evaluations are compared, and their rows stand beside each other', async () => {
  const api = await openEvals();
  const one = await api.create({ runs: [{ ref: 'bot@1' }] });
  const two = await api.create({ runs: [{ ref: 'bot@2' }], scorers: ['levenshtein', 'exact'], repetitions: 2 });
  const ids = { baseline: one.runs[0]?.id ?? '', runs: two.runs[0]?.id ?? '' };
  expect(await api.compare(ids)).toMatchObject({ isFinal: false });
  await api.jobs.runAll();
  const comparison = await api.compare(ids);
  expect(evaluationSchemas.comparison.parse(comparison)).toEqual(comparison);
  expect(comparison).toMatchObject({ scorers: ['exact', 'levenshtein'], repetitions: 2, isFinal: true });
  const first = await api.comparedRows({ ...ids, filter: 'improvements', limit: 20 });
  expect(evaluationSchemas.evaluationRowPage.parse(first)).toEqual(first);
  expect(first.counts).toMatchObject({ improvements: 36, regressions: 0 });
  expect(first.data[0]).toMatchObject({ change: 1 });
  const cells = Object.values(first.data[0]?.cells ?? {}).map((some) => some.length);
  expect(cells).toEqual([1, 2]);
  const second = await api.comparedRows({ ...ids, filter: 'improvements', limit: 20, cursor: first.next ?? '' });
  expect(second).toMatchObject({ next: null, counts: null });
  expect(second.data).toHaveLength(16);
});

test('the rows of what is completed are counted once', async () => {
  const api = await openEvals();
  const { id } = await api.create();
  await api.rows(id);
  let counted = 0;
  const { countRows } = api.cells;
  api.cells.countRows = (...ask) => {
    counted++;
    return countRows(...ask);
  };
  await api.rows(id);
  await api.jobs.runAll();
  await api.rows(id);
  const again = await api.rows(id, { filter: 'improvements' });
  expect(again.counts).toMatchObject({ improvements: 36 });
  expect(counted).toBe(2);
});
