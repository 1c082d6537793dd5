import type { Client, SpanSummaryBody } from '@wheelhouse/sdk';

type Source = { traceId: string; spanId: string };

const isRoot = (spans: SpanSummaryBody[]) => {
  const ids = new Set(spans.map((span) => span.spanId));
  return (span: SpanSummaryBody) => span.parentSpanId === null || !ids.has(span.parentSpanId);
};

/** The span that an example is made of: the root if it says what went in, else the first generation. */
export async function exampleSource(client: Client, traceId: string): Promise<Source> {
  const { spans } = await client.call('getTrace', { params: { traceId } });
  const root = spans.find(isRoot(spans));
  const generation = spans.find((span) => span.kind === 'generation');
  if (!root) throw new Error('This trace has no spans yet.');
  if (!generation || generation.spanId === root.spanId) return { traceId, spanId: root.spanId };
  const detail = await client.call('getSpan', { params: { traceId, spanId: root.spanId } });
  return { traceId, spanId: detail.input === null ? generation.spanId : root.spanId };
}
