import { type ParsedBody, schemas } from '@wheelhouse/core/contract';
import { scorerNames } from '@wheelhouse/core/eval';
import type { CellStore, JobQueue, ModelRunner } from '@wheelhouse/core/ports';
import {
  type Cell,
  type ComparisonId,
  contentHash,
  type DatasetId,
  type DeletionId,
  defaultProjectId,
  type ExampleContent,
  type ExampleId,
  type LiveEvent,
  type Model,
  type ModelVersion,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { fakeComparisonStore, fakeDatasetStore } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createEvalHandlers } from './eval-handlers.ts';
import { startEvalWorker } from './eval-worker.ts';

const by = { project: defaultProjectId, actor: 'tester' };
const model = (name: string) => ({
  model: { name, latest: 2, aliases: [{ alias: 'production', version: 1, movedAt: '' }] } as unknown as Model,
  versions: new Map(
    [1, 2].map((number) => [number, { number, definition: { baseModel: 'sim/echo' } } as unknown as ModelVersion]),
  ),
});
const routes: RouteTable = {
  providers: new Set(['sim']),
  providerOf: () => null,
  routes: new Map(),
  settings: defaultSettings,
  find: (name) => (name === 'bot' ? model('bot') : null),
};

/** Cells as the store keeps them: one for each place. */
function cellStore() {
  const kept = new Map<string, Cell>();
  const store: CellStore & { all(): Cell[] } = {
    all: () => [...kept.values()],
    put: async (_project, cells) => {
      for (const cell of cells) {
        const place = `${cell.runId} ${cell.exampleId} ${cell.repetition}`;
        if (!kept.has(place)) kept.set(place, cell);
      }
    },
    ofRuns: async (_project, runIds) => [...kept.values()].filter(({ runId }) => runIds.includes(runId)),
  };
  return store;
}

/** Keeps the jobs and the handler, so that a test says when a job runs and when it is cut off. */
function jobQueue() {
  const waiting: object[] = [];
  let handler: Parameters<JobQueue['work']>[1] | null = null;
  let givenUp: ((payload: object) => Promise<void>) | undefined;
  return {
    waiting,
    enqueue: async (_queue: string, payload: object) => void waiting.push(payload),
    work: async (
      _queue: string,
      ...[work, options]: Parameters<JobQueue['work']> extends [string, ...infer Rest] ? Rest : never
    ) => {
      handler = work;
      givenUp = options?.givenUp;
    },
    giveUpNext: async () => givenUp?.(waiting.shift() ?? {}),
    /** Runs the oldest job; it stays when it rejects, as a durable queue keeps it. */
    async runNext(signal: AbortSignal = new AbortController().signal) {
      const [payload] = waiting;
      if (!payload || !handler) throw new Error('no job waits');
      await handler(payload, signal);
      waiting.shift();
    },
  };
}

const right: ModelRunner['run'] = async (name, { messages }) => {
  const { content } = messages[0] as { content: string };
  const text = name === 'bot@2' || content.endsWith('0') ? content.replace('question', 'answer') : 'I do not know';
  return { ok: true, text, traceId: `trace of ${content}` as TraceId, latencyNs: 1_000_000n, costNanoUsd: 250n };
};

async function setUp(options: { rows?: number; run?: ModelRunner['run'] } = {}) {
  const { rows = 40, run = right } = options;
  const contents = new Map<string, ExampleContent>();
  const datasets = fakeDatasetStore();
  const comparisons = fakeComparisonStore();
  const cells = cellStore();
  const jobs = jobQueue();
  const events: LiveEvent[] = [];
  const calls: string[] = [];
  const logged: string[] = [];
  let nowNs = 0n;
  let ids = 0;
  const deps = {
    comparisons,
    cells,
    datasets,
    examples: {
      put: async () => {},
      get: async (_project: string, hashes: string[]) =>
        new Map(
          hashes.flatMap((hash) => (contents.has(hash) ? [[hash, contents.get(hash) as ExampleContent] as const] : [])),
        ),
    },
    jobs,
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    // Each look at the clock finds 20 ms gone.
    clock: { now: () => (nowNs += 20_000_000n) },
    random: { bytes: (count: number) => new Uint8Array(count).fill(++ids) },
    checker: createSchemaChecker(),
  };
  await datasets.create(by, { id: 'ds_1' as DatasetId, name: 'qa', description: '' });
  const add = async (count: number, from = 0) => {
    const members = Array.from({ length: count }, (_, i) => {
      const content = { input: `question ${from + i}`, expected: `answer ${from + i}`, metadata: {} };
      const hash = contentHash(content);
      contents.set(hash, content);
      const source = { traceId: `trace ${from + i}` as TraceId, spanId: 'span' as SpanId };
      return { id: `ex_${String(from + i).padStart(4, '0')}` as ExampleId, hash, source };
    });
    await datasets.addExamples(by, 'qa', members);
  };
  if (rows > 0) await add(rows);
  const erase = async (row: number) => {
    const deletion = `del_${row}` as DeletionId;
    await datasets.noteErasing(defaultProjectId, deletion, [`trace ${row}` as TraceId]);
    await datasets.eraseNoted(by, deletion);
    for (const { hash } of await datasets.doomed(defaultProjectId, 100)) contents.delete(hash);
  };
  const handlers = createEvalHandlers({ ...deps, routes: () => routes });
  const runner: ModelRunner = {
    run: (name, input, runOptions) => {
      calls.push(`${runOptions.run?.runId} ${runOptions.run?.exampleId} ${runOptions.run?.repetition}`);
      return run(name, input, runOptions);
    },
  };
  await startEvalWorker({
    ...deps,
    runnerOf: () => runner,
    log: { error: (_, message) => void logged.push(message) },
  });
  return {
    ...deps,
    add,
    erase,
    calls,
    contents,
    events,
    logged,
    create: (body: Partial<ParsedBody<'createComparison'>> = {}) =>
      handlers.createComparison({
        by,
        params: {},
        query: undefined,
        body: {
          dataset: 'qa',
          a: 'bot@production',
          b: 'bot@2',
          scorers: ['exact', 'levenshtein'],
          repetitions: 1,
          ...body,
        },
      }),
    get: (comparisonId: string) =>
      handlers.getComparison({ by, params: { comparisonId }, query: undefined, body: undefined }),
    list: (query: { limit: number; cursor?: string }) =>
      handlers.listComparisons({ by, params: {}, query, body: undefined }),
    rows: (comparisonId: string, query: { limit: number; cursor?: string }) =>
      handlers.listComparisonRows({ by, params: { comparisonId }, query, body: undefined }),
  };
}

test('the scorers of the contract are those that core/eval has', () => {
  expect([...schemas.scorerNames]).toEqual(scorerNames);
});

test('a scorer with options is known by one text, and what it cannot use is refused before anything is called', async () => {
  const api = await setUp({ rows: 6 });
  const scorers = ['exact', { name: 'bleu' as const, options: { tokenize: 'char', lowercase: true } }, ' exact '];
  const created = await api.create({ scorers });
  const label = 'bleu {"lowercase":true,"tokenize":"char"}';
  expect(created.scorers).toEqual(['exact', label]);
  await api.jobs.runNext();
  const { results } = await api.get(created.id);
  expect(results.map(({ measure }) => measure)).toEqual(['exact', label, 'latency', 'cost']);
  expect(results[1]?.pairs).toBe(6);
  const refused = { code: 'invalid_request', param: 'scorers' };
  await expect(api.create({ scorers: ['rouge'] })).rejects.toMatchObject(refused);
  await expect(api.create({ scorers: ['bleu {"tokenize":"zh"}'] })).rejects.toMatchObject(refused);
  expect(api.jobs.waiting).toEqual([]);
});

describe('creating a comparison', () => {
  test('fixes the versions behind aliases and freezes a changed draft', async () => {
    const api = await setUp({ rows: 3 });
    const created = await api.create({ a: 'bot', b: 'sim/echo', repetitions: 2 });
    expect(schemas.comparison.parse(created)).toEqual(created);
    expect(created).toMatchObject({
      dataset: 'qa',
      datasetVersion: 1,
      a: { ref: 'bot', model: 'bot', version: 1 },
      b: { ref: 'sim/echo', model: 'sim/echo', version: null },
      status: 'queued',
      done: 0,
      total: 12,
      results: [],
    });
    expect(api.jobs.waiting).toEqual([{ project: by.project, comparisonId: created.id, recorded: 0 }]);
    expect(api.events).toEqual([
      { project: by.project, type: 'datasets', name: 'qa' },
      { project: by.project, type: 'comparisons', id: created.id, done: 0, total: 12, status: 'queued' },
    ]);
  });

  test('takes the head when the draft is unchanged, and an older version when it is named', async () => {
    const api = await setUp({ rows: 2 });
    await api.create();
    expect(await api.create()).toMatchObject({ datasetVersion: 1, total: 4 });
    await api.add(1, 2);
    expect(await api.create({ version: 1 })).toMatchObject({ datasetVersion: 1, total: 4 });
    expect(await api.create()).toMatchObject({ datasetVersion: 2, total: 6 });
  });

  test('allows the same version on both sides, as two runs', async () => {
    const api = await setUp();
    const { a, b } = await api.create({ a: 'bot@1', b: 'bot@production' });
    expect([a.version, b.version]).toEqual([1, 1]);
    expect(a.id).not.toBe(b.id);
  });

  test('refuses with the field at fault and freezes nothing', async () => {
    const api = await setUp();
    await expect(api.create({ dataset: 'none' })).rejects.toMatchObject({ code: 'not_found', param: 'dataset' });
    await expect(api.create({ version: 3 })).rejects.toMatchObject({ code: 'not_found', param: 'version' });
    await expect(api.create({ a: 'bot@9' })).rejects.toMatchObject({ code: 'model_not_found', param: 'a' });
    await expect(api.create({ b: 'other@production' })).rejects.toMatchObject({ code: 'model_not_found', param: 'b' });
    expect(await api.datasets.versions(defaultProjectId, 'qa')).toEqual([]);
    expect(api.jobs.waiting).toEqual([]);
  });

  test('refuses an empty dataset', async () => {
    const api = await setUp({ rows: 0 });
    await expect(api.create()).rejects.toMatchObject({ code: 'dataset_empty' });
  });

  test('does not leave one waiting for ever when it cannot be queued', async () => {
    const api = await setUp();
    api.jobs.enqueue = async () => {
      throw new WheelhouseError('store_unavailable', 'The database is away.');
    };
    await expect(api.create()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect((await api.list({ limit: 5 })).data).toMatchObject([{ status: 'failed' }]);
  });
});

describe('running a comparison', () => {
  test('calls both sides on every row and stores verdicts, cells and cost', async () => {
    const api = await setUp();
    const { id } = await api.create();
    await api.jobs.runNext();
    const done = await api.get(id);
    expect(schemas.comparison.parse(done)).toEqual(done);
    expect(done).toMatchObject({ status: 'completed', error: null, done: 80, total: 80, costNanoUsd: '20000' });
    expect(done.results.map(({ measure, verdict }) => [measure, verdict])).toEqual([
      ['exact', 'better'],
      ['levenshtein', 'better'],
      ['latency', 'no_clear_difference'],
      ['cost', 'no_clear_difference'],
    ]);
    expect(done.results[0]).toMatchObject({ meanA: 0.1, meanB: 1, wins: 36, losses: 0, pairs: 40 });
    expect(api.events.at(-1)).toEqual({
      project: by.project,
      type: 'comparisons',
      id,
      done: 80,
      total: 80,
      status: 'completed',
    });
    expect(api.cells.all()).toHaveLength(80);
  });

  test('shows its rows by pages, each with the cells of both sides', async () => {
    const api = await setUp({ rows: 3 });
    const { id } = await api.create({ repetitions: 2 });
    expect((await api.rows(id, { limit: 5 })).data[0]).toMatchObject({ a: [], b: [] });
    await api.jobs.runNext();
    const first = await api.rows(id, { limit: 2 });
    expect(schemas.comparisonRowPage.parse(first)).toEqual(first);
    expect(first.data.map(({ exampleId }) => exampleId)).toEqual(['ex_0000', 'ex_0001']);
    expect(first.data[1]).toMatchObject({ input: 'question 1', expected: 'answer 1' });
    expect(first.data[1]?.a).toMatchObject([
      { repetition: 0, output: 'I do not know', latencyNs: '1000000', costNanoUsd: '250' },
      { repetition: 1 },
    ]);
    const second = await api.rows(id, { limit: 2, cursor: first.next ?? '' });
    expect(second).toMatchObject({ data: [{ exampleId: 'ex_0002' }], next: null });
  });

  test('leaves out examples that were erased, before or while it runs, and says how many', async () => {
    const api = await setUp({ rows: 4 });
    await api.erase(1);
    const { id, total, erased } = await api.create();
    expect([total, erased]).toEqual([6, 1]);
    await api.erase(3);
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 4, total: 4, erased: 2 });
    expect(api.events.at(-1)).toMatchObject({ done: 4, total: 4 });
    const { data } = await api.rows(id, { limit: 10 });
    expect(schemas.comparisonRow.array().parse(data)).toEqual(data);
    expect(data.map(({ input, erasedAt, a }) => [input, erasedAt === null, a.length])).toEqual([
      ['question 0', true, 1],
      [null, false, 0],
      ['question 2', true, 1],
      [null, false, 0],
    ]);
    await api.erase(0);
    await api.erase(2);
    await expect(api.create()).rejects.toMatchObject({ code: 'dataset_empty', param: 'dataset' });
  });

  test('tells the live feed at most four times a second, and never goes back', async () => {
    const api = await setUp();
    await api.create();
    await api.jobs.runNext();
    const running = api.events.flatMap((event) =>
      event.type === 'comparisons' && event.status === 'running' ? [event.done] : [],
    );
    expect(running[0]).toBe(0);
    expect(running.at(-1)).toBe(80);
    expect(running.length).toBeLessThan(80 / 4);
    expect(running).toEqual(running.toSorted((x, y) => x - y));
  });

  test('a call that fails is a cell with its error, counted on its side', async () => {
    const api = await setUp({
      run: async (name, input, options) =>
        name === 'bot@2'
          ? { ok: false, error: 'rate limited', traceId: 't' as TraceId, latencyNs: 5n, costNanoUsd: null }
          : right(name, input, options),
    });
    const { id } = await api.create();
    await api.jobs.runNext();
    const { status, results } = await api.get(id);
    expect(status).toBe('completed');
    expect(results[0]).toMatchObject({ verdict: 'not_enough_data', failuresA: 0, failuresB: 40, meanB: null });
    expect((await api.rows(id, { limit: 1 })).data[0]?.b).toMatchObject([
      { output: null, error: 'rate limited', scores: {} },
    ]);
  });
});

describe('a run that is cut off', () => {
  test('goes on where it stopped: no recorded cell is called again and the results are the same', async () => {
    const whole = await setUp();
    const { id: wholeId } = await whole.create();
    await whole.jobs.runNext();

    const controller = new AbortController();
    const api = await setUp({
      run: async (...call) => {
        if (api.calls.length === 30) controller.abort(new Error('The server stops.'));
        return right(...call);
      },
    });
    const { id } = await api.create();
    await expect(api.jobs.runNext(controller.signal)).rejects.toThrow('The server stops.');
    const recorded = api.cells.all().length;
    expect(recorded).toBeGreaterThan(0);
    expect(recorded).toBeLessThan(80);
    expect(await api.get(id)).toMatchObject({ status: 'running' });

    // It got on, so it is queued anew with all its attempts.
    await api.jobs.runNext();
    expect(api.jobs.waiting).toEqual([{ project: by.project, comparisonId: id, recorded }]);
    await api.jobs.runNext();
    const done = await api.get(id);
    expect(done).toMatchObject({ status: 'completed', done: 80, costNanoUsd: '20000' });
    expect(done.results).toEqual((await whole.get(wholeId)).results);
    const repeated = api.calls.length - new Set(api.calls).size;
    expect(repeated).toBe(api.calls.length - 80);
    expect(repeated).toBeLessThanOrEqual(8);
  });

  test('waits for a store that is away, and calls nothing twice', async () => {
    const api = await setUp();
    const { id } = await api.create();
    const failing = <Args extends unknown[], T>(method: (...args: Args) => Promise<T>) => {
      let calls = 0;
      return async (...args: Args) => {
        calls += 1;
        if (calls % 3 === 1) throw new WheelhouseError('store_unavailable', 'The database is away.');
        return method(...args);
      };
    };
    api.cells.put = failing(api.cells.put);
    api.cells.ofRuns = failing(api.cells.ofRuns);
    api.datasets.members = failing(api.datasets.members);
    api.comparisons.setProgress = failing(api.comparisons.setProgress);
    api.comparisons.complete = failing(api.comparisons.complete);
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80 });
    expect(api.calls).toHaveLength(80);
    expect(api.logged).toEqual([]);
  });

  test('stops waiting when it is stopped, and goes on later', async () => {
    const api = await setUp();
    const { id } = await api.create();
    const { put } = api.cells;
    const controller = new AbortController();
    api.cells.put = async () => {
      controller.abort(new Error('The server stops.'));
      throw new WheelhouseError('store_unavailable', 'The database is away.');
    };
    await expect(api.jobs.runNext(controller.signal)).rejects.toThrow('The server stops.');
    expect(await api.get(id)).toMatchObject({ status: 'running' });
    api.cells.put = put;
    await api.jobs.runNext();
    expect(await api.get(id)).toMatchObject({ status: 'completed', done: 80 });
  });

  test('has failed, and says so, when its job was given up', async () => {
    const api = await setUp();
    const { id } = await api.create();
    await api.comparisons.setStatus(id as ComparisonId, 'running');
    await api.jobs.giveUpNext();
    expect(await api.get(id)).toMatchObject({ status: 'failed', error: expect.stringContaining('Start it again') });
    expect(api.events.at(-1)).toMatchObject({ id, status: 'failed' });
  });

  test('is not run twice: a job of a finished comparison does nothing', async () => {
    const api = await setUp();
    const { id } = await api.create();
    await api.jobs.runNext();
    const { results } = await api.get(id);
    await api.jobs.enqueue('comparison', { project: by.project, comparisonId: id, recorded: 0 });
    await api.jobs.enqueue('comparison', {
      project: by.project,
      comparisonId: 'cmp_none' as ComparisonId,
      recorded: 0,
    });
    await api.jobs.runNext();
    await api.jobs.runNext();
    expect(api.calls).toHaveLength(80);
    expect((await api.get(id)).results).toEqual(results);
  });
});

test('a comparison that cannot be run has failed and says why', async () => {
  const api = await setUp();
  const { id } = await api.create();
  api.contents.clear();
  await api.jobs.runNext();
  const failed = await api.get(id);
  expect(failed).toMatchObject({ status: 'failed', error: expect.stringContaining('ex_0000 of `qa` is missing') });
  expect(api.events.at(-1)).toMatchObject({ id, status: 'failed' });
  expect(api.logged).toEqual(['a comparison failed']);
});

test('comparisons are listed newest first, by pages', async () => {
  const api = await setUp();
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await api.create()).id);
  const first = await api.list({ limit: 2 });
  const second = await api.list({ limit: 2, cursor: first.next ?? '' });
  expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(ids);
  expect(second.next).toBeNull();
  await expect(api.get('cmp_none')).rejects.toMatchObject({ code: 'not_found' });
});
