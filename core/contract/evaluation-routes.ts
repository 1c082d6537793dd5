import * as ev from './evaluation-schemas.ts';
import { removed } from './schemas.ts';

/** What they take and give; see `evaluationPaths`. */
export const evaluationRoutes = {
  listEvaluations: { summary: 'Evaluations, newest first', query: ev.evaluationQuery, response: ev.evaluationPage },
  createEvaluation: {
    summary: 'Run models over a dataset and judge the answers, as a job',
    body: ev.newEvaluation,
    response: ev.evaluation,
    status: 202,
  },
  estimateEvaluation: {
    summary: 'What an evaluation would cost; nothing is started',
    body: ev.newEvaluation,
    response: ev.evaluationEstimate,
  },
  getEvaluation: { summary: 'An evaluation: progress, then results', response: ev.evaluation },
  stopEvaluation: { summary: 'Stop it; what was recorded stays', response: ev.evaluation },
  resumeEvaluation: { summary: 'Go on with what is missing', body: ev.resumeEvaluation, response: ev.evaluation },
  removeEvaluation: { summary: 'Stop it and remove it with its answers', response: removed },
  listEvaluationRows: {
    summary: 'Its rows with the answers of each run',
    query: ev.evaluationRowQuery,
    response: ev.evaluationRowPage,
  },
  getEvaluationSoFar: {
    summary: 'What can be said before it is completed, however often one looks',
    query: ev.soFarQuery,
    response: ev.soFar,
  },
  askForCell: {
    summary: 'Ask the model of a run for one answer; nothing is recorded',
    body: ev.cellPlaceBody,
    response: ev.answer,
  },
  addCells: {
    summary: 'Hand in cells that the client made, to be judged by the named scorers; the first of each place counts',
    body: ev.newCells,
    response: ev.evaluation,
  },
  finishEvaluation: { summary: 'Nothing more is handed in: compute the results', response: ev.evaluation },
  listComparisonRows: {
    summary: 'The rows of a comparison with the answers of each run',
    query: ev.comparisonRowQuery,
    response: ev.evaluationRowPage,
  },
  compareRuns: {
    summary: 'Any runs over the same dataset version against a baseline, computed now',
    query: ev.comparisonQuery,
    response: ev.comparison,
  },
} as const;
