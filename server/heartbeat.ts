import type { Clock, DueKind, DueWork } from '@wheelhouse/core/ports';
import { wholeMs } from '@wheelhouse/core/records';
import { repeat, type Worker, type Working, whenAsked } from './repeat.ts';

export type Heartbeat = {
  /** Has this work done whenever the store says that something of this kind is due. */
  on(kind: DueKind, work: (stopping: AbortSignal) => Promise<unknown>, options: Working): Worker;
  stop: Worker['stop'];
};

export const heartbeatMs = 1_000;

/**
 * Asks the store once for all work that waits there, rather than each for its own, and lets that be done of which something is
 * due. It waits for none: work that takes long keeps no other waiting.
 */
export function startHeartbeat({ dueWork, clock }: { dueWork: DueWork; clock: Clock }, options: Working): Heartbeat {
  const workers = new Map<DueKind, Worker>();
  const { stop } = repeat(
    async () => {
      if (workers.size === 0) return;
      for (const kind of await dueWork.due(wholeMs(clock.now()))) void workers.get(kind)?.run();
    },
    { ...options, everyMs: heartbeatMs },
  );
  return {
    on(kind, work, working) {
      const worker = whenAsked(work, working);
      workers.set(kind, worker);
      return {
        run: worker.run,
        stop() {
          workers.delete(kind);
          return worker.stop();
        },
      };
    },
    stop,
  };
}
