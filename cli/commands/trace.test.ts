import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SpanSummaryBody, TraceSummaryBody } from '@wheelhouse/sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { plainStyle } from '../output/style.ts';
import { exportToFile } from './trace-export.ts';
import { listTraces } from './trace-ls.ts';
import { removeTraces } from './trace-rm.ts';
import { showTrace } from './trace-show.ts';
import { tailTraces } from './trace-tail.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const trace = (n: number, more: Partial<TraceSummaryBody> = {}): TraceSummaryBody => ({
  traceId: n.toString(16).padStart(8, '0').padEnd(32, 'a'),
  ...{
    name: `chat ${n}`,
    kind: 'generation',
    startNs: `${1_795_240_000 + n}000000000`,
    endNs: `${1_795_240_000 + n}212000000`,
  },
  ...{
    status: 'ok',
    statusMessage: null,
    model: 'sim/echo',
    inputPreview: 'Hi',
    outputPreview: 'Hello',
    inputTokens: 1200,
  },
  ...{
    outputTokens: 3,
    costNanoUsd: '1240000',
    unpricedCalls: 0,
    spanCount: 1,
    errorCount: 0,
    sessionId: 's',
    userId: 'u',
  },
  ...{ service: null, environment: null, release: null, tags: [], models: [], providers: [], kinds: [], tools: [] },
  ...{ firstTokenNs: null, runId: null, dialect: 'gateway', scores: [] },
  ...more,
});

type Seen = { method: string; path: string; query: URLSearchParams; lastEventId: string | undefined; body: string };
type Answer = (seen: Seen, res: ServerResponse) => object | null | undefined;

/** A server that answers by hand, and a terminal that keeps what is written. */
async function setUp(answer: Answer) {
  const seen: Seen[] = [];
  const onRequest = async (req: IncomingMessage, res: ServerResponse) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    let body = '';
    for await (const chunk of req) body += chunk;
    const lastEventId = req.headers['last-event-id'] as string | undefined;
    const one = { method: req.method ?? '', path: url.pathname, query: url.searchParams, lastEventId, body };
    seen.push(one);
    const json = answer(one, res);
    if (json === null) return;
    res.writeHead(json === undefined ? 404 : 200, { 'content-type': 'application/json' });
    res.end(JSON.stringify(json ?? { error: { message: 'Not here.', code: 'not_found', hint: 'Look elsewhere.' } }));
  };
  const server: Server = createServer((req, res) => void onRequest(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const written = { out: '', err: '' };
  const terminal = {
    out: (text: string) => {
      written.out += text;
    },
    err: (text: string) => {
      written.err += text;
    },
    ...{ outStyle: plainStyle, errStyle: plainStyle, live: false },
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = {
    url,
    isUrlGiven: true,
    adminKey: null,
    project: null,
    to: { apiKey: null, project: null },
    env: {},
    cwd: '/',
    color: false,
    redraw: false,
  };
  return { deps: { config, terminal }, written, seen, url };
}

describe('wheelhouse trace ls', () => {
  it('prints a line a trace and reads as many pages as it takes', async () => {
    const failed = trace(2, { status: 'error', statusMessage: '529\u001b[31m overloaded', costNanoUsd: null });
    const scored = trace(1, { scores: [{ name: 'good', value: 0.5 }] });
    const { deps, written, seen, url } = await setUp(({ query }) =>
      query.get('cursor') === null ? { data: [failed], next: 'more' } : { data: [scored], next: 'even' },
    );
    expect(await listTraces(['status:error', 'or', 'x'], { limit: 2 }, deps)).toBe(0);
    expect(seen.map(({ query }) => [query.get('q'), query.get('limit')])).toEqual([
      ['status:error or x', '2'],
      ['status:error or x', '1'],
    ]);
    const [head, first, second] = written.out.split('\n');
    expect(head).toMatch(/^ {2}ID +TIME +NAME +MODEL +LATENCY +COST$/);
    expect(first).toMatch(/^ {2}00000002 .* chat 2 +sim\/echo +212 ms +\? +✕ 529\[31m overloaded$/);
    expect(second).toMatch(/^ {2}00000001 .* \$0\.00124 +good 0\.5$/);
    expect(written.err).toContain('2 shown, there are more: --limit 10');
    expect(written.err).toContain(`${url}/traces?q=status%3Aerror%20or%20x`);
  });

  it('prints one JSON object, and nothing else on stdout', async () => {
    const { deps, written } = await setUp(() => ({ data: [trace(1)], next: null }));
    expect(await listTraces([], { limit: 20, json: true }, deps)).toBe(0);
    expect(JSON.parse(written.out)).toEqual({ data: [trace(1)], next: null });
  });

  it('shows a mistake in the filter where it stands, without asking the server', async () => {
    const { deps, seen } = await setUp(() => ({}));
    await expect(listTraces(['a', 'stauts:error'], { limit: 1 }, deps)).rejects.toMatchObject({
      name: 'UsageError',
      message: 'There is no field `stauts`.\n\n    a stauts:error\n      ^^^^^^',
      hint: expect.stringContaining('`status`'),
    });
    expect(seen).toEqual([]);
  });
});

describe('wheelhouse trace tail', () => {
  it('prints what is there, then what finishes, each once; comes back to a server that went, and stops when asked', async () => {
    const event = (id: number, traces: TraceSummaryBody[]) =>
      `id: ${id}\ndata: ${JSON.stringify({ type: 'traces', traces })}\n\n`;
    let connections = 0;
    const { deps, written, seen } = await setUp(({ path, query }, res) => {
      if (path !== '/api/v1/live') return { data: [trace(2), trace(1)], next: null };
      expect(query.get('q')).toBe('status:ok');
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      connections += 1;
      if (connections === 1) res.end(event(7, [trace(2), trace(4, { endNs: null }), trace(3)]));
      else res.write(event(9, [trace(4)]));
      return null;
    });
    const out = (text: string) => {
      written.out += text;
      if (text.includes('chat 4')) process.emit('SIGINT');
    };
    const terminal = { ...deps.terminal, out };
    expect(await tailTraces(['status:ok'], { last: 5 }, { ...deps, terminal })).toBe(130);
    expect(
      written.out
        .split('\n')
        .map((line) => /chat \d/.exec(line)?.[0])
        .filter(Boolean),
    ).toEqual(['chat 1', 'chat 2', 'chat 3', 'chat 4']);
    expect(seen.map(({ lastEventId }) => lastEventId)).toEqual([undefined, undefined, '7']);
  });

  it('says at once when nobody answers, and what the server refuses', async () => {
    const { deps } = await setUp(({ path }, res) => {
      if (path !== '/api/v1/live') return { data: [], next: null };
      res.writeHead(401, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ error: { message: 'No key.', code: 'unauthorized', hint: 'Send one.' } }));
      return null;
    });
    await expect(tailTraces([], { last: 0 }, deps)).rejects.toMatchObject({ code: 'unauthorized', hint: 'Send one.' });
    const nowhere = { ...deps, config: { ...deps.config, url: 'http://127.0.0.1:1' } };
    await expect(tailTraces([], { last: 0 }, nowhere)).rejects.toMatchObject({ code: 'unreachable' });
  });
});

describe('wheelhouse trace show', () => {
  const span = (n: number, parent: number | null, more: Partial<SpanSummaryBody> = {}): SpanSummaryBody => ({
    ...{
      traceId: trace(1).traceId,
      spanId: String(n),
      parentSpanId: parent === null ? null : String(parent),
      kind: 'span',
    },
    ...{
      name: `step ${n}`,
      startNs: `${1_795_240_001}00${n}000000`,
      endNs: `${1_795_240_001}900000000`,
      firstTokenNs: null,
    },
    ...{ status: 'ok', statusMessage: null, provider: null, requestModel: null, responseModel: null, model: null },
    ...{ usage: null, costNanoUsd: null },
    ...more,
  });

  it('finds a trace by its first digits and draws its spans as a tree, orphans and rings too', async () => {
    const spans = [
      span(1, null, { kind: 'agent' }),
      span(2, 1, {
        kind: 'generation',
        model: 'bot@2',
        usage: { counts: {}, source: 'provider' },
        costNanoUsd: '5000000',
      }),
      span(3, 2, { kind: 'tool', status: 'error', statusMessage: 'timeout' }),
      span(4, 99),
      span(5, 6),
      span(6, 5),
    ];
    const { deps, written, seen, url } = await setUp(({ path }) =>
      path === '/api/v1/traces'
        ? { data: [trace(1)], next: null }
        : { trace: trace(1, { spanCount: 6, errorCount: 1 }), spans, scores: [] },
    );
    expect(await showTrace('00000001', {}, deps)).toBe(0);
    expect(seen[0]?.query.get('q')).toContain('trace:00000001*');
    const tree = written.out.slice(written.out.indexOf('SPAN'));
    expect(
      tree
        .split('\n')
        .slice(1, 7)
        .map((line) => line.trimEnd()),
    ).toEqual([
      expect.stringMatching(/^ {2}● step 1 +\+\S+ ms +\S+ ms$/),
      expect.stringMatching(/^ {4}◆ step 2 · bot@2 .* \$0\.00500$/),
      expect.stringMatching(/^ {6}✕ step 3 .* timeout$/),
      expect.stringMatching(/^ {2}· step 4/),
      expect.stringMatching(/^ {2}· step 5/),
      expect.stringMatching(/^ {4}· step 6/),
    ]);
    expect(written.out).toContain('212 ms · $0.00124 · 1,200 → 3 tokens · 6 spans · 1 failed');
    expect(written.err).toBe(`  → ${url}/x/${trace(1).traceId}\n`);
  });

  it('draws 30,000 levels without running out of stack, and prints JSON when asked', async () => {
    const deep = Array.from({ length: 30_000 }, (_, n) => span(n, n === 0 ? null : n - 1));
    const body = { trace: trace(1), spans: deep, scores: [] };
    const { deps, written } = await setUp(() => body);
    expect(await showTrace(trace(1).traceId, {}, deps)).toBe(0);
    expect(written.out).toContain('29999› · step 29999');
    written.out = '';
    expect(await showTrace(trace(1).traceId, { json: true }, deps)).toBe(0);
    expect(JSON.parse(written.out)).toEqual(body);
  });

  it('says when digits name no trace, several, or nothing at all', async () => {
    const { deps } = await setUp(({ query }) => ({
      data: query.get('q')?.includes('aaaaaa') ? [trace(1), trace(2)] : [],
      next: null,
    }));
    await expect(showTrace('bbbbbb', {}, deps)).rejects.toThrow('No trace begins with bbbbbb.');
    await expect(showTrace('aaaaaa', {}, deps)).rejects.toThrow('Several traces begin with aaaaaa.');
    await expect(showTrace('latest', {}, deps)).rejects.toThrow('`latest` is no trace id.');
  });
});

describe('wheelhouse trace export', () => {
  const folder = async () => {
    const path = await mkdtemp(join(tmpdir(), 'wheelhouse-export-'));
    closers.push(() => rm(path, { recursive: true }));
    return path;
  };
  const lines = '{"a":1}\n{"a":"é"}\n';

  it('writes to a file that has its name only when it is whole, or to stdout', async () => {
    const { deps, written, seen } = await setUp((_, res) => {
      res.writeHead(200, { 'x-wheelhouse-traces': '2' });
      res.write(Buffer.from(lines).subarray(0, 15));
      res.end(Buffer.from(lines).subarray(15));
      return null;
    });
    const output = join(await folder(), 'out.jsonl');
    await writeFile(output, 'old');
    expect(await exportToFile(['status:error'], { output }, deps)).toBe(0);
    expect(await readFile(output, 'utf8')).toBe(lines);
    expect(seen[0]?.query.toString()).toBe('q=status%3Aerror&format=jsonl');
    expect(written.out).toBe('');
    expect(written.err).toContain('2 traces');
    expect(await exportToFile([], {}, deps)).toBe(0);
    expect(written.out).toBe(lines);
    await exportToFile([], { output: output.replace('jsonl', 'parquet') }, deps);
    expect(seen.at(-1)?.query.get('format')).toBe('parquet');
  });

  it('keeps nothing of an export that was cut off, and leaves an older file as it was', async () => {
    const { deps } = await setUp((_, res) => {
      res.writeHead(200, { 'x-wheelhouse-traces': '2' });
      res.write(lines.slice(0, 9), () => res.destroy());
      return null;
    });
    const dir = await folder();
    const output = join(dir, 'out.jsonl');
    await writeFile(output, 'old');
    await expect(exportToFile([], { output }, deps)).rejects.toMatchObject({ code: 'unreachable' });
    expect(await readdir(dir)).toEqual(['out.jsonl']);
    expect(await readFile(output, 'utf8')).toBe('old');
  });

  it('refuses a format that is none, and Parquet on a terminal', async () => {
    const { deps } = await setUp(() => undefined);
    await expect(exportToFile([], { format: 'csv' }, deps)).rejects.toThrow('`csv` is no format');
    await expect(exportToFile([], { format: 'parquet' }, deps)).rejects.toThrow('Parquet goes to a file.');
  });
});

describe('wheelhouse trace rm', () => {
  const deletion = (status: string, more: object = {}) => ({ id: 'del_1', status, error: null, traces: null, ...more });

  it('asks with the number of traces, and removes nothing unless the answer is yes', async () => {
    const { deps, written, seen } = await setUp(({ path }) =>
      path.endsWith('/facets') ? { total: 1204, facets: [] } : deletion('completed', { traces: 1204 }),
    );
    const asked: string[] = [];
    const answer = (text: string) => async (question: string) => {
      asked.push(question);
      return text;
    };
    expect(await removeTraces(undefined, { user: 'a "b"' }, { ...deps, ask: answer('') })).toBe(130);
    expect(asked[0]).toContain('user a "b", 1,204 traces');
    expect(seen.map(({ method }) => method)).toEqual(['GET']);
    expect(seen[0]?.query.get('q')).toContain('user:"a \\"b\\""');
    expect(await removeTraces(undefined, { user: 'a "b"' }, { ...deps, ask: answer('y') })).toBe(0);
    expect(JSON.parse(seen.at(-1)?.body ?? '')).toEqual({ user: 'a "b"' });
    expect(written.out).toBe('  ✓ user a "b": 1204 removed  del_1\n');
  });

  it('waits until it is done, and says why when it could not be', async () => {
    let reads = 0;
    const { deps, written } = await setUp(({ method }) => {
      if (method === 'POST') return deletion('queued');
      reads += 1;
      return reads === 1 ? deletion('queued') : deletion('failed', { error: 'the disk is full' });
    });
    expect(await removeTraces(trace(1).traceId, { yes: true }, deps)).toBe(1);
    expect(written.err).toContain('could not be removed: the disk is full');
  });

  it('wants --yes where nobody can answer, and exactly one thing to remove', async () => {
    const { deps, seen } = await setUp(() => undefined);
    await expect(removeTraces(undefined, { user: '1' }, { ...deps, ask: null })).rejects.toMatchObject({
      hint: 'Add --yes.',
    });
    await expect(removeTraces(undefined, {}, deps)).rejects.toThrow('Say what to remove');
    await expect(removeTraces('aaaaaa', { session: 's' }, deps)).rejects.toThrow('Say what to remove');
    expect(seen).toEqual([]);
  });
});
