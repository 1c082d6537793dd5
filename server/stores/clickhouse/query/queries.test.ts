import type { SearchedTrace } from '@wheelhouse/core/ports';
import { parseFilter } from '@wheelhouse/core/query';
import type { ProjectId, ScoreId, Span } from '@wheelhouse/core/records';
import { traceFactsConformance, traceQueriesConformance, wholeSpansConformance } from '@wheelhouse/testing/conformance';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bareSpan, freshTraceId, spanIdOf } from '../../../../testing/conformance/sample-spans.ts';
import { type Database, openDatabase } from '../database.ts';
import { type ClickHouse, openClickHouse } from '../index.ts';
import { createHourRollUp } from '../trace-hours.ts';
import { createTraceQueries } from './index.ts';

let scored = 0;

/** A line as the summaries are written. */
function rowOf(project: ProjectId, trace: SearchedTrace, written: bigint) {
  return {
    project_id: project,
    hour: (trace.startNs / 3_600_000_000_000n) * 3600n,
    trace_id: trace.traceId,
    version: written,
    is_deleted: 0,
    start_ns: trace.startNs,
    end_ns: trace.endNs,
    duration_ns: trace.endNs === null ? null : trace.endNs - trace.startNs,
    name: trace.name,
    kind: trace.kind,
    status: trace.status,
    status_message: trace.statusMessage ?? '',
    model: trace.model ?? '',
    models: trace.models,
    providers: trace.providers,
    kinds: trace.kinds,
    tools: trace.tools,
    services: trace.services,
    service: trace.service ?? '',
    environment: trace.environment ?? '',
    release: trace.release ?? '',
    tags: trace.tags,
    session_id: trace.sessionId ?? '',
    user_id: trace.userId ?? '',
    input_preview: trace.inputPreview,
    output_preview: trace.outputPreview,
    input_tokens: trace.inputTokens,
    output_tokens: trace.outputTokens,
    cost_nano_usd: trace.costNanoUsd,
    unpriced_calls: trace.unpricedCalls,
    span_count: trace.spanCount,
    error_count: trace.errorCount,
    first_token_ns_min: trace.firstTokenNs,
    run_id: trace.runId ?? '',
    dialect: trace.dialect,
    text: trace.text,
  };
}

async function put(stores: ClickHouse, database: Database, project: ProjectId, traces: SearchedTrace[]) {
  const [now] = await database.query<{ ns: string }>('SELECT toUnixTimestamp64Nano(now64(9)) AS ns');
  await database.insert(
    'trace_summaries',
    traces.map((trace) => rowOf(project, trace, BigInt(now?.ns ?? 0))),
  );
  await database.insert(
    'traces',
    traces.map(({ traceId, startNs }) => ({
      project_id: project,
      trace_id: traceId,
      hours: [new Date(Number(startNs / 3_600_000_000_000n) * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')],
    })),
  );
  const newest = traces.flatMap(({ traceId, scores }) =>
    scores.flatMap(({ name, value }) =>
      // An older score of the same name does not count.
      [
        { value: 77, createdAt: '2026-01-01T00:00:00.000Z' },
        { value, createdAt: '2026-01-02T00:00:00.000Z' },
      ].map((score) => ({
        ...{
          id: `sc_${scored++}` as ScoreId,
          traceId,
          spanId: null,
          sessionId: null,
          name,
          comment: null,
          metadata: {},
        },
        ...{ source: 'api' as const, ...score },
      })),
    ),
  );
  await stores.scores.put(project, newest);
}

describe.each(telemetryEngines())('$name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;
  let database: Database;

  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    database = openDatabase(opened.url);
    await stores.migrate();
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await stores.close();
    await opened.close();
  });

  wholeSpansConformance(engine.name, async () => ({ ...stores, close: async () => {} }));
  traceFactsConformance(engine.name, async () => ({ ...stores, close: async () => {} }));
  traceQueriesConformance(engine.name, async () => ({
    queries: createTraceQueries(database),
    put: (project, traces) => put(stores, database, project, traces),
    close: async () => {},
  }));

  // The same questions, answered from sums of hours where they hold.
  traceQueriesConformance(`${engine.name}, hours summed up`, async () => {
    const url = Object.assign(new URL(opened.url), { pathname: '/summed' }).href;
    const own = openClickHouse({ url });
    await own.migrate();
    const apart = openDatabase(url);
    const hours = createHourRollUp(apart, 0);
    return {
      queries: createTraceQueries(apart),
      async put(project, traces) {
        await put(own, apart, project, traces);
        while (await hours.step());
      },
      async close() {
        await apart.close();
        await own.close();
      },
    };
  });

  it('sums calls over time as traces were stored, by what minutes keep', async () => {
    const project = 'calling' as ProjectId;
    const nowNs = 1_800_000_000_000_000_000n;
    const call = (n: number, more: Partial<Span> = {}) =>
      bareSpan(freshTraceId(), spanIdOf(n), {
        ...{ projectId: project, kind: 'generation', provider: 'openai', requestModel: n % 2 === 0 ? 'gpt-4o' : 'o3' },
        ...{
          startNs: nowNs - BigInt(n) * 30_000_000_000n,
          endNs: nowNs - BigInt(n) * 30_000_000_000n + 2_000_000_000n,
        },
        usage: { counts: { inputUncached: 10, outputText: 1, requests: 1 }, source: 'provider' },
        cost: n % 2 === 0 ? { totalNanoUsd: 7n, byBucket: {}, priceId: 'row' } : null,
        ...more,
      });
    const run = { run: { runId: 'run_1', exampleId: 'ex_1', repetition: 0 } };
    await stores.spans.append(
      [1, 2, 3, 4].map((n) => call(n)).concat(call(5, run), call(6, { status: 'error' })),
      'calls',
    );
    const series = async (q: string, more: { by?: 'model' } = {}) => {
      const parsed = parseFilter(q);
      if (!parsed.ok) throw new Error(parsed.problem.message);
      return stores.queries.series(project, { filter: parsed.filter, nowNs, of: 'calls', groups: 5, ...more });
    };
    await stores.summaries.settleMinutes();
    const { groups } = await series('last:1h', { by: 'model' });
    const half = { p50: expect.any(BigInt), p90: expect.any(BigInt), p99: expect.any(BigInt) };
    expect(groups).toMatchObject([
      {
        ...{ value: 'openai/gpt-4o', rest: false },
        total: { count: 3, errors: 1, inputTokens: 30, outputTokens: 3, costNanoUsd: 21n, unpriced: 0, latency: half },
      },
      { value: 'openai/o3', total: { count: 2, errors: 0, costNanoUsd: null, unpriced: 2, firstToken: null } },
    ]);
    expect(Number(groups[0]?.total.latency?.p50) / 2e9).toBeCloseTo(1, 1);
    expect(groups[0]?.buckets.map(({ count }) => count)).toEqual([1, 1, 1]);
    expect((await series('model:gpt-4o')).groups).toMatchObject([{ value: null, total: { count: 3 } }]);
    expect((await series('model:o* run:*')).groups).toMatchObject([{ total: { count: 1 } }]);
    expect((await series('provider:anthropic')).groups).toEqual([]);
  });
});
