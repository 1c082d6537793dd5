import type { SessionDetailBody } from '@wheelhouse/core/contract';
import type { SpanStore, SpanSummary, TraceSummary } from '@wheelhouse/core/ports';
import type { Content, ProjectId, Span } from '@wheelhouse/core/records';
import { cappedContent } from './cap-span.ts';
import { traceSummaryBody } from './wire.ts';

/** Characters of a side of a turn; the trace has the rest. */
const turnCap = 20_000;

/** Applications resend their history: what is new in a turn stands after the last answer. */
export function newIn(content: Content | null): Content | null {
  if (content?.type !== 'messages') return content;
  const { messages } = content;
  const fresh = messages.slice(messages.findLastIndex(({ role }) => role === 'assistant') + 1);
  return { type: 'messages', messages: fresh.length > 0 ? fresh : messages.slice(-1) };
}

const messagesIn = (content: Content | null): number => (content?.type === 'messages' ? content.messages.length : 0);

/** @param shown the end of that side of the span */
const cappedSide = (span: Span, side: 'input' | 'output', shown: Content | null) =>
  cappedContent(shown, turnCap, { span, side, from: messagesIn(span[side]) - messagesIn(shown) });

/** The span that nothing of the trace stands above, the earliest of them. */
function rootOf(spans: readonly SpanSummary[]): SpanSummary | undefined {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId)) ?? spans[0];
}

/** What a trace was asked and what it answered: its root, and where that says nothing its first and last generation. */
export async function turnOf(
  store: Pick<SpanStore, 'spansOfTrace' | 'span'>,
  project: ProjectId,
  trace: TraceSummary,
): Promise<SessionDetailBody['turns'][number]> {
  const spans = await store.spansOfTrace(project, trace.traceId);
  const generations = spans.filter(({ kind }) => kind === 'generation');
  const read = new Map<string, Promise<Span | null>>();
  const whole = (summary: SpanSummary | undefined): Promise<Span | null> => {
    if (!summary) return Promise.resolve(null);
    const found = read.get(summary.spanId) ?? store.span(project, trace.traceId, summary.spanId);
    read.set(summary.spanId, found);
    return found;
  };
  const root = await whole(rootOf(spans));
  const asked = root?.input ? root : await whole(generations[0]);
  const answered = root?.output ? root : await whole(generations.at(-1));
  return {
    trace: traceSummaryBody(trace),
    input: asked && cappedSide(asked, 'input', newIn(asked.input)),
    output: answered && cappedSide(answered, 'output', answered.output),
  };
}
