import type { ProjectId, TraceId } from '@wheelhouse/core/records';
import { newSecret } from './access/index.ts';
import { rowsOfTraces } from './datasets/index.ts';
import type { Foundation } from './open-foundation.ts';
import { createFeedbackDoor, createFeedbackHandlers, createReviewHandlers, type ReviewDeps } from './review/index.ts';
import { readFilter } from './traces/index.ts';

type Base = Pick<Foundation, 'records' | 'telemetry' | 'sets' | 'feed' | 'clock' | 'random'>;

const feedbackDeps = ({ records, telemetry, feed, clock, random }: Base) => ({
  ...{ keys: records.feedbackKeys, finder: telemetry.finder, scores: telemetry.scores, feed, clock, random },
  newSecret: (prefix: string) => newSecret(prefix, random),
});

/** The way in for what users say. */
export const openFeedback = (base: Base) => createFeedbackDoor(feedbackDeps(base));

/** What people look at, and the keys that feedback comes with. */
export function openReview(base: Base) {
  const { records, telemetry, sets, feed, clock, random } = base;
  const deps: ReviewDeps = {
    ...{ review: records.review, evaluations: records.evaluations, datasets: records.datasets },
    ...{ cells: telemetry.cells, examples: telemetry.examples, queries: telemetry.queries, scores: telemetry.scores },
    ...{ rows: sets.rowAdder, readFilter, feed, clock, random },
    async traceRows(project: ProjectId, traces: TraceId[]) {
      const { rows } = await rowsOfTraces(telemetry.wholeSpans, project, { traces, expected: true, tags: [], from: 1 });
      return rows.flatMap(({ input, expected: output, source }) => (source ? [{ input, output, ...source }] : []));
    },
  };
  return { ...createReviewHandlers(deps), ...createFeedbackHandlers(feedbackDeps(base)) };
}
