import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, ScoreStore, Selection, TraceQueries, TraceSummary, WholeSpans } from '@wheelhouse/core/ports';
import {
  type Actor,
  canonicalJson,
  inputTokens,
  type Json,
  outputTokens,
  type ProjectId,
  type Span,
  WheelhouseError,
  wholeToolCall,
} from '@wheelhouse/core/records';
import { createParquetStream, type ParquetColumn, type ParquetValue } from './parquet-writer.ts';
import { readFilter } from './read-filter.ts';
import { scoreBody, spanBody, traceSummaryBody } from './wire.ts';

/** `not_found`; `conflict` while it is not whole. */
export type StoredExports = (
  project: ProjectId,
  id: string,
) => Promise<{ traces: number; pieces: AsyncIterable<Uint8Array> }>;

export type ExportDeps = {
  queries: Pick<TraceQueries, 'list' | 'facets'>;
  spans: WholeSpans;
  scores: Pick<ScoreStore, 'ofTrace'>;
  clock: Clock;
  /** What an export wrote. */
  stored: StoredExports;
  /** Stands in Parquet files. */
  createdBy: string;
};
type Ask = Selection & { project: ProjectId };
/** Traces by the page, newest first. */
export type TracePages = AsyncIterable<TraceSummary[]>;
/** What the writers need. */
export type WriterDeps = Pick<ExportDeps, 'spans' | 'scores'>;

const tracesAtOnce = 100;

async function* tracesOf({ queries }: ExportDeps, { project, ...selection }: Ask): AsyncGenerator<TraceSummary[]> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<TraceQueries['list']>> = await queries.list(project, {
      ...selection,
      limit: tracesAtOnce,
      ...(cursor === null ? {} : { cursor }),
    });
    if (page.data.length > 0) yield page.data;
    cursor = page.next;
  } while (cursor !== null);
}

/** Every trace with its spans, in order; of a trace one span at a time, because a trace may be as large as a disk. */
async function* spansOf(
  deps: WriterDeps,
  project: ProjectId,
  pages: TracePages,
): AsyncGenerator<{ trace: TraceSummary; span: Span | null }> {
  for await (const traces of pages) {
    const waiting = [...traces];
    let trace: TraceSummary | null = null;
    const next = function* (until: string | null) {
      // A trace without spans, which somebody is removing, is told of all the same.
      while (waiting[0] && waiting[0].traceId !== until) {
        const [skipped] = waiting.splice(0, 1);
        if (skipped) yield { trace: skipped, span: null };
      }
    };
    const ids = traces.map(({ traceId }) => traceId);
    for await (const span of deps.spans.ofTraces(project, ids)) {
      if (span.traceId !== trace?.traceId) {
        yield* next(span.traceId);
        trace = waiting.shift() ?? null;
      }
      if (trace) yield { trace, span };
    }
    yield* next(null);
  }
}

/** A line a trace: `{trace, scores, spans}`, as the API shows them. */
export async function* jsonLines(deps: WriterDeps, project: ProjectId, pages: TracePages): AsyncGenerator<string> {
  let open: TraceSummary | null = null;
  let first = true;
  for await (const { trace, span } of spansOf(deps, project, pages)) {
    if (open?.traceId !== trace.traceId) {
      if (open !== null) yield ']}\n';
      const scores = await deps.scores.ofTrace(project, trace.traceId);
      const head = `{"trace":${JSON.stringify(traceSummaryBody(trace))},"scores":${JSON.stringify(scores.map(scoreBody))}`;
      yield `${head},"spans":[`;
      open = trace;
      first = true;
    }
    if (span === null) continue;
    yield `${first ? '' : ','}${JSON.stringify(spanBody(span))}`;
    first = false;
  }
  if (open !== null) yield ']}\n';
}

const jsonText = (value: unknown): string | null => (value === null ? null : canonicalJson(value as Json));
const model = ({ model }: Span): string | null => (model === null ? null : `${model.name}@${model.version}`);

type Column = ParquetColumn & { of(span: Span, trace: TraceSummary): ParquetValue };
const columns: readonly Column[] = [
  { name: 'trace_id', type: 'text', of: (span) => span.traceId },
  { name: 'span_id', type: 'text', of: (span) => span.spanId },
  { name: 'parent_span_id', type: 'text', of: (span) => span.parentSpanId },
  { name: 'trace_name', type: 'text', of: (_, trace) => trace.name },
  { name: 'name', type: 'text', of: (span) => span.name },
  { name: 'kind', type: 'text', of: (span) => span.kind },
  { name: 'start', type: 'time', of: (span) => span.startNs },
  { name: 'end', type: 'time', of: (span) => span.endNs },
  { name: 'latency_ns', type: 'int', of: (span) => (span.endNs === null ? null : span.endNs - span.startNs) },
  {
    name: 'first_token_ns',
    type: 'int',
    of: (span) => (span.firstTokenNs === null ? null : span.firstTokenNs - span.startNs),
  },
  { name: 'status', type: 'text', of: (span) => span.status },
  { name: 'status_message', type: 'text', of: (span) => span.statusMessage },
  { name: 'provider', type: 'text', of: (span) => span.provider },
  { name: 'request_model', type: 'text', of: (span) => span.requestModel },
  { name: 'response_model', type: 'text', of: (span) => span.responseModel },
  { name: 'model', type: 'text', of: model },
  { name: 'input', type: 'text', of: (span) => jsonText(span.input) },
  { name: 'output', type: 'text', of: (span) => jsonText(span.output) },
  {
    name: 'input_tokens',
    type: 'int',
    of: (span) => (span.usage === null ? null : BigInt(Math.round(inputTokens(span.usage)))),
  },
  {
    name: 'output_tokens',
    type: 'int',
    of: (span) => (span.usage === null ? null : BigInt(Math.round(outputTokens(span.usage)))),
  },
  { name: 'usage', type: 'text', of: (span) => jsonText(span.usage?.counts ?? null) },
  { name: 'cost_nano_usd', type: 'int', of: (span) => span.cost?.totalNanoUsd ?? null },
  { name: 'price_id', type: 'text', of: (span) => span.cost?.priceId ?? null },
  { name: 'tool_call', type: 'text', of: (span) => jsonText(wholeToolCall(span)) },
  { name: 'tool_definitions', type: 'text', of: (span) => jsonText(span.toolDefinitions) },
  { name: 'params', type: 'text', of: (span) => jsonText(span.params) },
  { name: 'session_id', type: 'text', of: (_, trace) => trace.sessionId },
  { name: 'user_id', type: 'text', of: (_, trace) => trace.userId },
  { name: 'environment', type: 'text', of: (_, trace) => trace.environment },
  { name: 'release', type: 'text', of: (_, trace) => trace.release },
  { name: 'service', type: 'text', of: (span) => span.service },
  { name: 'tags', type: 'text', of: (_, trace) => jsonText(trace.tags) },
  { name: 'trace_scores', type: 'text', of: (_, trace) => jsonText(trace.scores) },
  { name: 'metadata', type: 'text', of: (span) => jsonText(span.metadata) },
  { name: 'attributes', type: 'text', of: (span) => jsonText(span.attributes) },
];

const groupRows = 5_000;
const groupBytes = 16 << 20;

/** A row a span; what has parts is JSON text. */
async function* parquet(deps: ExportDeps, project: ProjectId, pages: TracePages): AsyncGenerator<Uint8Array> {
  const stream = createParquetStream(columns, deps.createdBy);
  let rows: ParquetValue[][] = [];
  let bytes = 0;
  for await (const { trace, span } of spansOf(deps, project, pages)) {
    if (span === null) continue;
    const row = columns.map((column) => column.of(span, trace));
    rows.push(row);
    for (const value of row) bytes += typeof value === 'string' ? value.length : 8;
    if (rows.length < groupRows && bytes < groupBytes) continue;
    yield stream.group(rows);
    rows = [];
    bytes = 0;
  }
  if (rows.length > 0) yield stream.group(rows);
  yield stream.end();
}

const formats = {
  jsonl: { type: 'application/x-ndjson', write: jsonLines },
  parquet: { type: 'application/vnd.apache.parquet', write: parquet },
} as const;

function formatOf(name: string): (typeof formats)[keyof typeof formats] & { name: string } {
  if (name === 'jsonl' || name === 'parquet') return { ...formats[name], name };
  throw new WheelhouseError('invalid_request', `\`${name.slice(0, 40)}\` is no format of an export.`, {
    param: 'format',
    hint: 'There are jsonl, a line a trace, and parquet, a row a span.',
  });
}

/** Writes what comes to a caller as fast as they read. */
async function send(res: ServerResponse, pieces: AsyncIterable<string | Uint8Array>): Promise<void> {
  const gone = new AbortController();
  res.once('close', () => gone.abort());
  try {
    for await (const piece of pieces) {
      if (gone.signal.aborted) return;
      if (!res.write(piece)) await once(res, 'drain', { signal: gone.signal });
    }
    res.end();
  } catch (error) {
    if (gone.signal.aborted) return;
    // The head is sent: a connection that breaks is the only way left to say that the file is not whole.
    res.destroy();
    throw error;
  }
}

const head = (format: { type: string; name: string }, traces: number) => ({
  'content-type': format.type,
  'content-disposition': `attachment; filename="traces.${format.name}"`,
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-wheelhouse-traces': String(traces),
});

/**
 * `GET /api/v1/traces/export?q=&format=`: everything that fits, whole, as fast as it is read; `?export=` gives what an
 * export wrote to the server's disk or bucket.
 */
export function createTraceExport(deps: ExportDeps) {
  return async (req: IncomingMessage, res: ServerResponse, { by }: { by: Actor }): Promise<void> => {
    const query = new URL(req.url ?? '/', 'http://localhost').searchParams;
    const id = query.get('export');
    if (id !== null) {
      const { traces, pieces } = await deps.stored(by.project, id);
      res.writeHead(200, head(formatOf('jsonl'), traces));
      return send(res, pieces);
    }
    const format = formatOf(query.get('format') ?? 'jsonl');
    const selection = { filter: readFilter(query.get('q') ?? ''), nowNs: deps.clock.now() };
    const { total } = await deps.queries.facets(by.project, { ...selection, fields: [], limit: 1 });
    res.writeHead(200, head(format, total));
    await send(res, format.write(deps, by.project, tracesOf(deps, { ...selection, project: by.project })));
  };
}
