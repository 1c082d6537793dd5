import type { Clock, LiveFeed } from '@wheelhouse/core/ports';
import type { ProjectId, TraceId } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import { rowsOfTraces } from './datasets/index.ts';
import { createReviewFeed, type TraceRow } from './review/index.ts';
import type { Stores } from './stores/open-stores.ts';
import { startStandingFilters } from './traces/index.ts';

/** What went into traces and came out of them; those that show no input are left out. */
export const traceRowsOf =
  ({ wholeSpans }: Pick<Stores['telemetry'], 'wholeSpans'>) =>
  async (project: ProjectId, traces: TraceId[]): Promise<TraceRow[]> => {
    const { rows } = await rowsOfTraces(wholeSpans, project, { traces, expected: true, tags: [], from: 1 });
    return rows.flatMap(({ input, expected: output, source }) => (source ? [{ input, output, ...source }] : []));
  };

type Parts = Pick<Stores, 'records' | 'telemetry'> & { feed: LiveFeed; clock: Clock; log: Logger };

/** Lets traces that fit the rules of review queues go into them as they come; gives what ends it. */
export function startReviewRules({ records, telemetry, feed, clock, log }: Parts): () => void {
  const filled = createReviewFeed({ review: records.review, traceRows: traceRowsOf(telemetry), feed });
  return startStandingFilters({ queries: telemetry.queries, feed, clock, log }, filled).stop;
}
