import {
  type AbuseCall,
  contentText,
  inputTokens,
  judgeTag,
  nanosToMs,
  outputTokens,
  type Span,
} from '@wheelhouse/core/records';
import { findAbuse } from '@wheelhouse/core/text';
import { wordHashes } from '@wheelhouse/core/watch';

/** Of a trace with more questions the first are read. */
const mostTexts = 20;
const mostFound = 200;

/** What a user asked in a span; null: it is no question, or a step of an agent that goes on after what a tool said. */
function askedIn({ input }: Span): string | null {
  if (input === null) return null;
  if (input.type === 'messages' && input.messages.at(-1)?.role !== 'user') return null;
  const text = contentText(input, 'input');
  return text === '' ? null : text;
}

const isOurs = (span: Span) =>
  span.run !== null || span.tags.includes(judgeTag) || span.attributes['wheelhouse.origin'] === 'shadow';

/** What is kept of a trace; null: it names no user, or nobody but Wheelhouse itself made it. */
export function callOf(spans: readonly Span[]): AbuseCall | null {
  const ordered = spans.toSorted((a, b) => (a.startNs === b.startNs ? 0 : a.startNs < b.startNs ? -1 : 1));
  const [first] = ordered;
  const user = ordered.find(({ userId }) => userId !== null && userId !== '')?.userId ?? null;
  if (first === undefined || user === null || ordered.some(isOurs)) return null;
  const texts = [...new Set(ordered.flatMap((span) => askedIn(span) ?? []))].slice(0, mostTexts);
  const signals = { injection: 0, extraction: 0, probing: 0 };
  const found = new Set<string>();
  for (const text of texts)
    for (const { kind, strength, by } of findAbuse(text)) {
      signals[kind] = Math.max(signals[kind], strength);
      found.add(by);
    }
  const costs = ordered.flatMap(({ cost }) => cost?.totalNanoUsd ?? []);
  return {
    ...{ traceId: first.traceId, user, atMs: Math.floor(nanosToMs(first.startNs)), signals },
    found: [...found].join('; ').slice(0, mostFound),
    words: wordHashes(texts[0] ?? ''),
    costNanoUsd: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0n),
    tokens: ordered.reduce(
      (sum, { usage }) => sum + (usage === null ? 0 : inputTokens(usage) + outputTokens(usage)),
      0,
    ),
  };
}
