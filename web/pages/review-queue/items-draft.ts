import type { RequestBody, ReviewQueueBody } from '@wheelhouse/sdk';
import { isOfPairs } from '../../data/review-queries.ts';

export type Source = 'traces' | 'sessions' | 'evaluation' | 'pairs';
export const picks = ['evenly', 'doubt', 'disagreement', 'flaky'] as const;

/** What goes into a queue, as the form has it; what is not said is empty. */
export type ItemsDraft = {
  source: Source;
  q: string;
  share: string;
  count: string;
  evaluation: string;
  /** Ids; none: all. */
  runs: string[];
  pick: (typeof picks)[number];
  measure: string;
  other: string;
};

/** What a queue can be filled from. */
export const sourcesOf = (queue: ReviewQueueBody): readonly Source[] =>
  isOfPairs(queue) ? ['pairs'] : ['traces', 'sessions', 'evaluation'];

export const newItems = (queue: ReviewQueueBody, evaluation: string | undefined): ItemsDraft => ({
  source: isOfPairs(queue) ? 'pairs' : evaluation === undefined ? 'traces' : 'evaluation',
  ...{ q: '', share: '100', count: '50', evaluation: evaluation ?? queue.draw?.evaluationId ?? '' },
  ...{ runs: [], pick: queue.draw?.pick ?? 'evenly', measure: queue.draw?.measure ?? '', other: '' },
});

type Body = RequestBody<'addReviewItems'>;

export function bodyOf(draft: ItemsDraft): Body {
  const { source, q, share, evaluation: evaluationId, runs, pick, measure, other } = draft;
  const count = Number(draft.count);
  if (source === 'traces' || source === 'sessions')
    return { from: 'filter', of: source, q: q.trim(), sample: Number(share) / 100, most: count };
  const of = { evaluationId, ...(runs.length > 0 && { runs }), count };
  if (source === 'pairs') return { from: 'pairs', ...of };
  return {
    ...{ from: 'evaluation', ...of, pick },
    ...(measure !== '' && { measure }),
    ...(pick === 'disagreement' && other !== '' && { other }),
  };
}
