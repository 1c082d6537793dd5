import type { JobQueue } from '@wheelhouse/core/ports';
import type { Evaluation, EvaluationId, ProjectId } from '@wheelhouse/core/records';

/** The queue of evaluations to run, and what a job of it holds: one seat at one evaluation. */
export const evaluationQueue = 'evaluation';
export type EvaluationJob = {
  project: ProjectId;
  evaluationId: EvaluationId;
  turn: number;
  seat: number;
  /** Cells that the seat had counted when it was queued. */
  recorded: number;
};

/** Members that a seat takes at a time: few enough to share, and to lose little to sharing. */
const chunksWanted = 32;
const mostRows = 200;
/** Cells that a chunk makes at most, so that what is known of them is small. */
const mostCells = 4_000;
/** Servers that work on one evaluation at most. */
const mostSeats = 8;

const perRow = ({ runs, repetitions }: Evaluation) => runs.length * repetitions;

export function chunkRows(evaluation: Evaluation): number {
  const rows = Math.ceil(evaluation.total / perRow(evaluation) / chunksWanted);
  return Math.max(1, Math.min(mostRows, rows, Math.floor(mostCells / perRow(evaluation))));
}

/** A job for each server that may come to help; those that find nothing left to take end at once. */
export async function enqueueSeats(
  jobs: Pick<JobQueue, 'enqueue'>,
  project: ProjectId,
  evaluation: Evaluation,
): Promise<void> {
  const chunks = Math.ceil(evaluation.total / perRow(evaluation) / chunkRows(evaluation));
  const { id: evaluationId, turn } = evaluation;
  for (let seat = 0; seat < Math.max(1, Math.min(mostSeats, chunks)); seat++) {
    const job: EvaluationJob = { project, evaluationId, turn, seat, recorded: 0 };
    await jobs.enqueue(evaluationQueue, job);
  }
}
