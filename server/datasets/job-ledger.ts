import type { DatasetJobStore, MemberChange } from '@wheelhouse/core/ports';
import type { Actor, DatasetJob, DatasetJobProgress, Json, RowProblem } from '@wheelhouse/core/records';
import { type IncomingRow, keepRows, type RowDeps } from './keep-rows.ts';

/** Problems that a job keeps; the others it counts. */
const problemsKept = 100;

export type RowsRead = { rows: readonly IncomingRow[]; refused: RowProblem[] };

export type Batch = {
  /** Read again when contents were erased while they were read. */
  read(): Promise<RowsRead>;
  /** Rows or traces that are looked at with this. */
  looked: number;
  /** Where the job is then. */
  place?: Json;
  /** Rows that the draft has are passed over. */
  unique?: boolean;
};

/** What a job has done; each part of it is written with the rows that it is about. */
export type JobLedger = {
  readonly job: DatasetJob;
  progress(): DatasetJobProgress;
  /** Adds rows to the dataset of the job. */
  add(batch: Batch): Promise<void>;
  /** Changes rows of the dataset of the job. */
  change(changes: MemberChange[], at: { looked: number; place: Json }): Promise<void>;
  /** Says how far it is; false when the job has ended meanwhile. */
  note(change: Partial<DatasetJobProgress>): Promise<boolean>;
};

export function openLedger(
  deps: RowDeps & { datasetJobs: DatasetJobStore },
  by: Actor,
  { job, changed }: { job: DatasetJob; changed(): void },
): JobLedger {
  let progress = job.progress;
  const problemsOf = (more: RowProblem[]) => [...progress.problems, ...more].slice(0, problemsKept);
  return {
    job,
    progress: () => progress,
    async add({ read, looked, place, unique = false }) {
      let next = progress;
      let refused: RowProblem[] = [];
      await keepRows(deps, by, {
        name: job.dataset,
        async rows() {
          const got = await read();
          refused = got.refused;
          return got.rows;
        },
        unique,
        job: (kept) => {
          const more = [...refused, ...kept.refused].sort((a, b) => a.at - b.at);
          next = {
            ...progress,
            read: progress.read + looked,
            added: progress.added + kept.added,
            skipped: progress.skipped + kept.skipped,
            refused: progress.refused + more.length,
            problems: problemsOf(more),
            place: place === undefined ? progress.place : place,
          };
          return { id: job.id, from: progress.read, progress: next };
        },
      });
      progress = next;
      changed();
    },
    async change(changes, { looked, place }) {
      const next = { ...progress, read: progress.read + looked, added: progress.added + changes.length, place };
      await deps.datasets.changeExamples(by, job.dataset, changes, {
        job: { id: job.id, from: progress.read, progress: next },
      });
      progress = next;
      changed();
    },
    async note(change) {
      const next = { ...progress, ...change };
      const runs = await deps.datasetJobs.advance(job.id, next);
      if (runs) progress = next;
      changed();
      return runs;
    },
  };
}
