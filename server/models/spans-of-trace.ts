import type { CancelSignal, WholeSpans } from '@wheelhouse/core/ports';
import { type ProjectId, type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';

/** Waits between looks, in milliseconds: a span is stored some time after its call was answered. */
const waitsMs = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

type SpansDeps = {
  spans: Pick<WholeSpans, 'ofTraces'>;
  /** Rejects with the signal's reason when it aborts. */
  sleep(ms: number, signal: CancelSignal): Promise<void>;
};

/** Its root is there, and nothing in it is still running. */
function isWhole(spans: readonly Span[]): boolean {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const lost = spans.filter(({ parentSpanId }) => parentSpanId !== null && !ids.has(parentSpanId));
  return spans.length > lost.length && lost.length === 0 && spans.every(({ endNs }) => endNs !== null);
}

/**
 * All spans of a trace, as soon as they are stored.
 * @throws WheelhouseError `not_found` when a part of it is still missing after a while
 */
export const createSpansOfTrace =
  ({ spans, sleep }: SpansDeps) =>
  async (project: ProjectId, traceId: TraceId, signal: CancelSignal): Promise<Span[]> => {
    for (const waitMs of [...waitsMs, null]) {
      const found: Span[] = [];
      for await (const span of spans.ofTraces(project, [traceId])) found.push(span);
      if (isWhole(found)) return found;
      if (waitMs !== null) await sleep(waitMs, signal);
    }
    throw new WheelhouseError('not_found', `Trace ${traceId} was not stored whole in time.`);
  };
