import { evaluationSchemas, type ParsedBody, type ParsedQuery } from '@wheelhouse/core/contract';
import type { JobQueue, ModelRunner, PriceReader, Timer } from '@wheelhouse/core/ports';
import {
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
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { createEvalHandlers, type KeptCells, startEvalWorker } from '@wheelhouse/server/evals/index';
import { createSchemaChecker } from '@wheelhouse/server/tools/schema-checker';
import { fakeCellStore, fakeDatasetStore, fakeEvaluationStore } from '../fakes/index.ts';

export const by = { project: defaultProjectId, actor: 'tester' };
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

/** Keeps the jobs and the handler, so that a test says when a job runs and when it is cut off. */
function jobQueue() {
  const waiting: object[] = [];
  let handler: Parameters<JobQueue['work']>[1] | null = null;
  let givenUp: ((payload: object) => Promise<void>) | undefined;
  const queue = {
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
      waiting.splice(waiting.indexOf(payload), 1);
    },
    /** Runs jobs until none waits. */
    async runAll() {
      while (waiting.length > 0) await queue.runNext();
    },
  };
  return queue;
}

const none = () => Promise.reject(new Error('no scorer here asks for it'));
const unused = { embedder: { embed: none }, sandbox: { run: none }, spansOf: none };

/** Version 2 of the model is right, version 1 on every tenth row. */
export const right: ModelRunner['run'] = async (name, { messages }) => {
  const { content } = messages[0] as { content: string };
  const text = name === 'bot@2' || content.endsWith('0') ? content.replace('question', 'answer') : 'I do not know';
  return { ok: true, text, traceId: `trace of ${content}` as TraceId, latencyNs: 1_000_000n, costNanoUsd: 250n };
};

/** Whatever is to be done later is done when the test says so. */
function manualTimer() {
  const due = new Set<() => void>();
  const timer: Timer = {
    after(_, action) {
      due.add(action);
      return () => void due.delete(action);
    },
  };
  return {
    timer,
    ring() {
      for (const action of [...due]) {
        due.delete(action);
        action();
      }
    },
  };
}

/** By hash, for all tests: equal contents are one. */
const contents = new Map<string, ExampleContent>();

/** Where several servers keep what they share. */
export function memory() {
  return { datasets: fakeDatasetStore(), evaluations: fakeEvaluationStore(), cells: fakeCellStore(), jobs: jobQueue() };
}

const noPrices: PriceReader = { find: () => null };

/** Of a process that nobody kills. */
const nothingKept: KeptCells = {
  begin: () => ({ keep: () => ({ stored() {} }), close: async () => {} }),
  left: async () => ({ cells: [], forget: async () => {} }),
};

type Options = {
  prices?: PriceReader;
  rows?: number;
  run?: ModelRunner['run'];
  stores?: ReturnType<typeof memory>;
  kept?: KeptCells;
};

/** A server's evaluations over stores in memory, whose jobs run when the test says so. */
export async function openEvals({
  rows = 40,
  run = right,
  stores = memory(),
  kept = nothingKept,
  prices = noPrices,
}: Options = {}) {
  const { datasets, evaluations, cells, jobs } = stores;
  const events: LiveEvent[] = [];
  const calls: string[] = [];
  const logged: string[] = [];
  const clock = { nowNs: 0n };
  let ids = 0;
  const { timer, ring } = manualTimer();
  const runner: ModelRunner = {
    run: (name, input, runOptions) => {
      calls.push(`${runOptions.run?.runId} ${runOptions.run?.exampleId} ${runOptions.run?.repetition}`);
      return run(name, input, runOptions);
    },
  };
  const deps = {
    ...{ evaluations, cells, datasets, jobs, timer, kept },
    examples: {
      put: async () => {},
      get: async (_project: string, hashes: string[]) =>
        new Map(hashes.flatMap((hash) => (contents.has(hash) ? [[hash, contents.get(hash) as ExampleContent]] : []))),
    },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    clock: { now: () => clock.nowNs },
    random: { bytes: (count: number) => new Uint8Array(count).fill(++ids) },
    checker: createSchemaChecker(),
    scoringOf: () => ({ runner, ...unused }),
    prices,
    traffic: { uses: async () => ({ whole: true, uses: [] }) },
  };
  if ((await datasets.get(by.project, 'qa')) === null)
    await datasets.create(by, { id: 'ds_1' as DatasetId, name: 'qa', description: '' });
  const add = async (count: number, from = 0) => {
    const members = Array.from({ length: count }, (_, i) => {
      const content = { input: `question ${from + i}`, expected: `answer ${from + i}`, metadata: {} };
      const hash = contentHash(content);
      contents.set(hash, content);
      const source = { traceId: `trace ${from + i}` as TraceId, spanId: 'span' as SpanId };
      const id = `ex_${String(from + i).padStart(4, '0')}` as ExampleId;
      return { id, hash, source, split: (from + i) % 4 === 0 ? 'test' : 'train' };
    });
    await datasets.addExamples(by, 'qa', members);
  };
  if (rows > 0) await add(rows);
  const handlers = createEvalHandlers({ ...deps, routes: () => routes });
  await startEvalWorker({ ...deps, log: { error: (_, message) => void logged.push(message) } });
  const at = (evaluationId: string) => ({ by, params: { evaluationId } });
  return {
    ...{ ...deps, jobs, add, calls, events, logged, ring, clockAt: clock },
    async erase(row: number) {
      const deletion = `del_${row}` as DeletionId;
      await datasets.noteErasing(defaultProjectId, deletion, [`trace ${row}` as TraceId]);
      await datasets.eraseNoted(by, deletion);
    },
    create: (body: Partial<ParsedBody<'createEvaluation'>> = {}) => {
      const runs = [{ ref: 'bot@production' }, { ref: 'bot@2' }];
      const whole = evaluationSchemas.newEvaluation.parse({ dataset: 'qa', runs, ...body });
      return handlers.createEvaluation({ by, params: {}, query: undefined, body: whole });
    },
    get: (id: string) => handlers.getEvaluation({ ...at(id), query: undefined, body: undefined }),
    stop: (id: string) => handlers.stopEvaluation({ ...at(id), query: undefined, body: undefined }),
    resume: (id: string, cap?: string) =>
      handlers.resumeEvaluation({ ...at(id), query: undefined, body: cap === undefined ? {} : { cap } }),
    remove: (id: string) => handlers.removeEvaluation({ ...at(id), query: undefined, body: undefined }),
    list: (query: { limit: number; cursor?: string }) =>
      handlers.listEvaluations({ by, params: {}, query, body: undefined }),
    rows: (id: string, query: Partial<ParsedQuery<'listEvaluationRows'>> = {}) =>
      handlers.listEvaluationRows({
        ...at(id),
        query: evaluationSchemas.evaluationRowQuery.parse(query),
        body: undefined,
      }),
    addCells: (id: string, cells: ParsedBody<'addCells'>['cells']) =>
      handlers.addCells({ ...at(id), query: undefined, body: { cells } }),
    finish: (id: string) => handlers.finishEvaluation({ ...at(id), query: undefined, body: undefined }),
    estimate: (body: Partial<ParsedBody<'createEvaluation'>>) => {
      const runs = [{ ref: 'bot@production' }, { ref: 'bot@2' }];
      const whole = evaluationSchemas.newEvaluation.parse({ dataset: 'qa', runs, ...body });
      return handlers.estimateEvaluation({ by, params: {}, query: undefined, body: whole });
    },
    soFar: (id: string, measure?: string) =>
      handlers.getEvaluationSoFar({ ...at(id), query: measure === undefined ? {} : { measure }, body: undefined }),
    comparedRows: (query: { baseline: string; runs: string; filter?: string; cursor?: string; limit?: number }) =>
      handlers.listComparisonRows({
        ...{ by, params: {}, body: undefined },
        query: evaluationSchemas.comparisonRowQuery.parse(query),
      }),
    compare: (query: { baseline: string; runs: string; gates?: string }) =>
      handlers.compareRuns({ by, params: {}, query, body: undefined }),
  };
}
