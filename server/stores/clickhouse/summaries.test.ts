import type { SearchedTrace } from '@wheelhouse/core/ports';
import {
  inputTokens,
  outputTokens,
  type ProjectId,
  type Span,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { bareSpan, freshTraceId, noonNs, sampleTrace, spanIdOf } from '@wheelhouse/testing/conformance';
import { telemetryEngines } from '@wheelhouse/testing/embedded';
import { modelOf, summarizeTrace } from '@wheelhouse/testing/fakes';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from './database.ts';
import { type ClickHouse, openClickHouse } from './index.ts';
import { createPayloadStore } from './payload-store.ts';
import { createSpanStore } from './span-store.ts';
import { createSummaries, type Summaries } from './summaries.ts';

/** Of a process that is killed before it makes any. */
const idle: Summaries = {
  follow: (_, write) => write(),
  settle: async () => {},
  settleMinutes: async () => {},
  drain: async () => {},
  exclusively: (work) => work(async () => {}),
  recover: async () => {},
  close: async () => {},
};

let projects = 0;
const freshProject = (): ProjectId => `p${++projects}-${freshTraceId()}` as ProjectId;
const byTrace = (a: { traceId: string }, b: { traceId: string }) => (a.traceId < b.traceId ? -1 : 1);

type Minute = Record<string, string | number | null>;

/** What minutes or hours must hold, counted one by one. */
function sumsFor(traces: readonly (readonly Span[])[], seconds: number): Minute[] {
  const minutes = new Map<
    string,
    { count: number; errors: number; input: number; output: number; cost: bigint | null; unpriced: number }
  >();
  for (const call of traces.flatMap((spans) => summarizeTrace(spans)?.calls ?? [])) {
    const { kind, provider, service, environment, run } = call;
    const place = {
      minute: Math.floor(Number(call.startNs / 1_000_000_000n) / seconds) * seconds,
      kind,
      provider: provider ?? '',
      model: modelOf(call) ?? '',
      service: service ?? '',
      environment: environment ?? '',
      is_run: run === null ? 0 : 1,
    };
    const key = JSON.stringify(place);
    const sums = minutes.get(key) ?? { count: 0, errors: 0, input: 0, output: 0, cost: null, unpriced: 0 };
    minutes.set(key, {
      count: sums.count + 1,
      errors: sums.errors + (call.status === 'error' ? 1 : 0),
      input: sums.input + inputTokens(call.usage),
      output: sums.output + outputTokens(call.usage),
      cost: call.cost === null ? sums.cost : (sums.cost ?? 0n) + call.cost.totalNanoUsd,
      unpriced: sums.unpriced + (call.cost === null ? 1 : 0),
    });
  }
  const rows = [...minutes].map(([key, { count, errors, input, output, cost, unpriced }]) => ({
    ...(JSON.parse(key) as Minute),
    ...{ count: String(count), errors: String(errors), input: String(input), output: String(output) },
    cost: cost === null ? null : String(cost),
    unpriced: String(unpriced),
  }));
  return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

describe.each(telemetryEngines())('summaries: $name', (engine) => {
  let opened: { url: string; close(): Promise<void> };
  let stores: ClickHouse;
  let database: Database;
  let tokens = 0;
  const token = () => `summaries-${++tokens}-${freshTraceId()}`;

  beforeAll(async () => {
    opened = await engine.open();
    stores = openClickHouse({ url: opened.url });
    await stores.migrate();
    database = openDatabase(opened.url);
  }, 60_000);
  afterAll(async () => {
    await database.close();
    await stores.close();
    await opened.close();
  });

  const searched = async (project: ProjectId, spans: readonly Span[]): Promise<SearchedTrace[]> =>
    (await stores.queries.searched(project, [...new Set(spans.map((span) => span.traceId))])).sort(byTrace);

  /** The spans of each trace, as they are read one by one. */
  const foldedOf = (project: ProjectId, fragments: readonly Span[]): Promise<Span[][]> =>
    Promise.all(
      [...new Set(fragments.map(({ traceId }) => traceId))].map(async (traceId) => {
        const spans = await stores.spans.spansOfTrace(project, traceId);
        const read = await Promise.all(spans.map(({ spanId }) => stores.spans.span(project, traceId, spanId)));
        return read.filter((span) => span !== null);
      }),
    );

  const sumsOf = async (project: ProjectId, table: 'call_minutes' | 'call_hours'): Promise<Minute[]> => {
    const rows = await database.query<Minute>(
      `SELECT toUnixTimestamp(minute) AS minute, kind, provider, model, service, environment, is_run, calls AS count, errors,
         input_tokens AS input, output_tokens AS output, cost_nano_usd AS cost, unpriced
       FROM ${table} FINAL WHERE project_id = {project:String}`,
      { project },
    );
    return rows.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  };

  it('are the same for any order, duplication and split, and what a plain count of the folded spans gives', async () => {
    const stream = fc.infiniteStream(fc.nat());
    const traces = fc.array(sampleTrace, { minLength: 2, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(traces, stream, async (said, random) => {
        const fragments = said.flat();
        const shuffled = [...fragments, ...fragments.slice(0, 3)]
          .map((span) => ({ span, at: random.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at)
          .map(({ span }) => span);
        const cut = (random.next().value ?? 0) % shuffled.length;
        const [once, twice] = [freshProject(), freshProject()];
        const of = (projectId: ProjectId, spans: Span[]) => spans.map((span) => ({ ...span, projectId }));
        await stores.spans.append(of(once, fragments), token());
        // What is summarized half-way must leave nothing behind.
        await stores.spans.append(of(twice, shuffled.slice(0, cut)), token());
        await stores.summaries.settleMinutes();
        await stores.spans.append(of(twice, shuffled.slice(cut)), token());
        await stores.summaries.settleMinutes();
        const folded = await foldedOf(once, fragments);
        const expected = folded.map((spans) => ({ ...summarizeTrace(spans)?.summary, scores: [] })) as SearchedTrace[];
        expect(await searched(once, fragments)).toEqual(expected.sort(byTrace));
        expect(await searched(twice, fragments)).toEqual(expected);
        for (const project of [once, twice]) {
          expect(await sumsOf(project, 'call_minutes')).toEqual(sumsFor(folded, 60));
          expect(await sumsOf(project, 'call_hours')).toEqual(sumsFor(folded, 3_600));
        }
      }),
      { numRuns: 12, endOnFailure: true },
    );
  }, 120_000);

  it('are made after a kill of what was stored before it', async () => {
    const project = freshProject();
    const trace = freshTraceId();
    const killed = createSpanStore({
      database,
      payloads: createPayloadStore(database),
      summaries: idle,
    });
    await killed.append([bareSpan(trace, spanIdOf(1), { projectId: project, name: 'before' })], token());
    expect(await stores.queries.searched(project, [trace])).toEqual([]);
    const after = openClickHouse({ url: opened.url });
    await after.migrate();
    await after.summaries.settle();
    expect(await stores.queries.searched(project, [trace])).toMatchObject([{ traceId: trace, name: 'before' }]);
    await after.close();
  });

  it('are there when it is told that they are', async () => {
    const project = freshProject();
    const trace = freshTraceId();
    const read = new Promise((resolve) => {
      stores.summaries.onSummarized((owner, ids) => {
        if (owner === project) resolve(stores.queries.searched(owner, ids));
      });
    });
    await stores.spans.append([bareSpan(trace, spanIdOf(1), { projectId: project, name: 'told' })], token());
    expect(await read).toMatchObject([{ traceId: trace, name: 'told' }]);
  });

  it('take a trace of many spans, deep ones too, and one that spans years', async () => {
    const project = freshProject();
    const trace = freshTraceId();
    const spans = Array.from({ length: 3_000 }, (_, n) =>
      bareSpan(trace, spanIdOf(n), {
        projectId: project,
        parentSpanId: n === 0 ? null : spanIdOf(n % 130 === 0 ? 0 : n - 1),
        kind: 'generation',
        usage: { counts: { inputUncached: 1 }, source: 'provider' },
        startNs: BigInt(n) * 600_000_000_000_000n,
        endNs: noonNs,
      }),
    );
    await stores.spans.append(spans, token());
    const [summary] = await stores.spans.traceSummaries(project, [trace]);
    // Of each chain of calls around calls the innermost counts.
    expect(summary).toMatchObject({ spanCount: 3_000, inputTokens: summarizeTrace(spans)?.summary.inputTokens });
    expect(await stores.spans.spansOfTrace(project, trace)).toHaveLength(3_000);
  });
});

it('refuse more traces than may wait, and take them when there is room again', async () => {
  const away = () => Promise.reject(new WheelhouseError('store_unavailable', 'away'));
  const nowhere = { query: away, command: away, insert: away } as unknown as Database;
  const log = { warn: () => {}, error: () => {} };
  const limits = { mostTraces: 2, patienceMs: 1 };
  const summaries = createSummaries({ database: nowhere, onSummarized: () => {}, log, limits });
  const write = (n: number) =>
    summaries.follow([{ projectId: 'p' as ProjectId, traceId: String(n) as TraceId }], async () => n);
  expect([await write(1), await write(1), await write(2)]).toEqual([1, 1, 2]);
  await expect(write(3)).rejects.toMatchObject({ code: 'store_unavailable' });
  await summaries.close();
});
