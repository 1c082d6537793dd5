import type { SearchedTrace } from '@wheelhouse/core/ports';
import { allOf, anyOf, notOf } from '@wheelhouse/core/query';
import {
  type Filter,
  numberFields,
  type SpanKind,
  type SpanStatus,
  spanKinds,
  type TextField,
  type TextPattern,
  textFields,
} from '@wheelhouse/core/records';
import fc from 'fast-check';
import { freshTraceId } from './sample-spans.ts';

/** All sampled traces start within this minute and the one before. */
export const sampleNowNs = 1_800_000_000_000_000_000n;

/** Few values, so that filters meet traces; with what SQL, LIKE and the language could trip over. */
const words = [
  'a',
  'ab',
  'Ab',
  "it's",
  '50%',
  'x_y',
  'back\\slash',
  'say "hi"',
  'naïve 日本',
  'bot@2',
  'bot',
  'or',
  '-z',
];
const word = fc.constantFrom(...words);
const valuesOf: Partial<Record<TextField, readonly string[]>> = { status: ['ok', 'error', 'unset'], kind: spanKinds };

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const list = fc.uniqueArray(word, { maxLength: 3 });

const bigint = (most: bigint) => fc.bigInt({ min: 0n, max: most });

/** A summary such as a store could hold, with a trace id of its own. */
export const searchedTrace: fc.Arbitrary<SearchedTrace> = fc
  .record({
    name: word,
    kind: fc.constantFrom<SpanKind>(...spanKinds),
    startNs: bigint(119n).map((seconds) => sampleNowNs - seconds * 1_000_000_000n),
    duration: maybe(bigint(5_000_000_000n)),
    status: fc.constantFrom<SpanStatus>('unset', 'ok', 'error'),
    statusMessage: maybe(word),
    model: maybe(word),
    inputPreview: word,
    outputPreview: word,
    inputTokens: fc.nat({ max: 20 }),
    outputTokens: fc.nat({ max: 20 }),
    costNanoUsd: maybe(bigint(30_000_000n)),
    unpricedCalls: fc.nat({ max: 2 }),
    spanCount: fc.integer({ min: 1, max: 9 }),
    errorCount: fc.nat({ max: 3 }),
    sessionId: maybe(word),
    userId: maybe(word),
    service: maybe(word),
    environment: maybe(word),
    release: maybe(word),
    tags: list,
    models: list,
    providers: list,
    kinds: fc.uniqueArray(fc.constantFrom<string>(...spanKinds), { minLength: 1, maxLength: 3 }),
    tools: list,
    services: list,
    firstTokenNs: maybe(bigint(2_000_000_000n)),
    runId: maybe(fc.constantFrom('run_1', 'run_2')),
    dialect: word,
    text: fc.array(word, { maxLength: 5 }).map((found) => found.join(' ').toLowerCase()),
    scores: fc.uniqueArray(
      fc.record({
        name: fc.constantFrom('good', 'my score', 'tone'),
        value: fc.oneof(fc.integer({ min: -2, max: 2 }), fc.constantFrom(0.5, 0.25), fc.boolean(), word),
      }),
      { maxLength: 3, selector: ({ name }) => name },
    ),
  })
  .map(({ duration, ...trace }) => ({
    ...trace,
    models: [...new Set([...trace.models, ...(trace.model === null ? [] : [trace.model])])],
    traceId: freshTraceId(),
    endNs: duration === null ? null : trace.startNs + duration,
    scores: trace.scores.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  }));

const pattern = (values: readonly string[]): fc.Arbitrary<TextPattern> => {
  const piece = fc.oneof(
    fc.constantFrom(...values),
    fc.constantFrom(...values).map((value) => value.slice(0, 2)),
    fc.constant(''),
  );
  return fc
    .tuple(piece, fc.array(fc.constantFrom(...values), { maxLength: 1 }), piece, fc.boolean())
    .map(([head, middle, tail, gaps]): TextPattern => (gaps ? [head, ...middle, tail] : [head]));
};
const someOf = <T>(items: fc.Arbitrary<T>) => fc.array(items, { minLength: 1, maxLength: 3 });
const op = fc.constantFrom('>' as const, '>=' as const, '<' as const, '<=' as const);
const scoreName = fc.constantFrom(null, 'good', 'my score', 'tone', 'a:b');
const moment = bigint(130n).map((seconds) => sampleNowNs - seconds * 1_000_000_000n);

const condition: fc.Arbitrary<Filter> = fc.oneof(
  fc.record({
    type: fc.constant('words' as const),
    text: fc.oneof(
      word,
      word.map((text) => text.slice(1)),
    ),
  }),
  fc.constantFrom(...textFields.filter((field) => field !== 'trace')).chain((field) =>
    fc.record({
      type: fc.constant('is' as const),
      field: fc.constant(field),
      patterns: someOf(
        valuesOf[field]
          ? fc.constantFrom(...valuesOf[field]).map((value): TextPattern => [value])
          : pattern(field === 'run' ? ['run_1', 'run_2'] : words),
      ),
    }),
  ),
  fc.record({
    type: fc.constant('compare' as const),
    field: fc.constantFrom(...numberFields),
    op,
    value: fc.oneof(
      bigint(20n),
      bigint(30n).map((n) => n * 1_000_000n),
    ),
  }),
  fc.record({
    type: fc.constant('equals' as const),
    field: fc.constantFrom(...numberFields),
    values: someOf(bigint(20n)),
  }),
  fc.record({
    type: fc.constant('score' as const),
    name: scoreName,
    op,
    value: fc.constantFrom(-1, 0, 0.25, 0.5, 1, 1e-7),
  }),
  fc.record({
    type: fc.constant('scored' as const),
    name: scoreName,
    patterns: fc.array(pattern([...words, '0.5', 'true', '-2']), { maxLength: 2 }),
  }),
  fc.record({ type: fc.constant('has' as const), field: fc.constantFrom(...textFields, ...numberFields) }),
  fc.record({ type: fc.constant('last' as const), ns: bigint(130n).map((seconds) => seconds * 1_000_000_000n) }),
  fc.record({ type: fc.constantFrom('since' as const, 'until' as const), ns: moment }),
);

/** Filters as the parser makes them. */
export const sampleFilter: fc.Arbitrary<Filter> = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    { weight: 4, arbitrary: condition },
    { weight: 1, arbitrary: tie('filter').map(notOf) },
    { weight: 2, arbitrary: fc.tuple(tie('filter'), tie('filter')).map(allOf) },
    { weight: 2, arbitrary: fc.tuple(tie('filter'), tie('filter')).map(anyOf) },
  ),
})).filter;
