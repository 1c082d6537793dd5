import { datasetSchemas } from '@wheelhouse/core/contract';
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
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createDatasetHandlers } from './dataset-handlers.ts';
import { createExampleHandlers } from './example-handlers.ts';
import { createRowAdder } from './keep-rows.ts';

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
  const deps = {
    checker: createSchemaChecker(),
    datasets,
    examples,
    spans: {
      span: async (_project: string, trace: TraceId, span: SpanId) =>
        isThere && trace === traceId && span === spanId ? answered : null,
    },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    clock: { now: () => 1_700_000_000_000_000_000n },
    // Every second id repeats the one before, which must not make two examples one.
    random: { bytes: (count: number) => new Uint8Array(count).fill(Math.floor(counter++ / 2)) },
  };
  const handlers = { ...createDatasetHandlers(deps), ...createExampleHandlers(deps) };
  const name = 'capitals';
  const origin = { source: '', licence: 'CC0-1.0', consent: '' };
  return {
    events,
    examples,
    datasets,
    handlers,
    deps,
    async eraseTrace() {
      const deletion = 'del_1' as DeletionId;
      await datasets.noteErasing(by.project, deletion, [traceId]);
      isThere = false;
      await datasets.eraseNoted(by, deletion);
    },
    create: () =>
      handlers.createDataset({
        by,
        params: {},
        query: undefined,
        body: { name, description: 'Of countries', ...origin },
      }),
    add: (...given: Parameters<typeof handlers.addExamples>[0]['body']['examples']) =>
      handlers.addExamples({ by, params: { name }, query: undefined, body: { examples: given } }),
    list: (query: Partial<Parameters<typeof handlers.listExamples>[0]['query']> = {}) =>
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
      expect(datasetSchemas.example.array().parse(data)).toEqual(data);
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

describe('rows of a schema', () => {
  const schema = { input: { type: 'object', required: ['question'] }, expected: { type: 'string' }, metadata: null };
  const change = (api: ReturnType<typeof setUp>, body: Parameters<typeof api.handlers.changeDataset>[0]['body']) =>
    api.handlers.changeDataset({ by, params: { name: 'capitals' }, query: undefined, body });

  test('are added where they fit, and the others are told; nothing is lost', async () => {
    const api = setUp();
    await api.create();
    await change(api, { schema });
    const { ids, refused, dataset } = await api.add(
      row({ question: 'a' }, 'A'),
      row('b', 'B'),
      row({ question: 'c' }, 3),
      row({ question: 'd' }),
    );
    expect(ids).toHaveLength(2);
    expect(dataset.draftCount).toBe(2);
    expect(refused).toEqual([
      { at: 2, error: '`input`: it must be object' },
      { at: 3, error: '`expected`: it must be string' },
    ]);
    await expect(api.add(row('x'))).rejects.toMatchObject({ code: 'schema_mismatch' });
    await expect(api.replace(ids[0] as string, row('x'))).rejects.toMatchObject({ code: 'schema_mismatch' });
  });

  test('infer it, and a schema that is none is refused', async () => {
    const api = setUp();
    await api.create();
    await api.add(row({ question: 'a', k: 1 }, 'A'), row({ question: 'b', k: 1.5 }));
    const inferred = await api.handlers.inferDatasetSchema({
      by,
      params: { name: 'capitals' },
      query: undefined,
      body: undefined,
    });
    expect(inferred).toEqual({
      rows: 2,
      schema: {
        input: {
          type: 'object',
          properties: { k: { type: 'number' }, question: { type: 'string' } },
          required: ['k', 'question'],
        },
        expected: { type: 'string' },
        metadata: { type: 'object', properties: {} },
      },
    });
    await expect(change(api, { schema: { ...schema, input: { type: 'nonsense' } } })).rejects.toMatchObject({
      ...{ code: 'invalid_request', param: 'schema.input' },
    });
  });

  test('have a split by the rule of the dataset, unless they say their own', async () => {
    const api = setUp();
    await api.create();
    await change(api, { splits: { parts: { train: 1, test: 1 }, by: 'metadata.who', seed: 's' } });
    const of = (who: string, n: number) => ({ input: `${who} ${n}`, metadata: { who } });
    const people = ['ada', 'bob', 'cyd', 'dan', 'eve', 'fay'];
    await api.add(...people.flatMap((who) => [of(who, 1), of(who, 2)]), { ...of('ada', 3), split: 'held out' });
    const { data } = await api.list();
    const splitsOf = (who: string) => data.filter(({ metadata }) => metadata.who === who).map(({ split }) => split);
    for (const who of people.slice(1)) expect(new Set(splitsOf(who)).size).toBe(1);
    expect(splitsOf('ada')[2]).toBe('held out');
    expect(new Set(data.map(({ split }) => split))).toEqual(new Set(['train', 'test', 'held out']));
  });

  test('are found by split, tag, text and metadata, page by page', async () => {
    const api = setUp();
    await api.create();
    await api.add(
      ...Array.from({ length: 9 }, (_, n) => ({
        ...{ input: `question ${n}`, expected: `Answer ${n}`, metadata: { plan: { name: n % 3 ? 'free' : 'pro' } } },
        tags: n < 4 ? ['early'] : [],
      })),
    );
    const found = async (query: object) => {
      const texts: unknown[] = [];
      for (let cursor: string | undefined; ; ) {
        const page = await api.list({ limit: 2, ...query, ...(cursor === undefined ? {} : { cursor }) });
        texts.push(...page.data.map(({ input }) => input));
        if (page.next === null) return texts;
        cursor = page.next;
      }
    };
    expect(await found({ metadata: 'plan.name:pro' })).toEqual(['question 0', 'question 3', 'question 6']);
    expect(await found({ tag: 'early', metadata: 'plan.name:pro' })).toEqual(['question 0', 'question 3']);
    expect(await found({ text: 'ANSWER 5' })).toEqual(['question 5']);
    expect(await found({ split: 'none' })).toEqual([]);
    expect(await found({})).toHaveLength(9);
  });
});

test('others put rows into a draft, and hear which do not fit', async () => {
  const api = setUp();
  await api.create();
  const schema = { input: { type: 'string' }, expected: null, metadata: null };
  await api.datasets.change(by, 'capitals', { schema });
  const changed: string[] = [];
  const adder = createRowAdder(api.deps, (_, name) => void changed.push(name));
  const rows = ['a', 1, 'b'].map((input) => ({ input, expected: 'x', metadata: {}, tags: ['reviewed'] }));
  const { ids, refused } = await adder.addRows(by, 'capitals', rows);
  expect(ids).toHaveLength(2);
  expect(refused).toEqual([{ at: 2, error: '`input`: it must be string' }]);
  expect((await api.list({ tag: 'reviewed' })).data.map(({ input }) => input)).toEqual(['a', 'b']);
  expect(changed).toEqual(['capitals']);
});

describe('versions', () => {
  test('are compared row by row, with the fields that changed, named, and gone back to', async () => {
    const api = setUp();
    await api.create();
    const at = { by, params: { name: 'capitals' } };
    const { ids } = await api.add(row('a', { city: 'A', year: 1 }), row('b', 'B'));
    await api.freeze();
    await api.replace(ids[0] as string, row('a', { city: 'Å', year: 1 }));
    await api.remove(ids[1] as string);
    await api.handlers.labelExamples({
      ...{ ...at, query: undefined, body: { ids: [ids[0] as string], addTags: ['x'], removeTags: [], weight: 2 } },
    });
    const diff = await api.handlers.diffDataset({ ...at, query: { limit: 50 }, body: undefined });
    expect(diff).toMatchObject({
      ...{ counts: { added: 0, removed: 1, changed: 1 }, next: null },
      data: [
        { kind: 'changed', fields: ['expected.city', 'tags', 'weight'], before: { weight: 1 }, after: { tags: ['x'] } },
        { kind: 'removed', before: { input: 'b' }, after: null },
      ],
    });
    const golden = { ...at, params: { name: 'capitals', alias: 'golden' }, query: undefined, body: { version: 1 } };
    expect((await api.handlers.setDatasetAlias(golden)).aliases).toEqual({ golden: 1 });
    expect((await api.list({ version: 'golden' })).data).toHaveLength(2);
    await expect(api.list({ version: 'silver' })).rejects.toMatchObject({ code: 'not_found', param: 'version' });
    const back = await api.handlers.revertDataset({ ...at, query: undefined, body: { version: 1 } });
    expect(back).toMatchObject({ draftCount: 2, changed: false });
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
