import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultProjectId, type Json, type JsonObject, type SpanId, type TraceId } from '../records/index.ts';
import { normalizeSpan, renormalizeSpan } from './normalize-span.ts';
import type { OtlpSpan } from './otlp-span.ts';

const otlpSpan = (more: Partial<OtlpSpan>): OtlpSpan => ({
  traceId: 'a'.repeat(32) as TraceId,
  spanId: 'b'.repeat(16) as SpanId,
  parentSpanId: null,
  name: 'a span',
  kind: null,
  startNs: 1_800_000_000_000_000_000n,
  endNs: 1_800_000_001_000_000_000n,
  status: 'unset',
  statusMessage: '',
  attributes: {},
  events: [],
  links: [],
  resource: {},
  scope: { name: '', version: '' },
  ...more,
});
const normalize = (attributes: JsonObject, more: Partial<OtlpSpan> = {}) =>
  normalizeSpan(otlpSpan({ attributes, ...more }), defaultProjectId);
const chat = (attributes: JsonObject) => normalize({ 'gen_ai.operation.name': 'chat', ...attributes });

describe('normalizeSpan', () => {
  it('reads the GenAI conventions from structured values as from JSON text', () => {
    const values: JsonObject = {
      'gen_ai.provider.name': 'openai',
      'gen_ai.request.model': 'gpt-4o-mini',
      'gen_ai.request.temperature': 0.5,
      'gen_ai.request.stop_sequences': ['END'],
      'gen_ai.output.type': 'text',
      'gen_ai.conversation.id': 'conv-1',
      'user.id': 'u-1',
      'gen_ai.usage.cost': 0.00123,
      'gen_ai.response.time_to_first_chunk': 0.25,
    };
    const structured: JsonObject = {
      'gen_ai.system_instructions': [{ type: 'text', content: 'Be brief' }],
      'gen_ai.input.messages': [
        {
          role: 'user',
          name: 'Ann',
          parts: [
            { type: 'text', content: 'hi' },
            { type: 'uri', modality: 'image', uri: 'https://x/y' },
          ],
        },
        { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', result: { t: 21 } }] },
      ],
      'gen_ai.output.messages': [
        {
          role: 'assistant',
          finish_reason: 'tool-calls',
          parts: [
            { type: 'reasoning', content: 'hm' },
            { type: 'tool_call', id: 'd', name: 'f', arguments: '{"x":1}' },
          ],
        },
      ],
      'gen_ai.tool.definitions': [{ type: 'function', name: 'f' }],
      'gen_ai.response.finish_reasons': ['tool_call'],
    };
    const texts = Object.fromEntries(Object.entries(structured).map(([key, value]) => [key, JSON.stringify(value)]));
    const { attributes: _, ...fromValues } = chat({ ...values, ...structured });
    const { attributes: __, ...fromTexts } = chat({ ...values, ...texts });
    expect(fromTexts).toEqual(fromValues);
    expect(fromValues).toMatchObject({
      kind: 'generation',
      dialect: 'otel-genai',
      normalizer: 2,
      provider: 'openai',
      requestModel: 'gpt-4o-mini',
      params: { temperature: 0.5, stop_sequences: ['END'], output_type: 'text' },
      sessionId: 'conv-1',
      userId: 'u-1',
      emitterCostNanoUsd: 1_230_000n,
      cost: null,
      firstTokenNs: 1_800_000_000_250_000_000n,
      finishReasons: ['tool_calls'],
      toolDefinitions: [{ type: 'function', name: 'f' }],
      input: {
        type: 'messages',
        messages: [
          { role: 'system', parts: [{ type: 'text', content: 'Be brief' }] },
          {
            role: 'user',
            name: 'Ann',
            parts: [
              { type: 'text', content: 'hi' },
              { type: 'other', value: { type: 'uri', modality: 'image', uri: 'https://x/y' } },
            ],
          },
          { role: 'tool', parts: [{ type: 'tool_call_response', id: 'c', response: { t: 21 } }] },
        ],
      },
      output: {
        type: 'messages',
        messages: [
          {
            role: 'assistant',
            finishReason: 'tool_calls',
            parts: [
              { type: 'reasoning', content: 'hm' },
              { type: 'tool_call', id: 'd', name: 'f', arguments: { x: 1 } },
            ],
          },
        ],
      },
    });
  });

  it('keeps content that is no list of messages as it came', () => {
    expect(chat({ 'gen_ai.input.messages': '[1,2]' }).input).toEqual({ type: 'json', value: [1, 2] });
    expect(chat({ 'gen_ai.input.messages': 'just text' }).input).toEqual({
      type: 'messages',
      messages: [{ role: 'user', parts: [{ type: 'text', content: 'just text' }] }],
    });
    expect(chat({}).input).toBeNull();
  });

  it.each([
    ['chat', 'generation'],
    ['generate_content', 'generation'],
    ['text_completion', 'generation'],
    ['embeddings', 'embedding'],
    ['execute_tool', 'tool'],
    ['invoke_agent', 'agent'],
    ['create_agent', 'agent'],
    ['invoke_workflow', 'chain'],
    ['retrieval', 'retriever'],
    ['something_new', 'span'],
    ['__proto__', 'span'],
    ['constructor', 'span'],
  ])('makes of the operation %s a span of kind %s', (operation, kind) => {
    expect(normalize({ 'gen_ai.operation.name': operation }).kind).toBe(kind);
  });

  it('reads what a retrieval asked and found', () => {
    const span = normalize({
      'gen_ai.operation.name': 'retrieval',
      'gen_ai.retrieval.query.text': 'capital of France',
      'gen_ai.retrieval.documents': '[{"id":"d1","score":0.9,"content":"Paris","lang":"en"},{"id":7}]',
    });
    expect(span.input).toEqual({ type: 'json', value: 'capital of France' });
    expect(span.documents).toEqual([
      { id: 'd1', content: 'Paris', score: 0.9, metadata: { lang: 'en' } },
      { id: '7', content: null, score: null, metadata: {} },
    ]);
  });

  it('reads a tool call with its arguments and result as input and output', () => {
    const span = normalize({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'f',
      'gen_ai.tool.call.id': 'c1',
      'gen_ai.tool.call.arguments': '{"x":1}',
      'gen_ai.tool.call.result': 'plain words',
    });
    expect(span.toolCall).toEqual({ id: 'c1', name: 'f', arguments: { x: 1 }, result: 'plain words' });
    expect([span.input, span.output]).toEqual([
      { type: 'json', value: { x: 1 } },
      { type: 'json', value: 'plain words' },
    ]);
  });

  it('leaves usage to the calls themselves, so that a sum over a trace counts each once', () => {
    const usage = { 'gen_ai.usage.input_tokens': 10, 'gen_ai.usage.output_tokens': 1, 'gen_ai.usage.cost': 1 };
    expect(normalize({ 'gen_ai.operation.name': 'invoke_agent', ...usage })).toMatchObject({
      usage: null,
      emitterCostNanoUsd: null,
    });
    expect(chat(usage).usage?.counts).toEqual({ inputUncached: 10, outputText: 1, requests: 1 });
  });

  it('keeps a span of an unknown dialect whole', () => {
    const attributes = { 'http.request.method': 'GET', 'session.id': 's', list: [1, { a: null }] };
    const span = normalize(attributes, {
      kind: 'server',
      resource: { 'service.name': 'shop', 'service.version': '1.2', 'deployment.environment.name': 'prod' },
      scope: { name: 'http', version: '2' },
      links: [{ traceId: 'x' }],
    });
    expect(span).toMatchObject({
      kind: 'span',
      dialect: 'otel',
      sessionId: 's',
      service: 'shop',
      release: '1.2',
      environment: 'prod',
      usage: null,
      params: null,
    });
    expect(span.attributes).toEqual({
      ...attributes,
      'span.kind': 'server',
      'otel.scope.name': 'http',
      'otel.scope.version': '2',
      'otel.links': [{ traceId: 'x' }],
      'otel.resource': { 'service.name': 'shop', 'service.version': '1.2', 'deployment.environment.name': 'prod' },
    });
  });

  it('takes the reason of an error from status, exception or error type, in this order', () => {
    const exception = {
      name: 'exception',
      timeNs: 1n,
      attributes: { 'exception.type': 'TypeError', 'exception.message': 'x is not a function' },
    };
    expect(normalize({}, { status: 'error', statusMessage: 'broke', events: [exception] }).statusMessage).toBe('broke');
    expect(normalize({}, { status: 'error', events: [exception] }).statusMessage).toBe(
      'TypeError: x is not a function',
    );
    expect(normalize({ 'error.type': 'timeout' })).toMatchObject({ status: 'error', statusMessage: 'timeout' });
    expect(normalize({}, { events: [exception] })).toMatchObject({
      status: 'unset',
      statusMessage: null,
      events: [exception],
    });
  });

  it('takes session, user and metadata of AI SDK 7 from its context settings', () => {
    const span = normalize(
      {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai.responses',
        'ai.settings.context.userId': 'u7',
        'ai.settings.context.sessionId': 's7',
        'ai.settings.context.plan': 'pro',
      },
      { scope: { name: 'gen_ai', version: '' } },
    );
    expect(span).toMatchObject({
      dialect: 'vercel-ai',
      provider: 'openai',
      userId: 'u7',
      sessionId: 's7',
      metadata: { plan: 'pro' },
      params: null,
    });
  });

  it('strips the kind of model from a provider of AI SDK only', () => {
    expect(chat({ 'gen_ai.provider.name': 'acme.chat' }).provider).toBe('acme.chat');
  });

  it('is not moved by hostile names and depths', () => {
    const attributes = JSON.parse(
      '{"gen_ai.operation.name":"chat","__proto__":{"polluted":1},"gen_ai.request.__proto__":{"polluted":1},"gen_ai.prompt.99999999999.content":"x"}',
    ) as JsonObject;
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    const span = normalize({ ...attributes, 'gen_ai.input.messages': deep, 'gen_ai.tool.definitions': deep });
    expect(Object.keys(span.attributes)).toContain('__proto__');
    expect('polluted' in span.attributes || 'polluted' in (span.params ?? {}) || 'polluted' in {}).toBe(false);
    expect(span.input).toMatchObject({ messages: [{ parts: [{ content: deep }] }] });
    expect(() => JSON.stringify({ ...span, startNs: '', endNs: '' })).not.toThrow();
  });

  it('reads a stored span as it read the raw one, whatever was in it', () => {
    const word = fc.constantFrom('gen_ai', '@traceloop/x', 'OK', 'ERROR', 'client', 'LLM', 'chat', '{"a":1}', '');
    const name = fc.constantFrom(
      ...['otel.scope.name', 'otel.scope.version', 'otel.links', 'otel.resource', 'otel.status_code', 'span.kind'],
      ...['otel.status_description', 'error.type', 'gen_ai.operation.name', 'openinference.span.kind', '__proto__'],
      ...['langfuse.observation.type', 'langfuse.observation.level', 'mlflow.spanType', 'gen_ai.prompt.0.content'],
    );
    const attributes = fc.dictionary(name, fc.oneof(word, fc.jsonValue()) as fc.Arbitrary<Json>);
    const raw = fc.record({
      attributes,
      resource: attributes,
      status: fc.constantFrom('unset', 'ok', 'error'),
      statusMessage: word,
      kind: fc.constantFrom(null, 'client'),
      scope: fc.record({ name: word, version: word }),
      links: fc.array(attributes, { maxLength: 1 }),
    });
    fc.assert(
      fc.property(raw, (given) => {
        const span = normalizeSpan(otlpSpan(given as Partial<OtlpSpan>), defaultProjectId);
        expect(renormalizeSpan(span)).toEqual(span);
      }),
    );
  });

  it('reads again only what came as OTLP, and keeps what no exporter says', () => {
    const span = chat({ 'gen_ai.request.model': 'm' });
    const model = { name: 'support-bot', version: 2, alias: null };
    const cost = { totalNanoUsd: 5n, byBucket: {}, priceId: 'p' };
    expect(renormalizeSpan({ ...span, model, cost, kind: 'span', normalizer: 1 })).toEqual({ ...span, model, cost });
    const gateway = { ...span, dialect: 'gateway', kind: 'tool' as const };
    expect(renormalizeSpan(gateway)).toBe(gateway);
  });

  it('never throws and always gives a span that can be written, whatever the attributes are', () => {
    const key = fc.constantFrom(
      'openinference.span.kind',
      'llm.input_messages.0.message.content',
      'llm.input_messages.99999999.message.tool_calls.99999999.tool_call.function.name',
      'llm.invocation_parameters',
      'output.value',
      'metadata',
      'retrieval.documents.7.document.metadata',
      'langfuse.observation.type',
      'langfuse.observation.input',
      'langfuse.observation.usage_details',
      'langfuse.observation.completion_start_time',
      'langsmith.span.kind',
      'langsmith.usage_metadata',
      'gen_ai.prompt',
      'gen_ai.completion',
      'gen_ai.prompt.0.content',
      'gen_ai.prompt.0.tool_calls.0.name',
      'mlflow.spanType',
      'mlflow.spanInputs',
      'mlflow.spanOutputs',
      'traceloop.entity.output',
      'llm.request.functions.0.parameters',
      'gen_ai.operation.name',
      'gen_ai.input.messages',
      'gen_ai.output.messages',
      'gen_ai.system_instructions',
      'gen_ai.response.finish_reasons',
      'gen_ai.tool.name',
      'gen_ai.retrieval.documents',
      'gen_ai.usage.cost',
      'gen_ai.usage.input_tokens',
      'gen_ai.response.time_to_first_chunk',
      'ai.operationId',
      'ai.prompt',
      'ai.prompt.messages',
      'ai.response.toolCalls',
      'ai.telemetry.metadata.tags',
      'ai.prompt.toolChoice',
    );
    const operation = fc.constantFrom(
      'chat',
      'execute_tool',
      'retrieval',
      'ai.generateText.doGenerate',
      'ai.toolCall',
      'ai.embed.doEmbed',
    );
    const value = fc.oneof(
      fc.jsonValue(),
      operation,
      fc.json(),
      fc.array(
        fc.object({
          key: fc.constantFrom(
            'type',
            'parts',
            'content',
            'role',
            'messages',
            'choices',
            'message',
            'tool_calls',
            'lc',
            'id',
          ),
          maxDepth: 3,
        }),
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(key, value as fc.Arbitrary<Json>), (attributes) => {
        const { startNs, endNs, firstTokenNs, emitterCostNanoUsd, ...rest } = normalize(attributes);
        expect(startNs).toBe(1_800_000_000_000_000_000n);
        expect(JSON.parse(JSON.stringify(rest)).kind).toBe(rest.kind);
      }),
      { numRuns: 500 },
    );
  });
});
