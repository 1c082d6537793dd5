import { readFileSync } from 'node:fs';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { defaultProjectId, type Span, WheelhouseError } from '@wheelhouse/core/records';
import protobuf from 'protobufjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEvent } from './ledger.ts';
import { createOtlpHandler } from './otlp-http.ts';

const fixture = (name: string) => readFileSync(new URL(`../../testing/fixtures/otlp/${name}`, import.meta.url));
const jsonExport = JSON.stringify(JSON.parse(fixture('ai-sdk-7-otel.traces.json').toString('utf8')).body);
const protobufExport = fixture('ai-sdk-7-otel.traces.bin');
const limit = 100_000;

const answers = protobuf.parse(`syntax = "proto3";
  message Status { int32 code = 1; string message = 2; }
  message Partial { int64 rejected_spans = 1; string error_message = 2; }
  message Response { Partial partial_success = 1; }`).root;

let stored: Span[] = [];
let failure: Error | null = null;
let events: LedgerEvent[] = [];
const handle = createOtlpHandler({
  sink: {
    async append(spans) {
      if (failure) throw failure;
      stored.push(...spans);
    },
  },
  ledger: { add: (event) => void events.push(event) },
  bodyLimit: limit,
});

const unexpected: unknown[] = [];
const server = createServer((req, res) => {
  const readBody = async () => {
    const pieces: Buffer[] = [];
    for await (const piece of req) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    if (body.length > limit) throw new WheelhouseError('body_too_large', 'Too large.');
    return body;
  };
  handle(req, res, { by: { project: defaultProjectId, actor: 'test' }, readBody }).catch((error: unknown) => {
    unexpected.push(error);
    res.writeHead(500).end();
  });
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise<void>((resolve) => server.close(() => resolve())));
beforeEach(() => {
  stored = [];
  failure = null;
  events = [];
  unexpected.length = 0;
});

type Answer = { status: number; headers: Record<string, unknown>; body: Buffer };

/** Chunked, without a content length, as the JavaScript exporters send. */
function post(body: Uint8Array | string, headers: Record<string, string>, method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    const req = httpRequest({ host: '127.0.0.1', port, path: '/v1/traces', method, headers }, async (res) => {
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
  startTimeUnixNano: '1',
  endTimeUnixNano: '2',
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
    expect(events).toHaveLength(5);
    expect(events[4]).toEqual({
      type: 'rejected',
      source: 'otlp',
      spans: 1,
      from: 'door',
      reason: 'spanId takes 8 bytes, not all zero',
      sample: 'span `bad 4`: spanId takes 8 bytes, not all zero',
    });
  });

  it('says it in protobuf too', async () => {
    // trace_id of 2 bytes
    const body = Buffer.from([0x0a, 8, 0x12, 6, 0x12, 4, 0x0a, 2, 0xab, 0xcd]);
    const answer = await post(body, asProtobuf);
    expect(answer.status).toBe(200);
    const decoded = answers
      .lookupType('Response')
      .toObject(answers.lookupType('Response').decode(answer.body), { longs: Number });
    expect(decoded).toEqual({
      partialSuccess: { rejectedSpans: 1, errorMessage: 'span ``: traceId takes 16 bytes, not all zero' },
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
    expect(unexpected).toEqual([]);
    // How many spans it held is unknown: one.
    expect(events).toMatchObject([{ type: 'rejected', from: 'door', spans: 1, sample: expect.any(String) }]);
  });

  it('answers other methods with the one that it takes', async () => {
    const answer = await post('', asJson, 'PUT');
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    expect(events).toEqual([]);
  });

  it('leaves faults of our own to the server, which logs them', async () => {
    failure = new TypeError('a fault');
    expect((await post(jsonExport, asJson)).status).toBe(500);
    expect(unexpected).toEqual([failure]);
  });
});
