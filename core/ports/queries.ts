import type { Filter, Measures, Nanos, NanoUsd, ProjectId, Span, TextField, TraceId } from '../records/index.ts';
import type { TraceSummary } from './stores.ts';

/** A summary with what searching needs beside it. */
export type SearchedTrace = TraceSummary & {
  services: string[];
  /** Lower-case text of name, input and output, as far as it is searched. */
  text: string;
};

/** Which traces; `nowNs` is what `last` counts from. Traces of evaluations are left out unless the filter names `run`. */
export type Selection = { filter: Filter; nowNs: Nanos };
type Page = { limit: number /** The `next` of the page before. */; cursor?: string };
type Paged<T> = { data: T[]; next: string | null };

export type Facet = { field: TextField; values: { value: string; count: number }[]; more: boolean };

export type SeriesAsk = Selection & {
  of: 'traces' | 'calls';
  /** A field, or the newest score of a name, of traces only. */
  by?: SeriesGrouping;
  /** Seconds; about 60 buckets when left out. */
  step?: number;
  /** Traces only. */
  score?: string;
  /** So many series at most; what is left is one more. */
  groups: number;
  /** Traces only: with {@link Measures.spread}, which reads them one by one. */
  spread?: boolean;
  /** Traces only: also how many of them fit this. */
  counted?: Filter;
};
/** Values of a score are its text; a trace without it has the value ''. */
export type SeriesGrouping = TextField | { score: string };
export type Series = {
  of: 'traces' | 'calls';
  step: number;
  fromNs: Nanos;
  untilNs: Nanos;
  groups: {
    value: string | null;
    rest: boolean;
    total: Measures;
    buckets: (Measures & { startNs: Nanos })[];
  }[];
};

type Activity = {
  firstNs: Nanos;
  lastNs: Nanos;
  traces: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  costNanoUsd: NanoUsd | null;
  unpriced: number;
};
export type SessionSummary = Activity & {
  sessionId: string;
  users: string[];
  models: string[];
  inputPreview: string;
  outputPreview: string;
};
export type UserSummary = Activity & { userId: string; sessions: number };

/** Reads of many traces at once. All but `calls` and `sql` read the summaries, which follow the spans within a moment. */
export type TraceQueries = {
  /** Newest first; a page is not moved by traces that come meanwhile. */
  list(project: ProjectId, ask: Selection & Page): Promise<Paged<TraceSummary>>;
  /** In no promised order; without those that have no summary yet. */
  searched(project: ProjectId, ids: TraceId[]): Promise<SearchedTrace[]>;
  facets(
    project: ProjectId,
    ask: Selection & { fields: TextField[]; limit: number },
  ): Promise<{ total: number; facets: Facet[] }>;
  /** Rejects with `invalid_request` when the filter or `by` asks for what minutes of calls do not keep. */
  series(project: ProjectId, ask: SeriesAsk): Promise<Series>;
  /** Those with a trace that fits, counted over all their traces; newest first. */
  sessions(project: ProjectId, ask: Selection & Page): Promise<Paged<SessionSummary>>;
  session(project: ProjectId, id: string): Promise<SessionSummary | null>;
  /** Oldest first. */
  tracesOfSession(project: ProjectId, id: string, page: Page): Promise<Paged<TraceSummary>>;
  users(project: ProjectId, ask: Selection & Page): Promise<Paged<UserSummary>>;
};

export type SqlColumn = { name: string; type: string };
export type SqlAnswer = { columns: SqlColumn[]; rows: unknown[][]; truncated: boolean };

/** SQL of users: one SELECT that sees the project and nothing else, within bounds of time, memory and rows. */
export type SqlReader = {
  /** Rejects with `sql_refused` when it is more than that, or goes beyond the bounds, and says why. */
  query(project: ProjectId, sql: string, options: { limit: number }): Promise<SqlAnswer>;
};

/** Spans with everything in them, of many traces, in bounded memory. */
export type WholeSpans = {
  /** Trace by trace in the given order, and by start within each. */
  ofTraces(project: ProjectId, ids: TraceId[]): AsyncIterable<Span>;
};
