import { optimizationSchemas } from '@wheelhouse/core/contract';
import type { GivenUpHandler, JobHandler } from '@wheelhouse/core/ports';
import {
  type Caller,
  defaultProjectId,
  type ExampleMember,
  type LiveEvent,
  type Model,
  type ModelVersion,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { fakeAuditStore, fakeOptimizationStore, simProgramWorld } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createOptimizationHandlers, startOptimizationWorker } from './index.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' } as Caller;
const words = { parcel: 'shipping', invoice: 'billing' };
const contents = Array.from({ length: 60 }, (_, n) => {
  const word = n % 2 === 0 ? 'parcel' : 'invoice';
  return { input: `Case ${n}: my ${word} is lost`, expected: words[word], metadata: {} };
});
const splitOf = (n: number) => (n < 12 ? 'train' : n < 24 ? 'validation' : 'test');
const members = contents.map((_, n) => ({ hash: `h${n}`, split: splitOf(n), place: n + 1 }) as ExampleMember);

const triage = {
  ...{ number: 1, signature: { input: {}, output: {} } },
  definition: {
    ...{ flavor: 'program', model: 'sim/student' },
    program: { module: 'predict', signature: "question -> label: Literal['billing', 'shipping', 'sales']" },
  },
} as unknown as ModelVersion;
const echo = { number: 1, definition: { flavor: 'base', baseModel: 'sim/echo' } } as unknown as ModelVersion;
const versions: Record<string, ModelVersion[]> = { triage: [triage], echo: [echo] };
const routes: RouteTable = {
  ...{ providers: new Set(['sim']), providerOf: () => null, routes: new Map(), settings: defaultSettings },
  find: (name) =>
    versions[name]
      ? {
          model: { name, latest: 1, aliases: [{ alias: 'production', version: 1 }] } as unknown as Model,
          versions: new Map(versions[name].map((version) => [version.number, version])),
        }
      : null,
};

/** A server with a registered program and a dataset; its one model is the simulated student. */
async function open({ onAsk = () => {} }: { onAsk?: (count: number) => void } = {}) {
  const optimizations = fakeOptimizationStore(fakeAuditStore());
  const waiting: object[] = [];
  const events: LiveEvent[] = [];
  const due: (() => void)[] = [];
  let handler: JobHandler = async () => {};
  let givenUp: GivenUpHandler = async () => {};
  let ticks = 0;
  const world = simProgramWorld();
  const erased = new Set<string>();
  const never = () => Promise.reject(new Error('nothing here asks for it'));
  const deps = {
    ...{ optimizations, checker: createSchemaChecker(), patient: <Store>(store: Store) => store },
    ...{ routes: () => routes, models: { versions: async (_: string, name: string) => versions[name] ?? [] } },
    datasets: { members: async (_: string, __: string, ___: unknown, { after = 0 }) => members.slice(after) },
    examples: {
      get: async (_: string, hashes: readonly string[]) =>
        new Map(hashes.filter((hash) => !erased.has(hash)).map((hash) => [hash, contents[Number(hash.slice(1))]])),
    } as never,
    datasetVersion: async (_: unknown, { dataset, freezes }: { dataset: string; freezes: boolean }) => {
      if (dataset !== 'cases') throw new WheelhouseError('not_found', 'No such dataset.', { param: 'dataset' });
      return { dataset, version: freezes ? 2 : null, count: 60 };
    },
    priceOfCall: () => 1_000n,
    estimateJudges: async () => [],
    publish: async (_: Caller, { name, alias }: { name: string; alias: string | null }) => ({
      published: { name, version: 2, alias: alias === 'production' ? null : alias },
      heldBack:
        alias === 'production'
          ? { code: 'alias_protected', message: 'It is protected.', hint: 'Ask.', breaking: [] }
          : null,
    }),
    jobs: {
      enqueue: async (_: string, payload: object) => void waiting.push(payload),
      work: async (_: string, given: JobHandler, options?: { givenUp?: GivenUpHandler }) => {
        handler = given;
        givenUp = options?.givenUp ?? givenUp;
      },
    },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    // No time passes, so that all there is to compare comes of the seed.
    clock: { now: () => 0n },
    random: { bytes: (size: number) => new Uint8Array(size).fill(ticks++) },
    timer: {
      after(_: number, action: () => void) {
        due.push(action);
        return () => void due.splice(due.indexOf(action) >>> 0, 1);
      },
    },
    log: { error: () => {} },
    scoringOf: () => ({
      runner: {
        run: (...args: Parameters<typeof world.runner.run>) => {
          onAsk(world.asked.length + 1);
          return world.runner.run(...args);
        },
      },
      ...{ embedder: { embed: never }, sandbox: { run: never } },
    }),
  };
  const handlers = createOptimizationHandlers(deps);
  await startOptimizationWorker(deps);
  const ask = <Body, Params>(body: Body, params: Params) => ({ by, params, body, query: undefined });
  const idOf = (optimizationId: string) => ({ optimizationId });
  return {
    ...{ deps, handlers, events, waiting, erased, asked: () => world.asked.length },
    create: (body: object = {}) =>
      handlers.createOptimization(ask(optimizationSchemas.newOptimization.parse({ ...whole, ...body }), {})),
    estimate: (body: object = {}) =>
      handlers.estimateOptimization(ask(optimizationSchemas.newOptimization.parse({ ...whole, ...body }), {})),
    get: (id: string) => handlers.getOptimization(ask(undefined, idOf(id))),
    stop: (id: string) => handlers.stopOptimization(ask(undefined, idOf(id))),
    resume: (id: string, body: object = {}) =>
      handlers.resumeOptimization(ask(optimizationSchemas.resumeOptimization.parse(body), idOf(id))),
    publish: (id: string, body: object = {}) =>
      handlers.publishOptimization(ask(optimizationSchemas.publishOptimization.parse(body), idOf(id))),
    /** The worker looks how things are, as it does every so often. */
    async look() {
      for (const action of due.splice(0)) action();
      await new Promise(setImmediate);
    },
    /** Does what waits; a job that is cut off waits on, as a durable queue has it. */
    async run(signal: AbortSignal = new AbortController().signal) {
      while (waiting.length > 0) {
        await handler(waiting[0] as object, signal);
        waiting.shift();
      }
    },
    giveUp: () => givenUp(waiting.shift() as object),
  };
}

const whole = {
  ...{ program: 'triage', dataset: 'cases', concurrency: 2 },
  ...{ optimizer: { name: 'random-search', candidates: 2 }, budget: { calls: 400 } },
};
type Api = Awaited<ReturnType<typeof open>>;
/** What a record says, without what names it. */
async function saidOf(api: Api, id: string) {
  const {
    id: _,
    createdAt: __,
    startedAt: ___,
    finishedAt: ____,
    heardAt: _____,
    turn: ______,
    ...said
  } = await api.get(id);
  return said;
}

describe('an optimization', () => {
  test('fixes what it is of, runs, and says what it found, with its candidates', async () => {
    const api = await open();
    const created = await api.create();
    expect(optimizationSchemas.optimization.parse(created)).toEqual(created);
    expect(created).toMatchObject({
      ...{ state: 'queued', place: 'server', name: 'triage', program: 'triage@1', dataset: 'cases', datasetVersion: 2 },
      ...{ model: 'sim/student', scorers: ['exact'], madeFrom: ['version:triage@1', 'dataset:cases@2'] },
      optimizer: { name: 'random-search', options: { candidates: 2, maxBootstrapped: 4 } },
    });
    await api.run();
    const done = await api.get(created.id);
    expect(optimizationSchemas.optimization.parse(done)).toEqual(done);
    expect(done).toMatchObject({
      ...{ state: 'done', verdict: 'gain', isPublishable: true, phase: null, etaSeconds: null },
      ...{ rows: { train: 12, validation: 12, heldOut: 36 }, report: { verdict: 'gain', rows: { compared: 36 } } },
    });
    const { score, candidates, points, bestId } = done;
    expect(score.best).toBeGreaterThan(score.start as number);
    expect(score.heldOut).toBeGreaterThan(score.heldOutStart as number);
    expect(candidates[0]).toMatchObject({ n: 0, by: 'start', parents: [], score: { value: score.start, rows: 12 } });
    expect(points.map((point) => point.calls)).toEqual(points.map((point) => point.calls).toSorted((a, b) => a - b));
    expect(candidates.find(({ id }) => id === bestId)).toMatchObject({
      ...{ parents: [candidates[0]?.id], changed: ['demos'], score: { value: score.best, low: expect.any(Number) } },
    });
    const params = { optimizationId: created.id, candidateId: bestId as string };
    const shown = await api.handlers.getOptimizationCandidate({ by, params, query: undefined, body: undefined });
    expect(optimizationSchemas.optimizationCandidateDetail.parse(shown)).toEqual(shown);
    expect(shown.start['']?.demos).toEqual([]);
    expect(shown.instances['']?.demos?.[0]?.values).toHaveProperty('question');
    expect(api.events.at(-1)).toMatchObject({ type: 'optimizations', id: created.id, state: 'done', best: score.best });
  });

  test('shows of an example that came of a run the trace of that run', async () => {
    const api = await open();
    const { id } = await api.create({ optimizer: { name: 'bootstrap-few-shot', maxLabeled: 0, threshold: 0 } });
    await api.run();
    const { candidates } = await api.get(id);
    const params = { optimizationId: id, candidateId: candidates.at(-1)?.id as string };
    const { instances } = await api.handlers.getOptimizationCandidate({
      by,
      params,
      query: undefined,
      body: undefined,
    });
    const demos = instances['']?.demos ?? [];
    expect(demos).toHaveLength(4);
    for (const demo of demos) expect(demo).toMatchObject({ augmented: true, traceId: '01'.repeat(16) });
  });
});

describe('an optimization that was interrupted', () => {
  test.each([1, 30, 60, 80])('after %i answers ends as if it had not been', async (after) => {
    const plain = await open();
    const { id: uncut } = await plain.create();
    await plain.run();
    const over = new AbortController();
    const api = await open({ onAsk: (count) => count === after && over.abort(new Error('The server ends.')) });
    const { id } = await api.create();
    await expect(api.run(over.signal)).rejects.toThrow('The server ends.');
    await api.run();
    expect(await saidOf(api, id)).toEqual(await saidOf(plain, uncut));
    // What was under way at that moment at most.
    expect(api.asked() - plain.asked()).toBeLessThanOrEqual(2);
  });

  test('by somebody asks nothing more, and goes on where it was', async () => {
    const plain = await open();
    const { id: uncut } = await plain.create();
    await plain.run();
    let stopAt = () => {};
    const api = await open({ onAsk: (count) => count === 50 && stopAt() });
    const { id } = await api.create();
    stopAt = () => void api.stop(id).then(api.look);
    await api.run();
    const stopped = await api.get(id);
    expect(stopped).toMatchObject({ state: 'stopped', report: null, verdict: null });
    expect(stopped.spend.calls).toBeGreaterThanOrEqual(40);
    const asked = api.asked();
    expect(asked).toBeLessThan(plain.asked());
    await api.run();
    expect(api.asked()).toBe(asked);
    expect(await api.resume(id)).toMatchObject({ state: 'queued', turn: 1 });
    await api.run();
    expect(await saidOf(api, id)).toEqual(await saidOf(plain, uncut));
    expect(api.asked() - plain.asked()).toBeLessThanOrEqual(2);
  });

  test('by the end of its budget goes on with a larger one', async () => {
    const plain = await open();
    const { id: uncut } = await plain.create();
    await plain.run();
    const api = await open();
    const { id } = await api.create({ budget: { calls: 30 } });
    await api.run();
    const short = await api.get(id);
    expect(short).toMatchObject({ state: 'done', report: { stopped: { reason: 'budget' } } });
    expect(short.spend.calls).toBeLessThanOrEqual(32);
    const asked = api.asked();
    await expect(api.resume(id)).rejects.toMatchObject({ code: 'conflict', param: 'budget' });
    await expect(api.resume(id, { budget: { calls: 20 } })).rejects.toMatchObject({ code: 'conflict' });
    await api.resume(id, { budget: { calls: 400 } });
    await api.run();
    const { report, score } = await api.get(id);
    const expected = await plain.get(uncut);
    expect({ verdict: report?.verdict, score }).toEqual({ verdict: expected.report?.verdict, score: expected.score });
    expect(api.asked()).toBeLessThan(asked + plain.asked());
    await expect(api.resume(id, { budget: { calls: 900 } })).rejects.toThrow('came to its end');
  });

  test('says why it cannot go on where rows were erased meanwhile', async () => {
    const api = await open();
    const { id } = await api.create({ budget: { calls: 30 } });
    await api.run();
    api.erased.add('h40');
    await api.resume(id, { budget: { calls: 400 } });
    await api.run();
    expect(await api.get(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('rows were erased') });
  });

  test('by the end of the server each time is given up, with the way to go on', async () => {
    const api = await open();
    const { id } = await api.create();
    await api.giveUp();
    expect(await api.get(id)).toMatchObject({ state: 'failed', error: expect.stringContaining('Resume it') });
    await api.resume(id);
    await api.run();
    expect(await api.get(id)).toMatchObject({ state: 'done', error: null, turn: 1 });
  });
});

describe('what an optimization found', () => {
  test('is published as far as the alias lets it; one without a gain is not', async () => {
    const api = await open();
    const { id } = await api.create();
    await expect(api.publish(id)).rejects.toMatchObject({ code: 'conflict' });
    await api.run();
    expect(await api.publish(id, { alias: 'production' })).toMatchObject({
      ...{ published: { name: 'triage', version: 2, alias: null }, heldBack: { code: 'alias_protected' } },
    });
    expect(await api.publish(id, { name: 'other', alias: 'staging' })).toMatchObject({ heldBack: null });
    expect(await api.get(id)).toMatchObject({ published: { name: 'other', version: 2, alias: 'staging' } });
    const none = await api.create({ optimizer: { name: 'labeled-few-shot', k: 0 } });
    await api.run();
    expect(await api.get(none.id)).toMatchObject({ state: 'done', verdict: 'no_gain', isPublishable: false });
    await expect(api.publish(none.id)).rejects.toThrow('Nothing was found');
  });
});

describe('an optimization that is asked for', () => {
  test('is estimated by rows and prices, and nothing is asked', async () => {
    const api = await open();
    expect(await api.estimate({ budget: { dollars: '0.0002' } })).toMatchObject({
      ...{ rows: { train: 12, validation: 12, heldOut: 36 }, calls: 200, callNanoUsd: '1000', costNanoUsd: '200000' },
    });
    expect(await api.estimate({ budget: { minutes: 5 } })).toMatchObject({ calls: null, costNanoUsd: null });
    expect([api.asked(), api.waiting.length]).toEqual([0, 0]);
  });

  test.each([
    [{ program: 'sim/echo' }, 'invalid_request', 'program'],
    [{ program: 'echo' }, 'invalid_request', 'program'],
    [{ program: 'nobody@production' }, 'model_not_found', undefined],
    [{ model: 'nobody/none' }, 'model_not_found', 'model'],
    [{ proposer: 'nobody' }, 'model_not_found', 'proposer'],
    [{ dataset: 'none' }, 'not_found', 'dataset'],
    [{ scorers: ['nothing'] }, 'invalid_request', undefined],
  ])('is refused before anything is asked: %j', async (body, code, param) => {
    const api = await open();
    await expect(api.create(body)).rejects.toMatchObject({ code, ...(param === undefined ? {} : { param }) });
    expect(api.waiting).toEqual([]);
  });

  test.each([
    { budget: {} },
    { budget: { calls: -1 } },
    { optimizer: { name: 'luck' } },
    { optimizer: { name: 'gepa', candidates: 3 } },
    { scorers: [] },
    { concurrency: 0 },
  ])('is no body that the contract takes: %j', (body) => {
    expect(optimizationSchemas.newOptimization.safeParse({ ...whole, ...body }).success).toBe(false);
  });
});

describe('an optimization that runs where its code is', () => {
  const recorded = {
    ...{ program: 'triage.program.ts', model: 'sim/student', budget: { calls: 9 } },
    optimizer: { name: 'knn-few-shot', options: { k: 3 } },
  };
  const ask = <Body, Params>(body: Body, params: Params) => ({ by, params, body, query: undefined });
  const spend = { calls: 3, costNanoUsd: null, tokens: null, minutes: 1 };
  const none = { answer: 0, call: 0, metric: 0, first: null };
  const progress = { phase: null, rows: null, spend, points: [], scores: {}, front: null, failures: none };
  const told = { turn: 0, progress: { ...progress, startId: null, bestId: null }, candidates: [] };
  const end = { turn: 0, state: 'stopped' as const, error: null, report: null, definition: null, madeFrom: [] };

  test('tells how far it is until somebody stops it, and is gone on with there alone', async () => {
    const { handlers, ...api } = await open();
    const body = optimizationSchemas.recordedOptimization.parse(recorded);
    const made = await handlers.recordOptimization(ask(body, {}));
    expect(made).toMatchObject({ state: 'running', place: 'client', name: 'triage.program.ts', registered: null });
    const params = { optimizationId: made.id };
    expect(await handlers.reportOptimization(ask(told, params))).toEqual({ goesOn: true, state: 'running' });
    expect(await api.get(made.id)).toMatchObject({
      spend: { calls: 3, costNanoUsd: null },
      share: 3 / 9,
      etaSeconds: 120,
    });
    await api.stop(made.id);
    expect(await handlers.reportOptimization(ask(told, params))).toEqual({ goesOn: false, state: 'stopped' });
    expect(await handlers.finishOptimization(ask(end, params))).toMatchObject({ state: 'stopped' });
    await expect(api.resume(made.id)).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining('--resume'),
    });
    expect(await api.resume(made.id, { here: true })).toMatchObject({ state: 'running', turn: 1 });
    expect(await handlers.reportOptimization(ask(told, params))).toMatchObject({ goesOn: false });
    expect(api.waiting).toEqual([]);
  });

  test('may not be told of where the server runs it', async () => {
    const { handlers, create } = await open();
    const params = { optimizationId: (await create()).id };
    await expect(handlers.reportOptimization(ask(told, params))).rejects.toMatchObject({ code: 'conflict' });
    await expect(handlers.finishOptimization(ask(end, params))).rejects.toMatchObject({ code: 'conflict' });
  });
});
