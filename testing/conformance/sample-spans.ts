import {
  type Content,
  defaultProjectId,
  type Json,
  type JsonObject,
  type Span,
  type SpanId,
  sortEvents,
  spanKinds,
  type TraceId,
} from '@wheelhouse/core/records';
import fc from 'fast-check';

let traces = 0;
const run = Math.floor(Math.random() * 2 ** 40);

/** A trace id that no other test of any run has. */
export function freshTraceId(): TraceId {
  traces += 1;
  return (run.toString(16).padStart(16, '0') + traces.toString(16).padStart(16, '0')) as TraceId;
}

export const spanIdOf = (n: number): SpanId => (n + 1).toString(16).padStart(16, '0') as SpanId;

export const noonNs = 1_800_000_000_000_000_001n;

/** A span that says nothing but where and when it is. */
export const bareSpan = (traceId: TraceId, spanId: SpanId, more: Partial<Span> = {}): Span => ({
  projectId: defaultProjectId,
  traceId,
  spanId,
  parentSpanId: null,
  kind: 'span',
  name: '',
  startNs: noonNs,
  endNs: null,
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
  dialect: 'otel',
  normalizer: 1,
  service: null,
  attributes: {},
  events: [],
  ...more,
});

export const says = (role: string, content: string): Content => ({
  type: 'messages',
  messages: [{ role, parts: [{ type: 'text', content }] }],
});

const word = fc.string({ minLength: 1, maxLength: 12, unit: 'binary' });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const json: fc.Arbitrary<Json> = fc
  .jsonValue({ maxDepth: 2 })
  .map((value) => JSON.parse(JSON.stringify(value)) as Json);
const object: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    word.filter((key) => key !== '__proto__'),
    json,
    { minKeys: 1, maxKeys: 3 },
  )
  .map((value) => ({ ...value }));
const uint64 = fc.bigInt({ min: 1n, max: (1n << 64n) - 1n });
const int64 = fc.bigInt({ min: -(1n << 62n), max: 1n << 62n });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const content: fc.Arbitrary<Content> = fc.oneof(
  word.map((text) => says('user', text)),
  json.map((value): Content => ({ type: 'json', value })),
  fc.record({ id: maybe(word), name: word, arguments: json }).map(
    (call): Content => ({
      type: 'messages',
      messages: [{ role: 'assistant', parts: [{ type: 'tool_call', ...call }], finishReason: 'tool_calls' }],
    }),
  ),
);

/** What a fragment may say, without its times. */
export const sayings: fc.Arbitrary<Partial<Span>> = fc.record({
  parentSpanId: maybe(fc.constantFrom(spanIdOf(70), spanIdOf(71))),
  kind: fc.constantFrom(...spanKinds),
  name: word,
  firstTokenNs: maybe(uint64),
  status: fc.constantFrom('unset', 'ok', 'error'),
  statusMessage: maybe(word),
  provider: maybe(word),
  requestModel: maybe(word),
  responseModel: maybe(word),
  responseId: maybe(word),
  model: maybe(fc.record({ name: word, version: fc.integer({ min: 1, max: 999 }), alias: maybe(word) })),
  params: maybe(object),
  finishReasons: fc.array(word, { maxLength: 2 }),
  input: maybe(content),
  output: maybe(content),
  toolDefinitions: json,
  toolCall: maybe(fc.record({ id: maybe(word), name: word, arguments: json, result: json })),
  documents: fc.array(
    fc.record({ id: maybe(word), content: maybe(word), score: maybe(fc.integer()), metadata: json }),
    {
      maxLength: 2,
    },
  ),
  usage: maybe(
    fc.record({
      counts: fc.record({ inputUncached: count, outputText: count, requests: count }, { requiredKeys: [] }),
      source: fc.constantFrom('provider', 'emitter', 'gateway', 'estimated'),
    }),
  ),
  cost: maybe(fc.record({ totalNanoUsd: int64, byBucket: fc.record({ outputText: int64 }), priceId: word })),
  emitterCostNanoUsd: maybe(int64),
  sessionId: maybe(word),
  userId: maybe(word),
  environment: maybe(word),
  release: maybe(word),
  tags: fc.array(word, { maxLength: 2 }),
  metadata: fc.oneof(fc.constant({}), object),
  run: maybe(fc.record({ runId: word, exampleId: word, repetition: fc.nat({ max: 99 }) })),
  dialect: word,
  service: maybe(word),
  attributes: fc.oneof(fc.constant({}), object),
  // In order, and none twice, as a store gives them back.
  events: fc
    .uniqueArray(fc.record({ name: word, timeNs: uint64, attributes: object }), {
      maxLength: 2,
      selector: ({ timeNs }) => timeNs,
    })
    .map(sortEvents),
});
