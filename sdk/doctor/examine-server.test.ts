import type { LedgerBody, ServerInfoBody } from '@wheelhouse/core/contract';
import { describe, expect, it } from 'vitest';
import { type DoctorDeps, examineServer, probeText } from './examine-server.ts';

const url = 'http://127.0.0.1:4400';
const info: ServerInfoBody = {
  version: '0.1.0',
  project: 'default',
  dataDir: '/data',
  openaiUrl: `${url}/v1`,
  otlpUrl: url,
  stores: { records: 'embedded', telemetry: 'embedded' },
  authentication: 'loopback',
  providers: [
    { name: 'openai', baseUrl: 'https://api.openai.com/v1', key: 'set', keyVariable: 'OPENAI_API_KEY' },
    { name: 'sim', baseUrl: null, key: 'not needed', keyVariable: null },
  ],
  spans: { stored: 0, dropped: 0 },
};
const ledger: LedgerBody = { since: '2026-11-21T09:00:00.000Z', partial: false, sources: [], deadLetters: null };

type Route = (body: unknown) => { status?: number; body: object; traceId?: string };

/** A server that is well, but for the routes given. */
function server(changed: Record<string, Route> = {}) {
  let now = 0;
  const asked: { path: string; body: unknown }[] = [];
  const routes: Record<string, Route> = {
    '/healthz': () => ({ body: { status: 'ok' } }),
    '/readyz': () => ({ body: { status: 'ready' } }),
    '/api/v1/server': () => ({ body: info }),
    '/v1/chat/completions': () => ({ body: {}, traceId: 'f'.repeat(32) }),
    [`/api/v1/traces/${'f'.repeat(32)}`]: () => ({ body: { trace: {}, spans: [], scores: [] } }),
    '/v1/traces': () => ({ body: {} }),
    '/api/v1/ingest/ledger': () => ({ body: ledger }),
    ...changed,
  };
  const deps: DoctorDeps = {
    baseUrl: url,
    apiKey: null,
    version: '0.1.0',
    call: true,
    nowMs: () => now,
    wait: async (ms) => {
      now += ms;
    },
    fetch: async (input, init) => {
      const path = String(input).slice(url.length);
      const body: unknown = typeof init?.body === 'string' ? JSON.parse(init.body) : null;
      asked.push({ path, body });
      const answer = routes[path]?.(body) ?? {
        status: 404,
        body: { error: { message: `no ${path}`, code: 'not_found', hint: '' } },
      };
      return new Response(JSON.stringify(answer.body), {
        status: answer.status ?? 200,
        headers: answer.traceId ? { 'x-wheelhouse-trace-id': answer.traceId } : {},
      });
    },
  };
  return { deps, asked };
}

async function examine(deps: DoctorDeps) {
  const checks = [];
  const generator = examineServer(deps);
  for (;;) {
    const next = await generator.next();
    if (next.done) return { checks, info: next.value };
    checks.push(next.value);
  }
}

const refused =
  (code: string, status: number): Route =>
  () => ({
    status,
    body: { error: { message: `refused: ${code}`, code, hint: 'do this', type: 'x', param: null } },
  });
const states = async (changed: Record<string, Route>) =>
  (await examine(server(changed).deps)).checks.filter((check) => check.state !== 'good');

describe('the doctor', () => {
  it('finds nothing wrong with a server that is well', async () => {
    const { checks, info: found } = await examine(server().deps);
    expect(checks.map(({ name, state }) => [name, state])).toEqual([
      ['server', 'good'],
      ['stores', 'good'],
      ['key', 'good'],
      ['version', 'good'],
      ['gateway', 'good'],
      ['providers', 'good'],
      ['otlp', 'good'],
      ['spans', 'good'],
    ]);
    expect(found).toEqual(info);
  });

  it('names its one call, says that its trace stays, and leaves it out when asked to', async () => {
    const { deps, asked } = server();
    const { checks } = await examine(deps);
    expect(asked.find(({ path }) => path === '/v1/chat/completions')?.body).toMatchObject({
      messages: [{ content: probeText }],
      user: 'wheelhouse-doctor',
    });
    expect(checks.find(({ name }) => name === 'gateway')?.text).toContain(`which stays: ${url}/x/${'f'.repeat(32)}`);

    const quiet = server();
    await examine({ ...quiet.deps, call: false });
    expect(quiet.asked.map(({ path }) => path)).not.toContain('/v1/chat/completions');
  });

  it('stops at a server that does not answer, and says why', async () => {
    const away = async () => {
      throw new TypeError('fetch failed', { cause: Object.assign(new Error('no'), { code: 'ECONNREFUSED' }) });
    };
    const { checks, info: found } = await examine({ ...server().deps, fetch: away });
    expect(checks).toHaveLength(1);
    expect(checks[0]).toMatchObject({ name: 'server', state: 'bad', text: `No answer from ${url}: ECONNREFUSED.` });
    expect(found).toBeNull();
  });

  it('knows another program on the port', async () => {
    expect(await states({ '/healthz': () => ({ body: { hello: 'world' } }) })).toMatchObject([
      { name: 'server', text: `Something answers at ${url}, but it is not Wheelhouse.` },
    ]);
  });

  it('passes on why the databases are not ready, and goes on', async () => {
    const notReady: Route = () => ({ status: 503, body: { status: 'not ready', reason: 'Postgres is away.' } });
    expect(await states({ '/readyz': notReady })).toMatchObject([
      { name: 'stores', state: 'bad', text: expect.stringContaining('Postgres is away.') },
    ]);
  });

  it('tells a missing key from a wrong one, and asks nothing more', async () => {
    const { deps, asked } = server({ '/api/v1/server': refused('unauthorized', 401) });
    expect((await examine(deps)).checks.at(-1)).toMatchObject({
      name: 'key',
      text: expect.stringContaining('none was given'),
    });
    expect((await examine({ ...deps, apiKey: 'wrong' })).checks.at(-1)?.text).toBe(
      'WHEELHOUSE_ADMIN_KEY is not the key of this server.',
    );
    expect(asked.map(({ path }) => path)).not.toContain('/v1/traces');
  });

  it('notices another version', async () => {
    expect(await states({ '/api/v1/server': () => ({ body: { ...info, version: '0.2.0' } }) })).toMatchObject([
      { name: 'version', state: 'warn' },
    ]);
  });

  it('notices a gateway that refuses, and one whose traces never come', async () => {
    expect(await states({ '/v1/chat/completions': refused('internal', 500) })).toMatchObject([
      { name: 'gateway', state: 'bad', text: 'A call to sim/echo failed: refused: internal', todo: 'do this' },
    ]);
    expect(await states({ [`/api/v1/traces/${'f'.repeat(32)}`]: refused('not_found', 404) })).toMatchObject([
      { name: 'gateway', state: 'bad', text: expect.stringContaining('after 15 s its trace cannot be read') },
    ]);
  });

  it('warns of a key that is missing, and finds a provider that leads back here', async () => {
    const [openai, sim] = info.providers;
    const providers = [
      { ...openai, key: 'missing' as const },
      { ...sim, name: 'loop', baseUrl: 'http://localhost:4400/v1/' },
    ];
    expect(await states({ '/api/v1/server': () => ({ body: { ...info, providers } }) })).toMatchObject([
      { state: 'bad', text: expect.stringContaining('loop leads back to this server') },
      { state: 'warn', text: 'OPENAI_API_KEY is not set, so openai/* cannot be called.' },
    ]);
  });

  it('passes on why the OTLP door refuses', async () => {
    expect(
      await states({ '/v1/traces': () => ({ status: 503, body: { code: 14, message: 'The store is away.' } }) }),
    ).toMatchObject([{ name: 'otlp', state: 'bad', text: expect.stringContaining('The store is away.') }]);
  });
});
