import { readFileSync } from 'node:fs';
import { defaultProjectId, type Span } from '@wheelhouse/core/records';
import { normalizeSpan, readLogs, renormalizeSpan } from '@wheelhouse/core/trace';
import { describe, expect, it } from 'vitest';
import { foldSpan } from '../../testing/fakes/fold-span.ts';
import { decodeTraces } from './otlp.ts';
import { decodeLogs } from './otlp-logs.ts';

const fixtures = new URL('../../testing/fixtures/otlp/', import.meta.url);

/** Every export of a real client; what its spans must become stands beside it in `golden`, and is read by people. */
const exports = [
  'ai-sdk-7-legacy.traces.json',
  'ai-sdk-7-otel.traces.json',
  'langfuse-otel-5.traces.json',
  'langsmith-otel-0.10.traces.bin',
  'openinference-openai-4.2-1.traces.bin',
  'openinference-openai-4.2-2.traces.bin',
  'openinference-openai-4.2-3.traces.bin',
  'otel-instrumentation-openai-0.22.traces.json',
  'python-langgraph.traces.json',
  'python-mlflow.traces.json',
  'python-openinference.traces.json',
  'python-traceloop.traces.json',
  'traceloop-0.27-batched.traces.bin',
];

/** Spans with what was said in log records, as [spans, logs]. */
const joined: [string, string[]][] = [
  [
    'otel-instrumentation-openai-0.22.traces.json',
    [1, 2, 3, 4].map((n) => `otel-instrumentation-openai-0.22-${n}.logs.json`),
  ],
  ['python-opentelemetry.traces.json', ['python-opentelemetry.logs.json']],
];

function bodyOf(file: string): [Uint8Array, 'json' | 'protobuf'] {
  const bytes = readFileSync(new URL(file, fixtures));
  if (!file.endsWith('.json')) return [bytes, 'protobuf'];
  return [Buffer.from(JSON.stringify(JSON.parse(bytes.toString('utf8')).body)), 'json'];
}

function fragmentsOf(file: string): Span[] {
  const { records, rejected } = decodeLogs(...bodyOf(file));
  const { spans, unread } = readLogs(records, defaultProjectId);
  expect([rejected, unread]).toEqual([[], []]);
  return spans;
}

function spansOf(file: string): Span[] {
  const { spans, rejected } = decodeTraces(...bodyOf(file));
  expect(rejected).toEqual([]);
  return spans.map((span) => normalizeSpan(span, defaultProjectId));
}

/** What is read of a span: without what is kept as it came, and without fields that say nothing. */
function golden(span: Span): object {
  const { attributes: _, events: __, projectId: ___, normalizer: ____, ...fields } = span;
  const blank = (value: unknown) => value === null || (typeof value === 'object' && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => !blank(value)));
}

const writeBigint = (_: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

describe('what real clients send becomes one normal form', () => {
  it.each(exports)('%s', async (file) => {
    const text = JSON.stringify(spansOf(file).map(golden), writeBigint, 2);
    await expect(`${text}\n`).toMatchFileSnapshot(new URL(`golden/${file}.json`, fixtures).pathname);
  });

  it.each(joined)('%s, with its log records, in any order', async (file, logs) => {
    const spans = spansOf(file);
    const fragments = logs.flatMap(fragmentsOf);
    const fold = (span: Span) => {
      const own = fragments.filter(({ spanId }) => spanId === span.spanId);
      const folded = foldSpan([span, ...own]);
      for (const others of [own.toReversed(), [...own, ...own]]) {
        const [first = span, ...rest] = others;
        expect(foldSpan([first, ...rest, span])).toEqual(folded);
      }
      return folded;
    };
    const text = JSON.stringify(spans.map(fold).map(golden), writeBigint, 2);
    await expect(`${text}\n`).toMatchFileSnapshot(new URL(`golden/joined/${file}.json`, fixtures).pathname);
  });

  it.each(exports)('%s reads the same from what is stored of it', (file) => {
    const spans = spansOf(file);
    expect(spans.map(renormalizeSpan)).toEqual(spans);
  });
});
