import { type Span, spanKinds } from '@wheelhouse/core/records';
import fc from 'fast-check';
import { bareSpan, freshTraceId, noonNs, says, spanIdOf } from './sample-spans.ts';

const few = <T>(...values: T[]) => fc.constantFrom<T | null>(...values, null);
const name = fc.constantFrom('answer', 'look up', 'plan');
const minuteNs = 60_000_000_000n;

/** What one report says of a span, small enough that spans of a trace have things in common. */
const saying: fc.Arbitrary<Partial<Span>> = fc.record({
  name,
  kind: fc.oneof(fc.constant('generation' as const), fc.constantFrom(...spanKinds)),
  startNs: fc.oneof(
    fc.bigInt({ min: 0n, max: 5n }).map((n) => noonNs + n),
    // Minutes and hours apart.
    fc.bigInt({ min: 0n, max: 80n }).map((n) => noonNs + n * minuteNs),
  ),
  endNs: fc.option(
    fc.bigInt({ min: 0n, max: 1n << 40n }).map((n) => noonNs + n),
    { nil: null },
  ),
  firstTokenNs: fc.option(
    fc.bigInt({ min: 0n, max: 1n << 36n }).map((n) => noonNs + n),
    { nil: null },
  ),
  status: fc.constantFrom('unset', 'ok', 'error'),
  statusMessage: few('broken'),
  provider: few('sim', 'openai'),
  requestModel: few('echo', 'sim/echo', 'gpt'),
  responseModel: few('echo-1', 'gpt-1'),
  responseId: few('r1', 'r2'),
  model: few({ name: 'support-bot', version: 2, alias: null }, { name: 'writer', version: 1, alias: 'production' }),
  toolCall: few(
    { id: null, name: 'search', arguments: {}, result: null },
    { id: null, name: 'mail', arguments: {}, result: 1 },
  ),
  input: few(says('user', 'Where is my PARCEL?'), says('user', `long ${'kettle '.repeat(60)}`), says('system', '')),
  output: few(says('assistant', 'Here it is.'), { type: 'json', value: { found: ['it'] } }),
  usage: few(
    { counts: { inputUncached: 10, cacheRead: 5, outputText: 3, requests: 1 }, source: 'provider' as const },
    { counts: { inputUncached: 7, reasoning: 2 }, source: 'gateway' as const },
  ),
  cost: few({ totalNanoUsd: 11n, byBucket: {}, priceId: 'p' }, { totalNanoUsd: 1n << 60n, byBucket: {}, priceId: 'q' }),
  sessionId: few('s1', 's2'),
  userId: few('ada', 'bob'),
  environment: few('production', 'test'),
  release: few('1', '2'),
  tags: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
  run: few({ runId: 'run_1', exampleId: 'ex_1', repetition: 0 }),
  dialect: fc.constantFrom('otel', 'gateway'),
  service: few('shop', 'desk'),
  reportedNs: fc.constantFrom(0n, 1n),
});

const place = fc.record({ at: fc.nat({ max: 5 }), parent: few(0, 1, 2, 3, 4, 5, 9) });

/** Fragments of the spans of one new trace, in the order of their coming; parents may be elsewhere, or form a ring. */
export const sampleTrace: fc.Arbitrary<Span[]> = fc
  .array(fc.tuple(place, saying), { minLength: 1, maxLength: 9 })
  .map((fragments) => {
    const traceId = freshTraceId();
    return fragments.map(([{ at, parent }, said]) =>
      bareSpan(traceId, spanIdOf(at), { ...said, parentSpanId: parent === null ? null : spanIdOf(parent) }),
    );
  });
