import type { ApiCall, EvaluationBody, ReplayBody } from '@wheelhouse/core/contract';
import { isJsonObject, type Json, WheelhouseError } from '@wheelhouse/core/records';

/** What a replay asks of the API, as whoever started it would. */
export type AskedByReplays =
  | 'getModel'
  | 'diffVersions'
  | 'createDataset'
  | 'removeDataset'
  | 'createEvaluation'
  | 'getEvaluation'
  | 'listEvaluationRows'
  | 'stopEvaluation';
export type ReplayCall = ApiCall<AskedByReplays>;

/** Which release it is the replay of, as its evaluation says in its metadata. */
type ReplayMark = Pick<ReplayBody, 'model' | 'alias' | 'incumbent' | 'candidate'>;

function markOf(metadata: Record<string, unknown>): ReplayMark | null {
  const mark = (metadata.replay ?? null) as Json;
  if (!isJsonObject(mark)) return null;
  const { model, alias, incumbent, candidate } = mark;
  if (typeof model !== 'string' || typeof alias !== 'string') return null;
  return typeof incumbent === 'number' && typeof candidate === 'number' ? { model, alias, incumbent, candidate } : null;
}

/** The evaluation as a replay; null: it is none. */
export function replayOf(evaluation: Omit<EvaluationBody, 'results' | 'summaries' | 'gateResults'>): ReplayBody | null {
  const mark = markOf(evaluation.metadata);
  if (mark === null) return null;
  const { id, dataset, repetitions, runs, status, error, done, total, failed } = evaluation;
  const { costNanoUsd, estimateNanoUsd, capNanoUsd, createdAt, finishedAt } = evaluation;
  return {
    ...{ id, ...mark, dataset, inputs: total / (repetitions * runs.length), repetitions, status, error },
    ...{ done, total, failed, costNanoUsd, estimateNanoUsd, capNanoUsd, createdAt, finishedAt },
  };
}

export const noReplay = (id: string) =>
  new WheelhouseError('not_found', `There is no replay \`${id.slice(0, 80)}\`.`, {
    hint: 'GET /api/v1/release-replays lists them.',
  });
