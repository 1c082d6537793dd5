import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { defaultProjectId, type Span, WheelhouseError } from '@wheelhouse/core/records';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBody } from '../http/read-body.ts';
import { createOpenAiCompatible } from '../providers/openai-compatible/forward.ts';
import { startSimServer } from '../sim-server.ts';
import { createSchemaChecker } from '../tools/schema-checker.ts';
import { createClock, systemRandom } from '../world.ts';
import { createGateway } from './gateway.ts';

const spans: Span[] = [];
let waiting: ((span: Span) => void) | null = null;
/** The span of the call that is about to be made. */
const nextSpan = () =>
  new Promise<Span>((resolve) => {
    waiting = resolve;
  });
let sim: Awaited<ReturnType<typeof startSimServer>>;
let server: Server;
let base = '';
const providers: ReturnType<typeof createOpenAiCompatible>[] = [];

beforeAll(async () => {
  sim = await startSimServer({ port: 0, host: '127.0.0.1' });
  const open = (name: string, baseUrl: string) =>
    createOpenAiCompatible({ name, baseUrl, apiKey: 'k', headers: {}, timeoutMs: 5_000 });
  providers.push(open('up', sim.url), open('down', 'http://127.0.0.1:9/v1'));
  const gateway = createGateway({
    routes: () => ({ providers: new Set(['up', 'down', 'keyless']), defaultProvider: null, find: () => null }),
    forward: (name) => providers.find((p) => p.provider === name) ?? null,
    missingKey: (name) => (name === 'keyless' ? new WheelhouseError('upstream_key_missing', 'There is no key.') : null),
    sink: {
      append: async () => {},
      record: ({ read }) => {
        const span = read();
        spans.push(span);
        waiting?.(span);
      },
    },
    prices: {
      find: ({ models: [model = ''] }) =>
        model.includes('echo')
          ? {
              id: 'p1',
              provider: 'up',
              model,
              validFrom: null,
              perMillion: { inputUncached: 1_000_000n, outputText: 2_000_000n },
            }
          : null,
    },
    checker: createSchemaChecker(),
    clock: createClock(),
    random: systemRandom,
    models: { model: () => null, all: () => [] },
    baseModels: ['sim/echo'],
    startedAt: 0,
  });
  server = createServer((req, res) => {
    gateway
      .handle(req, res, {
        by: { project: defaultProjectId, actor: 'local' },
        path: req.url ?? '/',
        readBody: () => readBody(req, 1_000_000),
      })
      .catch((error: WheelhouseError) => {
        if (res.headersSent) res.destroy();
        else res.writeHead(error.status, { 'content-type': 'application/json' }).end(JSON.stringify(error.toBody()));
      });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all(providers.map((p) => p.close()));
  await sim.close();
});

const chat = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'up/echo', messages: [{ role: 'user', content: 'Where is my order?' }], ...body }),
    ...(signal ? { signal } : {}),
  });

describe('the gateway in front of a vendor', () => {
  it('passes a whole answer on and records it, continuing the trace', async () => {
    const recorded = nextSpan();
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await chat({ temperature: 0.5, user: 'u1' }, { traceparent });
    const body = (await response.json()) as { choices: { message: { content: string } }[]; id: string };
    expect(body.choices[0]?.message.content).toBe('Where is my order?');
    expect(response.headers.get('x-wheelhouse-trace-id')).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(JSON.stringify(body))));
    const span = await recorded;
    expect(span).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
      kind: 'generation',
      name: 'chat up/echo',
      status: 'ok',
      provider: 'up',
      requestModel: 'echo',
      responseId: body.id,
      params: { temperature: 0.5, user: 'u1' },
      userId: 'u1',
      finishReasons: ['stop'],
      input: {
        type: 'messages',
        messages: [{ role: 'user', parts: [{ type: 'text', content: 'Where is my order?' }] }],
      },
      usage: { counts: { inputUncached: 5, outputText: 5 } },
      cost: { totalNanoUsd: 15n, priceId: 'p1' },
    });
  });

  it.each([
    [false, 'leaves the usage that it asked for out of a stream'],
    [true, 'leaves the usage in a stream where the caller asked for it'],
  ])('with include_usage %s, %s, and records the same', async (asked) => {
    const recorded = nextSpan();
    const response = await chat({ stream: true, ...(asked ? { stream_options: { include_usage: true } } : {}) });
    const text = await response.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.includes('"choices":[]')).toBe(asked);
    const content = [...text.matchAll(/"delta":\{"content":"([^"]*)"/g)].map((m) => m[1]).join('');
    expect(content).toBe('Where is my order?');
    const span = await recorded;
    expect(span.usage?.counts).toEqual({ inputUncached: 5, outputText: 5, requests: 1 });
    expect(span.firstTokenNs).not.toBeNull();
    expect(span.output).toMatchObject({
      messages: [{ role: 'assistant', parts: [{ content: 'Where is my order?' }] }],
    });
  });

  it('ends a stream that the vendor cut with an error event, never as if it were complete', async () => {
    const recorded = nextSpan();
    const text = await (await chat({ stream: true, sim: { cut_after_chunks: 1 } })).text();
    expect(text).not.toContain('[DONE]');
    expect(text).toContain('"code":"upstream_cut"');
    expect(await recorded).toMatchObject({
      status: 'error',
      output: { messages: [{ parts: [{ content: 'Where is my ' }] }] },
    });
  });

  it('answers 502 when a whole answer is cut or the vendor is down', async () => {
    const cut = await chat({ sim: { cut_after_chunks: 0 } });
    expect([cut.status, ((await cut.json()) as { error: { code: string } }).error.code]).toEqual([502, 'upstream_cut']);
    const recorded = nextSpan();
    const down = await chat({ model: 'down/any' });
    const { error } = (await down.json()) as { error: { code: string; hint: string; message: string } };
    expect([down.status, error.code]).toEqual([502, 'upstream_unreachable']);
    expect(error.hint).not.toBe('');
    expect(await recorded).toMatchObject({ status: 'error', statusMessage: error.message, usage: null, cost: null });
  });

  it('passes a vendor’s own error on as it came', async () => {
    const recorded = nextSpan();
    const response = await chat({ sim: { failure_rate: 1, failure_status: 529 } });
    expect(response.status).toBe(529);
    expect(await response.json()).toMatchObject({ error: { code: 'simulated_failure' } });
    expect(await recorded).toMatchObject({
      status: 'error',
      statusMessage: expect.stringContaining('Simulated failure'),
    });
  });

  it('stops the vendor and says so when the caller leaves', async () => {
    const recorded = nextSpan();
    const stop = new AbortController();
    const response = await chat({ stream: true, sim: { chunk_ms: 60_000 } }, {}, stop.signal);
    await response.body?.getReader().read();
    stop.abort();
    expect(await recorded).toMatchObject({ status: 'error', statusMessage: 'The caller closed the connection.' });
  });

  it.each([
    [{ model: 'keyless/x' }, 400, 'upstream_key_missing'],
    [{ model: 'nobody/x' }, 404, 'model_not_found'],
    [{ messages: 'hi' }, 400, 'invalid_request'],
    [{ messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }] }, 413, 'body_too_large'],
  ])('refuses %j clearly', async (body, status, code) => {
    const response = await chat(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code, type: expect.any(String), message: expect.any(String), hint: expect.any(String) },
    });
  });

  it('lists what can be called, and sends others away with a hint', async () => {
    expect(await (await fetch(`${base}/v1/models`)).json()).toMatchObject({
      object: 'list',
      data: [{ id: 'sim/echo', object: 'model' }],
    });
    expect((await fetch(`${base}/v1/models/sim%2Fecho`)).status).toBe(200);
    expect((await fetch(`${base}/v1/chat/completions`)).status).toBe(405);
    expect((await fetch(`${base}/v1/audio/speech`, { method: 'POST' })).status).toBe(404);
  });
});
