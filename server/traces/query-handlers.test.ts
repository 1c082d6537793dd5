import { querySchemas, schemas } from '@wheelhouse/core/contract';
import type { SearchedTrace } from '@wheelhouse/core/ports';
import { type Actor, defaultProjectId, type Message, type TraceId } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { bareSpan, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import {
  fakeAuditStore,
  fakeScoreStore,
  fakeSpanStore,
  fakeTraceQueries,
  fakeViewStore,
} from '../../testing/fakes/index.ts';
import { createQueryHandlers } from './query-handlers.ts';
import { createSqlHandlers } from './sql-handlers.ts';
import { createViewHandlers } from './view-handlers.ts';

const by: Actor = { project: defaultProjectId, actor: 'test' };
const clock = { now: () => sampleNowNs };
const asking = (query: object, params: object = {}) => ({ by, params, query, body: undefined }) as never;
const posting = (body: object, params: object = {}) => ({ by, params, query: undefined, body }) as never;
const [sample] = fc.sample(searchedTrace, { numRuns: 1, seed: 3 });
if (!sample) throw new Error('no sample');
const trace = (n: number, more: Partial<SearchedTrace>): SearchedTrace => ({
  ...{ ...sample, runId: null, status: 'ok', startNs: sampleNowNs - BigInt(n) * 1_000_000_000n, endNs: sampleNowNs },
  ...{ costNanoUsd: 9_007_199_254_740_993n, sessionId: 's', userId: 'u', ...more },
  traceId: n.toString(16).padStart(32, '0') as TraceId,
});
const says = (role: string, content: string): Message => ({ role, parts: [{ type: 'text', content }] });

async function setUp(traces: SearchedTrace[]) {
  const queries = fakeTraceQueries();
  await queries.put(defaultProjectId, traces);
  const spans = fakeSpanStore(fakeScoreStore());
  return { spans, handlers: createQueryHandlers({ queries, spans, clock }) };
}

describe('the query routes', () => {
  it('list what fits, in wire form, page by page', async () => {
    const { handlers } = await setUp([trace(3, { status: 'error' }), trace(2, { status: 'error' }), trace(1, {})]);
    const page = await handlers.listTraces(asking({ q: 'status:error', limit: 1 }));
    expect(schemas.tracePage.parse(page)).toEqual(page);
    expect(page.data).toMatchObject([{ costNanoUsd: '9007199254740993', status: 'error' }]);
    const rest = await handlers.listTraces(asking({ q: 'status:error', limit: 1, cursor: page.next }));
    expect(rest).toMatchObject({ next: null, data: [{ traceId: '3'.padStart(32, '0') }] });
  });

  it('refuse a filter that is none, with its place and what was probably meant', async () => {
    const { handlers } = await setUp([]);
    await expect(handlers.listTraces(asking({ q: 'a stauts:error', limit: 1 }))).rejects.toMatchObject({
      code: 'filter_invalid',
      param: 'q',
      message: 'There is no field `stauts` (at character 3 of q).',
      hint: expect.stringContaining('Did you mean `status`?'),
    });
  });

  it('give facets, series, sessions and users in wire form', async () => {
    const { handlers } = await setUp([trace(3, { status: 'error' }), trace(2, {}), trace(1, {})]);
    const facets = await handlers.listFacets(asking({ q: 'status:ok', fields: ['status', 'user'], limit: 5 }));
    expect(querySchemas.facets.parse(facets)).toEqual(facets);
    expect(facets).toMatchObject({
      total: 2,
      facets: [
        {
          values: [
            { value: 'ok', count: 2 },
            { value: 'error', count: 1 },
          ],
        },
        {},
      ],
    });
    const series = await handlers.getSeries(
      asking({ q: '', of: 'traces', by: 'status', step: 60, score: 'good', groups: 8 }),
    );
    expect(querySchemas.series.parse(series)).toEqual(series);
    expect(JSON.parse(JSON.stringify(series))).toEqual(series);
    const compared = await handlers.getSeries(asking({ q: 'last:2s', of: 'traces', groups: 8, compare: 'before' }));
    expect(querySchemas.series.parse(compared)).toEqual(compared);
    expect(compared).toMatchObject({
      groups: [{ total: { count: 2, errors: 0 } }],
      before: { step: compared.step, groups: [{ total: { count: 1, errors: 1 } }] },
    });
    const sessions = await handlers.listSessions(asking({ q: '', limit: 5 }));
    expect(querySchemas.sessionPage.parse(sessions)).toEqual(sessions);
    const users = await handlers.listUsers(asking({ q: '', limit: 5 }));
    expect(querySchemas.userPage.parse(users)).toEqual(users);
    expect(users.data).toMatchObject([{ userId: 'u', traces: 3, sessions: 1, errors: 1 }]);
  });

  it('tell a session as a conversation: what was new in each turn and what was answered', async () => {
    const [first, second] = [trace(9, {}), trace(5, {})];
    const { handlers, spans } = await setUp([first, second]);
    const [u1, a1, u2, a2] = [
      says('user', 'one?'),
      says('assistant', 'one'),
      says('user', 'two?'),
      says('assistant', 'two'),
    ];
    const messages = (...of: Message[]) => ({ type: 'messages' as const, messages: of });
    await spans.append(
      [
        bareSpan(first.traceId, spanIdOf(1), { kind: 'generation', input: messages(u1), output: messages(a1) }),
        // A root without content: its first and last generation speak for it.
        bareSpan(second.traceId, spanIdOf(1), { kind: 'agent' }),
        bareSpan(second.traceId, spanIdOf(2), {
          ...{ kind: 'generation', parentSpanId: spanIdOf(1), startNs: sampleNowNs },
          input: messages(u1, a1, u2),
        }),
        bareSpan(second.traceId, spanIdOf(3), {
          ...{ kind: 'generation', parentSpanId: spanIdOf(1), startNs: sampleNowNs + 1n },
          output: messages(a2),
        }),
      ],
      'token',
    );
    const session = await handlers.getSession(asking({ limit: 20 }, { sessionId: 's' }));
    expect(querySchemas.sessionDetail.parse(session)).toEqual(session);
    expect(session.turns.map(({ input, output }) => [input, output])).toEqual([
      [messages(u1), messages(a1)],
      [messages(u2), messages(a2)],
    ]);
    await expect(handlers.getSession(asking({ limit: 20 }, { sessionId: 'no' }))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('views and SQL', () => {
  it('save a view, list it, and forget it', async () => {
    const random = { bytes: (count: number) => new Uint8Array(count).fill(7) };
    const handlers = createViewHandlers({ views: fakeViewStore(fakeAuditStore()), clock, random });
    const view = await handlers.createView(posting({ name: 'Failures', url: '/traces?q=status%3Aerror' }));
    expect(querySchemas.view.parse(view)).toEqual(view);
    expect(view.id).toMatch(/^vw_/);
    expect((await handlers.listViews(asking({}))).data).toEqual([view]);
    expect(await handlers.removeView(asking({}, { viewId: view.id }))).toEqual({ removed: true });
    expect((await handlers.listViews(asking({}))).data).toEqual([]);
  });

  it('take only addresses of this server for views', () => {
    const take = (url: string) => querySchemas.newView.safeParse({ name: 'x', url }).success;
    expect(['/traces?q=a', '/'].map(take)).toEqual([true, true]);
    expect(['//evil.example', 'https://evil.example', 'traces', '/a b', '/\\evil'].map(take)).not.toContain(true);
  });

  it('answer SQL with the time it took', async () => {
    let now = 0n;
    const sql = { query: async () => ({ columns: [{ name: 'n', type: 'UInt64' }], rows: [['1']], truncated: false }) };
    const handlers = createSqlHandlers({ sql, clock: { now: () => (now += 5_000_000n) } });
    const answer = await handlers.runSql(posting({ sql: 'SELECT 1', limit: 1 }));
    expect(querySchemas.sqlResult.parse(answer)).toEqual(answer);
    expect(answer.elapsedMs).toBe(5);
  });
});
