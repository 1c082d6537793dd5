import type { ReviewItem, ReviewLabel, ReviewQueue, Score, ScoreId } from '@wheelhouse/core/records';

/** What a trace can be found and counted by; texts stay in the label. */
const scored = new Set(['choice', 'number', 'boolean']);

/**
 * A label as scores on its trace, one for each answer; none where there is no trace. Their ids say whose they are and on
 * what, so that another label of the same person replaces them.
 */
export function humanScores(queue: ReviewQueue, item: ReviewItem, label: ReviewLabel): Score[] {
  const { traceId, number } = item;
  if (traceId === null) return [];
  return queue.form.flatMap(({ name, kind }): Score[] => {
    const value = label.answers[name];
    if (value === undefined || !scored.has(kind)) return [];
    return [
      {
        id: `${queue.id}:${number}:${name}:${label.decides ? 'decision' : `by ${label.rater}`}` as ScoreId,
        ...{ traceId, spanId: null, sessionId: null, name, value, comment: label.comment },
        metadata: { queue: queue.name, item: number, rater: label.rater, ...(label.decides && { decides: true }) },
        source: 'human',
        createdAt: label.at,
      },
    ];
  });
}
