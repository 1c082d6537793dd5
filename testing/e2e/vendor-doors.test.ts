import { LangChainTracer } from '@langchain/core/tracers/tracer_langchain';
import { ChatOpenAI } from '@langchain/openai';
import { LangfuseSpanProcessor } from '@langfuse/otel';
import { setLangfuseTracerProvider, startObservation } from '@langfuse/tracing';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { RequestQuery } from '@wheelhouse/sdk';
import { Langfuse } from 'langfuse';
import { Client, uuid7 } from 'langsmith';
import { traceable } from 'langsmith/traceable';
import { wrapOpenAI } from 'langsmith/wrappers';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { asked, cost, counts, four, type GuideHouse, startGuideHouse } from './guide-house.ts';
import { makeFolder, startWheelhouse, type Wheelhouse } from './start-wheelhouse.ts';

const adminKey = 'sk-lf-a-key-of-enough-characters';

/** The clients are used as their own pages say; only address and key are ours. */
describe('clients of other vendors against their doors', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let house: Wheelhouse;

  beforeAll(async () => {
    folder = await makeFolder();
    house = await startWheelhouse({ folder: folder.path, env: { WHEELHOUSE_ADMIN_KEY: adminKey } });
  });
  afterAll(async () => {
    await house?.stop();
    await folder?.remove();
  });

  const read = async (traceId: string) => {
    const { trace, spans, scores } = await house.client.call('getTrace', { params: { traceId } });
    const whole = spans.map(({ spanId }) => house.client.call('getSpan', { params: { traceId, spanId } }));
    const byName = new Map((await Promise.all(whole)).map((span) => [span.name, span]));
    return { trace, byName, scores };
  };
  const judged = (scores: { name: string; value: unknown; spanId: string | null }[]) =>
    scores.map(({ name, value, spanId }) => [name, value, spanId]).sort();
  const scoresOf = async (query: RequestQuery<'listScores'>) => (await house.client.call('listScores', { query })).data;

  it('langfuse 3: a trace with generations, updates and scores', async () => {
    const langfuse = new Langfuse({ baseUrl: house.url, publicKey: 'pk-lf-any', secretKey: adminKey });
    const trace = langfuse.trace({
      name: 'answer',
      userId: 'ada',
      sessionId: 'session 3',
      tags: ['beta'],
      metadata: { plan: 'pro' },
    });
    const span = trace.span({ name: 'look up', input: 'capital?' });
    const generation = span.generation({
      name: 'chat',
      model: 'gpt-4o-mini',
      input: [{ role: 'user', content: 'capital?' }],
    });
    generation.end({
      output: { role: 'assistant', content: 'Paris.' },
      usageDetails: { input: 700, input_cached_tokens: 300, output: 200, total: 1200 },
    });
    span.end({ output: 'found' });
    trace.update({ output: 'Paris.', metadata: { cached: false } });
    trace.score({ name: 'helpful', value: 1, dataType: 'BOOLEAN', comment: 'yes' });
    generation.score({ name: 'grade', value: 'good', dataType: 'CATEGORICAL' });
    langfuse.score({ sessionId: 'session 3', name: 'mood', value: 0.8 } as never);
    await langfuse.shutdownAsync();

    const { trace: found, byName, scores } = await read(trace.id.replaceAll('-', ''));
    expect(found).toMatchObject({
      name: 'answer',
      userId: 'ada',
      sessionId: 'session 3',
      tags: ['beta'],
      spanCount: 3,
      inputTokens: 1000,
      outputTokens: 200,
      outputPreview: 'Paris.',
      dialect: 'langfuse',
    });
    expect(found.endNs).not.toBeNull();
    expect(byName.get('answer')?.metadata).toMatchObject({ plan: 'pro', cached: false });
    expect(byName.get('look up')?.parentSpanId).toBe(byName.get('answer')?.spanId);
    expect(byName.get('chat')).toMatchObject({
      kind: 'generation',
      parentSpanId: byName.get('look up')?.spanId,
      usage: { counts: { inputUncached: 700, cacheRead: 300, outputText: 200 } },
    });
    expect(judged(scores)).toEqual(
      [
        ['grade', 'good', byName.get('chat')?.spanId],
        ['helpful', true, null],
      ].sort(),
    );
    const { data: back } = await langfuse.fetchTrace(trace.id);
    expect(back).toMatchObject({ id: trace.id, name: 'answer', output: 'Paris.', scores: [{}, {}] });
    expect(back.observations.map(({ id }) => id).sort()).toEqual([span.id, generation.id].sort());
    expect(await scoresOf({ sessionId: 'session 3' })).toMatchObject([{ name: 'mood', value: 0.8, traceId: null }]);
  });

  it('langfuse 5 on OpenTelemetry, and scores by its REST client', async () => {
    const processor = new LangfuseSpanProcessor({
      baseUrl: house.url,
      publicKey: 'pk-lf-any',
      secretKey: adminKey,
      exportMode: 'immediate',
    });
    const provider = new NodeTracerProvider({ spanProcessors: [processor] });
    setLangfuseTracerProvider(provider);
    const agent = startObservation('agent', { input: 'capital?' }, { asType: 'agent' });
    const generation = agent.startObservation(
      'chat',
      {
        model: 'gpt-4o-mini',
        input: [{ role: 'user', content: 'capital?' }],
        usageDetails: { input: 7, input_cached_tokens: 4, output: 5, output_reasoning_tokens: 2 },
      },
      { asType: 'generation' },
    );
    generation.update({ output: { role: 'assistant', content: 'Paris.' } }).end();
    agent.update({ output: 'Paris.' }).end();
    await provider.forceFlush();
    await provider.shutdown();
    setLangfuseTracerProvider(null);

    const { trace, byName } = await read(agent.traceId);
    expect(trace).toMatchObject({ name: 'agent', spanCount: 2, inputTokens: 11, outputTokens: 7 });
    expect(byName.get('chat')).toMatchObject({ kind: 'generation', parentSpanId: agent.id });

    const ask = (method: string, path: string, body?: object) =>
      fetch(`${house.url}/api/public${path}`, {
        method,
        headers: {
          authorization: `Basic ${btoa(`pk-lf-any:${adminKey}`)}`,
          ...(body ? { 'content-type': 'application/json' } : {}),
        },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
    const created = await ask('POST', '/scores', { traceId: agent.traceId, name: 'exact', value: 1 });
    const { id } = (await created.json()) as { id: string };
    const listed = await ask('GET', `/v2/scores?traceId=${agent.traceId}`);
    expect(await listed.json()).toMatchObject({ data: [{ id, name: 'exact', value: 1, dataType: 'NUMERIC' }] });
    expect((await ask('DELETE', `/scores/${id}`)).status).toBe(200);
    expect(await scoresOf({ traceId: agent.traceId })).toEqual([]);
    expect(await (await ask('GET', '/projects')).json()).toMatchObject({ data: [{ id: 'default' }] });
  });

  /** Their client hands over how a run ended once it has answered. */
  const untilEnded = (runId: string, spanCount: number) =>
    expect
      .poll(async () => (await read(runId.replaceAll('-', '')).catch(() => null))?.trace)
      .toMatchObject({ spanCount, endNs: expect.any(String) });
  const langsmith = () => new Client({ apiUrl: `${house.url}/langsmith`, apiKey: adminKey });

  it('langsmith: traceable around wrapOpenAI, and feedback that arrives before the runs', async () => {
    const client = langsmith();
    const config = { client, tracingEnabled: true };
    const openai = wrapOpenAI(new OpenAI({ baseURL: `${house.url}/v1`, apiKey: adminKey }), config);
    const ids = { root: uuid7(), tool: uuid7() };
    const tool = traceable(async ({ city }: { city: string }) => `sunny in ${city}`, {
      name: 'weather',
      run_type: 'tool',
      id: ids.tool,
      ...config,
    });
    const agent = traceable(
      async (question: string) => {
        await client.createFeedback(ids.root, 'quality', { score: 0.9, comment: 'ok' });
        await client.createFeedback(ids.tool, 'right', { score: true });
        await tool({ city: 'Paris' });
        const answer = await openai.chat.completions.create({
          model: 'sim/echo',
          messages: [{ role: 'user', content: question }],
        });
        return answer.choices[0]?.message.content;
      },
      { name: 'agent', id: ids.root, metadata: { session_id: 's1', user_id: 'ada' }, tags: ['beta'], ...config },
    );
    await agent('Say Paris');
    await client.awaitPendingTraceBatches();
    await untilEnded(ids.root, 3);

    const { trace, byName, scores } = await read(ids.root.replaceAll('-', ''));
    expect(trace).toMatchObject({
      name: 'agent',
      spanCount: 3,
      sessionId: 's1',
      userId: 'ada',
      tags: ['beta'],
      dialect: 'langsmith',
    });
    expect(trace.endNs).not.toBeNull();
    const call = byName.get('ChatOpenAI');
    expect(call).toMatchObject({
      kind: 'generation',
      requestModel: 'sim/echo',
      parentSpanId: byName.get('agent')?.spanId,
    });
    // What the application says of the call is what the gateway counted.
    const ofGateway = async () => {
      const { data } = await house.client.call('listTraces', { query: { q: 'model:sim/echo' } });
      return data.find(({ traceId }) => traceId !== trace.traceId);
    };
    await expect.poll(ofGateway).toBeDefined();
    const seen = await ofGateway();
    expect(seen?.inputTokens).toBeGreaterThan(0);
    expect([trace.inputTokens, trace.outputTokens]).toEqual([seen?.inputTokens, seen?.outputTokens]);
    expect(judged(scores)).toEqual(
      [
        ['quality', 0.9, null],
        ['right', true, byName.get('weather')?.spanId],
      ].sort(),
    );

    const [quality] = scores.filter(({ name }) => name === 'quality');
    await client.updateFeedback(quality?.id ?? '', { score: 0.2 });
    expect(await scoresOf({ traceId: ids.root, name: 'quality' })).toMatchObject([{ value: 0.2, comment: 'ok' }]);
    const listed = [];
    for await (const feedback of client.listFeedback({ runIds: [ids.tool] })) listed.push(feedback);
    expect(listed).toMatchObject([{ run_id: ids.tool, key: 'right' }]);
    await client.deleteFeedback(quality?.id ?? '');
    expect(await scoresOf({ traceId: ids.root, name: 'quality' })).toEqual([]);
  });

  it("LangChain's tracer for LangSmith", async () => {
    const client = langsmith();
    const tracer = new LangChainTracer({ client, projectName: 'shop' });
    const model = new ChatOpenAI({
      model: 'sim/echo',
      apiKey: adminKey,
      configuration: { baseURL: `${house.url}/v1` },
    });
    const runId = uuid7();
    await model.invoke('Say Rome', { callbacks: [tracer], runId, runName: 'ask' });
    await client.awaitPendingTraceBatches();
    await untilEnded(runId, 1);
    const { trace, byName } = await read(runId.replaceAll('-', ''));
    expect(trace).toMatchObject({ name: 'ask', service: 'shop', inputPreview: 'Say Rome' });
    expect(trace.inputTokens).toBeGreaterThan(0);
    expect(byName.get('ask')).toMatchObject({
      kind: 'generation',
      input: { type: 'messages', messages: [{ role: 'user', parts: [{ type: 'text', content: 'Say Rome' }] }] },
      output: { type: 'messages', messages: [{ role: 'assistant' }] },
    });
  });

  it('takes OTLP under the prefixes of both, with the key in the way of each', async () => {
    const ways = {
      '/langsmith/otel/v1/traces': { 'x-api-key': adminKey },
      '/api/public/otel/v1/traces': { authorization: `Basic ${btoa(`pk:${adminKey}`)}` },
    };
    for (const [path, headers] of Object.entries(ways)) {
      const exporter = new OTLPTraceExporter({ url: house.url + path, headers });
      const provider = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
      const span = provider.getTracer('e2e').startSpan(path);
      span.end();
      await provider.forceFlush();
      await provider.shutdown();
      expect((await read(span.spanContext().traceId)).trace.name).toBe(path);
    }
  });

  it('keeps what it could not read of both, to be repaired and sent through the same door', async () => {
    const headers = { 'x-api-key': adminKey, 'content-type': 'application/json' };
    const post = (path: string, body: object) =>
      fetch(house.url + path, { method: 'POST', headers, body: JSON.stringify(body) });
    const run = { id: uuid7(), name: 'repaired run', run_type: 'chain', start_time: 'yesterday' };
    const traceId = 'd'.repeat(32);
    const event = {
      id: 'e1',
      type: 'span-create',
      timestamp: 'soon',
      body: { id: 'o1', traceId, name: 'repaired span' },
    };
    expect((await post('/langsmith/runs/batch', { post: [run] })).status).toBe(422);
    expect((await post('/api/public/ingestion', { batch: [event] })).status).toBe(207);
    const letters = async () => (await house.client.call('listDeadLetters', {})).data;
    await expect
      .poll(async () => (await letters()).map(({ source }) => source).sort())
      .toEqual(['langfuse', 'langsmith']);
    const now = new Date().toISOString();
    for (const { id } of await letters()) {
      const { text } = await house.client.call('getDeadLetter', { params: { letterId: id } });
      const repaired = (text ?? '').replace('yesterday', now).replace('soon', now);
      await house.client.call('repairDeadLetter', { params: { letterId: id }, body: { text: repaired } });
    }
    expect(await house.client.call('replayDeadLetters', { body: {} })).toMatchObject({ replayed: 2, refused: [] });
    expect(await letters()).toEqual([]);
    expect((await read(traceId)).byName.has('repaired span')).toBe(true);
    expect((await read(run.id.replaceAll('-', ''))).trace.name).toBe('repaired run');
  });

  it('counts what came through each door, and refuses a wrong key in the words of its clients', async () => {
    const { sources } = await house.client.call('getLedger', {});
    for (const source of ['langfuse', 'langsmith']) {
      const account = sources.find((candidate) => candidate.source === source);
      expect(account?.received).toBeGreaterThan(0);
      expect(account).toMatchObject({ stored: (account?.received ?? 0) - 1, rejected: 1, waiting: 0 });
    }
    const refused = await fetch(`${house.url}/langsmith/runs/batch`, {
      method: 'POST',
      headers: { 'x-api-key': 'lsv2' },
    });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('key') });
    const other = await fetch(`${house.url}/api/public/projects`, {
      headers: { authorization: `Basic ${btoa(`${adminKey}:sk-lf-wrong`)}` },
    });
    expect(other.status).toBe(401);
    expect(await other.json()).toMatchObject({ message: expect.any(String) });
  });
});

/** The guides' own programs, as they stand there; only the environment says where everything is. */
describe('apps that keep the client of another vendor', () => {
  let guides: GuideHouse;
  beforeAll(async () => {
    guides = await startGuideHouse();
  });
  afterAll(() => guides?.stop());

  it('Langfuse', async () => {
    const env = { LANGFUSE_BASEURL: guides.house.url, LANGFUSE_PUBLIC_KEY: 'pk', LANGFUSE_SECRET_KEY: 'any' };
    const { trace, spans } = await guides.run('from-langfuse.md', { spans: 2, env });
    expect(trace).toMatchObject({
      ...{ name: 'answer', userId: 'ann', sessionId: 'chat-1', tags: ['beta'], outputPreview: 'Four.' },
      ...{ inputTokens: 11, outputTokens: 7, costNanoUsd: cost },
    });
    expect(spans).toMatchObject([
      { kind: 'span' },
      { kind: 'generation', name: 'ask', provider: 'openai', input: asked, output: four, usage: { counts } },
    ]);
    const { scores } = await guides.house.client.call('getTrace', { params: { traceId: trace.traceId } });
    expect(scores).toMatchObject([{ name: 'helpful', value: true }]);
  });

  it('LangSmith', async () => {
    const env = {
      LANGSMITH_ENDPOINT: `${guides.house.url}/langsmith`,
      LANGSMITH_API_KEY: 'any',
      LANGSMITH_TRACING: 'true',
      LANGSMITH_PROJECT: 'shop',
    };
    const { trace, spans } = await guides.run('from-langsmith.md', { spans: 2, env });
    expect(trace).toMatchObject({
      ...{
        name: 'answer',
        userId: 'ann',
        sessionId: 'chat-1',
        tags: ['beta'],
        service: 'shop',
        outputPreview: 'Four.',
      },
      ...{ inputTokens: 11, outputTokens: 7, costNanoUsd: cost },
    });
    const generation = spans.find(({ kind }) => kind === 'generation');
    expect(generation).toMatchObject({ provider: 'openai', input: asked, usage: { counts } });
    expect(generation?.output).toMatchObject({ messages: [{ parts: [{ type: 'text', content: 'Four.' }] }] });
  });
});
