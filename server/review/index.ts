export type { ReviewDeps, TraceRow } from './deps.ts';
export { createFeedbackDoor, createFeedbackHandlers } from './feedback.ts';
export { createLabelDesk } from './label-desk.ts';
export { createReviewHandlers } from './review-handlers.ts';
export { createReviewFeed } from './rule-feed.ts';
