import type { WholeSpans } from '@wheelhouse/core/ports';
import { type ProjectId, type Span, type TraceId, WheelhouseError } from '@wheelhouse/core/records';
import { exampleFromSpan } from './example-from-span.ts';
import type { RowsRead } from './job-ledger.ts';
import type { IncomingRow } from './keep-rows.ts';

/** The span that an example is made of: the root if it says what went in, else the first generation that does. */
function sourceOf(spans: readonly Span[]): Span | null {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const root = spans.find(({ parentSpanId }) => parentSpanId === null || !ids.has(parentSpanId));
  if (root && root.input !== null) return root;
  return spans.find(({ kind, input }) => kind === 'generation' && input !== null) ?? null;
}

type Wanted = { traces: readonly TraceId[]; expected: boolean; tags: string[]; from: number };

function rowOf(span: Span, { expected, tags }: Wanted, at: number): IncomingRow | string {
  try {
    const { input, output } = exampleFromSpan(span);
    const source = { traceId: span.traceId, spanId: span.spanId };
    return { at, input, expected: expected ? output : null, metadata: {}, tags, source };
  } catch (error) {
    if (!(error instanceof WheelhouseError)) throw error;
    return error.message;
  }
}

/** Rows of traces, in their order, and which traces cannot become one; `from` numbers the first. */
export async function rowsOfTraces(spans: WholeSpans, project: ProjectId, wanted: Wanted): Promise<RowsRead> {
  const { traces, from } = wanted;
  const rowsByTrace = new Map<TraceId, IncomingRow | string>();
  const atOf = new Map(traces.map((id, i) => [id, from + i]));
  let open: Span[] = [];
  const close = () => {
    const [first] = open;
    if (!first) return;
    const source = sourceOf(open);
    const at = atOf.get(first.traceId) ?? from;
    rowsByTrace.set(first.traceId, source === null ? 'No span of it shows an input.' : rowOf(source, wanted, at));
    open = [];
  };
  for await (const span of spans.ofTraces(project, [...traces])) {
    if (open[0] && open[0].traceId !== span.traceId) close();
    open.push(span);
  }
  close();
  const rows: IncomingRow[] = [];
  const refused: RowsRead['refused'] = [];
  for (const id of traces) {
    const made = rowsByTrace.get(id) ?? 'There is no such trace.';
    if (typeof made === 'string') refused.push({ at: atOf.get(id) ?? from, error: `Trace ${id}: ${made}` });
    else rows.push(made);
  }
  return { rows, refused };
}
