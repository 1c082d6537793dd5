import type { ParsedBody } from '@wheelhouse/core/contract';
import type { SpanStore } from '@wheelhouse/core/ports';
import {
  type Example,
  type ExampleContent,
  type Json,
  type JsonObject,
  type ProjectId,
  parseSpanId,
  parseTraceId,
  type Span,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { exampleFromSpan } from './example-from-span.ts';

type Given = ParsedBody<'addExamples'>['examples'][number];
type Prepared = { content: ExampleContent; source: Example['source'] };
type SpanReader = Pick<SpanStore, 'span'>;

/** Spans that are read at one time when many become examples. */
const spansAtOnce = 16;

/**
 * The content that a request describes; an expected value that was left out is null.
 * @throws WheelhouseError `invalid_request` without input
 */
export function contentOf(body: {
  input?: unknown;
  expected?: unknown;
  metadata: Record<string, unknown>;
}): ExampleContent {
  if (body.input === undefined)
    throw new WheelhouseError('invalid_request', 'An example needs an `input`.', {
      param: 'input',
      hint: 'Send text, `{messages}` or an object of variables as `input`, or the span to take it from as `from`.',
    });
  return {
    input: body.input as Json,
    expected: (body.expected ?? null) as Json,
    metadata: body.metadata as JsonObject,
  };
}

async function findSpan(
  spans: SpanReader,
  project: ProjectId,
  from: { traceId: string; spanId: string },
): Promise<Span> {
  const [traceId, spanId] = [parseTraceId(from.traceId), parseSpanId(from.spanId)];
  const span = traceId && spanId ? await spans.span(project, traceId, spanId) : null;
  if (!span)
    throw new WheelhouseError('not_found', `Trace ${from.traceId} has no span ${from.spanId}.`, {
      param: 'from',
      hint: 'GET /api/v1/traces/{traceId} lists the spans of a trace; the newest take a moment to arrive.',
    });
  return span;
}

async function prepare(spans: SpanReader, project: ProjectId, given: Given): Promise<Prepared> {
  if (!('from' in given)) return { content: contentOf(given), source: null };
  const span = await findSpan(spans, project, given.from);
  const { input, output } = exampleFromSpan(span);
  const expected = given.expected === undefined ? output : given.expected;
  return {
    content: contentOf({ input, expected, metadata: given.metadata }),
    source: { traceId: span.traceId, spanId: span.spanId },
  };
}

/** Contents and sources of new examples, in their order; those of spans are read from there. */
export async function prepareExamples(
  spans: SpanReader,
  project: ProjectId,
  given: readonly Given[],
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (let at = 0; at < given.length; at += spansAtOnce)
    prepared.push(...(await Promise.all(given.slice(at, at + spansAtOnce).map((one) => prepare(spans, project, one)))));
  return prepared;
}
