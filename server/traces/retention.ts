import type { Clock, TraceEraser } from '@wheelhouse/core/ports';
import { nanosPerMs, type ProjectId } from '@wheelhouse/core/records';

export type RetentionDeps = {
  eraser: Pick<TraceEraser, 'expire' | 'sweep'>;
  clock: Clock;
  project: ProjectId;
  /** How long traces are kept. */
  days: number;
  log: { error(details: object, message: string): void };
};

const everyMs = 3_600_000;
const dayNs = 86_400_000n * nanosPerMs;

/** Removes what is older than the project keeps, now and then once an hour. Returns what ends it. */
export function startRetention(deps: RetentionDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();

  async function run(): Promise<void> {
    try {
      await deps.eraser.expire(deps.project, deps.clock.now() - BigInt(deps.days) * dayNs);
      await deps.eraser.sweep(deps.project, stopping.signal);
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
