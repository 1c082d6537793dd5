import type {
  CellStore,
  Clock,
  DatasetStore,
  EvaluationStore,
  ExampleStore,
  LiveFeed,
  Random,
  ReviewStore,
  RowAdder,
  ScoreStore,
  TraceQueries,
} from '@wheelhouse/core/ports';
import {
  type Filter,
  type Json,
  type ProjectId,
  type ReviewQueue,
  type SpanId,
  type TraceId,
  WheelhouseError,
} from '@wheelhouse/core/records';

/** What went into a trace and came out of it, and which of its spans says so. */
export type TraceRow = { input: Json; output: Json; traceId: TraceId; spanId: SpanId };

export type ReviewDeps = {
  review: ReviewStore;
  evaluations: Pick<EvaluationStore, 'get'>;
  cells: Pick<CellStore, 'measured' | 'ofRows' | 'rowsOf'>;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  queries: Pick<TraceQueries, 'list' | 'session' | 'sessions' | 'tracesOfSession'>;
  scores: Pick<ScoreStore, 'put' | 'remove'>;
  rows: RowAdder;
  /** Traces that are not there, or show no input, are left out. */
  traceRows(project: ProjectId, traces: TraceId[]): Promise<TraceRow[]>;
  /** null: it is not there, or shows no input. */
  spanRow(project: ProjectId, of: { traceId: TraceId; spanId: SpanId }): Promise<TraceRow | null>;
  readFilter(q: string): Filter;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
};

/** That are added at once. */
export const mostItems = 2_000;

/** So long an item is one person's. */
export const leaseMs = 15 * 60 * 1_000;

export async function findQueue(
  { review }: Pick<ReviewDeps, 'review'>,
  project: ProjectId,
  name: string,
): Promise<ReviewQueue> {
  const queue = await review.get(project, name);
  if (!queue)
    throw new WheelhouseError('not_found', `There is no review queue \`${name}\`.`, {
      hint: 'GET /api/v1/review/queues lists them.',
    });
  return queue;
}

/** Tells everybody who looks at the queue to look again. */
export const tellOfQueue = ({ feed }: Pick<ReviewDeps, 'feed'>, project: ProjectId, name: string) =>
  feed.publish({ type: 'review', project, name });

export function numberOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new WheelhouseError('not_found', `\`${text.slice(0, 80)}\` is no item; items have numbers.`);
}
