import type { JobQueue, ResponseState, ResponseStore, StoredResponse } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import { type ResponseJob, responseQueue } from './background-responses.ts';

export type ResponseStateOptions = {
  store: ResponseStore;
  jobs: Pick<JobQueue, 'enqueue'>;
  log: { warn(details: object, message: string): void };
  gatherMs?: number;
  /** What waits for a store that is away; the oldest are given up beyond it. */
  maxWaiting?: number;
};

type Waiting = { project: ProjectId; response: StoredResponse };
const batchSize = 100;
const againMs = 1_000;

/** Keeps answers of `/v1/responses`: written a moment later, many at once, and read from memory until then. */
export function createResponseState(options: ResponseStateOptions): ResponseState & { close(): Promise<void> } {
  const { store, log, gatherMs = 50, maxWaiting = 5_000 } = options;
  const waiting = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  const key = (project: ProjectId, id: string) => `${project}\n${id}`;

  /** Whether everything that it took is stored. */
  async function writeSome(): Promise<boolean> {
    const some = [...waiting].slice(0, batchSize);
    try {
      await store.put(some.map(([, record]) => record));
    } catch (err) {
      log.warn({ err, waiting: waiting.size }, 'responses wait to be stored');
      return false;
    }
    for (const [name, record] of some) if (waiting.get(name) === record) waiting.delete(name);
    return true;
  }

  async function writeAll(): Promise<void> {
    let goesOn = true;
    while (goesOn && waiting.size > 0) goesOn = await writeSome();
    writing = null;
    if (waiting.size > 0) schedule(againMs);
  }

  function schedule(ms: number): void {
    if (timer !== null || writing !== null) return;
    timer = setTimeout(() => {
      timer = null;
      writing = writeAll();
    }, ms);
    timer.unref();
  }

  return {
    keep(project, response) {
      waiting.set(key(project, response.id), { project, response });
      const oldest = waiting.keys().next();
      if (waiting.size > maxWaiting && !oldest.done) waiting.delete(oldest.value);
      schedule(gatherMs);
    },
    read: async (project, id) => waiting.get(key(project, id))?.response ?? store.get(project, id),
    async remove(project, id) {
      const wasWaiting = waiting.delete(key(project, id));
      // A write that is under way could bring it back.
      await writing;
      return (await store.remove(project, id)) || wasWaiting;
    },
    async begin(by, response, request) {
      await store.begin(by.project, response, request);
      await options.jobs.enqueue(responseQueue, { by, id: response.id } satisfies ResponseJob);
    },
    async cancel(project, id) {
      const pending = await store.pending(project, id);
      if (pending !== null)
        await store.settle(project, id, { body: { ...pending.response.body, status: 'cancelled' }, made: true });
      return waiting.get(key(project, id))?.response ?? store.get(project, id);
    },
    async close() {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await writing;
      while (waiting.size > 0 && (await writeSome()));
    },
  };
}
