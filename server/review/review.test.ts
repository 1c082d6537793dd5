import { type HandlerRequest, type Handlers, routes } from '@wheelhouse/core/contract';
import type { SearchedTrace } from '@wheelhouse/core/ports';
import {
  type Actor,
  type Cell,
  contentHash,
  type DatasetId,
  defaultProjectId,
  type EvaluationId,
  type ExampleId,
  everyTrace,
  type LiveEvent,
  type RunId,
  type SpanId,
  type TraceId,
} from '@wheelhouse/core/records';
import {
  fakeCellStore,
  fakeDatasetStore,
  fakeEvaluationStore,
  fakeExampleStore,
  fakeReviewStore,
  fakeScoreStore,
  fakeTraceQueries,
} from '@wheelhouse/testing/fakes';
import { beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { sampleEvaluation } from '../../testing/conformance/sample-evaluations.ts';
import { createRowAdder } from '../datasets/index.ts';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createLiveFeed, startStandingFilters } from '../traces/index.ts';
import type { ReviewDeps } from './deps.ts';
import { createReviewHandlers } from './review-handlers.ts';
import { createReviewFeed } from './rule-feed.ts';

const project = defaultProjectId;
const who = (actor: string): Actor => ({ project, actor });
const [ada, bob, eve] = [who('ada'), who('bob'), who('eve')];
const rowCount = 120;
const [runA, runB] = ['run_a' as RunId, 'run_b' as RunId];
const spanOf = (digit: string) => digit.repeat(16) as SpanId;
const traceOf = (n: number) => n.toString(16).padStart(32, 'a') as TraceId;

/** Row by row, always the same: what the judge says, and what people would say. */
const judgeSays = (n: number, run: RunId) => ((n * 7) % 10) / 10 + (run === runB ? 0.1 : 0);
const peopleSay = (n: number, run: RunId) => ((n * 7) % 10) + (run === runB ? 2 : 0) >= 5;

const form = [
  { kind: 'boolean' as const, name: 'good', label: 'Is it good?' },
  { kind: 'text' as const, name: 'why', required: false },
  { kind: 'correction' as const, name: 'better', required: false },
];

type Ids = keyof ReturnType<typeof createReviewHandlers>;
type Asked = { by?: Actor; params?: Record<string, string>; body?: object; query?: object };

async function setUp() {
  const [cells, datasets, examples] = [fakeCellStore(), fakeDatasetStore(), fakeExampleStore()];
  const [evaluations, scores, review] = [fakeEvaluationStore(), fakeScoreStore(), fakeReviewStore()];
  const queries = fakeTraceQueries();
  const events: LiveEvent[] = [];
  let [nowNs, counter] = [1_700_000_000_000_000_000n, 0];
  const clock = { now: () => nowNs };
  const random = { bytes: (count: number) => new Uint8Array(count).fill(++counter) };
  for (const name of ['qa', 'corrected'])
    await datasets.create(ada, { id: `ds_${name}` as DatasetId, name, description: '' });
  const contents = Array.from({ length: rowCount }, (_, n) => ({ input: `q${n}`, expected: `a${n}`, metadata: { n } }));
  const hashed = contents.map((content) => ({ hash: contentHash(content), content }));
  await examples.put(project, hashed);
  const idOf = (n: number) => `ex_${String(n).padStart(4, '0')}` as ExampleId;
  await datasets.addExamples(
    ada,
    'qa',
    hashed.map(({ hash }, n) => ({ id: idOf(n), hash, source: null, tags: [], split: null, weight: 1 })),
  );
  await datasets.freeze(ada, 'qa');
  const evaluation = sampleEvaluation('1', {
    ...{ dataset: 'qa', datasetVersion: 1, scorers: ['judge', 'exact'], repetitions: 1, total: 2 * rowCount },
    runs: [
      { id: runA, label: 'bot@1', ref: 'bot@1', model: 'bot', version: 1 },
      { id: runB, label: 'bot@2', ref: 'bot@2', model: 'bot', version: 2 },
    ],
  });
  await evaluations.create(ada, evaluation);
  const scored = (score: number) => ({
    ...{ ok: true as const, score, label: null, reason: null, feedback: null, metadata: {}, calls: null },
  });
  const cellsOf = (runId: RunId): Cell[] =>
    contents.map((_, n) => ({
      ...{ runId, exampleId: idOf(n), repetition: 0, output: `${runId} says ${n}`, error: null },
      scores: { judge: scored(judgeSays(n, runId)), exact: scored(n % 4 === 0 ? 1 : 0) },
      ...{ latencyNs: 1n, costNanoUsd: null, judgeNanoUsd: 0n, cached: false, answerKey: '' },
      traceId: traceOf(n + (runId === runA ? 1 : 1_001)),
    }));
  await cells.put(project, [...cellsOf(runA), ...cellsOf(runB)]);
  const complete = () =>
    evaluations.complete(
      evaluation.id,
      { summaries: [], results: [], gateResults: [] },
      { done: 2 * rowCount, failed: 0, cached: 0, erased: 0, costNanoUsd: null },
    );
  const kept = { datasets, examples, checker: createSchemaChecker(), clock, random };
  const told = createLiveFeed({ error: () => {} });
  told.subscribe((event) => void events.push(event));
  const deps: ReviewDeps = {
    ...{ review, evaluations, cells, datasets, examples, scores, clock, random, queries },
    rows: createRowAdder(kept, () => {}),
    traceRows: async (_, traces) =>
      traces
        .filter((id) => id.endsWith('f'))
        .map((traceId) => ({ traceId, spanId: 'ab'.repeat(8) as SpanId, input: 'hello', output: { text: 'hi' } })),
    spanRow: async (_, { traceId, spanId }) =>
      spanId === spanOf('a') ? { traceId, spanId, input: 'one step', output: 'done' } : null,
    readFilter: () => everyTrace,
    feed: told,
  };
  const handlers = createReviewHandlers(deps) as Handlers<Ids>;

  /** As the router would: what is left out is what the contract says. */
  function call<Id extends Ids>(id: Id, { by = ada, params = {}, body, query }: Asked = {}) {
    const route: { body?: z.ZodType; query?: z.ZodType; response: z.ZodType } = routes[id];
    const request = { by, params, body: route.body?.parse(body ?? {}), query: route.query?.parse(query ?? {}) };
    return handlers[id](request as unknown as HandlerRequest<Id>);
  }
  const at = (item: number | string) => ({ queue: 'tone', item: String(item) });
  return {
    watching: { queries, feed: told, clock, log: { error: () => {} } },
    reviewFeed: createReviewFeed(deps),
    ...{ call, complete, queries, scores, events, datasets, examples, evaluationId: evaluation.id as EvaluationId },
    pass: (seconds: number) => {
      nowNs += BigInt(seconds) * 1_000_000_000n;
    },
    create: (more: object = {}) => call('createReviewQueue', { body: { name: 'tone', form, ...more } }),
    fill: (body: object) => call('addReviewItems', { params: { queue: 'tone' }, body }),
    take: async (by: Actor, of = 'open') =>
      (await call('takeReviewItem', { by, params: { queue: 'tone' }, body: { of } })).item,
    label: (by: Actor, item: number, answers: object, more: object = {}) =>
      call('labelReviewItem', { by, params: at(item), body: { answers, ...more } }),
    undo: (by: Actor, item: number) => call('undoReviewLabel', { by, params: at(item) }),
    decide: (by: Actor, item: number, answers: object) =>
      call('decideReviewItem', { by, params: at(item), body: { answers } }),
    items: (query: object = {}) =>
      call('listReviewItems', { params: { queue: 'tone' }, query: { limit: 500, ...query } }),
    judge: (query: object = {}) => call('correctJudge', { params: { queue: 'tone' }, query }),
  };
}

let world: Awaited<ReturnType<typeof setUp>>;
beforeEach(async () => {
  world = await setUp();
});

const evaluated = (pick: string, more: object = {}) => ({
  ...{ from: 'evaluation', evaluationId: world.evaluationId, pick, ...more },
});

describe('labelling', () => {
  it('shows an answer without whose it is, and keeps the label as a score of a person', async () => {
    await world.create();
    const filled = await world.fill(evaluated('disagreement', { runs: [runA], count: 2 }));
    expect(filled).toMatchObject({ added: 2, present: 0, queue: { items: { open: 2 } } });
    const shown = await world.take(ada);
    expect(shown).toMatchObject({ number: 1, target: null, model: null, reason: null, labels: [], gone: false });
    expect(shown).toMatchObject({ input: expect.stringMatching(/^q/), output: expect.stringContaining('says') });
    world.pass(12);
    const { item } = await world.label(ada, 1, { good: true, why: 'short' }, { comment: 'clear' });
    expect(item).toMatchObject({ state: 'done', labels: [{ rater: 'ada', seconds: 12, comment: 'clear' }] });
    const traceId = item.traceId as TraceId;
    expect(await world.scores.ofTrace(project, traceId)).toMatchObject([
      {
        name: 'good',
        value: true,
        source: 'human',
        comment: 'clear',
        metadata: { queue: 'tone', item: 1, rater: 'ada' },
      },
    ]);
    expect(world.events).toContainEqual({ type: 'scores', project, traceIds: [traceId] });
    await world.undo(ada, 1);
    expect(await world.scores.ofTrace(project, traceId)).toEqual([]);
    expect((await world.take(ada))?.number).toBe(1);
    await expect(world.undo(bob, 1)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('shows all of it where it is not blind, the reason too', async () => {
    await world.create({ blind: false });
    await world.fill(evaluated('disagreement', { runs: [runB], count: 1 }));
    expect(await world.take(ada)).toMatchObject({
      ...{ model: 'bot@2', target: { kind: 'cell', runId: runB, repetition: 0 } },
      reason: expect.stringMatching(/^judge says .+, exact says [01]\.$/),
    });
  });

  it('takes what the form asks for, and nothing else', async () => {
    await world.create();
    await world.fill(evaluated('disagreement', { count: 1 }));
    for (const answers of [{}, { good: 'yes' }, { good: true, other: 1 }, { good: true, why: '' }])
      await expect(world.label(ada, 1, answers)).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(world.label(ada, 1, { good: true }, { skip: true })).rejects.toMatchObject({
      code: 'invalid_request',
    });
    await expect(world.label(ada, 9, { good: true })).rejects.toMatchObject({ code: 'not_found' });
    await world.label(ada, 1, {}, { skip: true });
    expect(await world.take(ada)).toBeNull();
    expect((await world.take(bob))?.number).toBe(1);
    await expect(world.create()).rejects.toMatchObject({ code: 'conflict' });
  });

  it('lets somebody decide what people disagree about, who sees what they said', async () => {
    await world.create({ overlap: 2 });
    await world.fill(evaluated('disagreement', { runs: [runA], count: 1 }));
    await world.label(ada, 1, { good: true });
    expect(await world.take(bob)).toMatchObject({ number: 1, labels: [] });
    await expect(world.decide(eve, 1, { good: true })).rejects.toMatchObject({ code: 'conflict' });
    await world.label(bob, 1, { good: false });
    const disputed = await world.take(eve, 'disputed');
    expect(disputed).toMatchObject({ disputed: ['good'], labels: [{ rater: 'ada' }, { rater: 'bob' }] });
    const { item } = await world.decide(eve, 1, { good: false });
    expect(item.state).toBe('done');
    const scores = await world.scores.ofTrace(project, item.traceId as TraceId);
    expect(scores.map(({ value, metadata }) => [value, metadata.rater, metadata.decides ?? false])).toEqual(
      expect.arrayContaining([
        [true, 'ada', false],
        [false, 'bob', false],
        [false, 'eve', true],
      ]),
    );
    const { fields, raters } = await world.call('getRaterAgreement', { params: { queue: 'tone' } });
    expect(fields).toMatchObject([{ field: 'good', disputed: 1, alpha: { units: 1, verdict: 'too_few' } }]);
    expect(raters.map(({ rater, labels }) => [rater, labels])).toEqual([
      ['ada', 1],
      ['bob', 1],
    ]);
  });

  it('says how far people agree beyond chance', async () => {
    await world.create({ overlap: 2 });
    await world.fill(evaluated('disagreement', { runs: [runA], count: 60 }));
    for (let item = 1; item <= 60; item++) {
      await world.label(ada, item, { good: item % 2 === 0 });
      await world.label(bob, item, { good: item % 10 === 0 ? item % 2 !== 0 : item % 2 === 0 });
    }
    const { fields } = await world.call('getRaterAgreement', { params: { queue: 'tone' } });
    // By hand: they agree on 54 of 60; ada says yes 30 times, bob 24 times.
    const chance = (30 / 60) * (24 / 60) + (30 / 60) * (36 / 60);
    expect(fields[0]?.kappa?.value).toBeCloseTo((0.9 - chance) / (1 - chance), 10);
    expect(fields[0]).toMatchObject({ disputed: 6, alpha: { units: 60 } });
  });
});

describe('a filter', () => {
  const traces = Array.from({ length: 30 }, (_, n) => ({ traceId: traceOf(n + 1), startNs: BigInt(n), runId: null }));

  it('fills a queue with the newest traces, and goes on behind them', async () => {
    await world.queries.put(project, traces as unknown as SearchedTrace[]);
    await world.create();
    const first = await world.fill({ from: 'filter', most: 10 });
    expect(first).toMatchObject({ added: 10, present: 0, next: expect.any(String) });
    const again = await world.fill({ from: 'filter', most: 12 });
    expect(again).toMatchObject({ added: 2, present: 10 });
    const rest = await world.fill({ from: 'filter', cursor: again.next });
    expect(rest).toMatchObject({ added: 18, present: 0, next: null });
    const { data } = await world.items();
    expect(data.map(({ traceId }) => traceId)).toEqual(traces.map(({ traceId }) => traceId).reverse());
  });

  it('takes a sample of them, the same ones each time', async () => {
    await world.queries.put(project, traces as unknown as SearchedTrace[]);
    await world.create();
    const { added } = await world.fill({ from: 'filter', sample: 0.5 });
    expect(added).toBeGreaterThan(5);
    expect(added).toBeLessThan(25);
    expect(await world.fill({ from: 'filter', sample: 0.5 })).toMatchObject({ added: 0, present: added });
  });
});

describe('conversations and steps', () => {
  const session = 'a chat';
  const turn = (n: number) => ({
    ...{ traceId: traceOf(16 * n + 15), startNs: BigInt(n), endNs: BigInt(n), runId: null, sessionId: session },
    ...{ costNanoUsd: null, inputTokens: 0, outputTokens: 0, userId: null, models: [] },
  });

  it('are looked at as what was said before the last answer, and that answer', async () => {
    await world.queries.put(project, [turn(1), turn(2)] as unknown as SearchedTrace[]);
    await world.create();
    const sessions = { from: 'sessions', sessionIds: [session] };
    expect(await world.fill(sessions)).toMatchObject({ added: 1 });
    expect(await world.fill({ from: 'filter', of: 'sessions' })).toMatchObject({ added: 0, present: 1, next: null });
    expect(await world.take(ada)).toMatchObject({
      input: {
        messages: [
          { role: 'user', content: 'hello' },
          { role: 'assistant', content: '{"text":"hi"}' },
          { role: 'user', content: 'hello' },
        ],
      },
      output: { text: 'hi' },
    });
    await world.label(ada, 1, { good: true });
    const all = () => world.scores.list(project, { sessionId: session, limit: 10 });
    expect((await all()).data).toMatchObject([{ name: 'good', value: true, traceId: null, sessionId: session }]);
    await world.undo(ada, 1);
    expect((await all()).data).toEqual([]);
  });

  it('of one trace are labelled each for itself', async () => {
    await world.create();
    const spans = [{ traceId: traceOf(1), spanId: spanOf('A') }];
    expect(await world.fill({ from: 'spans', spans })).toMatchObject({ added: 1 });
    expect(await world.take(ada)).toMatchObject({ input: 'one step', output: 'done' });
    await world.label(ada, 1, { good: false });
    expect(await world.scores.ofTrace(project, traceOf(1))).toMatchObject([{ spanId: spanOf('a'), value: false }]);
    const noSpan = { from: 'spans', spans: [{ traceId: traceOf(1), spanId: spanOf('b') }] };
    for (const missing of [noSpan, { from: 'sessions', sessionIds: ['another'] }])
      await expect(world.fill(missing)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a queue that fills itself', () => {
  const traces = [1, 2, 15].map((n) => ({ traceId: traceOf(n), startNs: BigInt(n), runId: null }));

  it('takes traces that fit and show an input, once each, as long as it has a rule', async () => {
    await world.queries.put(project, traces as unknown as SearchedTrace[]);
    await world.create();
    const params = { queue: 'tone' };
    const set = (rule: object | null) => world.call('setReviewRule', { params, body: { rule } });
    expect(await set({ q: '' })).toMatchObject({ rule: { q: '', sample: 1 } });
    const rules = startStandingFilters(world.watching, world.reviewFeed);
    const come = async (traceIds = traces.map(({ traceId }) => traceId)) => {
      world.watching.feed.publish({ type: 'traces', project, traceIds });
      world.pass(6);
      await rules.flush();
    };
    for (let times = 0; times < 2; times++) await come();
    expect((await world.items()).data).toMatchObject([{ traceId: traceOf(15) }]);
    expect(world.events).toContainEqual({ type: 'review', project, name: 'tone' });
    await set(null);
    await world.queries.put(project, [{ ...traces[0], traceId: traceOf(31) }] as unknown as SearchedTrace[]);
    await come([traceOf(31)]);
    expect((await world.items()).data).toHaveLength(1);
    rules.stop();
  });
});

describe('pairs of answers', () => {
  const params = { queue: 'tone' };
  const pairs = (more: object = {}) => ({ from: 'pairs', evaluationId: world.evaluationId, ...more });
  const asked = [
    { kind: 'preference', name: 'better' },
    { ...form[0], required: false },
  ];
  const create = (more: object = {}) => world.create({ form: asked, ...more });
  const prefers = () => world.call('getReviewPreferences', { params });

  it('are drawn by chance, and stand on either side', async () => {
    await world.complete();
    await create();
    expect(await world.fill(pairs({ count: 40 }))).toMatchObject({ added: 40, present: 0 });
    expect(await world.fill(pairs({ count: 60 }))).toMatchObject({ added: 20, present: 40 });
    const { data } = await world.items();
    const onLeft = data.filter(({ target }) => target.kind === 'pair' && target.left === runA).length;
    expect(Math.abs(onLeft - 30)).toBeLessThan(15);
    const [first] = data;
    const shown = await world.take(ada);
    expect(shown).toMatchObject({ model: null, target: null, other: { model: null } });
    const { left, right } = { left: '?', right: '?', ...first?.target };
    expect(shown?.output).toContain(left);
    expect(shown?.other?.output).toContain(right);
    for (const answer of ['A', runA, true])
      await expect(world.label(ada, 1, { better: answer })).rejects.toMatchObject({ code: 'invalid_request' });
    await world.label(ada, 1, { better: 'same', good: true });
    expect(await world.scores.ofTrace(project, first?.traceId as TraceId)).toEqual([]);
  });

  it('say which run people prefer, whichever side it stood on; a decision stands for the labels', async () => {
    await world.complete();
    await create({ overlap: 2 });
    await world.fill(pairs({ count: 30 }));
    expect((await prefers()).groups).toEqual([]);
    const { data } = await world.items();
    const of = (item: number, isB: boolean) => {
      const target = data.find(({ number }) => number === item)?.target;
      return (target?.kind === 'pair' && target.left === runB) === isB ? 'left' : 'right';
    };
    for (const { number } of data) {
      await world.label(ada, number, { better: of(number, number % 3 !== 0) });
      await world.label(bob, number, { better: number === 1 ? 'same' : of(number, number % 3 !== 0) });
    }
    await world.decide(eve, 1, { better: of(1, true) });
    const { groups } = await prefers();
    expect(groups).toMatchObject([
      {
        rows: 30,
        runs: [
          { label: 'bot@2', wins: 39, ties: 0, losses: 20, ranked: { winRate: expect.closeTo(0.66, 1) } },
          { label: 'bot@1', wins: 20, ties: 0, losses: 39 },
        ],
      },
    ]);
  });

  it('go where they are asked about, and nothing else does', async () => {
    await world.complete();
    await create();
    await expect(world.fill({ from: 'filter' })).rejects.toMatchObject({ code: 'invalid_request' });
    const ruled = world.call('setReviewRule', { params, body: { rule: { q: '' } } });
    await expect(ruled).rejects.toMatchObject({ code: 'invalid_request' });
    for (const more of [{ runs: [runA, runA] }, { runs: [runA, 'run_c'] }])
      await expect(world.fill(pairs(more))).rejects.toMatchObject({ code: 'invalid_request' });
    await world.call('removeReviewQueue', { params });
    await world.create();
    await expect(world.fill(pairs())).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(prefers()).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe('corrected answers', () => {
  it('become examples, once each, with where they come from', async () => {
    await world.create();
    await world.fill(evaluated('disagreement', { runs: [runA], count: 1 }));
    await world.fill({ from: 'traces', traceIds: ['f'.repeat(32), `${'e'.repeat(31)}f`] });
    await world.label(ada, 1, { good: false, better: 'Oslo' });
    await world.label(ada, 2, { good: false, better: '{"text":"hello"}' });
    await world.label(ada, 3, { good: false, better: '{"text":' });
    const add = () =>
      world.call('addReviewedExamples', {
        params: { queue: 'tone' },
        body: { dataset: 'corrected', tags: ['reviewed'] },
      });
    expect(await add()).toMatchObject({ corrected: 3, added: 2, refused: [{ item: 3 }] });
    expect(await add()).toMatchObject({ corrected: 3, added: 0 });
    const members = await world.datasets.members(project, 'corrected', null, { limit: 10 });
    const hashes = members.map(({ hash }) => hash);
    const found = await world.examples.get(project, hashes);
    expect(hashes.map((hash) => found.get(hash)?.expected)).toEqual(['Oslo', { text: 'hello' }]);
    expect(members[1]).toMatchObject({ tags: ['reviewed'], source: { traceId: 'f'.repeat(32) } });
    const missing = world.fill({ from: 'traces', traceIds: ['0'.repeat(32)] });
    await expect(missing).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a judge', () => {
  /** Everybody labels what was drawn, in its order, up to so many rows. */
  async function labelRows(rows: number, runs: number): Promise<void> {
    const { data } = await world.items();
    for (const { number, target } of data.slice(0, rows * runs)) {
      if (target.kind !== 'cell') continue;
      await world.label(ada, number, { good: peopleSay(Number(target.exampleId.slice(3)), target.runId as RunId) });
    }
  }
  const truth = (run: RunId) =>
    Array.from({ length: rowCount }, (_, n) => Number(peopleSay(n, run))).reduce((sum, one) => sum + one, 0) / rowCount;

  it('is corrected by labels of rows that were drawn by its doubt', async () => {
    await world.complete();
    await world.create();
    await world.fill(evaluated('doubt', { count: 40 }));
    await world.fill(evaluated('doubt', { count: 60 }));
    expect((await world.items()).data).toHaveLength(120);
    await labelRows(60, 2);
    const { runs, measure, field } = await world.judge();
    expect({ measure, field }).toEqual({ measure: 'judge', field: 'good' });
    for (const { runId, score } of runs) {
      expect(score).toMatchObject({ rows: rowCount, labels: 60 });
      expect(score.interval?.low).toBeLessThanOrEqual(truth(runId as RunId));
      expect(score.interval?.high).toBeGreaterThanOrEqual(truth(runId as RunId));
      expect(Math.abs((score.estimate ?? 0) - truth(runId as RunId))).toBeLessThan(0.1);
    }
    expect(runs.map(({ difference }) => difference?.decision ?? null)).toEqual([null, 'higher']);
    expect(runs[0]?.agreement).toBeNull();
  });

  it('counts labels as far as they follow the order of the draw', async () => {
    await world.complete();
    await world.create();
    await world.fill(evaluated('evenly', { runs: [runA], count: 100 }));
    await labelRows(40, 1);
    await world.label(ada, 100, { good: true });
    const { runs } = await world.judge({ within: 0.12 });
    expect(runs[0]?.score.labels).toBe(40);
    expect(runs[0]?.agreement).toMatchObject({ n: 40, leniency: { verdict: expect.any(String) } });
    expect(runs[0]?.score.labelsWanted).toEqual(expect.any(Number));
  });

  it('is not corrected by rows that somebody picked, nor by another way to draw', async () => {
    await world.create();
    await world.fill(evaluated('disagreement', { count: 5 }));
    await expect(world.judge()).rejects.toMatchObject({ code: 'conflict' });
    await expect(world.fill(evaluated('doubt'))).rejects.toMatchObject({ code: 'conflict' });
    await world.complete();
    await world.fill(evaluated('doubt', { count: 5 }));
    await expect(world.fill(evaluated('evenly', { count: 9 }))).rejects.toMatchObject({ code: 'conflict' });
    await expect(world.judge({ field: 'why' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(world.judge({ measure: 'bleu' })).rejects.toMatchObject({ code: 'invalid_request' });
    await expect(world.fill(evaluated('doubt', { runs: ['run_c'] }))).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });
});
