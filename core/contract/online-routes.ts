import * as on from './online-schemas.ts';
import { pageQuery, removed } from './schemas.ts';
import { scoring, scoringEstimate } from './scoring-schemas.ts';

/** What they take and give; see `onlinePaths`. */
export const onlineRoutes = {
  listOnlineEvaluations: {
    summary: 'Online evaluations, newest first',
    query: pageQuery,
    response: on.onlineEvaluationPage,
  },
  getOnlineEvaluation: { summary: 'One online evaluation, and how far it is', response: on.onlineEvaluation },
  setOnlineEvaluation: {
    summary: 'Score what fits as it arrives; one of that name is replaced, and goes on where it is',
    body: on.newOnlineEvaluation,
    response: on.onlineEvaluation,
  },
  removeOnlineEvaluation: { summary: 'Score no more; its scores stay', response: removed },
  tryOnlineEvaluation: {
    summary: 'Score a few of the newest that fit, and keep nothing; judges are asked, and cost',
    body: on.newOnlineEvaluation,
    response: on.onlineTry,
  },
  pauseOnlineEvaluation: { summary: 'Score nothing for now', response: on.onlineEvaluation },
  resumeOnlineEvaluation: { summary: 'Score what arrives from now on', response: on.onlineEvaluation },
  estimateOnlineBackfill: {
    summary: 'How many of before would be scored, and what judges would cost; nothing is started',
    body: on.onlineBackfill,
    response: scoringEstimate,
  },
  backfillOnlineEvaluation: {
    summary: 'Score what came before, as a job; what is scored already is not scored again',
    body: on.onlineBackfill,
    response: scoring,
    status: 202,
  },
  checkOnlineEvaluation: {
    summary: 'What a scorer says of all, corrected by what people said of some, and which to label next',
    query: on.onlineCheckQuery,
    response: on.onlineCheck,
  },
  drawOnlineLabels: {
    summary: 'Put the traces that should be labelled next into a review queue, which is made where there is none',
    body: on.newOnlineLabels,
    response: on.onlineLabels,
  },
} as const;
