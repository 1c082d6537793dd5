import type { Handlers, ReviewRouteId } from '@wheelhouse/core/contract';
import { createExampleHandlers } from './corrected-rows.ts';
import type { ReviewDeps } from './deps.ts';
import { createJudgeHandlers } from './judge-correction.ts';
import { createLabelHandlers } from './label-handlers.ts';
import { createQueueHandlers } from './queue-handlers.ts';
import { createAgreementHandlers } from './rater-agreement.ts';
import { createPreferenceHandlers } from './run-preferences.ts';

type FeedbackRouteId = 'listFeedbackKeys' | 'createFeedbackKey' | 'revokeFeedbackKey';

/** Queues of what people look at, and what follows from what they say. */
export const createReviewHandlers = (deps: ReviewDeps): Handlers<Exclude<ReviewRouteId, FeedbackRouteId>> => ({
  ...createQueueHandlers(deps),
  ...createLabelHandlers(deps),
  ...createExampleHandlers(deps),
  ...createAgreementHandlers(deps),
  ...createPreferenceHandlers(deps),
  ...createJudgeHandlers(deps),
});
