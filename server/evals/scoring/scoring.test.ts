import { scoringSchemas } from '@wheelhouse/core/contract';
import type { JobHandler, ModelOutcome } from '@wheelhouse/core/ports';
import { defaultProjectId, type LiveEvent, type PriceRow, type Span, type TraceId } from '@wheelhouse/core/records';
import { defaultSettings, type RouteTable } from '@wheelhouse/core/route';
import { bareSpan, noonNs, says, spanIdOf } from '@wheelhouse/testing/conformance';
import { fakeAuditStore, fakeScoreStore, fakeScoringStore } from '@wheelhouse/testing/fakes';
import { describe, expect, test } from 'vitest';
import { createSchemaChecker } from '../../tools/schema-checker.ts';
import { createScoringHandlers, nodeTimer, startScoringWorker } from '../index.ts';

const project = defaultProjectId;
const by = { project, actor: 'ada' };
const idOf = (n: number) => n.toString(16).padStart(32, '0') as TraceId;
const judge = (rubric: string) => `judge_rubric {"model":"sim/judge","rubric":"${rubric}"}`;
const row: PriceRow = {
  ...{ id: 'p', provider: 'sim', model: 'judge', validFrom: null },
  perMillion: { inputUncached: 1_000_000_000n, outputText: 1_000_000_000n },
};
const routes: RouteTable = {
  ...{ providers: new Set(['sim']), providerOf: () => null, routes: new Map(), settings: defaultSettings },
  find: () => null,
};
const never = () => Promise.reject(new Error('no scorer here asks for it'));

type Answer = (asked: string) => Partial<ModelOutcome> & { text: string };
const grades: Answer = () => ({ text: '{"reason":"It is.","grade":4,"feedback":""}' });

/** Traces 1 to `count`, newest first, each a question and an answer; sessions of three. */
async function open({
  count = 50,
  answer = grades,
  steps = 0,
}: {
  count?: number;
  answer?: Answer;
  /** Of each trace, below its root. */
  steps?: number;
} = {}) {
  const spans = Array.from({ length: count }, (_, i): Span[] => {
    const [input, output] = [says('user', `question ${i + 1}`), says('assistant', `answer ${i + 1}`)];
    const startNs = noonNs + BigInt(i);
    const said = { input, output, startNs, endNs: startNs + 5n };
    const below = Array.from({ length: steps }, (__, n) =>
      bareSpan(idOf(i + 1), spanIdOf(n + 2), {
        ...{ ...said, parentSpanId: spanIdOf(1), kind: n % 2 === 0 ? 'tool' : 'generation', name: `step ${n}` },
      }),
    );
    return [bareSpan(idOf(i + 1), spanIdOf(1), said), ...below];
  });
  const ids = spans.map((_, i) => idOf(count - i));
  const page = <Item>(items: Item[], { cursor, limit }: { cursor?: string; limit: number }) => {
    const at = Number(cursor ?? 0);
    const next = at + limit < items.length ? String(at + limit) : null;
    return { data: items.slice(at, at + limit), next };
  };
  const sessions = Array.from({ length: Math.ceil(count / 3) }, (_, i) => ({ sessionId: `s ${i}` }));
  const waiting: object[] = [];
  const events: LiveEvent[] = [];
  let handler: JobHandler = async () => {};
  let calls = 0;
  let ticks = 0;
  const deps = {
    queries: {
      list: async (_: unknown, ask: { cursor?: string; limit: number }) =>
        page(
          ids.map((traceId) => ({ traceId })),
          ask,
        ),
      sessions: async (_: unknown, ask: { cursor?: string; limit: number }) => page(sessions, ask),
      tracesOfSession: async (_: unknown, id: string) => {
        const first = Number(id.slice(2)) * 3;
        return { data: [1, 2, 3].map((n) => ({ traceId: idOf(first + n) })), next: null };
      },
      facets: async () => ({ total: count, facets: [] }),
    } as never,
    wholeSpans: {
      async *ofTraces(_: unknown, wanted: TraceId[]) {
        for (const id of wanted) yield* spans[Number.parseInt(id, 16) - 1] ?? [];
      },
    },
    ...{ scorings: fakeScoringStore(fakeAuditStore()), scores: fakeScoreStore(), checker: createSchemaChecker() },
    ...{ timer: nodeTimer, routes: () => routes, log: { error: () => {} } },
    prices: { find: ({ models }: { models: readonly string[] }) => (models.includes('judge') ? row : null) },
    clock: { now: () => noonNs + BigInt(ticks) },
    random: { bytes: (size: number) => new Uint8Array(size).fill(ticks++) },
    jobs: {
      enqueue: async (_: string, payload: object) => void waiting.push(payload),
      work: async (_: string, given: JobHandler) => {
        handler = given;
      },
    },
    feed: { publish: (event: LiveEvent) => void events.push(event) },
    scoringOf: () => ({
      ...{ embedder: { embed: never }, sandbox: { run: never }, spansOf: never },
      runner: {
        run: async (_: string, { messages }: { messages: unknown[] }): Promise<ModelOutcome> => {
          calls++;
          const seen = { traceId: idOf(9_999), latencyNs: 1n, costNanoUsd: 1_000_000n };
          return { ok: true, ...seen, ...answer(JSON.stringify(messages)) } as ModelOutcome;
        },
      },
    }),
  };
  const handlers = createScoringHandlers(deps);
  await startScoringWorker(deps);
  const ask = (body: object) => ({ by, params: {}, query: undefined, body: scoringSchemas.newScoring.parse(body) });
  return {
    ...{ deps, events, calls: () => calls },
    create: (body: object) => handlers.createScoring(ask(body)),
    estimate: (body: object) => handlers.estimateScoring(ask(body)),
    cancel: (scoringId: string) =>
      handlers.cancelScoring({ by, params: { scoringId }, query: undefined, body: undefined }),
    get: (scoringId: string) => handlers.getScoring({ by, params: { scoringId }, query: undefined, body: undefined }),
    async run(signal: AbortSignal = new AbortController().signal) {
      for (const payload of waiting.splice(0)) await handler(payload, signal);
    },
    scoresOf: async (n: number) => deps.scores.ofTrace(project, idOf(n)),
  };
}

test('spans of before are scored each on its own, by kind and name, up to so many, and estimated before', async () => {
  const api = await open({ count: 10, steps: 4 });
  const tools = { of: 'spans', span: { kind: 'tool' }, scorers: ['readability'], most: 15 };
  expect(await api.estimate({ ...tools, most: 1_000 })).toMatchObject({ total: 20 });
  const { id } = await api.create(tools);
  await api.run();
  expect(await api.get(id)).toMatchObject({ status: 'completed', done: 15, scored: 15, kept: 0, total: 15 });
  const scores = await api.scoresOf(10);
  expect(scores.map(({ spanId }) => spanId).sort()).toEqual([spanIdOf(2), spanIdOf(4)]);
  const again = await api.create({ ...tools, most: 1_000, span: { name: '*2' } });
  await api.run();
  expect(await api.get(again.id)).toMatchObject({ done: 10, kept: 7, scored: 3 });
});

describe('scoring traces', () => {
  test('gives each that fits a score of each scorer, and says what it took', async () => {
    const api = await open();
    const { id } = await api.create({ scorers: ['readability', { scorer: judge('Is it kind?'), as: 'kind' }] });
    await api.run();
    const done = await api.get(id);
    expect(scoringSchemas.scoring.parse(done)).toEqual(done);
    expect(done).toMatchObject({
      ...{ status: 'completed', total: 50, done: 50, scored: 100, kept: 0, failed: 0, costNanoUsd: '50000000' },
      scorers: [{ name: 'readability' }, { name: 'kind' }],
    });
    const scores = (await api.scoresOf(7)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(scores).toMatchObject([
      { name: 'kind', value: 0.75, source: 'judge', comment: 'It is.', metadata: { scoring: id } },
      { name: 'readability', source: 'code', sessionId: null },
    ]);
    expect(api.events.filter(({ type }) => type === 'scores')).toHaveLength(3);
  });

  test('does not pay again for what is scored, by this scorer or after a kill', async () => {
    const api = await open();
    const scorers = [judge('Is it kind?')];
    await api.create({ scorers, most: 30 });
    await api.run();
    expect(api.calls()).toBe(30);
    const { id } = await api.create({ scorers });
    await api.run();
    expect(api.calls()).toBe(50);
    expect(await api.get(id)).toMatchObject({ done: 50, scored: 20, kept: 30 });
    const other = await api.create({ scorers: [judge('Is it short?')], most: 5 });
    await api.run();
    expect(api.calls()).toBe(55);
    expect(await api.get(other.id)).toMatchObject({ done: 5, scored: 5 });
  });

  test('stops at its cap and says how to go on; what is scored stays', async () => {
    const api = await open();
    const { id } = await api.create({ scorers: [judge('Is it kind?')], cap: '0.030' });
    await api.run();
    const stopped = await api.get(id);
    expect(stopped).toMatchObject({ status: 'failed', error: expect.stringContaining('cap after $0.03') });
    expect(stopped.scored).toBeGreaterThanOrEqual(30);
    expect(stopped.scored).toBeLessThanOrEqual(33);
    await api.create({ scorers: [judge('Is it kind?')] });
    await api.run();
    expect(api.calls()).toBe(50);
  });

  test('goes on where a judge answers nonsense, and says where', async () => {
    const answer: Answer = (asked) => (asked.includes('answer 2') ? { text: 'no' } : grades(asked));
    const api = await open({ count: 3, answer });
    const { id } = await api.create({ scorers: [judge('Is it kind?')] });
    await api.run();
    const problem = { target: idOf(2), scorer: 'judge_rubric', error: expect.stringContaining('nonsense') };
    expect(await api.get(id)).toMatchObject({ status: 'completed', scored: 2, failed: 1, problems: [problem] });
    expect(await api.scoresOf(2)).toEqual([]);
  });

  test('is cancelled, and then given nothing more', async () => {
    const api = await open();
    const { id } = await api.create({ scorers: ['readability'] });
    expect(await api.cancel(id)).toMatchObject({ status: 'cancelled' });
    await api.run();
    expect(await api.scoresOf(50)).toEqual([]);
  });

  test('takes a share, the same ones each time', async () => {
    const api = await open({ count: 400 });
    const { total } = await api.create({ scorers: ['readability'], sample: 0.25 });
    expect(total).toBe(100);
    await api.run();
    const { id } = await api.create({ scorers: ['readability'], sample: 0.25 });
    await api.run();
    const again = await api.get(id);
    expect(again).toMatchObject({ status: 'completed', scored: 0, kept: again.done });
    expect(again.done).toBeGreaterThan(60);
    expect(again.done).toBeLessThan(140);
  });
});

test('a session is judged by its last answer, after what was said before, and the score is its own', async () => {
  let asked = '';
  const answer: Answer = (text) => {
    asked = text;
    return grades(text);
  };
  const api = await open({ count: 3, answer });
  const { id } = await api.create({ of: 'sessions', scorers: [judge('Is it solved?')] });
  await api.run();
  expect(await api.get(id)).toMatchObject({ status: 'completed', total: 1, scored: 1 });
  expect(asked).toContain('user: question 2');
  expect(asked).toContain('answer 3');
  const { data } = await api.deps.scores.list(project, { sessionId: 's 0', limit: 5 });
  expect(data).toMatchObject([{ traceId: null, sessionId: 's 0', name: 'judge_rubric', value: 0.75 }]);
});

describe('what is asked for', () => {
  test('is estimated by rehearsal, without a call', async () => {
    const api = await open();
    const estimate = await api.estimate({ scorers: ['readability', judge('Is it kind?')], most: 20 });
    expect(scoringSchemas.scoringEstimate.parse(estimate)).toEqual(estimate);
    expect(estimate).toMatchObject({ total: 20, judges: [{ calls: 1 }] });
    expect(Number(estimate.costNanoUsd)).toBeGreaterThan(20 * 120 * 1_000);
    expect(api.calls()).toBe(0);
  });

  test('may be the usual set of a task: what needs an expected value is left out, and names tell them apart', async () => {
    const api = await open();
    const estimate = await api.estimate({ scorers: ['task:question-answering'] });
    expect(estimate).toMatchObject({ judges: [], costNanoUsd: '0' });
    expect(estimate.scorers.map(({ name }) => name)).toEqual([
      ...['toxicity', 'readability {"formula":"ari"}', 'readability {"formula":"flesch_kincaid_grade"}'],
    ]);
  });

  test.each([
    [{ scorers: ['exact'] }, 'invalid_request', 'nothing is expected of traces'],
    [{ scorers: ['judge_reference {"model":"sim/judge"}'] }, 'invalid_request', 'nothing is expected of traces'],
    [{ scorers: [judge('a'.repeat(60)), judge('b')] }, 'invalid_request', 'named `judge_rubric`'],
    [{ scorers: ['readability', { scorer: 'pii', as: 'readability' }] }, 'invalid_request', 'named `readability`'],
    [{ scorers: ['nothing'] }, 'invalid_request', 'no scorer'],
    [{ scorers: ['task:cooking'] }, 'invalid_request', 'no usual set'],
    [{ scorers: ['readability'], q: 'status:' }, 'filter_invalid', 'q'],
  ])('is refused before anything is called: %j', async (body, code, said) => {
    const api = await open();
    await expect(api.create(body)).rejects.toMatchObject({ code, message: expect.stringContaining(said) });
  });
});
