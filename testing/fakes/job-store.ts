import { givenUpQueue, type HeldJob, type JobStore } from '@wheelhouse/core/ports';

type StoredJob = HeldJob & { state: 'waiting' | 'held' | 'done' | 'failed' };

const attempts = 5;

/** In memory; a failed job is due again at once. Give it to `openJobs` for a whole queue. */
export function fakeJobStore(): JobStore {
  const jobs: StoredJob[] = [];
  const heldAs = (job: HeldJob) =>
    jobs.find((stored) => stored.id === job.id && stored.state === 'held' && stored.attempt === job.attempt);

  function add(queue: string, payload: object): void {
    jobs.push({ id: String(jobs.length + 1), queue, payload: structuredClone(payload), attempt: 0, state: 'waiting' });
  }

  function putBack(job: StoredJob): void {
    job.attempt += 1;
    job.state = job.attempt < attempts ? 'waiting' : 'failed';
    if (job.state === 'failed') add(givenUpQueue(job.queue), job.payload);
  }

  return {
    holdMs: 60_000,
    add: async (queue, payload) => add(queue, payload),
    due: async () => jobs.filter(({ state }) => state === 'waiting').map(({ queue }) => queue),
    async take(queue) {
      const job = jobs.find((stored) => stored.queue === queue && stored.state === 'waiting');
      if (!job) return null;
      job.state = 'held';
      return { id: job.id, queue, payload: structuredClone(job.payload), attempt: job.attempt };
    },
    renew: async (job) => heldAs(job) !== undefined,
    async complete(job) {
      const stored = heldAs(job);
      if (stored) stored.state = 'done';
    },
    async fail(job) {
      const stored = heldAs(job);
      if (stored) putBack(stored);
    },
    async release(job) {
      const stored = heldAs(job);
      if (stored) stored.state = 'waiting';
    },
    async recover(queue) {
      for (const job of jobs) if (job.queue === queue && job.state === 'held') putBack(job);
    },
  };
}
