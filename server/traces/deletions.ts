import type { Handlers } from '@wheelhouse/core/contract';
import {
  type AttachmentEraser,
  type Clock,
  type CommentStore,
  type DeletionStore,
  type ExampleErasing,
  type ExampleStore,
  givenUpQueue,
  type JobQueue,
  type LiveFeed,
  type Random,
  type TraceEraser,
} from '@wheelhouse/core/ports';
import {
  type Actor,
  type DeletionId,
  type DeletionSubject,
  idRandomBytes,
  nanosToMs,
  newId,
  type ProjectId,
  WheelhouseError,
} from '@wheelhouse/core/records';
import { traceIdOf } from './trace-handlers.ts';

const queue = 'deletions';
type Payload = { by: Actor; id: DeletionId };

export type DeletionDeps = { deletions: DeletionStore; jobs: JobQueue; clock: Clock; random: Random };

function subjectOf(body: {
  trace?: string | undefined;
  session?: string | undefined;
  user?: string | undefined;
}): DeletionSubject {
  if (body.trace !== undefined) return { type: 'trace', id: traceIdOf(body.trace) };
  if (body.session !== undefined) return { type: 'session', id: body.session };
  return { type: 'user', id: body.user ?? '' };
}

/** Removing for good: asked for here, done by {@link startDeletionWorker}. */
export function createDeletionHandlers(
  deps: DeletionDeps,
): Handlers<'deleteTrace' | 'createDeletion' | 'getDeletion' | 'listDeletions'> {
  async function ask(by: Actor, subject: DeletionSubject) {
    const id = newId('del', nanosToMs(deps.clock.now()), deps.random.bytes(idRandomBytes));
    const deletion = await deps.deletions.create(by, { id, subject });
    const payload: Payload = { by, id };
    await deps.jobs.enqueue(queue, payload);
    return deletion;
  }
  return {
    deleteTrace: ({ by, params }) => ask(by, { type: 'trace', id: traceIdOf(params.traceId) }),
    createDeletion: ({ by, body }) => ask(by, subjectOf(body)),

    async getDeletion({ by, params }) {
      const deletion = await deps.deletions.get(by.project, params.deletionId as DeletionId);
      if (deletion) return deletion;
      throw new WheelhouseError('not_found', `There is no deletion \`${params.deletionId.slice(0, 80)}\`.`, {
        hint: 'GET /api/v1/deletions lists what was asked for.',
      });
    },

    async listDeletions({ by, query }) {
      const { limit, cursor } = query;
      const found = await deps.deletions.list(by.project, {
        limit: limit + 1,
        ...(cursor === undefined ? {} : { before: cursor }),
      });
      const data = found.slice(0, limit);
      return { data, next: found.length > limit ? (data.at(-1)?.id ?? null) : null };
    },
  };
}

const contentsAtOnce = 1_000;

type WorkerDeps = {
  deletions: DeletionStore;
  jobs: JobQueue;
  eraser: Pick<TraceEraser, 'erase' | 'sweep'>;
  datasets: ExampleErasing;
  examples: Pick<ExampleStore, 'moment' | 'remove'>;
  attachments: AttachmentEraser;
  comments: Pick<CommentStore, 'eraseOn'>;
  feed: Pick<LiveFeed, 'publish'>;
};

/** Contents to which no example refers any more. What is stored while it runs is of a later moment, and stays. */
async function sweepExamples({ datasets, examples }: WorkerDeps, project: ProjectId): Promise<void> {
  for (;;) {
    const before = await examples.moment();
    const doomed = await datasets.doomed(project, contentsAtOnce);
    if (doomed.length === 0) return;
    await examples.remove(
      project,
      doomed.map(({ hash }) => hash),
      before,
    );
    await datasets.forgetDoomed(project, doomed);
    if (doomed.length < contentsAtOnce) return;
  }
}

/** Does what was asked for, one after another; what fails is tried again, and says why when it is given up. */
export async function startDeletionWorker(deps: WorkerDeps): Promise<void> {
  const { deletions, jobs, eraser, datasets, attachments, comments, feed } = deps;
  const reasons = new Map<DeletionId, string>();
  await jobs.work(
    queue,
    async (payload, signal) => {
      const { by, id } = payload as Payload;
      const deletion = await deletions.get(by.project, id);
      if (deletion?.status !== 'queued') return;
      try {
        const traces = await eraser.erase(by.project, deletion.subject, {
          signal,
          // Noted before, because afterwards nobody knows any more which they were; turned into tombstones after, because
          // until then an example may still be made of them.
          around: async (some, erase) => {
            await datasets.noteErasing(by.project, id, some);
            // Before, too: what comes meanwhile is swept, because its trace is gone.
            await attachments.erase(by.project, some);
            await comments.eraseOn(by.project, some);
            await erase();
            await datasets.eraseNoted(by, id);
            feed.publish({ type: 'removed', project: by.project, traceIds: some });
          },
        });
        await datasets.eraseNoted(by, id);
        await eraser.sweep(by.project, signal);
        // Cut off, it is not done: the next worker goes on.
        if (signal.aborted) throw signal.reason;
        await sweepExamples(deps, by.project);
        await deletions.complete(by, id, traces);
        reasons.delete(id);
      } catch (error) {
        reasons.set(id, error instanceof Error ? error.message : String(error));
        throw error;
      }
    },
    {
      givenUp: async (payload) => {
        const { by, id } = payload as Payload;
        await deletions.fail(by, id, reasons.get(id) ?? `It was given up; see the queue ${givenUpQueue(queue)}.`);
        reasons.delete(id);
      },
    },
  );
}
