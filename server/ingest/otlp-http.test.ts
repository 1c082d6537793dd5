import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { defaultProjectId, type Score, type Span, WheelhouseError } from '@wheelhouse/core/records';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RejectedItem } from './dead-letters.ts';
import type { LedgerEvent } from './ledger.ts';
import { createOtlpHandler } from './otlp-http.ts';

const fixture = (name: string) => readFileSync(new URL(`../../testing/fixtures/otlp/${name}`, import.meta.url));
const jsonExport = JSON.stringify(JSON.parse(fixture('ai-sdk-7-otel.traces.json').toString('utf8')).body);
const logsExport = JSON.stringify(
  JSON.parse(fixture('otel-instrumentation-openai-0.22-2.logs.json').toString('utf8')).body,
);
const protobufExport = fixture('ai-sdk-7-otel.traces.bin');
const limit = 100_000;

const answers = protobuf.parse(`syntax = "proto3";
  message Status { int32 code = 1; string message = 2; }
  message Partial { int64 rejected_spans = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; }`).root;

let stored: Span[] = [];
let sources: (string | undefined)[] = [];
let scores: Score[] = [];
let failure: Error | null = null;
let events: LedgerEvent[] = [];
let refused: RejectedItem[] = [];
const faults: unknown[] = [];
/** A little after the captures. */
const now = 1_795_230_000_000_000_000n;
const otlp = createOtlpHandler({
  sink: {
    async append(spans, source) {
      if (spans.length === 0) return;
      if (failure) throw failure;
      stored.push(...spans);
      sources.push(source);
    },
  },
  ledger: { add: (event) => void events.push(event), reject: (item) => void refused.push(item) },
  async saveScores(_, given) {
    if (failure) throw failure;
    scores.push(...given);
  },
  clock: { now: () => now },
  log: { error: (details) => void faults.push((details as { err: unknown }).err) },
  bodyLimit: limit,
});

const server = createServer(
  (req, res) => void otlp.handle(req, res, { by: { project: defaultProjectId, actor: 'test' }, path: req.url ?? '' }),
);

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
beforeEach(() => {
  stored = [];
  sources = [];
  scores = [];
  failure = null;
  events = [];
  refused = [];
  faults.length = 0;
});

type Answer = { status: number; headers: Record<string, unknown>; body: Buffer };

/** Chunked, without a content length, as the JavaScript exporters send. */
function post(
  body: Uint8Array | string,
  headers: Record<string, string>,
  { method = 'POST', path = '/v1/traces' } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const req = httpRequest({ host: '127.0.0.1', port, path, method, headers }, async (res) => {
      const pieces: Buffer[] = [];
      for await (const piece of res) pieces.push(piece as Buffer);
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(pieces) });
    });
    req.on('error', reject);
    const bytes = Buffer.from(body as Uint8Array);
    req.write(bytes.subarray(0, 10));
    req.end(bytes.subarray(10));
  });
}

const asJson = { 'content-type': 'application/json' };
const asProtobuf = { 'content-type': 'application/x-protobuf' };
const span = {
  traceId: 'a'.repeat(32),
  spanId: 'b'.repeat(16),
  name: 's',
  startTimeUnixNano: '1795225214124000001',
  endTimeUnixNano: '1795225214124000002',
};
const exportOf = (...spans: object[]) => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const textOf = (answer: Answer) => JSON.parse(answer.body.toString('utf8'));

describe('POST /v1/traces', () => {
  it('stores a protobuf export and answers with the empty protobuf message', async () => {
    const answer = await post(protobufExport, asProtobuf);
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/x-protobuf' } });
    expect(answer.body).toHaveLength(0);
    expect(stored).toHaveLength(14);
    expect(stored[0]).toMatchObject({ projectId: defaultProjectId, name: 'chat gpt-mock', kind: 'generation' });
  });

  it('stores a JSON export and answers in JSON', async () => {
    const answer = await post(jsonExport, { 'content-type': 'application/json; charset=utf-8' });
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } });
    expect(textOf(answer)).toEqual({});
    expect(stored).toHaveLength(14);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['identity', (body: Uint8Array) => Buffer.from(body)],
  ])('reads a body with content encoding %s', async (encoding, compress) => {
    const answer = await post(compress(protobufExport), { ...asProtobuf, 'content-encoding': encoding });
    expect([answer.status, stored.length]).toEqual([200, 14]);
  });

  it('answers only after the spans are stored, and asks to send again while the store is away', async () => {
    failure = new WheelhouseError('store_unavailable', 'The database is away.');
    const inJson = await post(jsonExport, asJson);
    expect(inJson).toMatchObject({ status: 503, headers: { 'retry-after': '1', 'content-type': 'application/json' } });
    expect(textOf(inJson)).toEqual({ code: 14, message: expect.stringContaining('The database is away.') });
    const inProtobuf = await post(protobufExport, asProtobuf);
    expect(inProtobuf.status).toBe(503);
    expect(answers.lookupType('Status').decode(inProtobuf.body)).toMatchObject({
      code: 14,
      message: expect.stringContaining('sent again'),
    });
  });

  it('says which spans it rejected and why, and stores the others', async () => {
    const bad = Array.from({ length: 5 }, (_, i) => ({ ...span, name: `bad ${i}`, spanId: 'nope' }));
    const answer = await post(exportOf(...bad, span), asJson);
    expect(answer.status).toBe(200);
    expect(textOf(answer)).toEqual({
      partialSuccess: {
        rejectedSpans: '5',
        errorMessage: expect.stringMatching(/^span `bad 0`: spanId takes .*; and 2 more$/),
      },
    });
    expect(stored.map((s) => s.name)).toEqual(['s']);
    expect(refused).toHaveLength(5);
    const { letter, ...item } = refused[4] as RejectedItem;
    expect(item).toEqual({
      project: defaultProjectId,
      source: 'otlp',
      spans: 1,
      reason: 'spanId takes 8 bytes, not all zero',
      sample: 'span `bad 4`: spanId takes 8 bytes, not all zero',
    });
    // What was refused is kept as an export of its own, that the same path reads once it is repaired.
    const repaired = Buffer.from(letter?.body ?? [])
      .toString('utf8')
      .replace('nope', 'c'.repeat(16));
    expect((await post(repaired, { 'content-type': letter?.contentType ?? '' }, { path: letter?.path })).status).toBe(
      200,
    );
    expect(stored.at(-1)).toMatchObject({ name: 'bad 4', spanId: 'c'.repeat(16) });
  });

  it('says it in protobuf too', async () => {
    // trace_id of 2 bytes; it is kept in JSON.
    const body = Buffer.from([0x0a, 8, 0x12, 6, 0x12, 4, 0x0a, 2, 0xab, 0xcd]);
    const answer = await post(body, asProtobuf);
    expect(answer.status).toBe(200);
    const decoded = answers
      .lookupType('Response')
      .toObject(answers.lookupType('Response').decode(answer.body), { longs: Number });
    expect(decoded).toEqual({
      partialSuccess: { rejectedSpans: 1, errorMessage: 'span ``: traceId takes 16 bytes, not all zero' },
    });
    expect(JSON.parse(Buffer.from(refused[0]?.letter?.body ?? []).toString('utf8'))).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'abcd' }] }] }],
    });
  });

  it.each([
    ['malformed JSON', '{"resourceSpans":', asJson, 400, 3],
    ['malformed protobuf', Buffer.from([0x0a, 0xff]), asProtobuf, 400, 3],
    ['a body that is not the gzip it says', 'plain', { ...asJson, 'content-encoding': 'gzip' }, 400, 3],
    ['an unknown content encoding', 'x', { ...asJson, 'content-encoding': 'br' }, 415, 3],
    ['another content type', 'x', { 'content-type': 'text/plain' }, 415, 3],
    ['no content type', 'x', {}, 415, 3],
    ['a body over the limit', 'x'.repeat(limit + 1), asJson, 413, 8],
    ['logs', logsExport, asJson, 400, 3],
    [
      'gzip without end that unpacks to nothing',
      Buffer.concat(Array(limit / 10).fill(gzipSync(''))),
      { ...asProtobuf, 'content-encoding': 'gzip' },
      413,
      8,
    ],
    ['a gzip bomb', gzipSync(Buffer.alloc(50_000_000)), { ...asProtobuf, 'content-encoding': 'gzip' }, 413, 8],
  ])('refuses %s for good, with a hint and without a stack trace', async (_, body, headers, status, code) => {
    const answer = await post(body as string, headers as Record<string, string>);
    const type = answer.headers['content-type'];
    const said = type === 'application/json' ? textOf(answer) : answers.lookupType('Status').decode(answer.body);
    expect([answer.status, said.code]).toEqual([status, code]);
    expect(said.message).toMatch(/\. [A-Z].*\.$/);
    expect(answer.body.toString('utf8')).not.toMatch(/node_modules|\.ts:|at .*\(/);
    expect(answer.headers['retry-after']).toBeUndefined();
    expect(stored).toEqual([]);
    expect(faults).toEqual([]);
    // How many spans it held is unknown: one.
    expect(refused).toMatchObject([{ source: 'otlp', sample: expect.any(String) }]);
  });

  it('answers other methods with the one that it takes', async () => {
    const answer = await post('', asJson, { method: 'PUT' });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(refused).toEqual([]);
  });

  it('answers a fault of our own in the protocol too, and logs it', async () => {
    failure = new TypeError('a fault');
    const answer = await post(protobufExport, asProtobuf);
    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': 'application/x-protobuf' } });
    expect(answers.lookupType('Status').decode(answer.body)).toMatchObject({ code: 13 });
    expect(faults).toEqual([failure]);
  });

  it('refuses a body without end as soon as it is too large, and holds none of it', async () => {
    const { port } = server.address() as AddressInfo;
    const piece = Buffer.alloc(64 * 1024, 32);
    let sent = 0;
    let hungUp = false;
    const answer = await new Promise<Answer>((resolve, reject) => {
      const options = { host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', headers: asJson };
      const req = httpRequest(options, async (res) => {
        const pieces: Buffer[] = [];
        for await (const got of res) pieces.push(got as Buffer);
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(pieces) });
      });
      let answered = false;
      req.once('response', () => {
        answered = true;
      });
      // The server hangs up in the end: by then its answer has come.
      req.on('error', (error) => {
        hungUp = true;
        if (!answered) reject(error);
      });
      const write = () => {
        while (sent < 1024 ** 3 && !req.destroyed) {
          sent += piece.length;
          if (!req.write(piece)) return void req.once('drain', write);
        }
        req.end();
      };
      write();
    });
    expect([answer.status, textOf(answer).code]).toEqual([413, 8]);
    await expect.poll(() => hungUp).toBe(true);
    expect(sent).toBeLessThan(1024 ** 3);
    expect(refused).toMatchObject([{ reason: 'body_too_large' }]);
  });

  it('asks those to send again who come when too much is being read already', async () => {
    const { port } = server.address() as AddressInfo;
    const half = Buffer.alloc(limit - 1_000, 32);
    const open = Array.from({ length: 8 }, () => {
      const req = httpRequest({ host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', headers: asJson });
      req.on('error', () => {});
      req.write(half);
      return req;
    });
    const answer = async () => {
      const { status, headers } = await post(Buffer.alloc(limit - 1_000, 32), asJson);
      return [status, headers['retry-after']];
    };
    await expect.poll(answer).toEqual([503, '1']);
    expect(refused.at(-1)).toMatchObject({ reason: 'store_unavailable', sample: expect.stringContaining('Too many') });
    for (const req of open) req.destroy();
    await expect.poll(async () => (await post(jsonExport, asJson)).status).toBe(200);
    // Each leaves the room when it is done.
    for (let i = 0; i < 40; i++) expect((await post(jsonExport, asJson)).status).toBe(200);
  });

  it('counts an export whose sender went away in the middle of it', async () => {
    const { port } = server.address() as AddressInfo;
    const req = httpRequest({ host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', headers: asJson });
    req.on('error', () => {});
    req.write('{"resourceSpans":');
    await new Promise((resolve) => server.once('request', resolve));
    req.destroy();
    await expect
      .poll(() => refused)
      .toMatchObject([{ reason: 'invalid_request', sample: expect.stringContaining('closed') }]);
  });

  it('reads a span in time and rejects one of a clock that is years off, and says so', async () => {
    const later = { ...span, name: 'later', startTimeUnixNano: '1895225214124000001', endTimeUnixNano: '0' };
    const answer = await post(exportOf(later, span), asJson);
    expect(textOf(answer)).toMatchObject({
      partialSuccess: { rejectedSpans: '1', errorMessage: expect.stringContaining('more than a day ahead') },
    });
    expect(stored.map(({ name }) => name)).toEqual(['s']);
  });
});

describe('POST /v1/logs', () => {
  const toLogs = { path: '/v1/logs' };

  it('makes of the messages of a call fragments of its span', async () => {
    const answer = await post(logsExport, asJson, toLogs);
    expect([answer.status, textOf(answer)]).toEqual([200, {}]);
    expect(sources).toEqual(['otlp-logs']);
    expect(stored).toMatchObject([
      { traceId: '7db51bd830fa1d1ab6f17bf76bbeb9db', spanId: '51c88944c020c18a', endNs: null },
    ]);
  });

  const record = (name: string, more: object = {}) => ({
    timeUnixNano: '1795225672711000000',
    eventName: name,
    traceId: span.traceId,
    ...more,
  });
  const logsOf = (...logRecords: object[]) => JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const attributes = Object.entries({
    'gen_ai.evaluation.name': { stringValue: 'Relevance' },
    'gen_ai.evaluation.score.value': { doubleValue: 0.75 },
    'gen_ai.evaluation.explanation': { stringValue: 'on the point' },
  }).map(([key, value]) => ({ key, value }));

  it('makes of an evaluation result a score, the same one when it is sent again', async () => {
    const body = logsOf(record('gen_ai.evaluation.result', { attributes }));
    await post(body, asJson, toLogs);
    await post(body, asJson, toLogs);
    expect(scores).toHaveLength(2);
    expect(scores[1]).toEqual(scores[0]);
    expect(scores[0]).toMatchObject({
      ...{
        traceId: span.traceId,
        spanId: null,
        name: 'Relevance',
        value: 0.75,
        comment: 'on the point',
        source: 'api',
      },
      createdAt: '2026-11-21T01:47:52.711Z',
    });
    const counted = { project: defaultProjectId, source: 'otlp-logs', spans: 1 };
    expect(events.slice(0, 2)).toEqual([
      { type: 'received', ...counted },
      { type: 'stored', ...counted, from: 'memory' },
    ]);
    failure = new WheelhouseError('store_unavailable', 'away');
    expect((await post(body, asJson, toLogs)).status).toBe(503);
    expect(events.at(-1)).toMatchObject({ type: 'rejected', from: 'memory', reason: 'store_unavailable' });
  });

  it('says which records it does not keep and why', async () => {
    const answer = await post(
      logsOf(
        record('', { body: { stringValue: 'GET /health' } }),
        record('gen_ai.user.message'),
        record('gen_ai.choice', { traceId: 'abc', spanId: span.spanId }),
        record('gen_ai.evaluation.result', { attributes: attributes.slice(0, 1) }),
      ),
      asJson,
      toLogs,
    );
    expect(textOf(answer)).toEqual({
      partialSuccess: { rejectedLogRecords: '4', errorMessage: expect.stringContaining('; and 1 more') },
    });
    expect(refused.map(({ source, reason }) => `${source}: ${reason}`)).toEqual([
      'otlp-logs: traceId takes 16 bytes',
      'otlp-logs: a log record that is no GenAI event',
      'otlp-logs: a GenAI event without a span',
      'otlp-logs: an evaluation without a value',
    ]);
    expect(stored).toEqual([]);
  });

  it('refuses traces', async () => {
    const answer = await post(protobufExport, asProtobuf, toLogs);
    expect(answer.status).toBe(400);
    expect(answers.lookupType('Status').decode(answer.body)).toMatchObject({
      message: expect.stringContaining('Send traces to /v1/traces'),
    });
  });
});

describe('POST /v1/metrics', () => {
  it('counts what it does not keep, and says what to do about it', async () => {
    const body = JSON.stringify(
      JSON.parse(fixture('otel-instrumentation-openai-0.22.metrics.json').toString('utf8')).body,
    );
    const answer = await post(gzipSync(body), { ...asJson, 'content-encoding': 'gzip' }, { path: '/v1/metrics' });
    expect(answer.status).toBe(200);
    expect(textOf(answer)).toEqual({
      partialSuccess: {
        rejectedDataPoints: expect.stringMatching(/^[1-9]\d*$/),
        errorMessage: expect.stringContaining('OTEL_METRICS_EXPORTER=none'),
      },
    });
    expect(refused).toMatchObject([
      { source: 'otlp-metrics', reason: 'metrics are not kept', sample: expect.stringContaining('gen_ai.client') },
    ]);
  });

  it('accepts an export without data points', async () => {
    const answer = await post('{"resourceMetrics":[]}', asJson, { path: '/v1/metrics' });
    expect([answer.status, textOf(answer), refused]).toEqual([200, {}, []]);
  });
});
