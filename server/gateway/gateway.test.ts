import type { GateAsk } from '@wheelhouse/core/ports';
import { WheelhouseError } from '@wheelhouse/core/records';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { caller, startGateway, type TestGateway } from '../../testing/gateway/start-gateway.ts';

const messages = [{ role: 'user', content: 'Where is my order?' }];
const completions = '/v1/chat/completions';
const price = {
  ...{ id: 'p1', provider: 'openai', model: 'm', validFrom: null },
  perMillion: { inputUncached: 1_000_000n, outputText: 2_000_000n },
};

let gateway: TestGateway;
const chat = (body: object, headers?: Record<string, string>, signal?: AbortSignal) =>
  gateway.post(completions, { model: 'openai/m', messages, ...body }, headers, signal);
const span = async () => (await gateway.until((all) => all.length > 0))[0];
const pair = {
  targets: ['openai/first', 'openai/second'],
  retries: { attempts: 1, backoffMs: 1, maxBackoffMs: 1, maxWaitMs: 1 },
};

const asked: GateAsk[] = [];
const gate = {
  refusal(ask: GateAsk) {
    asked.push(ask);
    const error = new WheelhouseError('challenge_required', 'The end user eve has to pass a challenge first.');
    return ask.user === 'eve' ? { error, headers: { 'x-wheelhouse-challenge': 'ch_1' } } : null;
  },
};

beforeAll(async () => {
  gateway = await startGateway({
    gate,
    prices: { find: ({ models }) => (models.includes('m') ? price : null) },
    routes: {
      pair,
      mixed: { ...pair, targets: ['openai/first', 'anthropic/second'] },
      able: { ...pair, targets: ['anthropic/first', 'openai/second'] },
      unable: { ...pair, targets: ['anthropic/first', 'anthropic/second'] },
      hedged: { ...pair, hedgeAfterMs: 20 },
      joined: { targets: ['openai/joined'], coalesce: true },
    },
  });
});
afterAll(() => gateway.close());
beforeEach(() => gateway.forget());

describe('an end user who is held', () => {
  it('is refused before anybody is called, in the dialect of the caller, and others are not', async () => {
    const { project, key } = caller;
    asked.length = 0;
    const refused = await chat({ user: 'eve' });
    expect([refused.status, refused.headers.get('x-wheelhouse-challenge')]).toEqual([403, 'ch_1']);
    expect(await refused.json()).toMatchObject({ error: { code: 'challenge_required', type: 'permission_error' } });
    const named = await chat({ user: 'adam' }, { 'x-wheelhouse-user': 'eve' });
    expect(named.status).toBe(403);
    await named.text();
    const { signal } = new AbortController();
    const body = JSON.stringify({ model: 'openai/m', messages, user: 'eve' });
    expect(await gateway.inner({ by: caller, path: completions, body, signal })).toMatchObject({ status: 403 });
    expect(gateway.upstream.calls).toEqual([]);
    const passed = await chat({ user: 'adam' });
    expect(passed.status).toBe(200);
    await passed.text();
    expect(asked).toEqual(['eve', 'eve', 'eve', 'adam'].map((user) => ({ project, key, user })));
  });
});

describe('one call', () => {
  it('passes a whole answer on and records it, continuing the trace', async () => {
    gateway.upstream.on('m', { text: 'On its way.' });
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const response = await chat({ temperature: 0.5, user: 'u1' }, { traceparent });
    const body = (await response.json()) as { choices: { message: { content: string } }[]; id: string };
    expect(body.choices[0]?.message.content).toBe('On its way.');
    expect(response.headers.get('x-wheelhouse-trace-id')).toBe('4bf92f3577b34da6a3ce929d0e0e4736');
    expect(response.headers.get('x-wheelhouse-target')).toBe('openai/m');
    expect(await span()).toMatchObject({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentSpanId: '00f067aa0ba902b7',
      kind: 'generation',
      name: 'chat openai/m',
      status: 'ok',
      provider: 'openai',
      requestModel: 'm',
      responseId: body.id,
      params: { temperature: 0.5, user: 'u1' },
      userId: 'u1',
      finishReasons: ['stop'],
      input: { type: 'messages', messages: [{ role: 'user', parts: [{ content: 'Where is my order?' }] }] },
      usage: { source: 'provider' },
      cost: { priceId: 'p1' },
      events: [],
    });
  });

  it.each([
    [false, 'leaves the usage that it asked for out of a stream'],
    [true, 'leaves the usage in a stream where the caller asked for it'],
  ])('with include_usage %s, %s, and records the same', async (asked) => {
    gateway.upstream.on('m', { text: 'On its way.' });
    const response = await chat({ stream: true, ...(asked ? { stream_options: { include_usage: true } } : {}) });
    const text = await response.text();
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(text.includes('"choices":[]')).toBe(asked);
    expect(gateway.upstream.calls[0]?.text).toContain('"include_usage":true');
    const seen = await span();
    expect(seen?.usage).toMatchObject({ source: 'provider' });
    expect(seen?.firstTokenNs).not.toBeNull();
    expect(seen?.output).toMatchObject({ messages: [{ parts: [{ content: 'On its way.' }] }] });
  });

  it('keeps what callers say for this server from the vendor, and on the span', async () => {
    await chat(
      {},
      {
        'x-wheelhouse-tags': 'a, b',
        'x-wheelhouse-user': 'u2',
        'x-wheelhouse-session': 's2',
        'x-wheelhouse-metadata': '{"plan":"pro"}',
        'x-api-key': 'the-callers-own',
      },
    );
    const headers = gateway.upstream.calls[0]?.headers ?? {};
    expect(Object.keys(headers).filter((name) => name.startsWith('x-'))).toEqual([]);
    expect(headers.authorization).toBe('Bearer sk-openai');
    expect(await span()).toMatchObject({
      tags: ['a', 'b'],
      userId: 'u2',
      sessionId: 's2',
      metadata: { plan: 'pro' },
    });
  });

  it('counts the tokens itself where the vendor does not, and says that it did', async () => {
    await (await chat({ model: 'openai/m~noUsage', stream: true })).text();
    expect((await span())?.usage).toMatchObject({ source: 'estimated', counts: { outputText: expect.any(Number) } });
  });

  it('passes a vendor’s own refusal on as it came', async () => {
    const response = await chat({ model: 'openai/m~status=422' });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ error: { message: expect.any(String) } });
    expect(gateway.upstream.calls).toHaveLength(1);
    expect(await span()).toMatchObject({ status: 'error', attributes: { 'http.response.status_code': 422 } });
  });

  it('says nothing of a key that the vendor refuses but that it is not good', async () => {
    const response = await chat({ model: 'openai/refusing~status=401' });
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { code: 'upstream_credentials_exhausted' } });
    gateway.health.forgetKeys('openai');
  });

  it('ends a stream that the vendor cut with an error event, never as if it were complete', async () => {
    const text = await (await chat({ model: 'openai/m~words=9~cutAfter=2', stream: true })).text();
    expect(text).not.toContain('[DONE]');
    expect(text).toContain('"code":"upstream_cut"');
    expect(await span()).toMatchObject({ status: 'error', output: { messages: [{ parts: [{ content: 'w0 w1' }] }] } });
  });

  it('stops the vendor and says so when the caller leaves', async () => {
    const stop = new AbortController();
    const response = await chat({ model: 'openai/m~words=9~stallAfter=1', stream: true }, {}, stop.signal);
    await response.body?.getReader().read();
    stop.abort();
    expect(await span()).toMatchObject({ status: 'error', statusMessage: 'The caller closed the connection.' });
    await gateway.upstream.until(() => gateway.upstream.calls[0]?.state === 'left');
  });

  it.each([
    [{ model: 'keyless/x' }, 400, 'upstream_key_missing'],
    [{ model: 'nobody/x' }, 404, 'model_not_found'],
    [{ model: 'down/x' }, 502, 'upstream_unreachable'],
    [{ messages: 'hi' }, 400, 'invalid_request'],
  ])('refuses %j clearly', async (body, status, code) => {
    const response = await chat(body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({
      error: { code, type: expect.any(String), message: expect.any(String), hint: expect.any(String) },
    });
  });

  it('refuses a body that is too large', async () => {
    const response = await chat({ messages: [{ role: 'user', content: 'x'.repeat(2_000_000) }] });
    expect([response.status, await response.json()]).toMatchObject([413, { error: { code: 'body_too_large' } }]);
  });

  it('refuses in the words of the dialect that was used', async () => {
    const response = await gateway.post('/v1/messages', { model: 'nobody/x', max_tokens: 9, messages });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
  });
});

describe('other endpoints', () => {
  it('carries a conversation from any dialect to any vendor and back', async () => {
    gateway.upstream.on('m', { text: 'Grüezi.' });
    const toAnthropic = await chat({ model: 'anthropic/m' });
    expect(await toAnthropic.json()).toMatchObject({ choices: [{ message: { content: 'Grüezi.' } }] });
    const toOpenAi = await gateway.post('/v1/messages', { model: 'openai/m', max_tokens: 9, messages });
    expect(await toOpenAi.json()).toMatchObject({ type: 'message', content: [{ type: 'text', text: 'Grüezi.' }] });
    const responses = await gateway.post('/v1/responses', { model: 'gemini/m', input: 'Hi', stream: true });
    expect(await responses.text()).toContain('response.completed');
    const [first, second, third] = await gateway.until((all) => all.length === 3);
    for (const one of [first, second, third])
      expect(one).toMatchObject({ status: 'ok', output: { messages: [{ parts: [{ content: 'Grüezi.' }] }] } });
  });

  it('gives vectors as base64 to clients that ask for it, whatever the vendor gives', async () => {
    const vectors = async (encoding: string) => {
      const response = await gateway.post('/v1/embeddings', {
        ...{ model: 'sim/embed', input: ['one', 'two'], encoding_format: encoding },
      });
      return (await response.json()) as { data: { embedding: string | number[] }[] };
    };
    const [first] = (await vectors('base64')).data;
    expect(typeof first?.embedding).toBe('string');
    expect((await vectors('float')).data).toHaveLength(2);
    expect(await span()).toMatchObject({ kind: 'embedding', status: 'ok', input: { value: ['one', 'two'] } });
  });

  it('passes any other path of a provider on, with its key and without the caller’s', async () => {
    const response = await gateway.post(
      '/providers/openai/v1/moderations?x=1',
      { input: 'x' },
      { 'x-team': 'red', authorization: 'Bearer mine' },
    );
    await response.text();
    const [call] = gateway.upstream.calls;
    expect(call).toMatchObject({ path: '/v1/moderations?x=1', key: 'sk-openai' });
    expect(call?.headers).toMatchObject({ 'x-team': 'red' });
    expect(await span()).toMatchObject({ kind: 'span', provider: 'openai' });
  });

  it('treats a conversation under a provider’s own path as one', async () => {
    gateway.upstream.on('m', { text: 'Grüezi.' });
    const contents = [{ role: 'user', parts: [{ text: 'Hi' }] }];
    const response = await gateway.post('/providers/gemini/v1beta/models/m:generateContent', { contents });
    expect(await response.json()).toMatchObject({ candidates: [{ content: { parts: [{ text: 'Grüezi.' }] } }] });
    expect(await span()).toMatchObject({ kind: 'generation', requestModel: 'm', usage: { source: 'provider' } });
  });

  it('counts tokens for models whose vendor does not', async () => {
    const response = await gateway.post('/v1/messages/count_tokens', { model: 'openai/m', messages });
    expect(await response.json()).toEqual({ input_tokens: expect.any(Number) });
    expect(gateway.upstream.calls).toEqual([]);
  });

  it('lists what can be called, and sends others away with a hint', async () => {
    const { data } = (await (await fetch(`${gateway.url}/v1/models`)).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(['pair', 'mixed', 'able', 'unable', 'hedged', 'joined', 'sim/echo']);
    expect((await fetch(`${gateway.url}/v1/models/sim%2Fecho`)).status).toBe(200);
    expect((await fetch(`${gateway.url}${completions}`)).status).toBe(405);
    expect((await gateway.post('/v1/audio/speech', {})).status).toBe(404);
  });
});

describe('more than one attempt', () => {
  it.each([
    [{ status: 503 }, true],
    [{ reset: true }, true],
    [{ cutAfter: 0 }, true],
    [{ errorAfter: 0 }, true],
    [{ status: 500 }, false],
    [{ body: '<html>' }, false],
  ])('falls back unseen after %j (stream: %s), and tells it on the span', async (fault, stream) => {
    gateway.upstream.on('first', { ...fault, words: 3 });
    gateway.upstream.on('second', { text: 'Here.' });
    const text = await (await chat({ model: 'pair', stream })).text();
    expect(text).toContain('Here.');
    expect(text).not.toContain('error');
    const seen = await span();
    expect(seen).toMatchObject({ status: 'ok', requestModel: 'second', attributes: { 'wheelhouse.attempts': 2 } });
    expect(seen?.events.map(({ attributes }) => attributes.target)).toEqual(['openai/first', 'openai/second']);
  });

  it('falls back to a vendor of another dialect', async () => {
    gateway.upstream.on('first', { status: 500 });
    gateway.upstream.on('second', { text: 'Here.' });
    const text = await (await chat({ model: 'mixed', stream: true })).text();
    expect(text).toContain('"content":"Here."');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('goes past a target that cannot do what is asked, and names the member where none can', async () => {
    gateway.upstream.on('second', { text: 'Here.' });
    const asked = { logprobs: true, top_logprobs: 2 };
    expect(await (await chat({ model: 'able', ...asked })).json()).toMatchObject({ model: 'second' });
    expect(gateway.upstream.of('first')).toEqual([]);
    const refused = await chat({ model: 'unable', ...asked });
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { code: 'unsupported_by_model', param: expect.stringContaining('logprobs') } },
    ]);
  });

  it('asks a second target beside a silent first, and gives the first up once it has lost', async () => {
    gateway.upstream.on('first', { silent: true });
    gateway.upstream.on('second', { text: 'Here.' });
    expect(await (await chat({ model: 'hedged', stream: true })).text()).toContain('Here.');
    await gateway.upstream.until(() => gateway.upstream.of('first')[0]?.state === 'left');
    expect((await span())?.attributes).toMatchObject({ 'wheelhouse.attempts': 2 });
  });

  it('keeps to the deadline of the caller', async () => {
    gateway.upstream.on('m', { silent: true });
    const response = await chat({}, { 'x-wheelhouse-deadline-ms': '50' });
    expect([response.status, await response.json()]).toMatchObject([504, { error: { code: 'upstream_timeout' } }]);
    await gateway.upstream.until(() => gateway.upstream.calls[0]?.state === 'left');
  });

  it('makes one call of identical ones at the same time, each with a span of its own', async () => {
    gateway.upstream.on('joined', { words: 60, gapMs: 20 });
    const all = Array.from({ length: 20 }, async () => (await chat({ model: 'joined', stream: true })).text());
    const texts = new Set(await Promise.all(all));
    expect(texts.size).toBe(1);
    expect([...texts][0]?.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(gateway.upstream.calls).toHaveLength(1);
    const spans = await gateway.until((seen) => seen.length === 20);
    expect(spans.filter(({ usage }) => usage !== null)).toHaveLength(1);
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(20);
  });
});

describe('calls from inside', () => {
  it('run on the same path and give text, trace and cost', async () => {
    gateway.upstream.on('m', { text: 'Here.' });
    const { signal } = new AbortController();
    const outcome = await gateway.runner.run('openai/m', { messages, variables: {} }, { signal });
    expect(outcome).toMatchObject({ ok: true, text: 'Here.', costNanoUsd: expect.any(BigInt) });
    const refused = await gateway.runner.run('nobody/x', { messages, variables: {} }, { signal });
    expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('nobody/x') });
  });

  it('take members of the request, and give log-probabilities where they came', async () => {
    const { signal } = new AbortController();
    const parameters = { temperature: 0, logprobs: true, top_logprobs: 2 };
    const input = { messages, variables: {} };
    const logprobs = { content: [{ token: '4', logprob: -0.1, top_logprobs: [{ token: '5', logprob: -2.3 }] }] };
    const choice = { index: 0, message: { role: 'assistant', content: '4' }, finish_reason: 'stop', logprobs };
    gateway.upstream.on('m', {
      body: JSON.stringify({ id: 'c', object: 'chat.completion', model: 'm', choices: [choice] }),
    });
    const outcome = await gateway.runner.run('openai/m', input, { signal, parameters });
    expect(outcome).toMatchObject({ ok: true, text: '4', logprobs: logprobs.content });
    expect(gateway.upstream.calls[0]?.body).toMatchObject(parameters);
    expect((await span())?.params).toMatchObject({ temperature: 0 });
  });

  it('turn texts into vectors, one each, with trace and cost', async () => {
    const { signal } = new AbortController();
    const found = await gateway.embedder.embed('sim/embed', ['one text', 'another', 'one text'], { signal });
    if (!found.ok) throw new Error(found.error);
    expect(found.vectors.map((vector) => vector.length)).toEqual([256, 256, 256]);
    expect(found.vectors[0]).toEqual(found.vectors[2]);
    expect(found.vectors[0]).not.toEqual(found.vectors[1]);
    expect((await span())?.traceId).toBe(found.traceId);
    const priced = await gateway.embedder.embed('openai/m', ['one text'], { signal });
    expect(priced).toMatchObject({ ok: true, costNanoUsd: 5n });
    const refused = await gateway.embedder.embed('nobody/x', ['a'], { signal });
    expect(refused).toMatchObject({ ok: false, error: expect.stringContaining('nobody/x') });
    const stopped = AbortSignal.abort(new Error('the run was stopped'));
    await expect(gateway.embedder.embed('sim/embed', ['a'], { signal: stopped })).rejects.toThrow(
      'the run was stopped',
    );
  });

  it('give answers and errors as HTTP callers get them', async () => {
    const { signal } = new AbortController();
    const ask = (model: string) =>
      gateway.inner({ by: caller, path: completions, body: JSON.stringify({ model, messages }), signal });
    expect(await ask('openai/m')).toMatchObject({ status: 200, requestId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(await ask('nobody/x')).toMatchObject({ status: 404, body: expect.stringContaining('model_not_found') });
    expect(await ask('openai/m~status=429~retryAfter=300')).toMatchObject({ status: 429, retryAfterMs: 300_000 });
  });
});
