import { join } from 'node:path';
import { startTracing } from '@wheelhouse/sdk/trace';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serve, startCollector } from '../vendors/index.ts';
import { asked, cost, counts, four, type GuideHouse, runNode, type Span, startGuideHouse } from './guide-house.ts';

const generation = {
  kind: 'generation',
  provider: 'openai',
  requestModel: 'gpt-4o-mini',
  responseModel: 'gpt-4o-mini-2024-07-18',
  finishReasons: ['stop'],
  input: asked,
  output: four,
  usage: { counts },
};
const byName = (spans: Span[]) => new Map(spans.map((span) => [span.name, span]));

/** Each guide's own program, as it stands there; only the environment says where everything is. */
describe('clients traced by our SDK', () => {
  let guides: GuideHouse;
  beforeAll(async () => {
    guides = await startGuideHouse();
  });
  afterAll(() => guides?.stop());

  it('openai: a call', async () => {
    const { trace, spans } = await guides.run('trace-openai.md', { spans: 1 });
    expect(spans).toMatchObject([{ ...generation, name: 'chat gpt-4o-mini', service: 'shop', parentSpanId: null }]);
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 7, costNanoUsd: cost });
  });

  it('openai: an agent with a retriever, a session and a user', async () => {
    const { spans } = await guides.run('trace-openai.md', { spans: 3, app: 'agent.mjs' });
    const [agent, retriever, call] = ['support', 'search', 'chat gpt-4o-mini'].map((name) => byName(spans).get(name));
    const whose = { sessionId: 'chat-1', userId: 'ann', tags: ['beta'], metadata: { plan: 'pro' } };
    expect(agent).toMatchObject({
      ...whose,
      kind: 'agent',
      parentSpanId: null,
      input: { type: 'json', value: 'What is two and two?' },
      output: { type: 'json', value: 'Four.' },
    });
    expect(retriever).toMatchObject({ ...whose, kind: 'retriever', parentSpanId: agent?.spanId });
    expect(retriever?.documents).toMatchObject([{ id: 'faq-4', score: 0.9 }]);
    expect(call).toMatchObject({ ...whose, kind: 'generation', parentSpanId: agent?.spanId });
  });

  it('openai: streams and tools', async () => {
    const tracing = startTracing({ url: guides.house.url });
    const openai = tracing.instrument(new OpenAI({ baseURL: guides.env.OPENAI_BASE_URL, apiKey: 'k' }));
    const messages = [{ role: 'user' as const, content: 'What is two and two?' }];
    const tools = [{ type: 'function' as const, function: { name: 'weather' } }];
    const stream_options = { include_usage: true };
    const traceparent = await tracing.span('calls', async () => {
      for await (const _ of await openai.chat.completions.create({
        model: 'a',
        messages,
        stream: true,
        stream_options,
      }));
      await openai.chat.completions.create({ model: 'b', messages, tools });
      await openai.chat.completions.stream({ model: 'c', messages, tools, stream_options }).done();
      for await (const _ of await openai.responses.create({ model: 'd', input: 'What is two and two?', stream: true }));
      return tracing.traceparent() ?? '';
    });
    // The server has stored what it acknowledged.
    await tracing.shutdown();
    expect(tracing.counts()).toEqual({ exported: 5, dropped: 0, waiting: 0 });
    const { spans } = await guides.read(traceparent.split('-')[1] ?? '');
    const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((model) => byName(spans).get(`chat ${model}`));
    for (const span of [a, b, c, d])
      expect(span).toMatchObject({ kind: 'generation', input: asked, usage: { counts } });
    for (const span of [a, d])
      expect(span?.output).toEqual({ type: 'messages', messages: [expect.objectContaining(four.messages[0])] });
    for (const span of [a, c, d]) expect(span?.firstTokenNs).not.toBeNull();
    const call = { type: 'tool_call', id: 'call_1', name: 'weather', arguments: { city: 'Paris' } };
    for (const span of [b, c])
      expect(span).toMatchObject({
        output: { messages: [{ parts: [call] }] },
        finishReasons: ['tool_calls'],
        toolDefinitions: tools,
      });
  });

  it('openai, through our gateway: one trace in which the call counts once', async () => {
    const env = { OPENAI_BASE_URL: `${guides.house.url}/v1` };
    const { trace, spans } = await guides.run('trace-openai.md', { spans: 2, env });
    const client = spans.find(({ parentSpanId }) => parentSpanId === null);
    const gateway = spans.find(({ parentSpanId }) => parentSpanId !== null);
    expect(gateway).toMatchObject({ dialect: 'gateway', parentSpanId: client?.spanId, usage: { counts } });
    expect(client?.responseId).toBe(gateway?.responseId);
    expect(trace).toMatchObject({ inputTokens: 11, outputTokens: 7, costNanoUsd: cost });
  });

  it('anthropic: a stream', async () => {
    const { spans } = await guides.run('trace-anthropic.md', { spans: 1 });
    expect(spans).toMatchObject([
      {
        kind: 'generation',
        provider: 'anthropic',
        requestModel: 'claude-haiku-4-5',
        input: asked,
        output: four,
        usage: { counts: { inputUncached: 10, cacheRead: 100, cacheWrite5m: 15, cacheWrite1h: 5, outputText: 5 } },
      },
    ]);
    expect(spans[0]?.firstTokenNs).not.toBeNull();
  });

  it('Vercel AI SDK: steps, and the tool between them', async () => {
    const { trace, spans } = await guides.run('trace-vercel-ai-sdk.md', { spans: 4 });
    expect(trace).toMatchObject({ inputTokens: 22, outputTokens: 14 });
    const root = spans.find(({ parentSpanId }) => parentSpanId === null);
    expect(root).toMatchObject({ name: 'ai.generateText', dialect: 'vercel-ai', userId: 'ann', sessionId: 'chat-1' });
    expect(spans.filter(({ kind }) => kind === 'generation')).toMatchObject([
      { parentSpanId: root?.spanId, usage: { counts }, finishReasons: ['tool_calls'] },
      { parentSpanId: root?.spanId, usage: { counts }, finishReasons: ['stop'], output: four },
    ]);
    expect(spans.find(({ kind }) => kind === 'tool')?.toolCall).toMatchObject({
      name: 'weather',
      arguments: { city: 'Paris' },
      result: 'Sunny in Paris.',
    });
  });

  it('LangChain: a chain of prompt, model and parser', async () => {
    const { spans } = await guides.run('trace-langchain.md', { spans: 4 });
    const root = byName(spans).get('sum');
    expect(root).toMatchObject({
      kind: 'chain',
      parentSpanId: null,
      sessionId: 'chat-1',
      userId: 'ann',
      tags: ['beta'],
      metadata: { plan: 'pro' },
      input: { type: 'json', value: { a: 'two', b: 'two' } },
      output: { type: 'json', value: 'Four.' },
    });
    expect(byName(spans).get('chat gpt-4o-mini')).toMatchObject({ ...generation, parentSpanId: root?.spanId });
    expect(byName(spans).get('ChatPromptTemplate')?.parentSpanId).toBe(root?.spanId);
  });

  const work = `
    import { startTracing } from '@wheelhouse/sdk/trace';
    const tracing = startTracing();
    for (let i = 0; i < 3; i++) tracing.span('work ' + i, () => {});
    console.log('done');`;
  const runWork = (url: string) =>
    runNode(['--input-type=module', '-e', work], join(import.meta.dirname, '..'), { WHEELHOUSE_URL: url });

  it('lets a program end by itself, with its spans sent', async () => {
    const collector = await startCollector();
    expect(await runWork(collector.url)).toEqual({ code: 0, stdout: 'done\n', stderr: '' });
    expect(collector.spans().map(({ name }) => name)).toEqual(['work 0', 'work 1', 'work 2']);
    await collector.close();
  });

  it('lets a program end when the server hangs or is away, and says once what is lost', async () => {
    const [hanging, away] = [await serve(() => null), await serve(() => null)];
    await away.close();
    for (const { url } of [hanging, away]) {
      const { code, stdout, stderr } = await runWork(url);
      expect([code, stdout]).toEqual([0, 'done\n']);
      expect(stderr).toMatch(
        /^\(node:\d+\) WheelhouseTracing: Lost 3 spans: the server did not take them before the end: .+\n/,
      );
      expect(stderr.match(/Lost/g)).toHaveLength(1);
    }
    expect(hanging.requests).toHaveLength(1);
    await hanging.close();
  });
});
