import { type Span, spanIdOfClient, traceIdOfClient, WheelhouseError } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  doorRequest,
  fakeDoorWorld,
  plainJson,
  type RecordedRequest,
  readRequests,
} from '../../../testing/fakes/index.ts';
import { createLangSmithDoor } from './langsmith-door.ts';
import { readMultipart } from './multipart.ts';
import { readParts } from './read-parts.ts';

type Answer = { status: number; body: Record<string, unknown> };
type Run = Record<string, unknown>;

function open() {
  const world = fakeDoorWorld();
  const door = createLangSmithDoor(world.deps);
  const send = async (request: Partial<RecordedRequest> & { url: string }) =>
    (await door.answer(doorRequest('/langsmith', request))) as Answer;
  const ask = (method: string, path: string, body?: unknown) => send({ method, url: `/langsmith${path}`, body });
  const batch = (post: Run[], patch: Run[] = []) => ask('POST', '/runs/batch', { post, patch });
  return { world, door, send, ask, batch };
}

const goldenOf = (name: string) => `../../../testing/fixtures/langsmith/${name}.golden.json`;
const named = (spans: Span[], name: string) => spans.filter((span) => span.name === name);
const uuid = (n: number) => `01a1fbc9-e4b2-7000-8000-${String(n).padStart(12, '0')}`;
const startMs = Date.parse('2026-11-21T01:47:54.930Z');

/** The n-th run under the first one. */
const run = (n: number, more: Run = {}): Run => ({
  id: uuid(n),
  trace_id: uuid(1),
  ...(n === 1 ? {} : { parent_run_id: uuid(1) }),
  name: `run ${n}`,
  run_type: 'chain',
  start_time: startMs,
  end_time: startMs + n,
  ...more,
});

function multipart(parts: [string, string, string?][], boundary = 'b'): Partial<RecordedRequest> & { url: string } {
  const text = parts.map(
    ([name, content, type]) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\nContent-Type: ${type ?? 'application/json'}\r\n\r\n${content}\r\n`,
  );
  return {
    url: '/langsmith/runs/multipart',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.from(`${text.join('')}--${boundary}--\r\n`),
  };
}

describe("LangSmith's runs", () => {
  it('reads what traceable and wrapOpenAI sent as one trace, with tokens and the first token', async () => {
    const { world, send } = open();
    const requests = await readRequests('langsmith/langsmith-0.10-traceable.json');
    for (const request of requests) expect(await send(request)).toMatchObject({ status: 202 });
    const spans = world.folded();
    const [root] = named(spans, 'agent');
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(root).toMatchObject({
      kind: 'chain',
      parentSpanId: null,
      status: 'ok',
      sessionId: 's1',
      userId: 'u1',
      service: 'demo',
      tags: ['a'],
      metadata: { plan: 'pro' },
      input: { type: 'json', value: 'capital?' },
      output: { type: 'json', value: 'Paris.' },
    });
    for (const span of spans) if (span !== root) expect(span.parentSpanId).toBe(root?.spanId);
    const [called, streamed] = named(spans, 'ChatOpenAI');
    const counts = { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 };
    expect(called).toMatchObject({
      kind: 'generation',
      provider: 'openai',
      requestModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18',
      responseId: 'chatcmpl-2',
      finishReasons: ['tool_calls'],
      usage: { counts },
      params: { temperature: 0.2 },
      input: { messages: [{ role: 'user' }] },
      output: {
        messages: [
          { role: 'assistant', parts: [{ type: 'tool_call', name: 'weather', arguments: { city: 'Paris' } }] },
        ],
      },
    });
    expect(called?.toolDefinitions).toMatchObject([{ function: { name: 'weather' } }]);
    expect(streamed).toMatchObject({ usage: { counts }, finishReasons: ['stop'] });
    expect(streamed?.firstTokenNs).toBeGreaterThanOrEqual(streamed?.startNs ?? 0n);
    expect(named(spans, 'weather')[0]).toMatchObject({ kind: 'tool', toolCall: { name: 'weather' } });
    expect(named(spans, 'atlas')[0]).toMatchObject({
      kind: 'retriever',
      documents: [{ content: 'Paris is the capital.' }],
    });
    expect(named(spans, 'broken')[0]).toMatchObject({
      status: 'error',
      statusMessage: expect.stringContaining('no such table'),
    });
    await expect(plainJson(spans)).toMatchFileSnapshot(goldenOf('langsmith-0.10-traceable'));
  });

  it('reads what LangChain sent, its messages and tokens', async () => {
    const { world, send } = open();
    for (const request of await readRequests('langsmith/langchain-core-1.2.json')) await send(request);
    const spans = world.folded();
    const [called, asked] = named(spans, 'ChatOpenAI');
    expect(called).toMatchObject({
      kind: 'generation',
      provider: 'openai',
      responseModel: 'gpt-4o-mini-2024-07-18',
      usage: { counts: { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 } },
      input: {
        messages: [
          { role: 'system', parts: [{ type: 'text', content: 'Be short.' }] },
          { role: 'user', parts: [{ type: 'text', content: 'capital?' }] },
        ],
      },
      output: { messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Paris.' }] }] },
    });
    expect(asked?.output).toMatchObject({ messages: [{ parts: [{ type: 'tool_call', name: 'weather' }] }] });
    expect(asked?.toolDefinitions).toMatchObject([{ function: { name: 'weather' } }]);
    await expect(plainJson(spans)).toMatchFileSnapshot(goldenOf('langchain-core-1.2'));
  });

  it('reads what the Python client and LangChain sent, feedback before the run that it judges', async () => {
    const { world, send } = open();
    for (const request of await readRequests('langsmith/langsmith-py-0.14.json')) await send(request);
    const spans = world.folded();
    const [root] = named(spans, 'agent');
    expect(root).toMatchObject({
      ...{ kind: 'chain', status: 'ok', sessionId: 's1', userId: 'ada', service: 'shop', tags: ['beta'] },
      input: { value: { question: 'capital?' } },
      output: { value: 'Paris.' },
    });
    expect(named(spans, 'weather')[0]).toMatchObject({ kind: 'tool', parentSpanId: root?.spanId });
    const calls = named(spans, 'ChatOpenAI');
    expect(calls).toHaveLength(2);
    for (const call of calls)
      expect(call).toMatchObject({
        ...{ kind: 'generation', provider: 'openai', parentSpanId: root?.spanId, status: 'ok' },
        requestModel: 'gpt-4o-mini',
        responseModel: 'gpt-4o-mini-2024-07-18',
        usage: { counts: { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 } },
        input: { messages: [{ role: 'user', parts: [{ type: 'text', content: 'capital?' }] }] },
        output: { messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Paris.' }] }] },
      });
    expect(await world.allScores()).toMatchObject([{ name: 'quality', traceId: root?.traceId, spanId: null }]);
    await expect(plainJson(spans)).toMatchFileSnapshot(goldenOf('langsmith-py-0.14'));
  });

  it('makes the same trace of any order, repetition and split of its parts', async () => {
    const requests = await readRequests('langsmith/langsmith-0.10-traceable.json');
    const runs = requests.flatMap(
      ({ body, headers }) => readParts(readMultipart(Buffer.from(String(body)), headers['content-type'] ?? '')).runs,
    );
    const whole = open();
    for (const request of requests) await whole.send(request);
    const wanted = plainJson(whole.world.folded());
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(runs, { minLength: runs.length }),
        fc.array(fc.nat(runs.length - 1), { maxLength: 4 }),
        async (shuffled, again) => {
          const { world, batch } = open();
          for (const sent of [...shuffled, ...again.map((i) => runs[i])])
            if (sent) await (sent.method === 'post' ? batch([sent.run]) : batch([], [sent.run]));
          expect(plainJson(world.folded())).toBe(wanted);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('takes a run in two pieces, the end first, and shows it unfinished until both came', async () => {
    const { world, ask, batch } = open();
    await batch(
      [],
      [run(2, { start_time: undefined, name: undefined, outputs: { outputs: 'b' } })].map(
        ({ start_time: _, name: __, ...rest }) => ({
          ...rest,
          dotted_order: `20261121T014754930000Z${uuid(1)}.20261121T014754930001Z${uuid(2)}`,
        }),
      ),
    );
    const { end_time: _, ...unfinished } = run(2, {
      inputs: { input: 'a' },
      start_time: '2026-11-21T01:47:54.930001Z',
    });
    await ask('POST', '/runs', unfinished);
    const [span] = world.folded();
    expect(span).toMatchObject({
      name: 'run 2',
      startNs: BigInt(startMs) * 1_000_000n + 1_000n,
      endNs: BigInt(startMs + 2) * 1_000_000n,
      input: { value: 'a' },
      output: { value: 'b' },
      parentSpanId: spanIdOfClient(uuid(1)),
    });
    await ask('POST', '/runs', { ...run(3), end_time: undefined });
    expect(named(world.folded(), 'run 3')[0]?.endNs).toBeNull();
  });

  it('knows from the dotted order when and where a patch belongs', async () => {
    const { world, batch } = open();
    const dotted_order = `20261121T014754930000Z${uuid(1)}.20261121T014754930001Z${uuid(2)}`;
    await batch([], [{ id: uuid(2), dotted_order, end_time: startMs + 2 }]);
    expect(world.folded()).toMatchObject([
      {
        startNs: BigInt(startMs) * 1_000_000n + 1_000n,
        traceId: traceIdOfClient(uuid(1)),
        parentSpanId: spanIdOfClient(uuid(1)),
      },
    ]);
  });

  it('keeps what the client says that a call cost beside our own figure', async () => {
    const { world, batch } = open();
    const outputs = { usage_metadata: { input_tokens: 1, output_tokens: 1, input_cost: 0.1, total_cost: 0.25 } };
    await batch([run(1, { run_type: 'llm', outputs })]);
    expect(world.folded()).toMatchObject([{ emitterCostNanoUsd: 250_000_000n }]);
  });

  it('finds the trace of a patch that names its run alone', async () => {
    const { world, ask, batch } = open();
    await batch([run(1), { ...run(2), end_time: undefined }]);
    expect(await ask('PATCH', `/runs/${uuid(2)}`, { end_time: startMs + 9, outputs: { outputs: 1 } })).toMatchObject({
      status: 202,
    });
    expect(await ask('PATCH', `/runs/${uuid(1)}`, { tags: ['late'] })).toMatchObject({ status: 202 });
    const spans = world.folded();
    expect(named(spans, 'run 2')[0]).toMatchObject({ endNs: BigInt(startMs + 9) * 1_000_000n, output: { value: 1 } });
    expect(named(spans, 'run 1')[0]).toMatchObject({ tags: ['late'] });
    expect(spans).toHaveLength(2);
    expect(await ask('PATCH', `/runs/${uuid(77)}`, { tags: [] })).toMatchObject({
      status: 422,
      body: { detail: expect.stringContaining('trace_id') },
    });
  });

  it.each([
    [{ usage_metadata: { input_tokens: 10, output_tokens: 6, input_token_details: { cache_read: 4 } } }],
    [{ llm_output: { token_usage: { prompt_tokens: 6, completion_tokens: 6 } }, generations: [[{ text: 'hi' }]] }],
    [
      {
        usage: {
          prompt_tokens: 10,
          completion_tokens: 6,
          total_tokens: 16,
          prompt_tokens_details: { cached_tokens: 4 },
        },
      },
    ],
    [{ output: { lc: 1, kwargs: { content: 'hi', usage_metadata: { input_tokens: 6, output_tokens: 6 } } } }],
  ])('finds the tokens in %j, also in a patch that does not say its type', async (outputs) => {
    const { world, batch } = open();
    const { run_type: _, ...patch } = run(2, {
      outputs,
      extra: { metadata: { ls_model_name: 'm', ls_provider: 'openai' } },
    });
    await batch([run(2, { run_type: 'llm' })], [patch]);
    const usage = world.folded()[0]?.usage;
    expect(usage?.counts).toMatchObject({ inputUncached: 6, outputText: 6 });
  });

  it('keeps files where their run is, and names them in its span', async () => {
    const { world, send } = open();
    await send(
      multipart([
        [`post.${uuid(1)}`, JSON.stringify(run(1))],
        [`attachment.${uuid(1)}.photo`, 'x'.repeat(1000), 'image/png; length=1000'],
        [`attachment.${uuid(1)}.../../etc/passwd`, 'x', 'no type'],
      ]),
    );
    const [span] = world.folded();
    const [photo, odd] = world.attachments.kept;
    expect(photo).toMatchObject({
      attachment: { type: 'image/png', bytes: 1000 },
      place: { traceId: span?.traceId, spanId: span?.spanId, name: 'photo' },
    });
    expect(odd).toMatchObject({
      attachment: { type: 'application/octet-stream' },
      place: { name: '../../etc/passwd' },
    });
    expect(span?.attributes).toMatchObject({
      'langsmith.attachments': [{ id: photo?.attachment.id, name: 'photo', type: 'image/png', bytes: 1000 }, {}],
    });
  });

  it('keeps a run whose file is refused, and lets the client come again when the store is away', async () => {
    const { world, send } = open();
    const parts = () =>
      multipart([
        [`post.${uuid(1)}`, JSON.stringify(run(1))],
        [`attachment.${uuid(1)}.film`, 'x', 'video/mp4'],
      ]);
    world.deps.attachments.keep = async () => {
      throw new WheelhouseError('body_too_large', 'The attachment is too large.');
    };
    expect(await send(parts())).toMatchObject({ status: 202, body: { errors: ['The attachment is too large.'] } });
    expect(world.folded()).toHaveLength(1);
    world.deps.attachments.keep = async () => {
      throw new WheelhouseError('store_unavailable', 'away');
    };
    await expect(send(parts())).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('refuses a run that it cannot read and keeps the others; the ledger has it for repair', async () => {
    const { world, send, batch } = open();
    const answer = await send(
      multipart([
        [`post.${uuid(1)}`, JSON.stringify(run(1))],
        [`post.${uuid(2)}`, JSON.stringify(run(2))],
        [`post.${uuid(2)}.inputs`, '{"a":'],
        [`post.${uuid(3)}`, JSON.stringify({ id: uuid(3) })],
        ['who.knows', '{}'],
      ]),
    );
    expect(answer).toMatchObject({ status: 202, body: { errors: [{}, {}, {}].map(() => expect.any(String)) } });
    expect(world.folded().map(({ name }) => name)).toEqual(['run 1']);
    expect(world.rejected.map(({ reason }) => reason).toSorted()).toEqual([
      'invalid_json',
      'trace_id missing',
      'unknown part',
    ]);
    const kept = world.rejected.find(({ reason }) => reason === 'invalid_json')?.letter;
    expect(JSON.parse(Buffer.from(kept?.body ?? []).toString())).toMatchObject({
      post: [{ id: uuid(2), name: 'run 2', inputs: '{"a":' }],
    });
    expect(await batch([{ id: 'x' }])).toMatchObject({ status: 422, body: { detail: expect.any(String) } });
  });

  it.each([
    ['no boundary', { headers: { 'content-type': 'multipart/form-data' }, body: '--b--' }],
    ['no multipart', { headers: { 'content-type': 'application/json' }, body: '{}' }],
    ['no end', { body: Buffer.from('--b\r\nContent-Disposition: form-data; name="post.x"\r\n\r\n{}') }],
    ['no head', { body: Buffer.from('--b\r\n{}\r\n--b--') }],
    ['no name', { body: Buffer.from('--b\r\nContent-Disposition: form-data\r\n\r\n{}\r\n--b--') }],
    ['nothing', { body: '' }],
  ])('refuses a body with %s and counts it', async (_, more) => {
    const { world, send, door } = open();
    const error = await send({ ...multipart([]), ...more }).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(WheelhouseError);
    expect(door.errorBody(error as WheelhouseError)).toMatchObject({ detail: expect.any(String) });
    expect(world.rejected).toHaveLength(1);
  });

  it('never fails on what no client would send', async () => {
    const field = fc.constantFrom(
      'id',
      'trace_id',
      'dotted_order',
      'start_time',
      'end_time',
      'inputs',
      'outputs',
      'extra',
      'error',
      'events',
      'tags',
      'run_type',
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(field, fc.jsonValue({ maxDepth: 4 })), async (more) => {
        const answer = await open().batch([run(1, more)], [run(2, more)]);
        expect([202, 422]).toContain(answer.status);
      }),
      { examples: [[{ id: { toString: {} } }]] },
    );
  });

  it('acknowledges nothing that could not be stored', async () => {
    const { world, batch } = open();
    world.goAway(new WheelhouseError('store_unavailable', 'away'));
    await expect(batch([run(1)])).rejects.toMatchObject({ code: 'store_unavailable' });
  });
});

describe("LangSmith's feedback", () => {
  const feedback = (n: number, more: Run = {}): Run => ({ run_id: uuid(n), key: 'quality', score: 0.9, ...more });

  it('judges the whole trace when it is on the first run, else the run, whichever came first', async () => {
    for (const runsFirst of [true, false]) {
      const { world, ask, batch } = open();
      const runs = () => batch([run(1), run(2)]);
      if (runsFirst) await runs();
      await ask('POST', '/feedback', feedback(1, { id: 'a' }));
      await ask('POST', '/feedback', feedback(2, { id: 'b' }));
      if (!runsFirst) await runs();
      const scores = (await world.allScores()).toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const traceId = traceIdOfClient(uuid(1));
      expect(scores).toMatchObject([
        { id: 'a', traceId, spanId: null, value: 0.9 },
        { id: 'b', traceId, spanId: spanIdOfClient(uuid(2)) },
      ]);
      expect(scores).toHaveLength(2);
      expect(world.told).toContain(traceId);
    }
  });

  it('is on the run once, also when that is stored while the feedback is', async () => {
    const { world } = open();
    const traceId = traceIdOfClient(uuid(1));
    let looks = 0;
    const finder = {
      hasTrace: async () => false,
      tracesOf: async () => new Map(++looks > 1 ? [[spanIdOfClient(uuid(2)), traceId]] : []),
    };
    const door = createLangSmithDoor({ ...world.deps, finder });
    await door.answer(doorRequest('/langsmith', { url: '/langsmith/feedback', body: feedback(2) }));
    expect(await world.allScores()).toMatchObject([{ traceId, spanId: spanIdOfClient(uuid(2)) }]);
    expect(await world.allScores()).toHaveLength(1);
  });

  it('takes the trace that a client names', async () => {
    const { world, ask } = open();
    await ask('POST', '/feedback', feedback(2, { trace_id: uuid(1) }));
    expect(await world.allScores()).toMatchObject([
      { traceId: traceIdOfClient(uuid(1)), spanId: spanIdOfClient(uuid(2)) },
    ]);
  });

  it('reads what the client sent', async () => {
    const { world, send } = open();
    for (const request of await readRequests('langsmith/langsmith-0.10-feedback.json'))
      expect(await send(request)).toMatchObject({ status: 200 });
    expect(await world.allScores()).toMatchObject([{ name: 'quality', value: 0.9, comment: 'ok', source: 'api' }]);
  });

  it.each([
    [{ score: true }, { value: true }],
    [{ score: undefined, value: 'good' }, { value: 'good' }],
    [
      { score: 0.5, value: 'so so' },
      { value: 0.5, metadata: { 'langsmith.value': 'so so' } },
    ],
    [
      { score: null, comment: 'too long' },
      { value: 'too long', comment: 'too long' },
    ],
    [
      { score: 1, feedback_source: { type: 'model', metadata: { judge: 'x' } } },
      { source: 'judge', metadata: { judge: 'x' } },
    ],
  ])('reads %j', async (more, wanted) => {
    const { world, ask } = open();
    await ask('POST', '/feedback', feedback(1, more));
    expect(await world.allScores()).toMatchObject([wanted]);
  });

  it('is changed, listed and removed by its id', async () => {
    const { world, ask, batch } = open();
    await batch([run(1), run(2)]);
    await ask('POST', '/feedback', feedback(1, { id: 'a' }));
    await ask('POST', '/feedback', feedback(2, { id: 'b', key: 'other' }));
    await ask('PATCH', '/feedback/a', { score: 0.1, comment: 'worse' });
    expect((await ask('GET', '/feedback/a')).body).toMatchObject({ run_id: uuid(1), score: 0.1, comment: 'worse' });
    expect((await ask('GET', `/feedback?run=${uuid(1)}`)).body).toMatchObject([{ id: 'a' }]);
    expect((await ask('GET', `/feedback?run=${uuid(2)}&key=other`)).body).toMatchObject([{ id: 'b' }]);
    expect((await ask('GET', `/feedback?run=${uuid(2)}&offset=1`)).body).toEqual([]);
    await ask('DELETE', '/feedback/a');
    expect(await world.allScores()).toMatchObject([{ id: 'b' }]);
    await expect(ask('PATCH', '/feedback/a', {})).rejects.toMatchObject({ code: 'not_found' });
  });

  it.each([[{ run_id: null }], [{ key: '' }], [{ score: null }]])('refuses %j', async (more) => {
    const { ask } = open();
    await expect(ask('POST', '/feedback', feedback(1, more))).rejects.toMatchObject({ code: 'invalid_request' });
  });
});

describe("the rest of LangSmith's API", () => {
  it('tells how it likes to be sent runs, and what it does not serve', async () => {
    const { ask } = open();
    expect((await ask('GET', '/info')).body).toMatchObject({
      batch_ingest_config: { use_multipart_endpoint: true, size_limit_bytes: 4 * 1024 * 1024 },
      instance_flags: { gzip_body_enabled: true },
    });
    await expect(ask('POST', '/datasets', {})).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('from-langsmith.md'),
    });
  });
});
