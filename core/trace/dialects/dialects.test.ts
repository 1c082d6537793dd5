import { describe, expect, it } from 'vitest';
import { defaultProjectId, type JsonObject, type SpanId, type TraceId } from '../../records/index.ts';
import { normalizeSpan } from '../normalize-span.ts';
import type { OtlpSpan } from '../otlp-span.ts';

const normalize = (attributes: JsonObject, more: Partial<OtlpSpan> = {}) =>
  normalizeSpan(
    {
      traceId: 'a'.repeat(32) as TraceId,
      spanId: 'b'.repeat(16) as SpanId,
      parentSpanId: null,
      name: 'a span',
      kind: null,
      startNs: 1_800_000_000_000_000_000n,
      endNs: 1_800_000_001_000_000_000n,
      status: 'unset',
      statusMessage: '',
      events: [],
      links: [],
      resource: {},
      scope: { name: '', version: '' },
      attributes,
      ...more,
    },
    defaultProjectId,
  );
const text = (content: string) => ({ type: 'text', content });
const event = (name: string, attributes: JsonObject) => ({ name, timeNs: 1n, attributes });

describe('GenAI conventions up to 1.36', () => {
  it('reads messages that are events of the span, JSON in their attributes', () => {
    const span = normalize(
      { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'gpt-4o' },
      {
        events: [
          event('gen_ai.system.message', { content: 'Be brief' }),
          event('gen_ai.user.message', { 'gen_ai.event.content': '{"role":"user","content":"hi"}' }),
          event('gen_ai.choice', { index: 0, finish_reason: 'stop', message: '{"content":"ho"}' }),
        ],
      },
    );
    expect(span).toMatchObject({
      kind: 'generation',
      input: {
        messages: [
          { role: 'system', parts: [text('Be brief')] },
          { role: 'user', parts: [text('hi')] },
        ],
      },
      output: { messages: [{ role: 'assistant', parts: [text('ho')], finishReason: 'stop' }] },
    });
  });

  it('reads the two content events of before', () => {
    const span = normalize(
      { 'gen_ai.system': 'openai' },
      {
        events: [
          event('gen_ai.content.prompt', { 'gen_ai.prompt': '[{"role":"user","content":"hi"}]' }),
          event('gen_ai.content.completion', { 'gen_ai.completion': '[{"role":"assistant","content":"ho"}]' }),
        ],
      },
    );
    expect([span.input, span.output]).toMatchObject([
      { messages: [{ role: 'user', parts: [text('hi')] }] },
      { messages: [{ role: 'assistant', parts: [text('ho')] }] },
    ]);
  });
});

describe('OpenLLMetry of before it took the conventions', () => {
  const attributes: JsonObject = {
    'llm.request.type': 'chat',
    'gen_ai.system': 'OpenAI',
    'gen_ai.request.model': 'gpt-4o',
    'gen_ai.request.max_tokens': 9,
    'gen_ai.prompt.0.role': 'system',
    'gen_ai.prompt.0.content': 'Be brief',
    'gen_ai.prompt.2.role': 'tool',
    'gen_ai.prompt.2.content': '21',
    'gen_ai.prompt.2.tool_call_id': 'c',
    'gen_ai.prompt.1.role': 'assistant',
    'gen_ai.prompt.1.tool_calls.0.id': 'c',
    'gen_ai.prompt.1.tool_calls.0.name': 'f',
    'gen_ai.prompt.1.tool_calls.0.arguments': '{"x":1}',
    'gen_ai.prompt.10.role': 'user',
    'gen_ai.prompt.10.content': '[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"u"}}]',
    'gen_ai.completion.0.role': 'assistant',
    'gen_ai.completion.0.content': 'ho',
    'gen_ai.completion.0.finish_reason': 'stop',
    'llm.request.functions.0.name': 'f',
    'llm.request.functions.0.parameters': '{"type":"object"}',
    'gen_ai.usage.prompt_tokens': 100,
    'gen_ai.usage.completion_tokens': 10,
    'llm.usage.total_tokens': 110,
    'gen_ai.usage.cache_read_input_tokens': 40,
    'traceloop.association.properties.user_id': 'u',
    'traceloop.association.properties.plan': 'pro',
  };

  it('reads messages written flat, in the order of their numbers', () => {
    expect(normalize(attributes)).toMatchObject({
      ...{ kind: 'generation', dialect: 'traceloop', provider: 'openai', finishReasons: ['stop'], userId: 'u' },
      ...{ params: { max_tokens: 9 }, metadata: { plan: 'pro' } },
      input: {
        messages: [
          { role: 'system', parts: [text('Be brief')] },
          { role: 'assistant', parts: [{ type: 'tool_call', id: 'c', name: 'f', arguments: { x: 1 } }] },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: '21' }] },
          { role: 'user', parts: [text('hi'), { type: 'other', value: { type: 'image_url' } }] },
        ],
      },
      output: { messages: [{ role: 'assistant', parts: [text('ho')], finishReason: 'stop' }] },
      toolDefinitions: [{ name: 'f', parameters: { type: 'object' } }],
      usage: { counts: { inputUncached: 60, cacheRead: 40, outputText: 10, requests: 1 } },
    });
  });

  it('pays for a message, not for its number', () => {
    const span = normalize({
      ...attributes,
      'gen_ai.prompt.99999999.content': 'far',
      'gen_ai.prompt.1e9.content': 'x',
    });
    expect(span.input?.type === 'messages' && span.input.messages.map(({ parts }) => parts.length)).toEqual([
      1, 1, 1, 2, 1,
    ]);
  });
});

describe('OpenInference', () => {
  it.each([
    ['EMBEDDING', 'embedding'],
    ['CHAIN', 'chain'],
    ['RETRIEVER', 'retriever'],
    ['RERANKER', 'reranker'],
    ['TOOL', 'tool'],
    ['AGENT', 'agent'],
    ['GUARDRAIL', 'guardrail'],
    ['EVALUATOR', 'evaluator'],
    ['UNKNOWN', 'span'],
  ])('makes of %s a span of kind %s', (given, kind) => {
    expect(normalize({ 'openinference.span.kind': given })).toMatchObject({ kind, dialect: 'openinference' });
  });

  it('reads what a retriever found and what a tool was called with', () => {
    const found = normalize({
      'openinference.span.kind': 'RETRIEVER',
      'input.value': 'capital?',
      'retrieval.documents.1.document.content': 'Lyon',
      'retrieval.documents.0.document.id': 'd1',
      'retrieval.documents.0.document.content': 'Paris',
      'retrieval.documents.0.document.score': 0.9,
      'retrieval.documents.0.document.metadata': '{"lang":"fr"}',
    });
    expect(found.documents).toEqual([
      { id: 'd1', content: 'Paris', score: 0.9, metadata: { lang: 'fr' } },
      { id: null, content: 'Lyon', score: null, metadata: {} },
    ]);
    const tool = normalize({
      'openinference.span.kind': 'TOOL',
      'tool.name': 'f',
      'input.value': '{"x":1}',
      'output.value': '2',
    });
    expect(tool.toolCall).toEqual({ id: null, name: 'f', arguments: { x: 1 }, result: 2 });
  });

  it('keeps its own cost, and counts a cached prompt once', () => {
    const span = normalize({
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'claude',
      'llm.token_count.prompt': 100,
      'llm.token_count.prompt_details.cache_read': 60,
      'llm.token_count.prompt_details.cache_write': 30,
      'llm.token_count.completion': 5,
      'llm.cost.total': 0.001,
    });
    expect(span.usage?.counts).toEqual({
      inputUncached: 10,
      cacheRead: 60,
      cacheWrite5m: 30,
      outputText: 5,
      requests: 1,
    });
    expect(span.emitterCostNanoUsd).toBe(1_000_000n);
  });
});

describe('MLflow', () => {
  it('reads what it writes, every value as JSON', () => {
    const request = {
      model: 'gpt-4o',
      temperature: 0,
      messages: [{ role: 'user', content: 'hi' }],
      tools: [{ type: 'function' }],
    };
    const answer = {
      id: 'chatcmpl-1',
      model: 'gpt-4o-2024',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'ho' } }],
    };
    const span = normalize({
      'mlflow.spanType': '"CHAT_MODEL"',
      'mlflow.spanInputs': JSON.stringify(request),
      'mlflow.spanOutputs': JSON.stringify(answer),
      'mlflow.chat.tokenUsage': '{"input_tokens":10,"output_tokens":2,"total_tokens":12,"cache_read_input_tokens":4}',
      'mlflow.llm.cost': '{"input_cost":0.001,"output_cost":0.002,"total_cost":0.003}',
      'mlflow.llm.provider': '"openai"',
      'mlflow.trace.session': '"s"',
      'mlflow.trace.user': '"u"',
    });
    expect(span).toMatchObject({
      ...{
        kind: 'generation',
        dialect: 'mlflow',
        provider: 'openai',
        requestModel: 'gpt-4o',
        responseModel: 'gpt-4o-2024',
      },
      ...{ responseId: 'chatcmpl-1', sessionId: 's', userId: 'u', params: { temperature: 0 } },
      toolDefinitions: [{ type: 'function' }],
      input: { messages: [{ role: 'user', parts: [text('hi')] }] },
      output: { messages: [{ role: 'assistant', parts: [text('ho')], finishReason: 'stop' }] },
      usage: { counts: { inputUncached: 6, cacheRead: 4, outputText: 2, requests: 1 } },
      emitterCostNanoUsd: 3_000_000n,
    });
  });
});

describe('Langfuse', () => {
  it('lays what it says of the trace over spans of other instrumentations', () => {
    const span = normalize({
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.model.id': 'gpt-4o',
      'ai.prompt.messages': '[{"role":"user","content":[{"type":"text","text":"hi"}]}]',
      'langfuse.environment': 'prod',
      'langfuse.trace.tags': ['a'],
      'langfuse.session.id': 's',
    });
    expect(span).toMatchObject({
      ...{
        dialect: 'vercel-ai',
        kind: 'generation',
        requestModel: 'gpt-4o',
        environment: 'prod',
        tags: ['a'],
        sessionId: 's',
      },
    });
  });

  it('names the vendor of a model that only one vendor has, so that its price is known', () => {
    const provider = (model: string) =>
      normalize({ 'langfuse.observation.type': 'generation', 'langfuse.observation.model.name': model }).provider;
    expect(['gpt-4o-mini', 'o3', 'claude-sonnet-4', 'gemini-2.5-pro'].map(provider)).toEqual([
      ...['openai', 'openai', 'anthropic', 'gcp.gemini'],
    ]);
    expect(['gpt-oss-20b', 'llama-3', 'my-gpt-4', 'o3de'].map(provider)).toEqual([null, null, null, null]);
  });

  it('takes level and message of an observation that failed', () => {
    const failed = { 'langfuse.observation.level': 'ERROR', 'langfuse.observation.status_message': 'no key' };
    expect(normalize(failed)).toMatchObject({ status: 'error', statusMessage: 'no key', dialect: 'langfuse' });
  });
});

describe('Vercel AI SDK', () => {
  it('reads what a reranker ranked, and how', () => {
    const span = normalize({
      'ai.operationId': 'ai.rerank.doRerank',
      'ai.documents': ['"Lyon"', '{"city":"Paris"}'],
      'ai.ranking': ['{"index":1,"score":0.9}', '{"index":0,"score":0.1}', '{"index":7,"score":0}'],
    });
    expect([span.kind, span.documents]).toEqual([
      'reranker',
      [
        { id: '1', content: '{"city":"Paris"}', score: 0.9, metadata: {} },
        { id: '0', content: 'Lyon', score: 0.1, metadata: {} },
      ],
    ]);
  });
});
