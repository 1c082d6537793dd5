import type { ReviewItem, ReviewLabel, ReviewQueue, Score, ScoreId } from '@wheelhouse/core/records';

/** What a trace can be found and counted by; texts stay in the label. */
const scored = new Set(['choice', 'number', 'boolean']);

/** What a label's scores stand on; null: nothing alone, for a pair is two answers. */
function placeOf({ target, traceId }: ReviewItem): Pick<Score, 'traceId' | 'spanId' | 'sessionId'> | null {
  if (target.kind === 'pair') return null;
  if (target.kind === 'session') return { traceId: null, spanId: null, sessionId: target.sessionId };
  return traceId && { traceId, spanId: target.kind === 'span' ? target.spanId : null, sessionId: null };
}

/**
 * A label as scores on what it is of, one for each answer; none where there is no trace. Their ids say whose they are and on
 * what, so that another label of the same person replaces them.
 */
export function humanScores(queue: ReviewQueue, item: ReviewItem, label: ReviewLabel): Score[] {
  const { number } = item;
  const place = placeOf(item);
  if (place === null) return [];
  return queue.form.flatMap(({ name, kind }): Score[] => {
    const value = label.answers[name];
    if (value === undefined || !scored.has(kind)) return [];
    return [
      {
        id: `${queue.id}:${number}:${name}:${label.decides ? 'decision' : `by ${label.rater}`}` as ScoreId,
        ...{ ...place, name, value, comment: label.comment },
        metadata: { queue: queue.name, item: number, rater: label.rater, ...(label.decides && { decides: true }) },
        source: 'human',
        createdAt: label.at,
      },
    ];
  });
}
