import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { schemas } from '@wheelhouse/core/contract';
import type { WholeSpans } from '@wheelhouse/core/ports';
import { defaultProjectId, type ScoreId, type Span } from '@wheelhouse/core/records';
import { readParquet } from '@wheelhouse/testing/parquet';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { sampleNowNs, searchedTrace } from '../../testing/conformance/sample-filters.ts';
import { bareSpan, spanIdOf } from '../../testing/conformance/sample-spans.ts';
import { fakeScoreStore, fakeSpanStore, fakeTraceQueries, fakeWholeSpans } from '../../testing/fakes/index.ts';
import { createTraceExport } from './export.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});
const by = { project: defaultProjectId, actor: 'test' };
const traces = fc
  .sample(searchedTrace, { numRuns: 230, seed: 11 })
  .map((trace) => ({ ...trace, runId: null, scores: [] }));
const newestFirst = traces.toSorted((a, b) =>
  a.startNs === b.startNs ? (a.traceId < b.traceId ? 1 : -1) : a.startNs < b.startNs ? 1 : -1,
);

async function setUp(wrap: (spans: WholeSpans) => WholeSpans = (spans) => spans) {
  const queries = fakeTraceQueries();
  await queries.put(defaultProjectId, traces);
  const scores = fakeScoreStore();
  const spans = fakeSpanStore(scores);
  const stored = traces.slice(1).flatMap(({ traceId, startNs }) =>
    [1, 2].map((n) =>
      bareSpan(traceId, spanIdOf(n), {
        ...{ kind: 'generation', name: `call ${n}`, startNs: startNs + BigInt(n), endNs: startNs + 9n, status: 'ok' },
        ...{ usage: { counts: { inputUncached: 3, outputText: 2 }, source: 'provider' } },
        input: { type: 'messages', messages: [{ role: 'user', parts: [{ type: 'text', content: `é "${n}"\n` }] }] },
        cost: { totalNanoUsd: 9_007_199_254_740_993n, byBucket: {}, priceId: 'row' },
      }),
    ),
  );
  await spans.append(stored, 'token');
  await scores.put(defaultProjectId, [
    {
      ...{ id: 'sc_1' as ScoreId, traceId: traces[1]?.traceId ?? null, spanId: null, sessionId: null, name: 'good' },
      ...{ value: true, comment: null, metadata: {}, source: 'api', createdAt: '2026-01-01T00:00:00.000Z' },
    },
  ]);
  const failures: unknown[] = [];
  const handle = createTraceExport({
    ...{ queries, scores, spans: wrap(fakeWholeSpans(spans)), clock: { now: () => sampleNowNs }, createdBy: 'test' },
    stored: () => Promise.reject(new Error('nothing is stored')),
  });
  const server = createServer((req, res) => {
    handle(req, res, { by }).catch((error: Error) => {
      failures.push(error);
      if (!res.headersSent) res.writeHead(400).end(error.message);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1/traces/export`;
  return { url, failures };
}

describe('the export', () => {
  it('writes a line a trace in JSONL, newest first, each with its spans whole and its scores', async () => {
    const { url } = await setUp();
    const response = await fetch(url);
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    expect(response.headers.get('x-wheelhouse-traces')).toBe('230');
    const text = await response.text();
    expect(text.endsWith('\n')).toBe(true);
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { trace: object; scores: unknown[]; spans: object[] });
    expect(lines.map(({ trace }) => schemas.traceSummary.parse(trace).traceId)).toEqual(
      newestFirst.map(({ traceId }) => traceId),
    );
    for (const { trace, scores, spans } of lines) {
      const isFirst = (trace as { traceId: string }).traceId === traces[0]?.traceId;
      expect(spans).toHaveLength(isFirst ? 0 : 2);
      for (const span of spans) expect(schemas.spanDetail.parse(span)).toEqual(span);
      expect(scores).toHaveLength((trace as { traceId: string }).traceId === traces[1]?.traceId ? 1 : 0);
    }
  });

  it('writes a row a span in Parquet, which other readers read', async () => {
    const { url } = await setUp();
    const response = await fetch(`${url}?format=parquet&q=${encodeURIComponent('status:error')}`);
    const file = await response.arrayBuffer();
    const rows = await readParquet(file);
    const failed = newestFirst.filter(({ status, traceId }) => status === 'error' && traceId !== traces[0]?.traceId);
    expect(failed.length).toBeGreaterThan(10);
    expect(rows.map((row) => row.trace_id)).toEqual(failed.flatMap(({ traceId }) => [traceId, traceId]));
    expect(rows[0]).toMatchObject({
      ...{ name: 'call 1', kind: 'generation', cost_nano_usd: 9_007_199_254_740_993n, input_tokens: 3n, output: null },
      ...{
        trace_name: failed[0]?.name,
        user_id: failed[0]?.userId,
        tags: JSON.stringify(failed[0]?.tags),
        usage: '{"inputUncached":3,"outputText":2}',
      },
    });
    expect(JSON.parse(String(rows[0]?.input))).toEqual({
      type: 'messages',
      messages: [{ role: 'user', parts: [{ type: 'text', content: 'é "1"\n' }] }],
    });
  });

  it('writes a whole file also when nothing fits', async () => {
    const { url } = await setUp();
    expect(await (await fetch(`${url}?q=trace:none`)).text()).toBe('');
    const file = await (await fetch(`${url}?format=parquet&q=trace:none`)).arrayBuffer();
    expect(await readParquet(file)).toEqual([]);
  });

  it('refuses before it begins what is no filter or no format', async () => {
    const { url } = await setUp();
    const format = await fetch(`${url}?format=csv`);
    expect([format.status, await format.text()]).toEqual([400, '`csv` is no format of an export.']);
    expect((await fetch(`${url}?q=stauts:x`)).status).toBe(400);
  });

  it('breaks the connection when it cannot go on, so that nobody takes half a file for a whole one', async () => {
    const broken = async function* (): AsyncGenerator<Span> {
      yield bareSpan(newestFirst[0]?.traceId ?? traces[0]?.traceId ?? ('' as never), spanIdOf(1));
      throw new Error('the store is away');
    };
    const { url, failures } = await setUp(() => ({ ofTraces: broken }));
    await expect(fetch(url).then((response) => response.text())).rejects.toThrow();
    expect(failures).toMatchObject([{ message: 'the store is away' }]);
  });

  it('reads no further than its reader, and stops when the reader goes', async () => {
    let read = 0;
    let stopped: () => void = () => {};
    const ended = new Promise<void>((resolve) => {
      stopped = resolve;
    });
    const endless = async function* (): AsyncGenerator<Span> {
      const traceId = newestFirst[0]?.traceId;
      try {
        for (let n = 0; traceId; n++) {
          read += 1;
          yield bareSpan(traceId, spanIdOf(n), { output: { type: 'json', value: 'x'.repeat(100_000) } });
        }
      } finally {
        stopped();
      }
    };
    const { url } = await setUp(() => ({ ofTraces: endless }));
    const res = await new Promise<IncomingMessage>((resolve) => get(url, resolve));
    await new Promise((resolve) => res.once('readable', resolve));
    for (let settled = -1; settled !== read; ) {
      settled = read;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    // Socket buffers on both sides, and no more.
    expect(read).toBeLessThan(500);
    res.destroy();
    await ended;
  });
});
