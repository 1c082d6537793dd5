import { newSecret } from './access/index.ts';
import { exampleFromSpan } from './datasets/index.ts';
import type { Foundation } from './open-foundation.ts';
import { traceRowsOf } from './open-review-rules.ts';
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
    traceRows: traceRowsOf(telemetry),
    async spanRow(project, { traceId, spanId }) {
      const span = await telemetry.spans.span(project, traceId, spanId);
      return span === null || span.input === null ? null : { traceId, spanId, ...exampleFromSpan(span) };
    },
  };
  return { ...createReviewHandlers(deps), ...createFeedbackHandlers(feedbackDeps(base)) };
}
