export type { ReviewDeps } from './deps.ts';
export { createFeedbackDoor, createFeedbackHandlers } from './feedback.ts';
export { createReviewHandlers } from './review-handlers.ts';
