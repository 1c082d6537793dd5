// As LangGraph does it: LangChain keeps the run that the code is in.
import '@langchain/core/context';
import { Document } from '@langchain/core/documents';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, AIMessageChunk, type BaseMessage, HumanMessage, SystemMessage } from '@langchain/core/messages';
import { BaseRetriever } from '@langchain/core/retrievers';
import { RunnableLambda, RunnablePassthrough } from '@langchain/core/runnables';
import { DynamicTool } from '@langchain/core/tools';
import { FakeListChatModel, FakeStreamingChatModel } from '@langchain/core/utils/testing';
import type { Span } from '@wheelhouse/core/records';
import { startCollector } from '@wheelhouse/testing/vendors';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTracing, type Tracing } from './index.ts';

class Shelf extends BaseRetriever {
  lc_namespace = ['tests'];
  override async _getRelevantDocuments(query: string) {
    return [new Document({ id: 'd1', pageContent: `About ${query}`, metadata: { page: 4 } })];
  }
}

/** A model that answers as vendors' packages of LangChain do. */
class Vendor extends BaseChatModel {
  readonly #answer: AIMessage;
  constructor(message: AIMessage) {
    super({});
    this.#answer = message;
  }
  override _llmType() {
    return 'vendor';
  }
  override async _generate() {
    return { generations: [{ text: this.#answer.text, message: this.#answer }] };
  }
}
const answer = Object.assign(
  new AIMessage({
    id: 'chatcmpl-1',
    content: 'Four.',
    response_metadata: { model_name: 'gpt-4o-mini-2024-07-18', finish_reason: 'stop' },
  }),
  {
    usage_metadata: {
      input_tokens: 11,
      output_tokens: 7,
      total_tokens: 18,
      input_token_details: { cache_read: 3 },
      output_token_details: { reasoning: 2 },
    },
  },
);

describe('the handler for LangChain', () => {
  let collector: Awaited<ReturnType<typeof startCollector>>;
  let tracing: Tracing;
  beforeEach(async () => {
    collector = await startCollector();
    tracing = startTracing({ url: collector.url });
  });
  afterEach(async () => {
    await tracing.shutdown();
    await collector.close();
  });
  async function spans(): Promise<Map<string, Span>> {
    await tracing.flush();
    return new Map(collector.spans().map((span) => [span.name, span]));
  }

  it('records a model call with its messages, tokens and ids, whole', async () => {
    const model = new Vendor(answer);
    const messages: BaseMessage[] = [new SystemMessage('Be brief.'), new HumanMessage('Two and two?')];
    await model.invoke(messages, { callbacks: [tracing.langchain()], metadata: { ls_model_name: 'gpt-4o-mini' } });
    expect((await spans()).get('chat gpt-4o-mini')).toMatchObject({
      kind: 'generation',
      requestModel: 'gpt-4o-mini',
      responseModel: 'gpt-4o-mini-2024-07-18',
      responseId: 'chatcmpl-1',
      finishReasons: ['stop'],
      usage: { counts: { inputUncached: 8, cacheRead: 3, outputText: 5, reasoning: 2 } },
      input: {
        messages: [
          { role: 'system', parts: [{ type: 'text', content: 'Be brief.' }] },
          { role: 'user', parts: [{ type: 'text', content: 'Two and two?' }] },
        ],
      },
      output: { messages: [{ role: 'assistant', parts: [{ type: 'text', content: 'Four.' }] }] },
    });
  });

  it('records a stream with the time of its first words, and tool calls', async () => {
    const call = { name: 'weather', args: '{"city":"Paris"}', id: 'c1', index: 0, type: 'tool_call_chunk' as const };
    const model = new FakeStreamingChatModel({
      chunks: [
        new AIMessageChunk({ content: 'Let me look.' }),
        new AIMessageChunk({ content: '', tool_call_chunks: [call] }),
      ],
    });
    for await (const _ of await model.stream('Weather?', { callbacks: [tracing.langchain()] }));
    const span = (await spans()).get('chat');
    expect(span?.firstTokenNs).not.toBeNull();
    expect(span?.output).toMatchObject({
      messages: [
        {
          role: 'assistant',
          parts: [
            { type: 'text', content: 'Let me look.' },
            { type: 'tool_call', id: 'c1', name: 'weather', arguments: { city: 'Paris' } },
          ],
        },
      ],
    });
  });

  it('nests a chain, its retriever, tool and model, under the span around it; hidden runs are left out', async () => {
    const weather = new DynamicTool({
      name: 'weather',
      description: 'The weather',
      func: async (city: string) => `Sunny in ${city}.`,
    });
    const model = new FakeListChatModel({ responses: ['Four.'] });
    const hidden = RunnableLambda.from((all: unknown) => all).withConfig({
      runName: 'hidden',
      tags: ['langsmith:hidden'],
    });
    const chain = RunnablePassthrough.assign({
      found: RunnableLambda.from(({ question }: { question: string }) => question).pipe(new Shelf()),
      sky: RunnableLambda.from((_: unknown, config) => weather.invoke('Paris', config)),
    })
      .pipe(hidden)
      .pipe(RunnableLambda.from((_: unknown, config) => model.invoke('Two and two?', config)));
    await tracing.span('request', () =>
      chain.invoke(
        { question: 'sums' },
        {
          callbacks: [tracing.langchain()],
          runName: 'helper',
          tags: ['beta', 'seq:step:1'],
          metadata: { thread_id: 't1', user_id: 'u1', plan: 'pro' },
        },
      ),
    );
    const all = await spans();
    const helper = all.get('helper');
    expect(helper).toMatchObject({
      kind: 'chain',
      parentSpanId: all.get('request')?.spanId,
      sessionId: 't1',
      userId: 'u1',
      tags: ['beta'],
      metadata: { plan: 'pro' },
      input: { type: 'json', value: { question: 'sums' } },
    });
    expect(all.get('weather')).toMatchObject({
      kind: 'tool',
      toolCall: { name: 'weather', arguments: { input: 'Paris' }, result: 'Sunny in Paris.' },
      sessionId: 't1',
    });
    expect(all.get('Shelf')).toMatchObject({
      kind: 'retriever',
      documents: [{ id: 'd1', content: 'About sums', metadata: { page: 4 } }],
    });
    expect(all.has('hidden')).toBe(false);
    const known = new Set(collector.spans().map(({ spanId }) => spanId));
    for (const span of collector.spans()) {
      expect(span.traceId).toBe(helper?.traceId);
      if (span.name !== 'request') expect(known).toContain(span.parentSpanId);
    }
  });

  it('nests what the app does inside of a run below it, and runs below that', async () => {
    const model = new FakeListChatModel({ responses: ['Four.'] });
    const node = RunnableLambda.from((question: string, config) =>
      tracing.span('own', async () => {
        await tracing.span('deeper', () => {});
        return model.invoke(question, config);
      }),
    );
    const chain = node
      .withConfig({ runName: 'node' })
      .pipe(RunnableLambda.from(() => tracing.span('after', () => 'x')));
    await tracing.span('request', () => chain.invoke('x', { callbacks: [tracing.langchain()], runName: 'chain' }));
    tracing.span('outside', () => {});
    const all = await spans();
    const above = (name: string) => {
      const parent = all.get(name)?.parentSpanId;
      return [...all.values()].find(({ spanId }) => spanId === parent)?.name ?? null;
    };
    const parents = Object.fromEntries([...all.keys()].map((name) => [name, above(name)]));
    expect(parents).toMatchObject({
      request: null,
      chain: 'request',
      node: 'chain',
      own: 'node',
      deeper: 'own',
      chat: 'own',
      after: 'RunnableLambda',
      RunnableLambda: 'chain',
      outside: null,
    });
  });

  it('records what failed, and that LangGraph stops by throwing is no failure', async () => {
    class GraphInterrupt extends Error {
      override name = 'GraphInterrupt';
    }
    const callbacks = [tracing.langchain()];
    const failing = (error: Error, runName: string) =>
      RunnableLambda.from(() => {
        throw error;
      }).invoke('x', { callbacks, runName });
    await expect(failing(new TypeError('odd'), 'fails')).rejects.toThrow('odd');
    await expect(failing(new GraphInterrupt('ask a person'), 'stops')).rejects.toThrow('ask a person');
    const all = await spans();
    expect(all.get('fails')).toMatchObject({ status: 'error', statusMessage: 'odd' });
    expect(all.get('stops')).toMatchObject({ status: 'unset' });
  });
});
