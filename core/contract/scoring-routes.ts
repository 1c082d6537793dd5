import { pageQuery } from './schemas.ts';
import * as sg from './scoring-schemas.ts';

/** What they take and give; see `scoringPaths`. */
export const scoringRoutes = {
  listScorings: { summary: 'What was asked to be scored, newest first', query: pageQuery, response: sg.scoringPage },
  createScoring: {
    summary: 'Score traces or sessions that fit a filter, as a job; what is scored already is not scored again',
    body: sg.newScoring,
    response: sg.scoring,
    status: 202,
  },
  estimateScoring: {
    summary: 'How many there are, and what judges would cost; nothing is started',
    body: sg.newScoring,
    response: sg.scoringEstimate,
  },
  getScoring: { summary: 'How far it is', response: sg.scoring },
  cancelScoring: { summary: 'Stop it; the scores that it gave stay', response: sg.scoring },
} as const;
