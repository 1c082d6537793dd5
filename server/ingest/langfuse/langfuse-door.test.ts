import { WheelhouseError, wholeToolCall } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { doorRequest, fakeDoorWorld, plainJson, readRequests } from '../../../testing/fakes/index.ts';
import { createLangfuseDoor } from './langfuse-door.ts';

type Event = { id: string; type: string; timestamp: string; body: Record<string, unknown> };
type Answer = { status: number; body: Record<string, unknown> };

function open() {
  const world = fakeDoorWorld();
  const door = createLangfuseDoor(world.deps);
  const ask = async (method: string, path: string, body?: unknown) =>
    (await door.answer(doorRequest('/api/public', { method, url: `/api/public${path}`, body }))) as Answer;
  const ingest = (batch: unknown) => ask('POST', '/ingestion', { batch });
  return { world, door, ask, ingest };
}

const at = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
const event = (type: string, body: object, ms = 0): Event => ({
  id: `event ${type} ${ms}`,
  type,
  timestamp: at(ms),
  body: { ...body },
});
const recorded = async (): Promise<Event[]> => {
  const [request] = await readRequests('langfuse/langfuse-3.39.json');
  return (request?.body as { batch: Event[] } | undefined)?.batch ?? [];
};
const fixture = '../../../testing/fixtures/langfuse/langfuse-3.39.golden.json';

describe("Langfuse's ingestion", () => {
  it('reads what the client sent as one trace of spans, with tokens, cost and scores', async () => {
    const { world, ingest } = open();
    const batch = await recorded();
    const { status, body } = await ingest(batch);
    expect(status).toBe(207);
    expect(body).toEqual({ successes: batch.map(({ id }) => ({ id, status: 201 })), errors: [] });
    const spans = world.folded();
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    const byName = new Map(spans.map((span) => [span.name, span]));
    const parents = spans.map(({ name, parentSpanId }) => [
      name,
      spans.find(({ spanId }) => spanId === parentSpanId)?.name ?? null,
    ]);
    expect(Object.fromEntries(parents)).toEqual({
      answer: null,
      'look up': 'answer',
      chat: 'look up',
      'cache miss': 'look up',
      'old usage': 'answer',
      broken: 'answer',
    });
    expect(byName.get('answer')).toMatchObject({
      userId: 'u1',
      sessionId: 's1',
      environment: 'test',
      release: 'r1',
      tags: ['a', 'b'],
      metadata: { plan: 'pro', cached: false },
      output: { type: 'json', value: 'Paris.' },
    });
    expect(byName.get('chat')).toMatchObject({
      kind: 'generation',
      requestModel: 'gpt-4o-mini',
      params: { temperature: 0.2 },
      usage: {
        counts: { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 },
        source: 'emitter',
      },
      emitterCostNanoUsd: 5_000n,
    });
    expect(byName.get('old usage')?.usage?.counts).toEqual({ inputUncached: 3, outputText: 2, requests: 1 });
    expect(byName.get('cache miss')).toMatchObject({ kind: 'event', statusMessage: 'cold', status: 'unset' });
    expect(byName.get('look up')).toMatchObject({ metadata: { step: 1, rows: 2 }, output: { value: 'found' } });
    expect(byName.get('broken')).toMatchObject({ status: 'error', statusMessage: 'no such table' });
    expect(spans.every(({ endNs, startNs }) => endNs !== null && endNs >= startNs)).toBe(true);
    const [root] = spans.filter(({ parentSpanId }) => parentSpanId === null);
    expect(spans.every((span) => (span.endNs ?? 0n) <= (root?.endNs ?? 0n))).toBe(true);
    const scores = await world.allScores();
    expect(scores.map(({ name, value, spanId }) => [name, value, spanId])).toEqual(
      expect.arrayContaining([
        ['helpful', true, null],
        ['grade', 'good', byName.get('chat')?.spanId],
        ['similarity', 0.9, byName.get('chat')?.spanId],
      ]),
    );
    await expect(plainJson(spans)).toMatchFileSnapshot(fixture);
  });

  it('makes the same trace of any order, repetition and split of its events', async () => {
    const batch = await recorded();
    const whole = open();
    await whole.ingest(batch);
    const wanted = plainJson(whole.world.folded());
    const scores = await whole.world.allScores();
    await fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray(batch, { minLength: batch.length }),
        fc.array(fc.nat(batch.length - 1), { maxLength: 5 }),
        fc.array(fc.nat(batch.length), { maxLength: 4 }),
        async (shuffled, again, cuts) => {
          const sent = [...shuffled, ...again.map((i) => batch[i])];
          const { world, ingest } = open();
          const ends = [...new Set([...cuts, sent.length])].sort((a, b) => a - b);
          for (const [i, end] of ends.entries()) await ingest(sent.slice(ends[i - 1] ?? 0, end));
          expect(plainJson(world.folded())).toBe(wanted);
          expect(await world.allScores()).toEqual(scores);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('lets the later of two updates count, and keeps what neither changes', async () => {
    const { world, ingest } = open();
    const id = 'gen 1';
    await ingest([
      event('generation-update', { id, traceId: 't', output: 'final', model: 'b' }, 30),
      event('generation-create', { id, traceId: 't', name: 'call', model: 'a', startTime: at(1), endTime: at(9) }, 10),
      event('generation-update', { id, traceId: 't', output: 'draft', metadata: { n: 1 } }, 20),
    ]);
    const span = world.folded().find(({ name }) => name === 'call');
    expect(span).toMatchObject({
      kind: 'generation',
      requestModel: 'b',
      output: { type: 'messages', messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'final' }] }] },
      metadata: { n: 1 },
      startNs: BigInt(Date.parse(at(1))) * 1_000_000n,
      endNs: BigInt(Date.parse(at(9))) * 1_000_000n,
    });
  });

  it.each(['agent', 'tool', 'chain', 'retriever', 'embedding', 'evaluator', 'guardrail', 'span'])(
    'takes observations of type %s under both names of the event',
    async (kind) => {
      const { world, ingest } = open();
      await ingest([
        event(`${kind}-create`, { id: 'one', traceId: 't', name: 'one' }),
        event('observation-create', { id: 'two', traceId: 't', name: 'two', type: kind.toUpperCase() }),
      ]);
      const kinds = world
        .folded()
        .filter(({ name }) => name !== '')
        .map((span) => span.kind);
      expect(kinds).toEqual([kind, kind]);
    },
  );

  it('takes a trace of which nothing but itself was said for finished, and an observation without an end for running', async () => {
    const { world, ingest } = open();
    await ingest([event('trace-create', { id: 'alone', name: 'alone' })]);
    expect(world.folded()).toMatchObject([{ name: 'alone', endNs: BigInt(Date.parse(at(0))) * 1_000_000n }]);
    await ingest([event('span-create', { id: 'open', traceId: 'alone', name: 'open' }, 5)]);
    expect(world.folded().find(({ name }) => name === 'open')?.endNs).toBeNull();
  });

  it('keeps the name of a tool whose result comes later', async () => {
    const { world, ingest } = open();
    await ingest([event('tool-create', { id: 'w', traceId: 't', name: 'weather', input: { city: 'Paris' } }, 1)]);
    await ingest([event('tool-update', { id: 'w', traceId: 't', output: 'sunny', endTime: at(5) }, 2)]);
    const span = world.folded().find(({ name }) => name === 'weather');
    expect(span).toMatchObject({ kind: 'tool', toolCall: { name: 'weather', arguments: { city: 'Paris' } } });
    expect(span && wholeToolCall(span)).toMatchObject({ result: 'sunny' });
  });

  it('keeps the ids that the client gave, so that its later calls find their spans', async () => {
    const { world, ingest } = open();
    await ingest([
      event('trace-create', { id: 'order 77' }),
      event('span-create', { id: 'look up 77', traceId: 'order 77', name: 'look up' }),
      event('score-create', { traceId: 'order 77', observationId: 'look up 77', name: 'ok', value: 1 }),
    ]);
    const span = world.folded().find(({ name }) => name === 'look up');
    expect(span?.attributes).toMatchObject({
      'langfuse.trace.id': 'order 77',
      'langfuse.observation.id': 'look up 77',
    });
    expect(await world.allScores()).toMatchObject([{ traceId: span?.traceId, spanId: span?.spanId }]);
  });

  it.each([
    [{ prompt_tokens: 10, completion_tokens: 6, total_tokens: 16, prompt_tokens_details: { cached_tokens: 4 } }],
    [{ input_tokens: 10, output_tokens: 6, total_tokens: 16, input_tokens_details: { cached_tokens: 4 } }],
    [{ input: 6, input_cached_tokens: 4, output: 6, total: 16 }],
    [{ input: 6, cache_read_input_tokens: 4, output: 6 }],
  ])('reads usage %j without counting a token twice', async (usageDetails) => {
    const { world, ingest } = open();
    await ingest([event('generation-create', { id: 'g', traceId: 't', model: 'gpt-4o', usageDetails })]);
    const usage = world.folded().find(({ kind }) => kind === 'generation')?.usage;
    expect(usage?.counts).toEqual({ inputUncached: 6, cacheRead: 4, outputText: 6, requests: 1 });
  });

  it('answers each event for itself, and tells the ledger which it refused and why', async () => {
    const { world, ingest } = open();
    let deep: unknown = 1;
    for (let i = 0; i < 80; i++) deep = [deep];
    const { status, body } = await ingest([
      event('span-create', { id: 'good', traceId: 't', name: 'good' }),
      event('span-update', { id: 'lost' }),
      event('dataset-run-item-create', { id: 'x' }),
      { ...event('span-create', { id: 'late' }), timestamp: 'yesterday' },
      event('score-create', { name: 'no subject', value: 1 }),
      event('score-create', { traceId: 't', name: 'wrong', value: 2, dataType: 'BOOLEAN' }),
      event('span-create', { id: 'deep', traceId: 't', input: deep }),
      'nonsense',
    ]);
    expect(status).toBe(207);
    expect(body.successes).toHaveLength(1);
    expect(body.errors).toMatchObject([
      { status: 400, error: 'traceId missing' },
      { error: 'unknown event type', message: expect.stringContaining('dataset-run-item-create') },
      { error: 'timestamp missing' },
      { error: 'score subject' },
      { error: 'score value' },
      { error: 'nested too deep' },
      { id: '', error: 'no event' },
    ]);
    expect(world.rejected.map(({ source, reason }) => `${source}: ${reason}`)).toContain('langfuse: traceId missing');
    const letter = JSON.parse(Buffer.from(world.rejected[0]?.letter?.body ?? []).toString());
    expect(letter).toMatchObject({ batch: [{ type: 'span-update', body: { id: 'lost' } }] });
    expect(world.folded().map(({ name }) => name)).toContain('good');
  });

  it('prices a call whose model and tokens come apart, in one batch or in two, whichever is first', async () => {
    const model = event('generation-create', { id: 'g', traceId: 't', name: 'call', model: 'gpt-4o-mini' }, 1);
    const usage = { input: 1000, input_cached_tokens: 100, output: 10 };
    const tokens = event('generation-update', { id: 'g', traceId: 't', usageDetails: usage }, 2);
    const later = event('generation-update', { id: 'g', traceId: 't', usageDetails: { ...usage, output: 20 } }, 3);
    for (const batches of [[[model, tokens]], [[tokens, model]], [[model], [tokens]], [[tokens], [model]]]) {
      const { world, ingest } = open();
      const priced = () => world.folded().find(({ name }) => name === 'call');
      for (const batch of batches) await ingest(batch);
      expect(priced()).toMatchObject({ provider: 'openai', cost: { totalNanoUsd: 163_500n, priceId: 'mini' } });
      const stored = world.fragments.length;
      await ingest([tokens]);
      expect(world.fragments.length - stored).toBe(2);
      await ingest([later]);
      expect(priced()?.cost?.totalNanoUsd).toBe(169_500n);
    }
  });

  it('takes `__proto__` for a name like any other', async () => {
    const { world, ask } = open();
    const text = `{"batch":[{"id":"1","type":"span-create","timestamp":"${at(0)}","body":{"id":"a","traceId":"t","name":"a","metadata":{"__proto__":{"polluted":1}},"__proto__":{"name":"b"}}}]}`;
    await ask('POST', '/ingestion', text);
    const span = world.folded().find(({ name }) => name === 'a');
    expect(Object.keys(span?.metadata ?? {})).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('acknowledges nothing that could not be stored', async () => {
    const { world, ingest } = open();
    world.goAway(new WheelhouseError('store_unavailable', 'away'));
    await expect(ingest([event('span-create', { id: 'a', traceId: 't' })])).rejects.toMatchObject({
      code: 'store_unavailable',
    });
  });

  it.each([['{"batch":'], ['[]'], ['{}'], ['{"batch":{}}'], [Buffer.from([0xff, 0xfe])]])(
    'refuses the body %j and counts it',
    async (body) => {
      const { world, ask } = open();
      await expect(ask('POST', '/ingestion', body)).rejects.toBeInstanceOf(WheelhouseError);
      expect(world.rejected).toHaveLength(1);
    },
  );

  it('never fails on what no client would send', async () => {
    const anything = fc.jsonValue({ maxDepth: 4 });
    const field = fc.constantFrom(
      'id',
      'traceId',
      'startTime',
      'endTime',
      'usage',
      'usageDetails',
      'metadata',
      'input',
      'level',
      'value',
      'name',
      'tags',
    );
    const types = fc.constantFrom('trace-create', 'span-create', 'generation-update', 'event-create', 'score-create');
    await fc.assert(
      fc.asyncProperty(types, fc.dictionary(field, anything), async (type, body) => {
        const { ingest } = open();
        const answer = await ingest([event(type, body)]);
        expect(answer.status).toBe(207);
      }),
    );
  });
});

describe("Langfuse's scores", () => {
  it('reads what the client batches', async () => {
    const { world, ingest } = open();
    for (const { body } of await readRequests('langfuse/langfuse-client-5.11-scores.json'))
      await ingest((body as { batch: unknown }).batch);
    const scores = (await world.allScores()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(scores).toMatchObject([
      { name: 'exact', value: 1, traceId: '56e299ffa5a0a10f011457e468db3d98', spanId: 'ddddf80974e6c0d2' },
      { name: 'ok', value: 'yes' },
      { name: 'quality', value: 0.9, comment: 'ok', traceId: 'e2d24e3b34b42fc347bb33237a2fe412', spanId: null },
    ]);
  });

  it('creates, lists, gives and removes scores under the ids that the client gave', async () => {
    const { world, ask } = open();
    const created = await ask('POST', '/scores', {
      id: 'mine',
      traceId: 'order 77',
      observationId: 'step 1',
      name: 'ok',
      value: 0,
      dataType: 'BOOLEAN',
      metadata: { by: 'ada' },
    });
    expect(created).toMatchObject({ status: 200, body: { id: 'mine' } });
    await ask('POST', '/scores', { sessionId: 's 1', name: 'mood', value: 'calm' });
    const listed = await ask('GET', '/v2/scores?traceId=order%2077&limit=10');
    expect(listed.body).toMatchObject({
      data: [
        {
          id: 'mine',
          traceId: 'order 77',
          observationId: 'step 1',
          dataType: 'BOOLEAN',
          value: 0,
          stringValue: 'False',
          metadata: { by: 'ada' },
        },
      ],
      meta: { page: 1, limit: 10, totalItems: 1, totalPages: 1 },
    });
    expect((await ask('GET', '/scores?page=2&limit=1')).body).toMatchObject({ data: [{}], meta: { totalPages: 2 } });
    expect((await ask('GET', '/scores?sessionId=s%201')).body).toMatchObject({ data: [{ stringValue: 'calm' }] });
    expect((await ask('GET', '/v2/scores/mine')).body).toMatchObject({ id: 'mine' });
    expect(await ask('DELETE', '/scores/mine')).toMatchObject({ status: 200 });
    await expect(ask('GET', '/v2/scores/mine')).rejects.toMatchObject({ code: 'not_found' });
    expect(world.told).toHaveLength(2);
  });

  it('takes a list of scores, as newer clients send, and answers for it as a whole', async () => {
    const { world, ask } = open();
    const scores = [
      { id: 'a', traceId: 't', name: 'ok', value: 1, dataType: 'BOOLEAN', timestamp: at(5) },
      { id: 'b', traceId: 't', observationId: 'o', name: 'grade', value: 'good', timestamp: at(6) },
    ];
    expect(await ask('POST', '/scores', scores)).toEqual({ status: 202, body: { message: 'Accepted' } });
    expect(await world.allScores()).toMatchObject([
      { id: 'b', createdAt: at(6) },
      { id: 'a', value: true },
    ]);
    expect(await ask('POST', '/scores', [...scores, { name: 'lost', value: 1 }])).toEqual({
      status: 207,
      body: { accepted: 2, rejected: 1, errors: [{ message: expect.stringContaining('traceId') }] },
    });
    const first = (await ask('GET', '/v3/scores?limit=1&fields=subject')).body as { meta: { cursor: string } };
    expect(first).toMatchObject({
      data: [
        { id: 'b', value: 'good', dataType: 'CATEGORICAL', subject: { kind: 'observation', id: 'o', traceId: 't' } },
      ],
    });
    const rest = await ask('GET', `/v3/scores?limit=1&cursor=${encodeURIComponent(first.meta.cursor)}`);
    expect(rest.body).toMatchObject({
      data: [{ id: 'a', value: true, subject: { kind: 'trace', id: 't' } }],
      meta: { limit: 1 },
    });
    expect(rest.body).not.toMatchObject({ meta: { cursor: expect.anything() } });
    expect((await ask('GET', '/v3/scores?id=a,b&traceId=t&observationId=o')).body).toMatchObject({
      data: [{ id: 'b' }],
    });
  });

  it('reads what the Python client sent', async () => {
    const { world, ask } = open();
    const [request] = await readRequests('langfuse/langfuse-py-5.0-scores.json');
    expect(await ask('POST', '/scores', request?.body)).toMatchObject({ status: 202 });
    const traceId = 'a40e0be7823cff6edea82023d143810d';
    expect((await world.allScores()).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toMatchObject([
      { name: 'grade', value: 'good', traceId, spanId: '37d0c94d42d104e6' },
      { name: 'helpful', value: true, traceId, spanId: null },
    ]);
  });

  it('says which filter it does not know, instead of listing too much', async () => {
    const { ask } = open();
    await expect(ask('GET', '/scores?operator=%3E&value=1')).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.each([
    [{ name: 'a', value: 1 }],
    [{ traceId: 't', value: 1 }],
    [{ traceId: 't', name: 'a', value: null }],
    [{ observationId: 'o', sessionId: 's', name: 'a', value: 1 }],
  ])('refuses %j', async (body) => {
    const { ask, door } = open();
    const error = await ask('POST', '/scores', body).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'invalid_request' });
    expect(door.errorBody(error as WheelhouseError)).toMatchObject({ message: expect.stringContaining('score') });
  });
});

describe('a trace that Langfuse gives back', () => {
  it('is what the client sent, with its scores, under the ids that it gave', async () => {
    const { ask, ingest } = open();
    const batch = await recorded();
    await ingest(batch);
    const id = String(batch.find(({ type }) => type === 'trace-create')?.body.id);
    const { status, body } = await ask('GET', `/traces/${id}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ id, name: 'answer', userId: 'u1', sessionId: 's1', tags: ['a', 'b'], release: 'r1', environment: 'test' },
      ...{ input: { question: 'capital?' }, output: 'Paris.', metadata: { plan: 'pro', cached: false } },
    });
    const observations = body.observations as Record<string, unknown>[];
    const sent = batch.filter(({ type }) => /^(?:span|generation|event)-create$/.test(type));
    expect(observations.map((one) => one.id).toSorted()).toEqual(sent.map((one) => one.body.id).toSorted());
    const chat = observations.find(({ name }) => name === 'chat');
    expect(chat).toMatchObject({
      ...{ type: 'GENERATION', traceId: id, model: 'gpt-4o-mini', modelParameters: { temperature: 0.2 } },
      input: [
        { role: 'system', content: 'Be short.' },
        { role: 'user', content: 'capital?' },
      ],
      output: { role: 'assistant', content: 'Paris.' },
      usage: { input: 11, output: 7, total: 18, unit: 'TOKENS' },
      ...{ promptName: 'greet', promptVersion: 3, level: 'DEFAULT' },
      parentObservationId: observations.find(({ name }) => name === 'look up')?.id,
    });
    expect(observations.find(({ name }) => name === 'look up')).toMatchObject({ parentObservationId: null });
    expect(observations.find(({ name }) => name === 'broken')).toMatchObject({ level: 'ERROR' });
    expect(body.scores).toHaveLength(3);
    await expect(ask('GET', '/traces/nowhere')).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe("the rest of Langfuse's API", () => {
  it('tells who it is, and what it does not serve', async () => {
    const { ask } = open();
    expect((await ask('GET', '/projects')).body).toMatchObject({ data: [{ id: 'default', name: 'default' }] });
    expect((await ask('GET', '/health')).body).toEqual({ status: 'OK', version: '0.0.0' });
    await expect(ask('GET', '/v2/datasets/greet')).rejects.toMatchObject({
      code: 'not_found',
      hint: expect.stringContaining('from-langfuse.md'),
    });
  });
});
