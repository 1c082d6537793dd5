import type { ParsedBody } from '@wheelhouse/core/contract';
import type { SpanStore } from '@wheelhouse/core/ports';
import {
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
import type { IncomingRow } from './keep-rows.ts';

type Given = ParsedBody<'addExamples'>['examples'][number];
type Prepared = IncomingRow;
type SpanReader = Pick<SpanStore, 'span'>;

/** Spans that are read at one time when many become examples. */
const spansAtOnce = 16;

/**
 * The content that a request describes; an expected value that was left out is null.
 * @throws WheelhouseError `invalid_request` without input
 */
export function contentOfBody(body: {
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

async function prepare(spans: SpanReader, project: ProjectId, given: Given): Promise<Omit<Prepared, 'at'>> {
  const labels = {
    ...(given.tags && { tags: given.tags }),
    ...(given.weight !== undefined && { weight: given.weight }),
    ...(given.split !== undefined && { split: given.split }),
  };
  if (!('from' in given)) return { ...contentOfBody(given), ...labels };
  const span = await findSpan(spans, project, given.from);
  const { input, output } = exampleFromSpan(span);
  const expected = given.expected === undefined ? output : given.expected;
  return {
    ...contentOfBody({ input, expected, metadata: given.metadata }),
    ...labels,
    source: { traceId: span.traceId, spanId: span.spanId },
  };
}

/** New examples as rows, in their order, from 1; contents of those of spans are read from there. */
export async function prepareExamples(
  spans: SpanReader,
  project: ProjectId,
  given: readonly Given[],
): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (let at = 0; at < given.length; at += spansAtOnce) {
    const some = given.slice(at, at + spansAtOnce).map((one) => prepare(spans, project, one));
    for (const row of await Promise.all(some)) prepared.push({ ...row, at: prepared.length + 1 });
  }
  return prepared;
}
