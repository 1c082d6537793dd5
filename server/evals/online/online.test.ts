import { onlineSchemas } from '@wheelhouse/core/contract';
import type { ArrivedAsk, LabelDesk, ModelOutcome } from '@wheelhouse/core/ports';
import {
  defaultProjectId,
  judgeTag,
  type LiveEvent,
  type OnlinePlace,
  type Score,
  type Span,
  type TraceId,
} from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { bareSpan, says, spanIdOf } from '@wheelhouse/testing/conformance';
import {
  fakeAuditStore,
  fakeOnlineStore,
  fakeScoreStore,
  fakeTraceQueries,
  summarizeTrace,
} from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createSchemaChecker } from '../../tools/schema-checker.ts';
import { createOnlineHandlers, nodeTimer } from '../index.ts';
import { lookAtDueOnline } from './look-at-due-online.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const firstMs = Date.UTC(2026, 0, 1, 12);
const idOf = (n: number) => n.toString(16).padStart(32, '0') as TraceId;
const judge = { scorer: 'judge_rubric {"model":"sim/judge","rubric":"Is it kind?"}', as: 'kind' };
const says4 = '{"reason":"It is.","grade":4,"feedback":""}';
const routes: RouteTable = {
  ...{ providers: new Set(['sim']), providerOf: () => null, routes: new Map(), settings: defaultSettings },
  find: () => null,
};
const never = () => Promise.reject(new Error('no scorer here asks for it'));
const noParams = { params: {}, query: undefined };

type World = { nowMs: number; answer(asked: string): Partial<ModelOutcome> & { ok?: boolean } };

/** A project whose telemetry is as told, and a server that looks when it is told to. */
function open() {
  const audit = fakeAuditStore();
  const world: World = { nowMs: firstMs, answer: () => ({ text: says4 }) };
  const clock = { now: () => BigInt(world.nowMs) * 1_000_000n };
  const arrivals: OnlinePlace[] = [];
  const traces = new Map<TraceId, Span[]>();
  const queries = fakeTraceQueries();
  const scores = fakeScoreStore();
  const events: LiveEvent[] = [];
  const asked: string[] = [];
  const queued = new Map<TraceId, number>();
  const said = new Map<TraceId, number>();
  const desk: LabelDesk = {
    read: async () => (queued.size === 0 ? null : { field: 'right', queued: new Set(queued.keys()), said }),
    async add(_, __, items) {
      const fresh = items.filter(({ traceId }) => !queued.has(traceId));
      for (const { traceId, probability } of items) queued.set(traceId, probability);
      return fresh.length;
    },
  };
  let ticks = 0;
  const deps = {
    ...{ online: fakeOnlineStore(audit), queries, scores, clock, desk, timer: nodeTimer, routes: () => routes },
    ...{ checker: createSchemaChecker(), prices: { find: () => null }, log: { error: () => {} } },
    wholeSpans: {
      async *ofTraces(_: unknown, wanted: TraceId[]) {
        for (const id of wanted) yield* traces.get(id) ?? [];
      },
    },
    storeNow: async () => clock.now(),
    telemetry: {
      arrived: async (_: unknown, { after, untilMs, waitMs, of, limit }: ArrivedAsk) =>
        arrivals
          .map(({ ms, id }) => ({ ms: of === 'traces' ? ms : ms + waitMs, id }))
          .filter(({ ms, id }) => ms <= untilMs && (ms > after.ms || (ms === after.ms && id > after.id)))
          .sort((a, b) => a.ms - b.ms || (a.id < b.id ? -1 : 1))
          .slice(0, limit),
      async scored(_: unknown, { name }: { name: string }) {
        const { data } = await scores.list(project, { name, limit: 10_000 });
        return data.map(({ traceId, value }) => ({ traceId: traceId as TraceId, value: Number(value) }));
      },
    },
    scoring: { createScoring: never, estimateScoring: never },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    random: { bytes: (size: number) => new Uint8Array(size).fill(ticks++) },
    scoringOf: () => ({
      ...{ embedder: { embed: never }, sandbox: { run: never }, spansOf: never },
      runner: {
        run: async (_: string, { messages }: { messages: unknown[] }): Promise<ModelOutcome> => {
          const text = JSON.stringify(messages);
          asked.push(/question \d+/.exec(text)?.[0] ?? text);
          const seen = { traceId: idOf(9_999), latencyNs: 1n, costNanoUsd: 1_000_000n };
          return { ok: true, text: '', ...seen, ...world.answer(text) } as ModelOutcome;
        },
      },
    }),
  };
  const handlers = createOnlineHandlers(deps as never);
  const stopping = new AbortController();
  const nameOf = (name: string) => ({ by, params: { online: name }, query: undefined, body: undefined });
  return {
    ...{ world, deps, handlers, asked, events, queued, said, queries, audit },
    stop: () => stopping.abort(),
    set: (body: object, name = 'rule') =>
      handlers.setOnlineEvaluation({
        ...{ by, params: { online: name }, query: undefined },
        body: onlineSchemas.newOnlineEvaluation.parse(body),
      }),
    get: (name = 'rule') => handlers.getOnlineEvaluation(nameOf(name)),
    pause: () => handlers.pauseOnlineEvaluation(nameOf('rule')),
    resume: () => handlers.resumeOnlineEvaluation(nameOf('rule')),
    /** Traces with these numbers come now; each asks `question n` unless told otherwise. */
    async arrive(numbers: number[], more: Partial<Span> & { ask?: string } = {}) {
      const { ask, ...fields } = more;
      for (const n of numbers) {
        const [input, output] = [says('user', ask ?? `question ${n}`), says('assistant', `answer ${n}`)];
        const startNs = clock.now() + BigInt(n);
        const spans = [bareSpan(idOf(n), spanIdOf(1), { input, output, startNs, endNs: startNs + 5n, ...fields })];
        traces.set(idOf(n), spans);
        const summarized = summarizeTrace(spans);
        if (summarized) await queries.put(project, [{ ...summarized.summary, scores: [] }]);
        arrivals.push({ ms: world.nowMs, id: idOf(n) });
      }
    },
    async later(ms = 5_000) {
      world.nowMs += ms;
      await lookAtDueOnline(deps as never, stopping.signal);
    },
    scoresOf: (n: number): Promise<Score[]> => scores.ofTrace(project, idOf(n)),
  };
}
type Api = ReturnType<typeof open>;
const nanos = (usd: number) => String(BigInt(usd * 1_000) * 1_000_000n);

async function withApi(work: (api: Api) => Promise<void>): Promise<void> {
  const api = open();
  try {
    await work(api);
  } finally {
    await api.stop();
  }
}

describe('an online evaluation', () => {
  test('scores what fits when it has come, once, and says by whom', () =>
    withApi(async (api) => {
      await api.arrive([1]);
      await api.later(10_000);
      await api.set({ q: 'user:u', scorers: [judge, 'contains {"values":["answer"]}'] });
      await api.arrive([2, 3], { userId: 'u' });
      await api.arrive([4], { userId: 'v' });
      await api.later();
      const [kind, contains] = (await api.scoresOf(2)).toSorted((a, b) => (a.name < b.name ? 1 : -1));
      expect(kind).toMatchObject({
        ...{ name: 'kind', value: 0.75, source: 'judge', comment: 'It is.' },
        metadata: { online: 'rule', version: 1 },
      });
      expect(contains).toMatchObject({ name: 'contains', value: 1, source: 'code' });
      expect([await api.scoresOf(1), await api.scoresOf(4)]).toEqual([[], []]);
      expect(api.events).toContainEqual({
        type: 'scores',
        project,
        traceIds: expect.arrayContaining([idOf(2), idOf(3)]),
      });
      const online = await api.get();
      expect(onlineSchemas.onlineEvaluation.parse(online)).toEqual(online);
      expect(online).toMatchObject({
        state: 'on',
        today: { looked: 2, scored: 4, costNanoUsd: '2000000' },
        sentence: '4 scores given today.',
      });
      // More of it comes later.
      await api.arrive([2], { userId: 'u' });
      await api.later();
      expect(api.asked).toHaveLength(2);
      expect(await api.get()).toMatchObject({
        today: { looked: 3, scored: 4, kept: 2 },
        sentence: '4 scores given today, 2 there already.',
      });
    }));

  test('looks again at what was scored by a server that was killed, and pays nothing twice', () =>
    withApi(async (api) => {
      await api.set({ scorers: [judge] });
      await api.arrive([1, 2, 3]);
      const store = api.deps.online;
      const kept = store.record;
      store.record = async () => false;
      await api.later();
      expect(api.asked).toHaveLength(3);
      store.record = kept;
      await api.later(60_000);
      expect(api.asked).toHaveLength(3);
      expect((await api.get()).today).toMatchObject({ looked: 3, scored: 0, kept: 3 });
    }));

  test('leaves out what judges, evaluations, and what does not fall into the sample, the same on every server', () =>
    withApi(async (api) => {
      await api.set({ scorers: ['readability'], sample: 0.25 });
      const many = Array.from({ length: 200 }, (_, i) => i + 1);
      await api.arrive(many);
      await api.arrive([301], { tags: [judgeTag] });
      await api.arrive([302], { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } as never });
      await api.later();
      const { today } = await api.get();
      expect(today.scored).toBeGreaterThan(25);
      expect(today.scored).toBeLessThan(80);
      await api.set({ scorers: ['readability'] });
      await api.arrive([400]);
      await api.later();
      expect([await api.scoresOf(301), await api.scoresOf(302)]).toEqual([[], []]);
      expect(await api.scoresOf(400)).toHaveLength(1);
    }));

  test('waits for a trace that has no line yet, with what came behind it', () =>
    withApi(async (api) => {
      await api.set({ scorers: ['readability'] });
      await api.arrive([1, 2, 3]);
      const searched = api.queries.searched;
      api.queries.searched = async (...args) => (await searched(...args)).filter(({ traceId }) => traceId !== idOf(2));
      await api.later();
      expect([(await api.scoresOf(1)).length, (await api.scoresOf(3)).length]).toEqual([1, 0]);
      api.queries.searched = searched;
      await api.later();
      expect([(await api.scoresOf(2)).length, (await api.scoresOf(3)).length]).toEqual([1, 1]);
    }));

  test('stops for the day when its money is spent, says so, and goes on the next day', () =>
    withApi(async (api) => {
      await api.set({ scorers: [judge], budget: '0.03' });
      await api.arrive(Array.from({ length: 50 }, (_, i) => i + 1));
      await api.later();
      const spent = await api.get();
      expect(spent).toMatchObject({ state: 'spent', budgetNanoUsd: nanos(0.03) });
      expect(spent.today.scored).toBeGreaterThanOrEqual(30);
      expect(spent.today.scored).toBeLessThanOrEqual(33);
      expect(spent.today.scored + spent.today.skipped).toBe(50);
      expect(spent.sentence).toContain('The $0.0300 of today are spent');
      await api.arrive([60]);
      await api.later();
      expect(await api.scoresOf(60)).toEqual([]);
      await api.later(24 * 3_600_000);
      await api.arrive([61]);
      await api.later();
      expect(await api.get()).toMatchObject({ state: 'on', today: { scored: 1, skipped: 0 } });
      expect(await api.scoresOf(60)).toEqual([]);
    }));

  test('is paused, and goes on with what comes from then on', () =>
    withApi(async (api) => {
      await api.set({ scorers: ['readability'] });
      expect(await api.pause()).toMatchObject({ state: 'paused' });
      await api.arrive([1]);
      await api.later();
      expect(await api.resume()).toMatchObject({ state: 'on' });
      await api.later(1);
      await api.arrive([2]);
      await api.later();
      expect([(await api.scoresOf(1)).length, (await api.scoresOf(2)).length]).toEqual([0, 1]);
    }));
});

describe('a judge that fails', () => {
  const away = { ok: false as const, error: 'The provider did not answer.' };

  test('for an hour is a state; what arrives waits, and all of it is scored when it answers', () =>
    withApi(async (api) => {
      await api.set({ scorers: [judge, 'readability'] });
      api.world.answer = () => away;
      await api.arrive([1, 2]);
      await api.later();
      for (let minute = 0; minute < 60; minute++) {
        await api.arrive([10 + minute]);
        await api.later(60_000);
      }
      const failing = await api.get();
      expect(failing).toMatchObject({ state: 'failing', failingSince: expect.any(String), today: { failed: 0 } });
      expect(failing.problem).toContain('The provider did not answer');
      expect(failing.sentence).toContain('No judge answers since 2026-01-01 12:00 UTC');
      // Two a look, however many wait.
      expect(api.asked.length).toBeLessThanOrEqual(2 * 61);
      api.world.answer = () => ({ text: says4 });
      await api.later(60_000);
      await api.later();
      expect(await api.get()).toMatchObject({ state: 'on', failingSince: null, problem: null, waiting: 0 });
      for (const n of [1, 2, 10, 40, 69])
        expect((await api.scoresOf(n)).map(({ name }) => name).toSorted()).toEqual(['kind', 'readability']);
      expect((await api.get()).today.scored).toBe(2 * 62);
    }));

  test('on one trace alone holds nobody up: it is tried again, later and later, and then given up', () =>
    withApi(async (api) => {
      api.world.answer = (text) => (text.includes('question 2') ? { text: 'nonsense' } : { text: says4 });
      await api.set({ scorers: [judge] });
      await api.arrive([1, 2, 3]);
      await api.later();
      const first = await api.get();
      expect(first).toMatchObject({ state: 'on', waiting: 1, today: { scored: 2, failed: 0 } });
      expect(first.problems).toMatchObject([{ target: idOf(2), scorer: 'kind' }]);
      const calls = api.asked.length;
      await api.later(30_000);
      expect(api.asked.length).toBe(calls);
      for (const ms of [60_000, 600_000, 3_600_000]) await api.later(ms);
      expect(await api.get()).toMatchObject({ waiting: 0, today: { scored: 2, failed: 1 } });
      await api.later(3_600_000);
      expect(api.asked.length).toBe(calls + 3 * 2);
    }));

  test('on the first that waits is told from one that answers nobody', () =>
    withApi(async (api) => {
      api.world.answer = (text) => (text.includes('question 1') ? away : { text: says4 });
      await api.set({ scorers: [judge] });
      await api.arrive([1]);
      await api.later();
      expect(await api.get()).toMatchObject({ state: 'failing' });
      await api.arrive([2]);
      await api.later(60_000);
      expect(await api.get()).toMatchObject({ state: 'on', waiting: 1, today: { scored: 1 } });
      api.world.answer = () => ({ text: says4 });
      await api.later(60_000);
      expect(await api.get()).toMatchObject({ waiting: 0, today: { scored: 2 } });
    }));
});

test('spans are scored by their kind and name, each on its own', () =>
  withApi(async (api) => {
    await api.set({ of: 'spans', span: { name: 'ch*t' }, scorers: ['readability'] });
    await api.arrive([1], { name: 'chat' });
    await api.arrive([2], { name: 'other' });
    await api.later();
    expect(await api.scoresOf(1)).toMatchObject([{ spanId: spanIdOf(1), traceId: idOf(1), name: 'readability' }]);
    expect(await api.scoresOf(2)).toEqual([]);
  }));

describe('follow-ups', () => {
  test('say of a trace whether the same was asked again soon after, in its place or after it', () =>
    withApi(async (api) => {
      await api.set({ of: 'follow_ups', waitSeconds: 60 });
      const session = (sessionId: string) => ({ sessionId });
      await api.arrive([1], { ...session('a'), ask: 'How do I reset my password?' });
      await api.arrive([3], { ...session('b'), ask: 'Where is my order?' });
      await api.arrive([5], { ask: 'How do I reset my password?' });
      await api.later(1_000);
      await api.arrive([2], { ...session('a'), ask: 'How do I reset my password?' });
      await api.arrive([4], { ...session('b'), ask: 'And what does shipping cost?' });
      await api.later(70_000);
      const values = async (n: number) =>
        Object.fromEntries((await api.scoresOf(n)).map(({ name, value }) => [name, value]));
      expect(await values(1)).toEqual({ regenerated: true, rephrased: false, settled: false });
      expect((await api.scoresOf(1))[0]).toMatchObject({ source: 'code', metadata: { online: 'rule', by: idOf(2) } });
      expect(await values(2)).toEqual({ regenerated: false, rephrased: false, settled: true });
      expect(await values(3)).toEqual({ regenerated: false, rephrased: false, settled: true });
      expect(await values(5)).toEqual({});
    }));
});

describe('what people say of some', () => {
  test('corrects what a judge says of all, and says which to label next', () =>
    withApi(async (api) => {
      const check = () =>
        api.handlers.checkOnlineEvaluation({
          ...{ by, params: { online: 'rule' }, body: undefined },
          query: onlineSchemas.onlineCheckQuery.parse({}),
        });
      const draw = (body: object) =>
        api.handlers.drawOnlineLabels({
          ...{ by, params: { online: 'rule' }, query: undefined, body: onlineSchemas.newOnlineLabels.parse(body) },
        });
      await api.set({ scorers: [{ scorer: 'contains {"values":["1"]}', as: 'one' }] });
      await expect(draw({})).rejects.toMatchObject({ code: 'conflict' });
      await api.arrive(Array.from({ length: 400 }, (_, i) => i + 1));
      await api.later();
      const raw = (await check()).score.raw ?? 0;
      expect(await check()).toMatchObject({ scorer: 'one', queue: 'check-rule', field: null, isDrawn: false });
      expect(await draw({ count: 80 })).toEqual({ queue: 'check-rule', added: 80 });
      // People say that it is wrong one time in five.
      let n = 0;
      for (const traceId of api.queued.keys()) {
        const value = (await api.deps.scores.ofTrace(project, traceId))[0]?.value === 1;
        api.said.set(traceId, Number(n++ % 5 === 0 ? !value : value));
      }
      const checked = await check();
      expect(onlineSchemas.onlineCheck.parse(checked)).toEqual(checked);
      const truth = raw * 0.8 + (1 - raw) * 0.2;
      expect(checked).toMatchObject({ isDrawn: true, field: 'right', score: { rows: 400, labels: 80, raw } });
      expect(checked.score.interval?.low).toBeLessThan(truth);
      expect(checked.score.interval?.high).toBeGreaterThan(truth);
      expect(checked.suggestions.every(({ isQueued }) => !isQueued)).toBe(true);
      // What is drawn later leaves what was drawn before where it is.
      const before = new Set(api.queued.keys());
      expect(await draw({ count: 20 })).toMatchObject({ added: 20 });
      expect([...before].every((traceId) => api.queued.has(traceId))).toBe(true);
      expect((await check()).score.labels).toBe(80);
    }));
});

describe('what is asked for', () => {
  test.each([
    [{ scorers: ['exact'] }, 'invalid_request', 'nothing is expected'],
    [{ scorers: ['readability'], q: 'last:1h' }, 'invalid_request', 'names a time'],
    [{ scorers: ['readability'], q: 'user:a -score.kind<1' }, 'invalid_request', 'asks for scores'],
    [{ scorers: ['readability'], q: 'status:' }, 'filter_invalid', 'q'],
  ])('is refused before anything is kept: %j', (body, code, said) =>
    withApi(async (api) => {
      await expect(api.set(body)).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
      await expect(api.get()).rejects.toMatchObject({ code: 'not_found' });
    }),
  );

  test.each([
    [{ scorers: [] }],
    [{ of: 'follow_ups', scorers: ['readability'] }],
    [{ scorers: ['readability'], span: { kind: 'tool' } }],
    [{ scorers: ['readability'], sample: 0 }],
    [{ scorers: ['readability'], budget: '-1' }],
    [{ of: 'sessions', scorers: ['readability'], waitSeconds: 1 }],
  ])('is refused by its form: %j', (body) => {
    expect(onlineSchemas.newOnlineEvaluation.safeParse(body).success).toBe(false);
  });

  test('is tried on the newest, and nothing is kept', () =>
    withApi(async (api) => {
      await api.arrive(Array.from({ length: 12 }, (_, i) => i + 1));
      const body = onlineSchemas.newOnlineEvaluation.parse({ scorers: [judge], sample: 0.5 });
      const tried = await api.handlers.tryOnlineEvaluation({ by, ...noParams, body });
      expect(onlineSchemas.onlineTry.parse(tried)).toEqual(tried);
      expect(tried).toMatchObject({ looked: 10, perDay: 6, costNanoUsd: '10000000', perDayNanoUsd: '6000000' });
      expect(tried.rows[0]).toMatchObject({
        ...{ input: 'question 12', output: 'answer 12' },
        scores: [{ name: 'kind', result: { ok: true, score: 0.75 } }],
      });
      expect(await api.scoresOf(12)).toEqual([]);
    }));
});
