import type { Handlers } from '@wheelhouse/core/contract';
import type { Clock, RetentionStore, TraceEraser } from '@wheelhouse/core/ports';
import { type KeepDays, nanosPerMs, type ProjectId } from '@wheelhouse/core/records';

export type RetentionDeps = {
  store: RetentionStore;
  /** Of projects that say nothing else. */
  serverDays: KeepDays;
  eraser: Pick<TraceEraser, 'expire' | 'sweep'>;
  clock: Clock;
  log: { error(details: object, message: string): void };
};

const everyMs = 3_600_000;
const dayNs = 86_400_000n * nanosPerMs;

/** How long a project keeps traces; {@link startRetention} sees to it. */
export function createRetentionHandlers({
  store,
  serverDays,
}: Pick<RetentionDeps, 'store' | 'serverDays'>): Handlers<'getRetention' | 'setRetention'> {
  async function read(project: ProjectId) {
    const own = await store.keepDays(project);
    return { keepDays: own ?? serverDays, own: own !== null, serverDays };
  }
  return {
    getRetention: ({ by }) => read(by.project),
    async setRetention({ by, body }) {
      await store.setKeepDays(by, body.keepDays);
      return read(by.project);
    },
  };
}

/** Removes what is older than projects keep, now and then once an hour. Returns what ends it. */
export function startRetention(deps: RetentionDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    try {
      for (const { project, keepDays } of await deps.store.all()) {
        if (stopping.signal.aborted) return;
        const days = keepDays ?? deps.serverDays;
        if (days === 'forever') continue;
        await deps.eraser.expire(project, deps.clock.now() - BigInt(days) * dayNs);
        await deps.eraser.sweep(project, stopping.signal);
      }
    } catch (err) {
      deps.log.error({ err }, 'old traces could not be removed; tried again in an hour');
    }
  }
  const start = () => {
    running = running.then(run);
  };
  start();
  const timer = setInterval(start, everyMs).unref();
  return {
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await running;
    },
  };
}
