import { refusalReasons, type Span } from './span.ts';

/** What the spans of a trace tell that its line in lists does not. */
export type TraceFacts = {
  /** Calls of each tool, by its name. */
  tools: Record<string, number>;
  /** By which finish reason the first of its calls was refused; null: none was. */
  refusal: string | null;
  /** What its retrievers found, in the order in which they began, or what the last reranker left of it; null: it has none. */
  retrieved: {
    /** How many documents. */ count: number /** Of those that have one, in their order. */;
    scores: number[];
  } | null;
};

export type FactSpan = Pick<Span, 'kind' | 'startNs' | 'spanId' | 'finishReasons' | 'documents'> & {
  /** The tool that it called; null: it called none. */
  tool: string | null;
};

const earlierFirst = (a: FactSpan, b: FactSpan) =>
  a.startNs < b.startNs || (a.startNs === b.startNs && a.spanId < b.spanId) ? -1 : 1;

/** What the spans of one trace tell, in whatever order they come. */
export function traceFactsOf(spans: readonly FactSpan[]): TraceFacts {
  const sorted = spans.toSorted(earlierFirst);
  const tools: Record<string, number> = {};
  for (const { tool } of sorted) if (tool !== null) tools[tool] = (tools[tool] ?? 0) + 1;
  const reasons = sorted.flatMap(({ finishReasons }) => finishReasons);
  const reranked = sorted.findLast(({ kind, documents }) => kind === 'reranker' && documents.length > 0);
  const looked = reranked ? [reranked] : sorted.filter(({ kind }) => kind === 'retriever');
  const documents = looked.flatMap((span) => span.documents);
  return {
    tools,
    refusal: reasons.find((reason) => refusalReasons.includes(reason)) ?? null,
    retrieved:
      looked.length === 0
        ? null
        : { count: documents.length, scores: documents.flatMap(({ score }) => (score === null ? [] : [score])) },
  };
}
