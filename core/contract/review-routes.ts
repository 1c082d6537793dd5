import type { z } from 'zod';
import type { ReviewRouteId } from './review-paths.ts';
import * as r from './review-schemas.ts';
import { removed } from './schemas.ts';

/** What each route around review and feedback takes and gives. */
export const reviewRoutes = {
  listReviewQueues: { summary: 'Queues of what people look at, by name', response: r.reviewQueueList },
  createReviewQueue: {
    summary: 'Create a queue: what people are asked, and how many of them',
    body: r.newReviewQueue,
    response: r.reviewQueue,
    status: 201,
  },
  getReviewQueue: { summary: 'A queue, and how far it is', response: r.reviewQueue },
  removeReviewQueue: { summary: 'Remove a queue with its labels; scores on traces stay', response: removed },
  setReviewRule: {
    summary: 'Let traces that fit a filter go into the queue as they come',
    body: r.newReviewRule,
    response: r.reviewQueue,
  },
  listReviewItems: {
    summary: 'Items with all that was said of them',
    query: r.reviewItemQuery,
    response: r.reviewItemPage,
  },
  addReviewItems: {
    summary: 'Put traces, conversations or answers of an evaluation into a queue; what is there already stays',
    body: r.newReviewItems,
    response: r.addedReviewItems,
  },
  getReviewItem: { summary: 'An item as whoever labels it sees it', response: r.reviewItemView },
  takeReviewItem: {
    summary: 'The next item for you, which nobody else gets meanwhile',
    body: r.takeReviewItem,
    response: r.takenReviewItem,
  },
  labelReviewItem: {
    summary: 'Label an item, or skip it; replaces your label',
    body: r.newReviewLabel,
    response: r.labelledReviewItem,
  },
  undoReviewLabel: { summary: 'Take your label back, and the item with it', response: r.labelledReviewItem },
  decideReviewItem: {
    summary: 'Settle an item that people disagree about',
    body: r.newReviewDecision,
    response: r.labelledReviewItem,
  },
  addReviewedExamples: {
    summary: 'Make examples of corrected outputs; those that are there already are not added again',
    body: r.newReviewedExamples,
    response: r.reviewedExamples,
  },
  getRaterAgreement: { summary: 'Whether people agree, field by field', response: r.raterAgreement },
  getReviewPreferences: {
    summary: 'Which runs people prefer, from pairs of answers',
    response: r.reviewPreferences,
  },
  correctJudge: {
    summary: 'What people would say of all rows, from a judge’s scores and their labels of some',
    query: r.judgeQuery,
    response: r.judgeCorrection,
  },
  listFeedbackKeys: { summary: 'Public keys that users’ feedback comes with', response: r.feedbackKeyList },
  createFeedbackKey: {
    summary: 'Make a public key for the feedback of users',
    body: r.newFeedbackKey,
    response: r.feedbackKey,
    status: 201,
  },
  revokeFeedbackKey: { summary: 'Let a public key do nothing any more', response: r.feedbackKey },
} as const satisfies Record<
  ReviewRouteId,
  { summary: string; query?: z.ZodType; body?: z.ZodType; response: z.ZodType; status?: number }
>;
