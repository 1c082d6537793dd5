import { schemas } from '@wheelhouse/core/contract';
import type { ExampleStore } from '@wheelhouse/core/ports';
import {
  type DeletionId,
  defaultProjectId,
  type LiveEvent,
  type Span,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import { fakeDatasetStore, fakeExampleStore } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createDatasetHandlers } from './dataset-handlers.ts';

const by = { project: defaultProjectId, actor: 'tester' };
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736' as TraceId;
const spanId = '00f067aa0ba902b7' as SpanId;
const answered = {
  traceId,
  spanId,
  input: { type: 'messages', messages: [{ role: 'user', parts: [{ type: 'text', content: 'Capital of Norway?' }] }] },
  output: { type: 'messages', messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Oslo' }] }] },
  attributes: {},
} as unknown as Span;

function exampleStore() {
  const kept = fakeExampleStore();
  const store = {
    ...kept,
    puts: 0,
    put: async (...[project, contents]: Parameters<ExampleStore['put']>) => {
      store.puts += contents.length;
      await kept.put(project, contents);
    },
  };
  return store;
}

function setUp() {
  const events: LiveEvent[] = [];
  const examples = exampleStore();
  const datasets = fakeDatasetStore();
  let counter = 0;
  let isThere = true;
  const handlers = createDatasetHandlers({
    datasets,
    examples,
    spans: {
      span: async (_project, trace, span) => (isThere && trace === traceId && span === spanId ? answered : null),
    },
    feed: { publish: (event) => events.push(event) },
    clock: { now: () => 1_700_000_000_000_000_000n },
    // Every second id repeats the one before, which must not make two examples one.
    random: { bytes: (count) => new Uint8Array(count).fill(Math.floor(counter++ / 2)) },
  });
  const name = 'capitals';
  return {
    events,
    examples,
    datasets,
    handlers,
    async eraseTrace() {
      const deletion = 'del_1' as DeletionId;
      await datasets.noteErasing(by.project, deletion, [traceId]);
      isThere = false;
      await datasets.eraseNoted(by, deletion);
    },
    create: () =>
      handlers.createDataset({ by, params: {}, query: undefined, body: { name, description: 'Of countries' } }),
    add: (...given: Parameters<typeof handlers.addExamples>[0]['body']['examples']) =>
      handlers.addExamples({ by, params: { name }, query: undefined, body: { examples: given } }),
    list: (query: { limit?: number; cursor?: string; version?: number } = {}) =>
      handlers.listExamples({ by, params: { name }, query: { limit: 50, ...query }, body: undefined }),
    freeze: () => handlers.freezeDataset({ by, params: { name }, query: undefined, body: undefined }),
    get: () => handlers.getDataset({ by, params: { name }, query: undefined, body: undefined }),
    replace: (exampleId: string, body: { input?: unknown; expected?: unknown; metadata: Record<string, unknown> }) =>
      handlers.replaceExample({
        by,
        params: { name, exampleId },
        query: undefined,
        body: { input: undefined, ...body },
      }),
    remove: (exampleId: string) =>
      handlers.removeExample({ by, params: { name, exampleId }, query: undefined, body: undefined }),
  };
}

const row = (input: unknown, expected?: unknown) => ({
  input,
  metadata: {},
  ...(expected === undefined ? {} : { expected }),
});

describe('a dataset', () => {
  test('takes rows and spans, keeps their order and their sources, and freezes', async () => {
    const api = setUp();
    await api.create();
    const { ids, dataset } = await api.add(
      row('Capital of France?', 'Paris'),
      { from: { traceId: traceId.toUpperCase(), spanId }, metadata: { by: 'Ada' } },
      { from: { traceId, spanId }, expected: 'OSLO', metadata: {} },
    );
    expect(new Set(ids).size).toBe(3);
    expect(dataset).toMatchObject({ name: 'capitals', head: 0, draftCount: 3, changed: true });
    const { data, next } = await api.list();
    expect(next).toBeNull();
    expect(data.map(({ id }) => id)).toEqual(ids);
    expect(data).toMatchObject([
      { input: 'Capital of France?', expected: 'Paris', source: null, metadata: {} },
      { input: 'Capital of Norway?', expected: 'Oslo', source: { traceId, spanId }, metadata: { by: 'Ada' } },
      { input: 'Capital of Norway?', expected: 'OSLO', source: { traceId, spanId } },
    ]);
    expect(await api.freeze()).toMatchObject({ number: 1, count: 3 });
    expect(await api.get()).toMatchObject({
      dataset: { head: 1, changed: false },
      versions: [{ number: 1, count: 3 }],
    });
    expect(api.events).toEqual([1, 2, 3].map(() => ({ project: by.project, type: 'datasets', name: 'capitals' })));
  });

  test('a frozen version stays as it was when the draft changes', async () => {
    const api = setUp();
    await api.create();
    const { ids } = await api.add(row('a', 'A'), row('b', 'B'));
    await api.freeze();
    const replaced = await api.replace(ids[0] as string, row('a', 'Å'));
    expect(replaced).toMatchObject({ id: ids[0], expected: 'Å', source: null });
    expect(await api.remove(ids[1] as string)).toEqual({ removed: true });
    expect((await api.list()).data).toMatchObject([{ id: ids[0], expected: 'Å' }]);
    expect((await api.list({ version: 1 })).data).toMatchObject([{ expected: 'A' }, { expected: 'B' }]);
    expect(await api.get()).toMatchObject({ dataset: { draftCount: 1, changed: true } });
  });

  test('is read by pages', async () => {
    const api = setUp();
    await api.create();
    await api.add(...Array.from({ length: 5 }, (_, i) => row(`question ${i}`)));
    const first = await api.list({ limit: 2 });
    const second = await api.list({ limit: 2, cursor: first.next ?? '' });
    const third = await api.list({ limit: 2, cursor: second.next ?? '' });
    expect([...first.data, ...second.data, ...third.data].map(({ input }) => input)).toEqual(
      [0, 1, 2, 3, 4].map((i) => `question ${i}`),
    );
    expect(third.next).toBeNull();
    expect((await api.list({ limit: 5 })).next).toBeNull();
  });

  test('stores equal contents once', async () => {
    const api = setUp();
    await api.create();
    await api.add(row('same', 'x'), row('same', 'x'), row('other', null));
    expect(api.examples.puts).toBe(2);
    expect((await api.list()).data).toHaveLength(3);
    expect((await api.list()).data[2]).toMatchObject({ expected: null });
  });
});

test('a content that cannot be stored leaves no example that points at it', async () => {
  const api = setUp();
  await api.create();
  const { ids } = await api.add(row('x'));
  api.examples.put = async () => {
    throw new Error('the store is away');
  };
  await expect(api.add(row('y'))).rejects.toThrow('the store is away');
  await expect(api.replace(ids[0] as string, row('y'))).rejects.toThrow('the store is away');
  expect((await api.list()).data).toMatchObject([{ id: ids[0], input: 'x' }]);
});

describe('when the trace of an example is deleted', () => {
  const fromSpan = { from: { traceId, spanId }, metadata: {} };

  test('its place stays, and nothing of its content is given out', async () => {
    const api = setUp();
    await api.create();
    const { ids } = await api.add(fromSpan, row('by hand', 'x'));
    await api.freeze();
    await api.eraseTrace();
    for (const version of [undefined, 1]) {
      const { data } = await api.list(version === undefined ? {} : { version });
      expect(schemas.example.array().parse(data)).toEqual(data);
      expect(data[0]).toMatchObject({ id: ids[0], input: null, expected: null, metadata: {}, source: { traceId } });
      expect(data[0]?.erasedAt).not.toBeNull();
      expect(data[1]).toMatchObject({ input: 'by hand', erasedAt: null });
    }
    await expect(api.replace(ids[0] as string, row('y'))).rejects.toMatchObject({ code: 'conflict' });
    expect(await api.remove(ids[0] as string)).toEqual({ removed: true });
  });

  test('an example that is being made of it at that moment is not made', async () => {
    const api = setUp();
    await api.create();
    const { put } = api.examples;
    api.examples.put = async (...given) => {
      await put(...given);
      api.examples.put = put;
      await api.eraseTrace();
    };
    await expect(api.add(fromSpan)).rejects.toMatchObject({ code: 'not_found', param: 'from' });
    expect((await api.list()).data).toEqual([]);
    expect(await api.datasets.doomed(by.project, 10)).toHaveLength(1);
  });

  test('whoever adds others at that moment hears nothing of it', async () => {
    const api = setUp();
    await api.create();
    const { put } = api.examples;
    api.examples.put = async (...given) => {
      api.examples.put = put;
      await api.eraseTrace();
      await put(...given);
    };
    await api.add(row('by hand', 'x'));
    expect(api.examples.puts).toBe(2);
    expect((await api.list()).data).toMatchObject([{ input: 'by hand' }]);
    expect(await api.datasets.doomed(by.project, 10)).toEqual([]);
  });
});

describe('a clear error', () => {
  test('for a dataset that does not exist, wherever it is named', async () => {
    const api = setUp();
    for (const call of [api.get, api.list, api.freeze, () => api.add(row('x')), () => api.remove('ex_1')])
      await expect(call()).rejects.toMatchObject({ code: 'not_found', message: 'No dataset is called `capitals`.' });
  });

  test('for a span that does not exist or is no id, and nothing is added', async () => {
    const api = setUp();
    await api.create();
    for (const from of [
      { traceId, spanId: 'ffffffffffffffff' },
      { traceId: 'nonsense', spanId },
    ])
      await expect(api.add(row('x'), { from, metadata: {} })).rejects.toMatchObject({
        code: 'not_found',
        message: `Trace ${from.traceId} has no span ${from.spanId}.`,
      });
    expect((await api.list()).data).toEqual([]);
  });

  test('for an example without input, a cursor that is none, a version and an example that do not exist', async () => {
    const api = setUp();
    await api.create();
    const { ids } = await api.add(row('x'));
    await expect(api.add(row(undefined))).rejects.toMatchObject({ code: 'invalid_request', param: 'input' });
    await expect(api.replace(ids[0] as string, row(undefined))).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(api.list({ cursor: 'abc' })).rejects.toMatchObject({ code: 'invalid_request', param: 'cursor' });
    await expect(api.list({ version: 1 })).rejects.toMatchObject({ code: 'not_found', param: 'version' });
    await expect(api.replace('ex_none', row('y'))).rejects.toMatchObject({ code: 'not_found' });
  });

  test('for freezing what is empty', async () => {
    const api = setUp();
    await api.create();
    await expect(api.freeze()).rejects.toMatchObject({ code: 'dataset_empty' });
  });
});
