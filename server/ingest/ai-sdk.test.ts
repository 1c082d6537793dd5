import { readFileSync } from 'node:fs';
import { type Content, defaultProjectId, type Json, type JsonObject, type Span } from '@wheelhouse/core/records';
import { normalizeSpan } from '@wheelhouse/core/trace';
import { describe, expect, it } from 'vitest';
import { decodeTraces } from './otlp.ts';
import type { OtlpEncoding } from './otlp-values.ts';

const fixture = (name: string) => readFileSync(new URL(`../../testing/fixtures/otlp/${name}`, import.meta.url));
const jsonBody = (name: string) => Buffer.from(JSON.stringify(JSON.parse(fixture(name).toString('utf8')).body));

function read(body: Uint8Array, encoding: OtlpEncoding): Span[] {
  const { spans, rejected } = decodeTraces(body, encoding);
  expect(rejected).toEqual([]);
  return spans.map((span) => normalizeSpan(span, defaultProjectId));
}

/** Everything but what is kept as it came. */
type Fields = Omit<Span, 'attributes' | 'events'>;
const fieldsOf = ({ attributes: _, events: __, ...fields }: Span): Fields => fields;

const base = {
  projectId: defaultProjectId,
  firstTokenNs: null,
  status: 'unset',
  statusMessage: null,
  provider: null,
  requestModel: null,
  responseModel: null,
  responseId: null,
  model: null,
  params: null,
  finishReasons: [],
  input: null,
  output: null,
  toolDefinitions: null,
  toolCall: null,
  documents: [],
  usage: null,
  cost: null,
  emitterCostNanoUsd: null,
  sessionId: null,
  userId: null,
  environment: null,
  release: null,
  tags: [],
  metadata: {},
  run: null,
  dialect: 'vercel-ai',
  normalizer: 2,
  service: 'ai-sdk-demo',
};
const expected = (more: object): Fields => ({ ...base, ...more }) as unknown as Fields;

const say = (role: string, content: string, finishReason?: string) => ({
  role,
  parts: [{ type: 'text' as const, content }],
  ...(finishReason ? { finishReason } : {}),
});
const call = { type: 'tool_call', id: 'call_mock1', name: 'get_weather', arguments: { city: 'Paris' } };
const result = { type: 'tool_call_response', id: 'call_mock1', response: { city: 'Paris', t: 21 } };
const messages = (...all: object[]) => ({ type: 'messages', messages: all }) as unknown as Content;
const json = (value: Json): Content => ({ type: 'json', value });

const system = say('system', 'Be brief');
const question = say('user', 'weather in Paris?');
const hello = messages(say('assistant', 'Hello from mock.', 'stop'));
const tool: JsonObject = {
  type: 'function',
  name: 'get_weather',
  inputSchema: {
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
    additionalProperties: false,
  },
  description: 'w',
};
const toolCall = {
  id: 'call_mock1',
  name: 'get_weather',
  arguments: { city: 'Paris' },
  result: { city: 'Paris', t: 21 },
};
const usage = {
  counts: { inputUncached: 7, cacheRead: 4, outputText: 5, reasoning: 2, requests: 1 },
  source: 'emitter',
};
const embeddingUsage = { counts: { inputUncached: 3, requests: 1 }, source: 'emitter' };
const called = { provider: 'ours', requestModel: 'gpt-mock' };
const answered = { ...called, responseModel: 'gpt-mock-2026-01-01', responseId: 'chatcmpl-mock', usage };
const failed = { status: 'error', statusMessage: 'Cannot connect to API: bad port' };

/** `traceId/spanId` with the parent, and nanoseconds after a common instant. */
const at = (second: bigint, ids: string, start: number, end: number) => {
  const [traceId, spanId, parentSpanId = null] = ids.split(' ');
  const base = second * 1_000_000_000n;
  return { traceId, spanId, parentSpanId, startNs: base + BigInt(start), endNs: base + BigInt(end) };
};

describe('AI SDK 7, its OpenTelemetry form', () => {
  const settings = { max_tokens: 99, temperature: 0.2 };
  const agent = '1a409bcbf70ee0285637b576cebb1edf';
  const stream = '111029f7bd4000c23cac3921c08cc682';
  const embed = 'a6c9c67352a8fa63e4ed4e2133338f0a';
  const broken = '9027e23ef7bbc527ed95b514681f40e4';
  const time = (ids: string, start: number, end: number) => at(1795225214n, ids, start, end);
  const step = { kind: 'chain', params: { tool_choice: { type: 'auto' } } };
  const all: Fields[] = [
    {
      ...time(`${agent} 501637380262b807 9de2500a518ed605`, 124_000_000, 180_720_316),
      ...{ kind: 'generation', name: 'chat gpt-mock', ...answered, params: settings, toolDefinitions: [tool] },
      ...{ finishReasons: ['tool_calls'], input: messages(system, question) },
      output: messages({ role: 'assistant', parts: [call], finishReason: 'tool_calls' }),
    },
    {
      ...time(`${agent} 121f3e80b9404752 9de2500a518ed605`, 182_000_000, 182_703_904),
      ...{ kind: 'tool', name: 'execute_tool get_weather', toolCall },
      ...{ input: json({ city: 'Paris' }), output: json({ city: 'Paris', t: 21 }) },
    },
    { ...time(`${agent} 9de2500a518ed605 0697540cf976aa34`, 123_000_000, 184_662_591), ...step, name: 'step 1' },
    {
      ...time(`${agent} 259ad71044d709c6 2f9c2109823ba229`, 186_000_000, 201_508_773),
      ...{ kind: 'generation', name: 'chat gpt-mock', ...answered, params: settings, toolDefinitions: [tool] },
      ...{ finishReasons: ['stop'], output: hello },
      input: messages(system, question, { role: 'assistant', parts: [call] }, { role: 'tool', parts: [result] }),
    },
    { ...time(`${agent} 2f9c2109823ba229 0697540cf976aa34`, 186_000_000, 202_276_771), ...step, name: 'step 2' },
    {
      ...time(`${agent} 0697540cf976aa34`, 119_000_000, 203_083_022),
      ...{ kind: 'agent', name: 'invoke_agent gpt-mock', ...called, params: settings, finishReasons: ['stop'] },
      input: messages(system, question),
      output: messages({
        role: 'assistant',
        parts: [...say('', 'Hello from mock.').parts, call, result],
        finishReason: 'stop',
      }),
    },
    {
      ...time(`${stream} dc1a1b132fa5ecba fb1a000eaee6bb2a`, 218_000_000, 237_431_685),
      ...{ kind: 'generation', name: 'chat gpt-mock', ...answered, finishReasons: ['stop'] },
      ...{ input: messages(say('user', 'hi')), output: hello, firstTokenNs: 1795225214_232_361_960n },
    },
    { ...time(`${stream} fb1a000eaee6bb2a 2797510dcd207f05`, 217_000_000, 238_419_765), ...step, name: 'step 1' },
    {
      ...time(`${stream} 2797510dcd207f05`, 213_000_000, 240_825_686),
      ...{ kind: 'agent', name: 'invoke_agent gpt-mock', ...called, finishReasons: ['stop'] },
      ...{ input: messages(say('user', 'hi')), output: hello },
    },
    {
      ...time(`${embed} 04a78bcbd92d98f9 5aa99e10c5b4da5a`, 246_000_000, 253_681_227),
      ...{
        kind: 'embedding',
        name: 'embeddings emb-mock',
        provider: 'ours',
        requestModel: 'emb-mock',
        usage: embeddingUsage,
      },
    },
    {
      ...time(`${embed} 5aa99e10c5b4da5a`, 245_000_000, 254_058_296),
      ...{ kind: 'embedding', name: 'embeddings emb-mock', provider: 'ours', requestModel: 'emb-mock' },
    },
    {
      ...time(`${broken} 6287b103bd33018f fb5c08fd18152316`, 258_000_000, 263_141_770),
      ...{ kind: 'generation', name: 'chat gpt-mock', provider: 'bad', requestModel: 'gpt-mock', ...failed },
      input: messages(say('user', 'x')),
    },
    {
      ...time(`${broken} fb5c08fd18152316 7b719353f4117855`, 258_000_000, 263_631_859),
      ...step,
      ...failed,
      name: 'step 1',
    },
    {
      ...time(`${broken} 7b719353f4117855`, 257_000_000, 263_976_229),
      ...{ kind: 'agent', name: 'invoke_agent gpt-mock', provider: 'bad', requestModel: 'gpt-mock', ...failed },
      input: messages(say('user', 'x')),
    },
  ].map(expected);

  const fromJson = read(jsonBody('ai-sdk-7-otel.traces.json'), 'json');
  const fromProtobuf = read(fixture('ai-sdk-7-otel.traces.bin'), 'protobuf');

  it.each(all.map((span, i) => [`${i + 1}: ${span.name}`, i]))('JSON span %s has every field', (_, i) => {
    expect(fieldsOf(fromJson[i as number] as Span)).toEqual(all[i as number]);
  });

  it('JSON has no other spans', () => expect(fromJson).toHaveLength(all.length));

  it('keeps attributes, scope and resource as they came', () => {
    const [span] = fromJson;
    expect(span?.attributes).toMatchObject({
      'gen_ai.provider.name': 'ours.chat',
      'gen_ai.response.finish_reasons': ['tool-calls'],
      'ai.response.providerMetadata': '{"ours":{"acceptedPredictionTokens":0,"rejectedPredictionTokens":0}}',
      'ai.usage.inputTokenDetails.noCacheTokens': 7,
      'otel.scope.name': 'gen_ai',
      'span.kind': 'client',
      'otel.resource': { 'service.name': 'ai-sdk-demo', 'process.pid': 21509 },
    });
  });

  it('keeps exceptions as events', () => {
    const [event] = fromJson[11]?.events ?? [];
    expect(event).toMatchObject({
      name: 'exception',
      timeNs: 1795225214_262_966_567n,
      attributes: { 'exception.type': 'AI_APICallError' },
    });
  });

  it('protobuf of another run of the same program gives the same spans, but for ids and times', () => {
    const timeless = (spans: Span[]) => {
      const index = new Map(spans.map((span, i) => [span.spanId, i]));
      return spans.map((span) => {
        const { traceId: _, spanId, parentSpanId, startNs, endNs, firstTokenNs, ...fields } = fieldsOf(span);
        return {
          ...fields,
          firstToken: firstTokenNs !== null,
          place: [index.get(spanId), parentSpanId && index.get(parentSpanId)],
        };
      });
    };
    expect(timeless(fromProtobuf)).toEqual(timeless(fromJson));
    expect(
      fromProtobuf.map((span) => [span.traceId, span.spanId, span.parentSpanId, span.startNs, span.endNs]).at(0),
    ).toEqual([
      'e9c1d246b65131af3ec9b0c2faabe8e4',
      '96f9836eeeee7f52',
      'f0b85c69d170dfb6',
      1795225219_170_000_000n,
      1795225219_219_003_883n,
    ]);
    expect(fromProtobuf.at(-1)).toMatchObject({
      spanId: '502fca484e09fd41',
      parentSpanId: null,
      endNs: 1795225219_339_103_041n,
    });
  });

  it('a third run, sent with gzip, gives the same spans too', () => {
    const names = (spans: Span[]) =>
      spans.map(({ kind, name, usage: counted, status }) => ({ kind, name, counted, status }));
    expect(names(read(jsonBody('ai-sdk-7-otel.traces-gzip.headers-and-decoded.json'), 'json'))).toEqual(
      names(fromJson),
    );
  });
});

describe('AI SDK 7, its legacy form', () => {
  const agent = 'fff66dc470ef1171ca17d48ab774961b';
  const stream = '1034c2ea52d77989364b22ec29823250';
  const embed = '3cf31d69dec60132b2620ea0e94a7b0b';
  const broken = '421037f7a07f5f49de22d87818ad54cd';
  const time = (ids: string, start: number, end: number) => at(1795225216n, ids, start, end);
  const settings = { max_tokens: 99, temperature: 0.2, maxRetries: 2 };
  const choice = { tool_choice: { type: 'auto' } };
  const all: Fields[] = [
    {
      ...time(`${agent} 730448ab8595f9cc 36218c9610f25f23`, 738_000_000, 738_978_065),
      ...{ kind: 'tool', name: 'ai.toolCall', toolCall },
      ...{ input: json({ city: 'Paris' }), output: json({ city: 'Paris', t: 21 }) },
    },
    {
      ...time(`${agent} 36218c9610f25f23 2a5d7f67378cee58`, 671_000_000, 741_980_990),
      ...{ kind: 'generation', name: 'ai.generateText.doGenerate', ...answered, params: { ...settings, ...choice } },
      ...{ toolDefinitions: [tool], finishReasons: ['tool_calls'], input: messages(system, question) },
      output: messages({ role: 'assistant', parts: [call], finishReason: 'tool_calls' }),
    },
    {
      ...time(`${agent} 5815615d6590ff70 2a5d7f67378cee58`, 743_000_000, 757_433_296),
      ...{ kind: 'generation', name: 'ai.generateText.doGenerate', ...answered, params: { ...settings, ...choice } },
      ...{ toolDefinitions: [tool], finishReasons: ['stop'], output: hello },
      input: messages(system, question, { role: 'assistant', parts: [call] }, { role: 'tool', parts: [result] }),
    },
    {
      ...time(`${agent} 2a5d7f67378cee58`, 662_000_000, 758_584_196),
      ...{
        kind: 'chain',
        name: 'ai.generateText',
        ...called,
        params: settings,
        finishReasons: ['stop'],
        input: messages(system, question),
      },
      output: messages({
        role: 'assistant',
        parts: [...say('', 'Hello from mock.').parts, call],
        finishReason: 'stop',
      }),
    },
    {
      ...time(`${stream} fe3203c334cbabc6 e3098b7d86127eea`, 786_000_000, 824_573_165),
      ...{
        kind: 'generation',
        name: 'ai.streamText.doStream',
        ...answered,
        params: { maxRetries: 2, ...choice },
        finishReasons: ['stop'],
      },
      ...{ input: messages(say('user', 'hi')), output: hello, firstTokenNs: 1795225216_810_263_152n },
    },
    {
      ...time(`${stream} e3098b7d86127eea`, 780_000_000, 829_614_819),
      ...{ kind: 'chain', name: 'ai.streamText', ...called, params: { maxRetries: 2 }, finishReasons: ['stop'] },
      ...{ input: messages(say('user', 'hi')), output: hello },
    },
    {
      ...time(`${embed} 10fef882eb6f47ce f309d8887b1d6458`, 835_000_000, 847_300_090),
      ...{
        kind: 'embedding',
        name: 'ai.embed.doEmbed',
        provider: 'ours',
        requestModel: 'emb-mock',
        params: { maxRetries: 2 },
      },
      ...{ usage: embeddingUsage, input: json(['a']), output: json([[0.1, 0.2, 0.3]]) },
    },
    {
      ...time(`${embed} f309d8887b1d6458`, 834_000_000, 847_159_848),
      ...{ kind: 'chain', name: 'ai.embed', provider: 'ours', requestModel: 'emb-mock', params: { maxRetries: 2 } },
      ...{ input: json('a'), output: json([0.1, 0.2, 0.3]) },
    },
    {
      ...time(`${broken} 7a939578dbc8b973 ff3e83ab46f256d1`, 854_000_000, 861_828_067),
      ...{
        kind: 'generation',
        name: 'ai.generateText.doGenerate',
        provider: 'bad',
        requestModel: 'gpt-mock',
        ...failed,
      },
      ...{ params: { maxRetries: 0, ...choice }, input: messages(say('user', 'x')) },
    },
    {
      ...time(`${broken} ff3e83ab46f256d1`, 851_000_000, 863_393_963),
      ...{ kind: 'chain', name: 'ai.generateText', provider: 'bad', requestModel: 'gpt-mock', ...failed },
      ...{ params: { maxRetries: 0 }, input: messages(say('user', 'x')) },
    },
  ].map(expected);

  const spans = read(jsonBody('ai-sdk-7-legacy.traces.json'), 'json');

  it.each(all.map((span, i) => [`${i + 1}: ${span.name}`, i]))('span %s has every field', (_, i) => {
    expect(fieldsOf(spans[i as number] as Span)).toEqual(all[i as number]);
  });

  it('has no other spans', () => expect(spans).toHaveLength(all.length));
});
