import { type Content, contentText, type Json, type JsonObject, type NanoUsd, type Span } from '../records/index.ts';
import type { ScoringTarget } from './scorer-kind.ts';

const inOrder = (spans: readonly Span[]) =>
  spans.toSorted((a, b) => (a.startNs < b.startNs ? -1 : a.startNs > b.startNs ? 1 : 0));

/** The first span whose parent is not among them. */
function rootOf(spans: readonly Span[]): Span | null {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId)) ?? null;
}

/** The root's own; else, where its reporter left it out, what the first or last conversation below it has. */
function contentOf(spans: readonly Span[], side: 'input' | 'output'): Content | null {
  const own = rootOf(spans)?.[side] ?? null;
  if (own !== null) return own;
  const generations = spans.filter((span) => span.kind === 'generation' && span[side] !== null);
  return (side === 'input' ? generations[0] : generations.at(-1))?.[side] ?? null;
}

const inputOf = (spans: readonly Span[]): Json => {
  const content = contentOf(spans, 'input');
  return content?.type === 'json' ? content.value : contentText(content, 'input');
};
const outputOf = (spans: readonly Span[]) => contentText(contentOf(spans, 'output'), 'output');

/** From the first start to the last end; null while something is still running. */
function latencyOf(spans: readonly Span[]): bigint | null {
  let [start, end]: [bigint | null, bigint] = [null, 0n];
  for (const span of spans) {
    if (span.endNs === null) return null;
    if (start === null || span.startNs < start) start = span.startNs;
    if (span.endNs > end) end = span.endNs;
  }
  return start === null ? null : end - start;
}

/** Of all calls with a price; null: none has one. */
function costOf(spans: readonly Span[]): NanoUsd | null {
  const known = spans.flatMap(({ cost }) => cost?.totalNanoUsd ?? []);
  return known.length === 0 ? null : known.reduce((sum, cost) => sum + cost, 0n);
}

type Given = { expected: Json; metadata: JsonObject };

/** A whole trace to score: what went into its root and what came out of it. */
export function traceTarget(spans: readonly Span[], { expected, metadata }: Given): ScoringTarget {
  const ordered = inOrder(spans);
  return {
    ...{ input: inputOf(ordered), output: outputOf(ordered), expected },
    metadata: { ...rootOf(ordered)?.metadata, ...metadata },
    ...{ latencyNs: latencyOf(ordered), costNanoUsd: costOf(ordered), spans: async () => ordered },
  };
}

/**
 * A session to score, its traces in any order: the input is the conversation up to the last answer, the output that
 * answer; time is what was waited for in all, money the sum.
 */
export function sessionTarget(traces: readonly (readonly Span[])[], { expected, metadata }: Given): ScoringTarget {
  const whole = traces.filter((spans) => spans.length > 0).map(inOrder);
  const ordered = whole.toSorted((a, b) => ((a[0]?.startNs ?? 0n) < (b[0]?.startNs ?? 0n) ? -1 : 1));
  const turns = ordered.map((spans) => traceTarget(spans, { expected: null, metadata: {} }));
  const messages = turns.flatMap(({ input, output }) => [
    { role: 'user', content: typeof input === 'string' ? input : JSON.stringify(input) },
    { role: 'assistant', content: output },
  ]);
  const spans = ordered.flat();
  const times = turns.map(({ latencyNs }) => latencyNs);
  const isOver = times.every((time) => time !== null);
  return {
    ...{ input: messages.slice(0, -1), output: turns.at(-1)?.output ?? '', expected, metadata },
    latencyNs: isOver && times.length > 0 ? times.reduce<bigint>((sum, time) => sum + (time ?? 0n), 0n) : null,
    ...{ costNanoUsd: costOf(spans), spans: async () => spans },
  };
}
