import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { datasetHealthSchemas } from '@wheelhouse/core/contract';
import type { JobHandler, ModelOutcome } from '@wheelhouse/core/ports';
import {
  type DatasetId,
  type DatasetJob,
  defaultProjectId,
  type JsonObject,
  type LiveEvent,
  type Span,
  type TraceId,
} from '@wheelhouse/core/records';
import {
  fakeAuditStore,
  fakeBlobStore,
  fakeDatasetJobStore,
  fakeDatasetRuleStore,
  fakeDatasetStore,
  fakeExampleStore,
} from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createParquetStream, startStandingFilters } from '../traces/index.ts';
import { createFileDoor } from './file-doors.ts';
import {
  createDeriveHandlers,
  createHealthJob,
  createImportJob,
  createJobHandlers,
  createRecipeJob,
  createRuleFeed,
  createSplitJob,
  createSynthesisJob,
  createTracesJob,
  startDatasetWorker,
} from './index.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const name = 'qa';
const idOf = (n: number) => n.toString(16).padStart(32, '0') as TraceId;
const said = (text: string, role: string) => ({
  type: 'messages',
  messages: [{ role, parts: [{ type: 'text', content: text }] }],
});

/** A trace of a root that says nothing and a generation that does. */
const spansOf = (traceId: TraceId): Span[] =>
  [
    {
      traceId,
      spanId: `${traceId.slice(16)}`,
      parentSpanId: null,
      kind: 'chain',
      input: null,
      output: null,
      attributes: {},
    },
    {
      ...{
        traceId,
        spanId: `f${traceId.slice(17)}`,
        parentSpanId: traceId.slice(16),
        kind: 'generation',
        attributes: {},
      },
      ...{ input: said(`question ${Number.parseInt(traceId, 16)}`, 'user'), output: said('an answer', 'assistant') },
    },
  ] as unknown as Span[];

type Answer = (content: string) => Partial<ModelOutcome> & { text: string };

async function setUp(answer: Answer = () => ({ text: '' })) {
  const audit = fakeAuditStore();
  const datasetJobs = fakeDatasetJobStore(audit);
  const datasets = fakeDatasetStore(audit, datasetJobs);
  const waiting: object[] = [];
  let handler: JobHandler = async () => {};
  let nowNs = 1_800_000_000_000_000_000n;
  let ids = 0;
  const listeners = new Set<(event: LiveEvent) => void>();
  const traces = [3, 2, 1].map(idOf);
  const deps = {
    ...{ datasets, datasetJobs, datasetRules: fakeDatasetRuleStore(audit), examples: fakeExampleStore() },
    ...{ blobs: fakeBlobStore(), checker: createSchemaChecker(), log: { error: () => {} } },
    clock: { now: () => nowNs++ },
    random: {
      bytes: (count: number) => new Uint8Array(count).fill(0).map((_, i) => (i === count - 1 ? ids++ : ids >> 8)),
    },
    jobs: {
      enqueue: async (_: string, payload: object) => void waiting.push(payload),
      work: async (_: string, given: JobHandler) => {
        handler = given;
      },
    },
    feed: {
      publish: (event: LiveEvent) => {
        for (const listener of listeners) listener(event);
      },
      subscribe: (listener: (event: LiveEvent) => void) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    queries: {
      list: async (_: unknown, { cursor, limit }: { cursor?: string; limit: number }) => {
        const at = Number(cursor ?? 0);
        const data = traces
          .slice(at, at + Math.min(limit, 2))
          .map((traceId) => ({ traceId, inputPreview: 'how far is the moon' }) as never);
        return { data, next: at + 2 < traces.length ? String(at + 2) : null };
      },
      searched: async (_: unknown, wanted: TraceId[]) =>
        wanted.map((traceId) => ({ traceId, runId: null, status: traceId === idOf(2) ? 'error' : 'ok' }) as never),
    },
    wholeSpans: {
      async *ofTraces(_: unknown, wanted: TraceId[]) {
        for (const id of wanted) if (traces.includes(id)) yield* spansOf(id);
      },
    },
    runnerOf: () => ({
      run: async (_: string, { messages }: { messages: unknown[] }) => {
        const { content } = messages.at(-1) as { content: string };
        return {
          ...{ ok: true, traceId: idOf(9), latencyNs: 1n, costNanoUsd: 1_000n },
          ...answer(content),
        } as ModelOutcome;
      },
    }),
    ...{ breathe: () => null, prompts: () => [{ prompt: 'bot@1', text: 'You say: what is the capital of France?' }] },
    ...{ maxBytes: 10_000_000, exactModel: (_: unknown, model: string) => `${model}@3` },
    parquet: (columns: readonly { name: string; type: 'text' }[]) => createParquetStream(columns, 'test'),
  };
  await datasets.create(by, { id: 'ds_1' as DatasetId, name, description: '' });
  await startDatasetWorker(deps, {
    import: createImportJob(deps),
    traces: createTracesJob(deps),
    synthesis: createSynthesisJob(deps),
    split: createSplitJob(deps),
    health: createHealthJob(deps),
    recipe: createRecipeJob(deps),
  });
  const signal = new AbortController().signal;
  const work = async () => {
    for (const payload of waiting.splice(0)) await handler(payload, signal);
  };
  const handlers = { ...createJobHandlers(deps), ...createDeriveHandlers(deps) };
  const door = createFileDoor(deps);
  async function request(method: string, url: string, body?: Uint8Array | string) {
    const bytes = Buffer.from(body ?? '');
    const req = Object.assign(Readable.from(bytes.length > 0 ? [bytes.subarray(0, 7), bytes.subarray(7)] : []), {
      ...{ method, url, headers: {} },
    }) as unknown as IncomingMessage;
    const written: Buffer[] = [];
    const res = {
      writeHead: () => res,
      write: (piece: string | Uint8Array) => written.push(Buffer.from(piece)) > 0,
      end: (piece?: string) => void (piece && written.push(Buffer.from(piece))),
      once: () => res,
      destroy: () => {},
    };
    await door(req, res as never, { by, path: url.split('?')[0] ?? '' });
    return Buffer.concat(written);
  }
  const started = async (
    body: Buffer,
  ): Promise<DatasetJob & { added: number; refused: number; problems: object[] }> => {
    const { id } = JSON.parse(body.toString()) as { id: string };
    await work();
    return handlers.getDatasetJob({ by, params: { name, jobId: id }, query: undefined, body: undefined }) as never;
  };
  const rows = async (version: number | null = null) => {
    const members = await datasets.members(project, name, version, { limit: 1_000_000 });
    const contents = await deps.examples.get(
      project,
      members.map(({ hash }) => hash),
    );
    return members.map((member) => ({ ...member, ...contents.get(member.hash) }));
  };
  return {
    ...{ deps, datasets, datasetJobs, handlers, work, rows, waiting, started, request, traces },
    at: { by, params: { name }, query: undefined },
    handle: (payload: object) => handler(payload, signal),
    later: (ns: bigint) => (nowNs += ns),
    import: async (format: string, body: Uint8Array | string, more = '') =>
      started(await request('POST', `/api/v1/datasets/${name}/import?format=${format}${more}`, body)),
    export: (format: string, more = '') => request('GET', `/api/v1/datasets/${name}/export?format=${format}${more}`),
  };
}

describe('a file', () => {
  test('of rows is read as it says, and what does not fit is told by line', async () => {
    const api = await setUp();
    const schema = { input: { type: 'string', minLength: 2 }, expected: null, metadata: null };
    await api.datasets.change(by, name, { schema });
    const job = await api.import(
      'csv',
      'q,a,topic\nfirst,1,x\nragged\ns,2,y\nthird,3,z\n',
      '&input=q&expected=a&metadata=*',
    );
    expect(job).toMatchObject({ status: 'completed', read: 4, total: 4, added: 2, refused: 2 });
    expect(job.problems).toEqual([
      { at: 3, error: 'It has 1 fields; the header has 3.' },
      { at: 4, error: '`input`: it must NOT have fewer than 2 characters' },
    ]);
    expect(await api.rows()).toMatchObject([
      { input: 'first', expected: '1', metadata: { topic: 'x' } },
      { input: 'third', expected: '3', metadata: { topic: 'z' } },
    ]);
    expect(await api.deps.blobs.get(`${project}/datasets/${job.id}/upload`)).toBeNull();
  });

  test('is read in what it is written in, packed or not', async () => {
    const api = await setUp();
    const text = 'question,answer\ncafé,naïve\n';
    const bom = Buffer.from(`\ufeff${text}`);
    for (const bytes of [bom, Buffer.from(`\ufeff${text}`, 'utf16le'), Buffer.from(text, 'latin1'), gzipSync(text)])
      expect(await api.import('csv', bytes)).toMatchObject({ added: 1, refused: 0 });
    expect((await api.rows()).map(({ input, expected }) => [input, expected])).toEqual(
      Array(4).fill(['café', 'naïve']),
    );
    const mixed = Buffer.concat([Buffer.from(text), Buffer.from('ok,été\n'), Buffer.from('b\xe9d,x\n', 'latin1')]);
    const { problems, added } = await api.import('csv', mixed);
    expect([added, problems]).toEqual([2, [{ at: 4, error: expect.stringContaining('encoding=windows-1252') }]]);
  });

  test('comes back from every format that it was given out in', async () => {
    const api = await setUp();
    const rows = [
      { input: 'a "quoted", text\n', expected: 'b', metadata: { k: 1 }, tags: ['x'], split: 'test', weight: 2 },
      { input: { q: 'é' }, expected: null, metadata: {}, tags: [], split: null, weight: 1 },
    ];
    await api.import('json', JSON.stringify({ items: rows }));
    for (const format of ['csv', 'json', 'jsonl', 'parquet']) {
      const before = await api.rows();
      const file = await api.export(format);
      expect(await api.import(format, file), format).toMatchObject({ added: before.length, refused: 0 });
      const all = await api.rows();
      const plain = (some: typeof all) =>
        some.map(({ input, expected, metadata, tags, split, weight }) => [
          input,
          expected,
          metadata,
          tags,
          split,
          weight,
        ]);
      expect(plain(all.slice(before.length)), format).toEqual(plain(before));
      await api.datasets.removeExamples(
        by,
        name,
        all.slice(before.length).map(({ id }) => id),
      );
    }
    const chat = (await api.export('openai-chat')).toString().trim();
    expect(JSON.parse(chat)).toEqual({
      messages: [
        { role: 'user', content: rows[0]?.input },
        { role: 'assistant', content: 'b' },
      ],
    });
  });

  test('is refused when it cannot be what it says', async () => {
    const api = await setUp();
    expect(await api.import('parquet', 'nonsense')).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('Parquet'),
    });
    const asked = (more: string) => api.request('POST', `/api/v1/datasets/${name}/import?${more}`, 'x');
    for (const [more, param] of [
      ['format=xml', 'format'],
      ['expected=a', 'input'],
      ['encoding=klingon', 'encoding'],
    ])
      await expect(asked(more ?? '')).rejects.toMatchObject({ code: 'invalid_request', param });
    await expect(api.request('POST', '/api/v1/datasets/none/import', 'x')).rejects.toMatchObject({ code: 'not_found' });
    api.deps.maxBytes = 3;
    await expect(
      createFileDoor(api.deps)({ ...Readable.from([]), method: 'GET', url: '/', headers: {} } as never, {} as never, {
        by,
        path: `/api/v1/datasets/${name}/import`,
      }),
    ).rejects.toMatchObject({ code: 'method_not_allowed' });
  });
});

describe('a file that is being read', () => {
  test('goes on after a stop in the middle, and no row comes twice', async () => {
    const api = await setUp();
    const lines = Array.from({ length: 5_000 }, (_, n) => JSON.stringify({ input: `row ${n}` })).join('\n');
    const body = await api.request('POST', `/api/v1/datasets/${name}/import?format=jsonl`, lines);
    const { addExamples } = api.datasets;
    let batches = 0;
    api.datasets.addExamples = async (...given) => {
      if (++batches === 2) throw new Error('killed before');
      const added = await addExamples(...given);
      if (batches === 4) throw new Error('killed after');
      return added;
    };
    const [payload] = api.waiting.splice(0);
    await expect(api.handle(payload ?? {})).rejects.toThrow('killed before');
    await expect(api.handle(payload ?? {})).rejects.toThrow('killed after');
    await api.handle(payload ?? {});
    expect(await api.started(body)).toMatchObject({ status: 'completed', read: 5_000, added: 5_000 });
    expect((await api.rows()).map(({ input }) => input)).toEqual(Array.from({ length: 5_000 }, (_, n) => `row ${n}`));
  });

  test('that two workers hold is read once', async () => {
    const api = await setUp();
    const lines = Array.from({ length: 3_000 }, (_, n) => JSON.stringify({ input: `row ${n}` })).join('\n');
    const body = await api.request('POST', `/api/v1/datasets/${name}/import?format=jsonl`, lines);
    const [payload] = api.waiting.splice(0);
    await Promise.all([api.handle(payload ?? {}), api.handle(payload ?? {})]);
    expect(await api.started(body)).toMatchObject({ status: 'completed', added: 3_000, read: 3_000 });
    expect(await api.rows()).toHaveLength(3_000);
    const { id } = JSON.parse(body.toString()) as { id: string };
    expect(await api.deps.blobs.get(`${project}/datasets/${id}/upload`)).toBeNull();
  });
});

describe('traces become rows', () => {
  test('by name and by filter, each content once', async () => {
    const api = await setUp();
    const asked = { expected: true, sample: 1, most: 100, tags: ['live'] };
    const named = await api.handlers.addTraces({ ...api.at, body: { ...asked, traceIds: [idOf(1), idOf(77)] } });
    await api.work();
    expect(await api.datasetJobs.get(project, named.id)).toMatchObject({
      ...{ status: 'completed', progress: { read: 2, added: 1, refused: 1 } },
    });
    const filtered = await api.handlers.addTraces({ ...api.at, body: { ...asked, q: 'status:ok' } });
    await api.work();
    expect(await api.datasetJobs.get(project, filtered.id)).toMatchObject({
      ...{ status: 'completed', progress: { read: 3, added: 1 + 1, skipped: 1 } },
    });
    expect(await api.rows()).toMatchObject([
      { input: 'question 1', expected: 'an answer', tags: ['live'], source: { traceId: idOf(1) } },
      { input: 'question 3' },
      { input: 'question 2' },
    ]);
    await expect(api.handlers.addTraces({ ...api.at, body: { ...asked, q: 'nonsense:' } })).rejects.toMatchObject({
      code: 'filter_invalid',
    });
  });

  test('by a rule, when they are whole', async () => {
    const api = await setUp();
    const feeder = startStandingFilters(api.deps, createRuleFeed(api.deps));
    await api.handlers.createDatasetRule({ ...api.at, body: { q: 'status:ok', sample: 1, expected: false, tags: [] } });
    api.deps.feed.publish({ type: 'traces', project, traceIds: [idOf(1), idOf(2)] });
    await feeder.flush();
    expect(await api.rows()).toEqual([]);
    api.later(6_000_000_000n);
    await feeder.flush();
    api.deps.feed.publish({ type: 'traces', project, traceIds: [idOf(1)] });
    api.later(6_000_000_000n);
    await feeder.flush();
    expect(await api.rows()).toMatchObject([{ input: 'question 1', expected: null }]);
    const { data } = await api.handlers.listDatasetRules({ ...api.at, body: undefined });
    expect(data).toMatchObject([{ added: 1 }]);
    feeder.stop();
  });
});

describe('a model writes variants', () => {
  const asked = { model: 'writer', instruction: 'other words', count: 4, capDollars: 1 };
  const variants: Answer = (content) => {
    const { row, variants: wanted } = JSON.parse(content) as { row: { input: string }; variants: number };
    const rows = Array.from({ length: wanted }, (_, n) => ({ input: `${row.input} ${n}`, expected: 'x' }));
    return { text: `Here:\n${JSON.stringify({ rows })}` };
  };
  const seed = async (api: Awaited<ReturnType<typeof setUp>>) =>
    void (await api.import('jsonl', '{"input":"a"}\n{"input":"b"}'));
  const run = async (api: Awaited<ReturnType<typeof setUp>>, more: object = {}) => {
    const { id } = await api.handlers.synthesizeExamples({ ...api.at, body: { ...asked, ...more } });
    await api.work();
    return (await api.datasetJobs.get(project, id)) as DatasetJob;
  };

  test('that are marked with who wrote them, of what', async () => {
    const api = await setUp(variants);
    await seed(api);
    expect(await run(api)).toMatchObject({
      ...{
        status: 'completed',
        progress: { added: 4 },
        result: { generator: 'writer@3', costNanoUsd: '2000', ended: 'made' },
      },
    });
    const [first, , ...made] = await api.rows();
    expect(made).toHaveLength(4);
    expect(made[0]).toMatchObject({
      tags: ['synthetic'],
      metadata: { synthetic: { generator: 'writer@3', of: first?.id } },
    });
  });

  test('until the money is spent, or nothing comes of it', async () => {
    const api = await setUp(variants);
    await seed(api);
    expect(await run(api, { count: 100, capDollars: 0.000003 })).toMatchObject({ result: { ended: 'capped' } });
    const mute = await setUp(() => ({ text: 'I would rather not.' }));
    await seed(mute);
    const job = await run(mute);
    expect(job).toMatchObject({ status: 'completed', result: { ended: 'nothing new came' }, progress: { added: 0 } });
    expect(job.progress.problems[0]?.error).toContain('not the JSON');
    const unpriced = await setUp((content) => ({ ...variants(content), costNanoUsd: null }));
    await seed(unpriced);
    expect(await run(unpriced)).toMatchObject({ status: 'failed', error: expect.stringContaining('not known') });
  });
});

test('a draft is split by a rule, and a job that was cancelled leaves what it did', async () => {
  const api = await setUp();
  await api.import('jsonl', Array.from({ length: 60 }, (_, n) => `{"input":"${n}"}`).join('\n'));
  const rule = { parts: { train: 50, test: 50 }, by: 'input', seed: '' };
  const { id } = await api.handlers.splitDataset({ ...api.at, body: rule });
  await api.work();
  expect(await api.datasetJobs.get(project, id)).toMatchObject({ status: 'completed', progress: { read: 60 } });
  const before = (await api.rows()).map(({ split }) => split);
  expect(new Set(before)).toEqual(new Set(['train', 'test']));
  const later = await api.handlers.splitDataset({ ...api.at, body: { ...rule, seed: 'another' } });
  await api.handlers.cancelDatasetJob({ ...api.at, params: { name, jobId: later.id }, body: undefined });
  await api.work();
  expect((await api.rows()).map(({ split }) => split)).toEqual(before);
  const job = await api.handlers.getDatasetJob({ ...api.at, params: { name, jobId: later.id }, body: undefined });
  expect(job.status).toBe('cancelled');
  expect((job.params as JsonObject).seed).toBe('another');
});

test('the health of a dataset is a report that is kept', async () => {
  const api = await setUp();
  const rows = [
    'what is the capital of France?',
    'What is the capital of France?',
    'Write to ada@example.com',
    'other',
  ];
  await api.import('jsonl', rows.map((input, n) => JSON.stringify({ input, expected: `${n}` })).join('\n'));
  await api.datasets.freeze(by, name);
  const schema = { input: { type: 'string', minLength: 6 }, expected: null, metadata: null };
  await api.datasets.change(by, name, { schema });
  const health = (version?: number) =>
    api.handlers.getDatasetHealth({ ...api.at, query: { version }, body: undefined });
  await expect(health()).rejects.toMatchObject({ code: 'not_found' });
  const { id } = await api.handlers.checkDataset({ ...api.at, body: { version: 1, near: 0.8 } });
  await api.work();
  const report = await health(1);
  expect(datasetHealthSchemas.datasetHealth.parse(report)).toEqual(report);
  expect(report).toMatchObject({
    ...{ jobId: id, version: 1, rows: 4, looked: 4, misfits: { rows: 1, problems: [{ at: 4 }] } },
    ...{ duplicates: { exactRows: 1 }, conflicts: { inputs: 1 }, personal: { rows: 1, kinds: { email: 1 } } },
    leakage: { prompts: [{ prompt: 'bot@1', rows: 2 }] },
  });
  await expect(health()).rejects.toMatchObject({ code: 'not_found' });
});

test('a recipe makes versions from another dataset, and again when that has changed', async () => {
  const api = await setUp();
  const rows = Array.from({ length: 1_500 }, (_, n) =>
    JSON.stringify({ input: `row ${n}`, tags: n % 2 ? ['odd'] : [] }),
  );
  await api.import('jsonl', rows.join('\n'));
  await api.datasets.freeze(by, name);
  await api.datasets.create(by, { id: 'ds_2' as DatasetId, name: 'made', description: '' });
  const made = { ...api.at, params: { name: 'made' } };
  const steps = [
    { do: 'filter' as const, tag: 'odd' },
    { do: 'augment' as const, with: ['typos' as const], copies: 1 },
  ];
  await api.handlers.setDatasetRecipe({ ...made, body: { from: name, version: null, steps } });
  const run = async () => {
    const { id } = await api.handlers.runDatasetRecipe({ ...made, body: undefined });
    await api.work();
    return api.handlers.getDatasetJob({ ...made, params: { name: 'made', jobId: id }, body: undefined });
  };
  expect(await run()).toMatchObject({ status: 'completed', result: { version: 1, rows: 1_500, removed: 0 } });
  expect((await api.datasets.versions(project, 'made'))[0]).toMatchObject({ count: 1_500, madeFrom: ['dataset:qa@1'] });
  expect(await run()).toMatchObject({ result: { version: 1 } });
  const [first, second] = await api.datasets.members(project, name, null, { limit: 2 });
  await api.datasets.removeExamples(by, name, [second?.id as never]);
  await api.datasets.changeExamples(by, name, [
    { id: first?.id as never, hash: first?.hash ?? '', tags: ['odd'], split: 'x', weight: 1 },
  ]);
  await api.datasets.freeze(by, name);
  expect(await run()).toMatchObject({ result: { version: 2, rows: 1_500, removed: 2 } });
  expect(await api.datasets.countDifferences(project, 'made', { from: 1, to: 2 })).toEqual({
    added: 2,
    removed: 2,
    changed: 0,
  });
  const nothing = { from: name, version: null, steps: [{ do: 'filter' as const, tag: 'none' }] };
  await api.handlers.setDatasetRecipe({ ...made, body: nothing });
  expect(await run()).toMatchObject({ status: 'failed', error: expect.stringContaining('Nothing is left') });
  await expect(api.handlers.setDatasetRecipe({ ...made, body: { ...nothing, from: 'made' } })).rejects.toMatchObject({
    ...{ code: 'invalid_request', param: 'from' },
  });
});
