import type { Admission, AdmissionAsk, AnswerCache, CachedAnswer } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../../testing/gateway/start-gateway.ts';

const messages = [{ role: 'user', content: 'Where is my order?' }];
const path = '/v1/chat/completions';

/** What became of each admission. */
let admissions: { ask: AdmissionAsk; end: string; tokens: number }[] = [];
let refusal: WheelhouseError | null = null;
const admission: Admission = {
  async admit(ask) {
    if (refusal !== null) throw refusal;
    const one = { ask, end: 'open', tokens: 0 };
    admissions.push(one);
    const close = (end: string, tokens: number) =>
      Object.assign(one, { end: one.end === 'open' ? end : 'twice', tokens });
    return {
      settle: ({ tokens }) => void close('settled', tokens),
      release: () => void close('released', 0),
      headers: { 'x-ratelimit-remaining-requests': '7' },
    };
  },
};
const answers = new Map<string, CachedAnswer>();
const cache: AnswerCache = {
  plan: ({ model, body, streamed, wish }) =>
    model === 'kept'
      ? {
          ...{ key: JSON.stringify([body.messages ?? null, streamed]), read: wish !== 'no-cache', keepSeconds: 60 },
          meaning: null,
        }
      : null,
  get: (_, { key }) => answers.get(key) ?? null,
  put: (_, { key }, _ask, answer) => void answers.set(key, answer),
  nearest: async () => null,
  place() {},
};

let gateway: TestGateway;
const chat = (body: object, headers: Record<string, string> = {}, signal?: AbortSignal) =>
  gateway.post(path, { messages, ...body }, headers, signal);

beforeAll(async () => {
  const once = { retries: { attempts: 1, backoffMs: 1, maxBackoffMs: 1, maxWaitMs: 1 } };
  const shadow = { ref: 'openai/copy', provider: 'openai', vendorModel: 'copy', weight: 1, priority: 0, after: null };
  gateway = await startGateway({
    admission,
    cache,
    routes: {
      kept: { targets: ['openai/m'], ...once },
      shadowed: { targets: ['openai/m'], ...once, shadow: { target: shadow, share: 1 } },
      joined: { targets: ['openai/m'], ...once, coalesce: true },
    },
  });
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.forget();
  answers.clear();
  admissions = [];
  refusal = null;
});

describe('admission', () => {
  it('reserves the most that a call may take, and settles what it took', async () => {
    const response = await chat({ model: 'openai/m', max_tokens: 50, n: 2 });
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('7');
    const body = (await response.json()) as { usage: { total_tokens: number } };
    await gateway.until((all) => all.length === 1);
    expect(admissions).toMatchObject([
      { ask: { model: 'openai/m', outputTokens: 100 }, end: 'settled', tokens: body.usage.total_tokens },
    ]);
  });

  it.each([
    ['a vendor that refuses', 'openai/m~status=400'],
    ['a vendor that breaks off before any content', 'down/m'],
  ])('releases what was reserved after %s', async (_, model) => {
    await (await chat({ model })).text();
    await gateway.until((all) => all.length === 1);
    expect(admissions.map(({ end }) => end)).toEqual(['released']);
  });

  it('settles what had been answered when the caller left, and releases when nothing had', async () => {
    const leave = async (model: string, reads: boolean) => {
      const stop = new AbortController();
      const response = chat({ model, stream: true }, {}, stop.signal);
      if (reads) await (await response).body?.getReader().read();
      else await gateway.upstream.until(() => gateway.upstream.of('quiet').length === 1);
      stop.abort();
      await response.catch(() => null);
    };
    gateway.upstream.on('quiet', { silent: true });
    await leave('openai/m~words=9~stallAfter=3', true);
    await gateway.until((all) => all.length === 1);
    await leave('openai/quiet', false);
    await gateway.until((all) => all.length === 2);
    expect(admissions.map(({ end }) => end)).toEqual(['settled', 'released']);
    expect(admissions[0]?.tokens).toBeGreaterThan(0);
  });

  it('tells a caller who is refused when to come back, and asks no vendor', async () => {
    refusal = new WheelhouseError('rate_limited', 'Too many.', { retryAfterMs: 2_500 });
    const response = await chat({ model: 'openai/m' });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '3']);
    expect(await response.json()).toMatchObject({ error: { code: 'rate_limited', type: 'rate_limit_error' } });
    expect(gateway.upstream.calls).toEqual([]);
    expect(gateway.metrics.text()).toContain('wheelhouse_gateway_refused_total{code="rate_limited"}');
  });
});

describe('the cache', () => {
  it.each([false, true])('answers again without a vendor, with all its framing (stream: %s)', async (stream) => {
    const first = await chat({ model: 'kept', stream });
    const text = await first.text();
    expect(first.headers.get('x-wheelhouse-cache')).toBe('miss');
    const again = await chat({ model: 'kept', stream });
    expect(await again.text()).toBe(text);
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
    expect(again.headers.get('x-wheelhouse-cache')).toBe('hit');
    expect(again.headers.get('x-wheelhouse-trace-id')).not.toBe(first.headers.get('x-wheelhouse-trace-id'));
    expect(gateway.upstream.calls).toHaveLength(1);
    const [, hit] = await gateway.until((all) => all.length === 2);
    expect(hit).toMatchObject({ status: 'ok', usage: null, cost: { totalNanoUsd: 0n } });
    expect(hit?.output).toEqual(gateway.spans[0]?.output);
  });

  it('is told by the caller', async () => {
    for (const wish of ['no-cache', 'no-cache'])
      await (await chat({ model: 'kept' }, { 'x-wheelhouse-cache': wish })).text();
    expect(gateway.upstream.calls).toHaveLength(2);
  });

  it.each([{ status: 400 }, { cutAfter: 1, words: 3 }, { errorAfter: 1, words: 3 }])(
    'keeps nothing of %j',
    async (fault) => {
      gateway.upstream.on('m', fault);
      await (await chat({ model: 'kept', stream: true })).text().catch(() => '');
      await gateway.until((all) => all.length === 1);
      expect(answers.size).toBe(0);
    },
  );
});

describe('copies and joined calls', () => {
  it('sends a copy elsewhere, whose answer is recorded and nothing else', async () => {
    await (await chat({ model: 'shadowed' })).text();
    const spans = await gateway.until((all) => all.length === 2);
    expect(gateway.upstream.calls.map(({ model }) => model).sort()).toEqual(['copy', 'm']);
    expect(spans.find(({ requestModel }) => requestModel === 'copy')?.attributes['wheelhouse.origin']).toBe('shadow');
    expect(admissions).toHaveLength(2);
  });

  it('go on when the one who asked first leaves', async () => {
    gateway.upstream.on('m', { words: 4, gapMs: 20 });
    const stop = new AbortController();
    const first = await chat({ model: 'joined', stream: true }, {}, stop.signal);
    const second = await chat({ model: 'joined', stream: true });
    stop.abort();
    await first.text().catch(() => '');
    expect((await second.text()).endsWith('data: [DONE]\n\n')).toBe(true);
    expect(gateway.upstream.calls).toHaveLength(1);
  });

  it('are left by the vendor once all have left', async () => {
    gateway.upstream.on('m', { words: 4, stallAfter: 1 });
    const stop = new AbortController();
    const both = [0, 1].map(() => chat({ model: 'joined', stream: true }, {}, stop.signal));
    await Promise.all((await Promise.all(both)).map((response) => response.body?.getReader().read()));
    stop.abort();
    await gateway.upstream.until(() => gateway.upstream.calls[0]?.state === 'left');
    expect(gateway.upstream.calls).toHaveLength(1);
  });

  it('fail together, and the vendor is not asked once for each', async () => {
    // Long enough that all have come, on a busy machine too.
    gateway.upstream.on('m', { status: 500, delayMs: 500 });
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await chat({ model: 'joined' })).status),
    );
    expect(new Set(statuses)).toEqual(new Set([500]));
    expect(gateway.upstream.calls).toHaveLength(1);
  });
});

describe('responses that lean on one another', () => {
  const respond = async (body: object) =>
    (await (await gateway.post('/v1/responses', body)).json()) as { id: string; output: { id: string }[] };

  it('are continued at any vendor', async () => {
    gateway.upstream.on('m', { text: 'Zürich.' });
    const first = await respond({ model: 'openai/m', input: 'Where?' });
    await respond({ model: 'anthropic/m', input: 'And then?', previous_response_id: first.id });
    const asked = gateway.upstream.calls.at(-1)?.text ?? '';
    expect(asked).toMatch(/Where\?.*Zürich\..*And then\?/s);
    expect(asked).not.toContain('previous_response_id');
  });

  it('can be read, listed and removed', async () => {
    const text = await (await gateway.post('/v1/responses', { model: 'openai/m', input: 'Hi', stream: true })).text();
    const id = /"id":"(resp_[^"]+)"/.exec(text)?.[1] ?? '';
    const url = `${gateway.url}/v1/responses/${id}`;
    expect(await (await fetch(url)).json()).toMatchObject({ id, object: 'response', status: 'completed' });
    expect(await (await fetch(`${url}/input_items`)).json()).toMatchObject({
      object: 'list',
      data: [{ type: 'message', role: 'user' }],
      has_more: false,
    });
    expect(await (await fetch(url, { method: 'DELETE' })).json()).toMatchObject({ deleted: true });
    expect((await fetch(url)).status).toBe(404);
  });

  it('are not kept where the caller says so', async () => {
    const { id } = await respond({ model: 'openai/m', input: 'Hi', store: false });
    expect((await fetch(`${gateway.url}/v1/responses/${id}`)).status).toBe(404);
  });
});
