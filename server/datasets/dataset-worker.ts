import type { CancelSignal, DatasetJobStore, JobQueue, LiveFeed } from '@wheelhouse/core/ports';
import {
  type Actor,
  type DatasetJob,
  type DatasetJobKind,
  type DatasetJobRef,
  idRandomBytes,
  type JsonObject,
  nanosToMs,
  newId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { type JobLedger, openLedger } from './job-ledger.ts';
import type { RowDeps } from './keep-rows.ts';

const queue = 'dataset';

export type JobRun = { by: Actor; ledger: JobLedger; signal: CancelSignal };
/** Does a job to its end, from where its ledger says that it is; resolves with what came of it. */
export type JobKind = {
  run(run: JobRun): Promise<JsonObject | null>;
  /** Lets go of what the job was given, whatever became of it. */
  clear?(by: Actor, job: DatasetJob): Promise<void>;
};

export type JobDeps = RowDeps & {
  datasetJobs: DatasetJobStore;
  jobs: Pick<JobQueue, 'enqueue' | 'work'>;
  feed: Pick<LiveFeed, 'publish'>;
  log: { error(details: object, message: string): void };
};

/** Puts a job into the queue. */
export async function startJob(
  deps: Pick<JobDeps, 'datasetJobs' | 'jobs' | 'feed' | 'clock' | 'random'>,
  by: Actor,
  {
    dataset,
    kind,
    params,
    id = newJobId(deps),
  }: { dataset: string; kind: DatasetJobKind; params: JsonObject; id?: string },
): Promise<DatasetJob> {
  const job = await deps.datasetJobs.create(by, { id, dataset, kind, params });
  const ref: DatasetJobRef = { project: by.project, id };
  try {
    await deps.jobs.enqueue(queue, ref);
  } catch (error) {
    await deps.datasetJobs.finish(id, { status: 'failed', error: 'It could not be queued; start it again.' });
    throw error;
  }
  deps.feed.publish({ type: 'datasets', project: by.project, name: dataset });
  return job;
}

export const newJobId = ({ clock, random }: Pick<JobDeps, 'clock' | 'random'>): string =>
  newId('dj', nanosToMs(clock.now()), random.bytes(idRandomBytes));

const isEnded = ({ finishedAt }: DatasetJob) => finishedAt !== null;
const announceEveryMs = 250;

/** Does the jobs of datasets: each goes on where it was when a server ended, and adds no row twice. */
export async function startDatasetWorker(deps: JobDeps, kinds: Record<DatasetJobKind, JobKind>): Promise<void> {
  const { datasetJobs, feed, clock } = deps;

  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const { project, id } = payload as DatasetJobRef;
    const job = await datasetJobs.get(project, id);
    if (!job) return;
    const by: Actor = { project, actor: job.requestedBy };
    const kind = kinds[job.kind];
    // A kill may have come between its end and this.
    if (isEnded(job)) return kind.clear?.(by, job);
    const announce = () => feed.publish({ type: 'datasets', project, name: job.dataset });
    let announcedMs = 0;
    const changed = () => {
      const nowMs = nanosToMs(clock.now());
      if (nowMs - announcedMs < announceEveryMs) return;
      announcedMs = nowMs;
      announce();
    };
    const ledger = openLedger(deps, by, { job, changed });
    try {
      if (await ledger.note({})) {
        const result = await kind.run({ by, ledger, signal });
        await datasetJobs.finish(id, { status: 'completed', result });
      }
      await kind.clear?.(by, job);
    } catch (error) {
      const now = await datasetJobs.get(project, id);
      if (!now || isEnded(now)) await kind.clear?.(by, job);
      else if (signal.aborted || !(error instanceof WheelhouseError) || error.retryable) throw error;
      // Another worker has it, and is further.
      else if (now.progress.read !== ledger.progress().read) return;
      else {
        await datasetJobs.finish(id, { status: 'failed', error: error.message });
        await kind.clear?.(by, job);
      }
    } finally {
      announce();
    }
  }

  async function givenUp(payload: object): Promise<void> {
    const { project, id } = payload as DatasetJobRef;
    deps.log.error({ job: id }, 'a job of a dataset was given up');
    const job = await datasetJobs.get(project, id);
    await datasetJobs.finish(id, {
      ...{ status: 'failed', error: "It failed several times in a row; the server's log says why." },
    });
    if (job) await kinds[job.kind].clear?.({ project, actor: job.requestedBy }, job);
  }

  await deps.jobs.work(queue, work, { givenUp, atOnce: 2 });
}
