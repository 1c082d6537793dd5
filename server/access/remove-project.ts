import type { Handlers } from '@wheelhouse/core/contract';
import type {
  BlobStore,
  CancelSignal,
  JobQueue,
  ProjectRecordsEraser,
  ProjectRemovalStore,
  ProjectTelemetryEraser,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  type Caller,
  defaultProjectId,
  type ProjectContents,
  type ProjectId,
  type ProjectRemoval,
  WheelhouseError,
} from '@wheelhouse/core/records';
import type { AccessReader } from './access-reader.ts';

export type RemoveProjectDeps = {
  removals: ProjectRemovalStore;
  records: ProjectRecordsEraser;
  telemetry: ProjectTelemetryEraser;
  blobs: Pick<BlobStore, 'removeAll'>;
  jobs: JobQueue;
  reader: Pick<AccessReader, 'project' | 'refresh'>;
  nowMs(): number;
  log: { error(details: object, message: string): void };
};

const queue = 'project-removals';
type Job = { by: Actor };

const everyMs = 3_600_000;
/** What was under way when a project was closed may be stored after it was erased; until then it is erased again. */
const stragglersMs = 24 * everyMs;

type Ids = 'countProject' | 'removeProject' | 'listProjectRemovals';

/** A project goes for good: asked for here, done by {@link startProjectRemovals}. */
export function createRemovalHandlers(deps: RemoveProjectDeps): Handlers<Ids> {
  const { removals, records, telemetry, reader, jobs } = deps;

  const contentsOf = async (project: ProjectId): Promise<ProjectContents> => ({
    ...(await telemetry.count(project)),
    ...(await records.count(project)),
  });

  /** Who owns the install sees all; who asked sees theirs, from wherever they are now. */
  const sees = (by: Caller, { requestedBy }: ProjectRemoval) =>
    (by.role === 'owner' && by.project === defaultProjectId) || (by.key === null && by.actor === requestedBy);

  return {
    countProject: ({ by }) => contentsOf(by.project),

    async removeProject({ by, body }) {
      if (by.project === defaultProjectId)
        throw new WheelhouseError('invalid_request', 'The default project cannot be removed.', {
          hint: 'Remove what is in it: traces, models and keys each have their own way out.',
        });
      const name = reader.project(by.project)?.name ?? by.project;
      if (body.name !== name)
        throw new WheelhouseError('invalid_request', 'This is not the name of the project.', {
          param: 'name',
          hint: `It is called \`${name}\`.`,
        });
      const { actor, project } = by;
      const removal = await removals.close({ actor, project }, await contentsOf(project));
      await reader.refresh();
      await jobs.enqueue(queue, { by: { actor, project } } satisfies Job);
      return removal;
    },

    async listProjectRemovals({ by }) {
      return { data: (await removals.list()).filter((removal) => sees(by, removal)) };
    },
  };
}

/** Erases what was closed. Everything may be repeated, so that a kill costs nothing. Returns what ends it. */
export async function startProjectRemovals(deps: Omit<RemoveProjectDeps, 'reader'>): Promise<{ stop(): void }> {
  const { removals, records, telemetry, blobs, jobs, log, nowMs } = deps;

  async function erase(project: ProjectId, signal: CancelSignal): Promise<void> {
    // Records first: jobs of the project find nothing more to do.
    await records.erase(project, signal);
    await blobs.removeAll(project);
    await telemetry.erase(project, signal);
  }

  async function work(payload: object, signal: CancelSignal): Promise<void> {
    const { by } = payload as Job;
    if (!(await removals.list()).some(({ project }) => project === by.project)) return;
    try {
      await erase(by.project, signal);
    } catch (error) {
      if (!signal.aborted)
        await removals.fail(by.project, error instanceof Error ? error.message : String(error)).catch(() => {});
      throw error;
    }
    await removals.complete(by);
  }

  async function again(): Promise<void> {
    const since = nowMs() - stragglersMs;
    for (const { project, requestedBy, removedAt } of await removals.list())
      if (removedAt === null || Date.parse(removedAt) > since)
        await jobs.enqueue(queue, { by: { actor: requestedBy, project } } satisfies Job);
  }

  async function givenUp(payload: object): Promise<void> {
    log.error({ project: (payload as Job).by.project }, 'a project could not be erased; tried again within the hour');
  }

  await jobs.work(queue, work, { givenUp });
  await again();
  const failed = (err: unknown) => log.error({ err }, 'closed projects are not looked through; tried again in an hour');
  const timer = setInterval(() => void again().catch(failed), everyMs).unref();
  return { stop: () => clearInterval(timer) };
}
