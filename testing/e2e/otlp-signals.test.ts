import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'e2e-admin-key-of-otlp-signals';
const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const now = () => BigInt(Date.now()) * 1_000_000n;
const text = (value: string) => ({ stringValue: value });
const attributesOf = (values: Record<string, object>) => Object.entries(values).map(([key, value]) => ({ key, value }));
const map = (values: Record<string, object>) => ({ kvlistValue: { values: attributesOf(values) } });

/** Resident memory of a process, in MB. */
const memoryOf = (pid: number) =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

describe('OTLP, all signals, over the socket', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;
  beforeAll(async () => {
    folder = await makeFolder({ limits: { bodyBytes: 8 * 1024 * 1024 } });
    house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  const post = (path: string, body: object | Uint8Array, headers: Record<string, string> = {}) =>
    fetch(`${house.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}`, ...headers },
      body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
    });
  const spansOf = (...spans: object[]) => ({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  const logsOf = (...logRecords: object[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });
  const ledger = async (source: string) => {
    const { sources } = await house.client.call('getLedger', {});
    return sources.find((account) => account.source === source);
  };

  /** A call whose messages come as log records, each in an export of its own. */
  function call() {
    const ids = { traceId: hex(16), spanId: hex(8) };
    const startNs = now();
    const log = (name: string, body: object) =>
      logsOf({ ...ids, timeUnixNano: String(startNs), attributes: attributesOf({ 'event.name': text(name) }), body });
    const span = {
      ...{ ...ids, name: 'chat gpt-4o-mini', kind: 3 },
      ...{ startTimeUnixNano: String(startNs), endTimeUnixNano: String(startNs + 5_000_000n) },
      attributes: attributesOf({
        'gen_ai.operation.name': text('chat'),
        'gen_ai.system': text('openai'),
        'gen_ai.request.model': text('gpt-4o-mini'),
        'gen_ai.usage.input_tokens': { intValue: 11 },
        'gen_ai.usage.output_tokens': { intValue: 3 },
      }),
    };
    const exports: [string, object][] = [
      ['/v1/logs', log('gen_ai.system.message', map({ content: text('Be brief') }))],
      ['/v1/logs', log('gen_ai.user.message', map({ content: text('capital of France?') }))],
      [
        '/v1/logs',
        log(
          'gen_ai.choice',
          map({ finish_reason: text('stop'), index: { intValue: 0 }, message: map({ content: text('Paris.') }) }),
        ),
      ],
      ['/v1/traces', spansOf(span)],
    ];
    return { ids, exports };
  }

  it.each([
    ['before the span', [0, 1, 2, 3]],
    ['after it, backwards', [3, 2, 1, 0]],
    ['around it, all twice', [2, 3, 0, 1, 3, 1, 2, 0]],
  ])('joins what is said in log records to the span: %s', async (_, order) => {
    const { ids, exports } = call();
    for (const i of order) {
      const [path, body] = exports[i] ?? ['', {}];
      expect((await post(path, body)).status).toBe(200);
    }
    const said = (role: string, content: string) => ({ role, parts: [{ type: 'text', content }] });
    expect(await house.client.call('getSpan', { params: ids })).toMatchObject({
      ...{ name: 'chat gpt-4o-mini', kind: 'generation', provider: 'openai', dialect: 'otel-genai' },
      input: { type: 'messages', messages: [said('system', 'Be brief'), said('user', 'capital of France?')] },
      output: { type: 'messages', messages: [{ ...said('assistant', 'Paris.'), finishReason: 'stop' }] },
      usage: { counts: { inputUncached: 11, outputText: 3 } },
    });
    const list = async () =>
      (await house.client.call('listTraces', {})).data.find(({ traceId }) => traceId === ids.traceId);
    await expect.poll(list).toMatchObject({
      ...{ name: 'chat gpt-4o-mini', kind: 'generation', inputPreview: 'capital of France?', outputPreview: 'Paris.' },
      ...{ spanCount: 1, inputTokens: 11, outputTokens: 3 },
    });
  });

  it('makes a score of an evaluation result', async () => {
    const { ids, exports } = call();
    await post('/v1/traces', exports[3]?.[1] ?? {});
    const attributes = attributesOf({
      'gen_ai.evaluation.name': text('correctness'),
      'gen_ai.evaluation.score.value': { doubleValue: 0.5 },
      'gen_ai.evaluation.explanation': text('half of it'),
    });
    const record = { ...ids, timeUnixNano: String(now()), eventName: 'gen_ai.evaluation.result', attributes };
    for (let i = 0; i < 2; i++) expect((await post('/v1/logs', logsOf(record))).status).toBe(200);
    const { scores } = await house.client.call('getTrace', { params: { traceId: ids.traceId } });
    expect(scores).toMatchObject([{ name: 'correctness', value: 0.5, comment: 'half of it', spanId: ids.spanId }]);
  });

  it('names in the ledger what it does not keep', async () => {
    const dataPoints = [
      { timeUnixNano: '1', asInt: '1' },
      { timeUnixNano: '2', asInt: '2' },
    ];
    const metrics = {
      resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'queue.length', gauge: { dataPoints } }] }] }],
    };
    const answer = await post('/v1/metrics', metrics);
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '2' } });
    expect(await ledger('otlp-metrics')).toMatchObject({
      ...{ received: 2, stored: 0, rejected: 2 },
      rejections: [{ reason: 'metrics are not kept', sample: 'queue.length' }],
    });
    const plain = { timeUnixNano: String(now()), body: text('GET /health 200') };
    const logged = await post('/v1/logs', logsOf(plain));
    expect(await logged.json()).toMatchObject({ partialSuccess: { rejectedLogRecords: '1' } });
    expect((await ledger('otlp-logs'))?.rejections.map(({ reason }) => reason)).toContain(
      'a log record that is no GenAI event',
    );
  });

  it('refuses in the words of the protocol, also who has no key', async () => {
    const refused = await post('/v1/traces', new Uint8Array([1]), {
      authorization: 'Bearer wrong',
      'content-type': 'application/x-protobuf',
    });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([401, 'application/x-protobuf']);
    // google.rpc.Status: code 16, unauthenticated.
    expect([...new Uint8Array(await refused.arrayBuffer()).slice(0, 3)]).toEqual([8, 16, 18]);
    expect(await (await post('/v1/traces', logsOf({}))).json()).toMatchObject({
      code: 3,
      message: expect.stringContaining('Send logs to /v1/logs'),
    });
  });

  it('survives what is hostile: each is refused with its reason, and memory stays flat', async () => {
    const span = { traceId: hex(16), spanId: hex(8), name: 'hostile', startTimeUnixNano: String(now()) };
    const many = Array.from({ length: 100_000 }, (_, i) => ({ key: `k${i}`, value: text('v') }));
    const hostile = spansOf(
      { ...span, attributes: many },
      { ...span, traceId: 'abcd' },
      { ...span, startTimeUnixNano: '4102444800000000000' },
      { ...span, startTimeUnixNano: '31536000000000000' },
      {
        ...span,
        attributes: attributesOf({
          ['__proto__']: map({ polluted: text('yes') }),
          'gen_ai.operation.name': text('chat'),
          'llm.input_messages.99999999.message.content': text('far'),
          'openinference.span.kind': text('LLM'),
        }),
      },
    );
    const answer = await post('/v1/traces', gzipSync(JSON.stringify(hostile)), { 'content-encoding': 'gzip' });
    expect(await answer.json()).toMatchObject({ partialSuccess: { rejectedSpans: '4' } });
    const kept = await house.client.call('getSpan', { params: { traceId: span.traceId, spanId: span.spanId } });
    expect(kept.input).toMatchObject({ messages: [{ parts: [{ content: 'far' }] }] });
    expect(Object.keys(kept.attributes)).toContain('llm.input_messages.99999999.message.content');

    const bomb = gzipSync(Buffer.alloc(512 * 1024 * 1024, 32));
    const before = memoryOf(house.pid);
    for (let i = 0; i < 4; i++)
      expect((await post('/v1/traces', bomb, { 'content-encoding': 'gzip' })).status).toBe(413);
    expect(await sendWithoutEnd()).toBe(413);
    expect(memoryOf(house.pid) - before).toBeLessThan(200);

    const notUtf8 = await post('/v1/traces', new Uint8Array([0x7b, 0xff, 0x7d]));
    expect(notUtf8.status).toBe(400);
    const reasons = (await ledger('otlp'))?.rejections.map(({ reason }) => reason) ?? [];
    expect(reasons).toEqual(
      expect.arrayContaining([
        'it has more than 20,000 attributes',
        'traceId takes 16 bytes, not all zero',
        'its time is more than a day ahead of the server’s',
        'startTimeUnixNano is before the year 2000: is the clock set?',
        'body_too_large',
        'invalid_json',
      ]),
    );
    const account = await ledger('otlp');
    expect(account?.received).toBe((account?.stored ?? 0) + (account?.rejected ?? 0) + (account?.waiting ?? 0));
  });

  /** Up to a GB in chunks; resolves with the status that comes while it is sent. */
  function sendWithoutEnd(): Promise<number> {
    const piece = Buffer.alloc(1024 * 1024, 32);
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` };
      let status = 0;
      const req = request(`${house.url}/v1/traces`, { method: 'POST', headers }, (res) => {
        status = res.statusCode ?? 0;
        res.resume();
        resolve(status);
      });
      // The server hangs up when nobody stops sending.
      req.on('error', (error) => (status === 0 ? reject(error) : undefined));
      let sent = 0;
      const write = () => {
        while (sent < 1024 && !req.destroyed) {
          sent += 1;
          if (!req.write(piece)) return void req.once('drain', write);
        }
        req.end();
      };
      write();
    });
  }
});
