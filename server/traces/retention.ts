import type { Handlers } from '@wheelhouse/core/contract';
import type { CancelSignal, Clock, RetentionStore, TraceEraser } from '@wheelhouse/core/ports';
import { type KeepDays, nanosPerMs, type ProjectId } from '@wheelhouse/core/records';

export type RetentionDeps = {
  store: RetentionStore;
  /** Of projects that say nothing else. */
  serverDays: KeepDays;
  eraser: Pick<TraceEraser, 'expire' | 'sweep'>;
  clock: Clock;
};

export const removeOldTracesEveryMs = 3_600_000;
const dayNs = 86_400_000n * nanosPerMs;

/** How long a project keeps traces; {@link removeOldTraces} sees to it. */
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

/** Removes what is older than projects keep. */
export async function removeOldTraces(
  { store, serverDays, eraser, clock }: RetentionDeps,
  stopping: CancelSignal,
): Promise<void> {
  for (const { project, keepDays } of await store.all()) {
    if (stopping.aborted) return;
    const days = keepDays ?? serverDays;
    if (days === 'forever') continue;
    await eraser.expire(project, clock.now() - BigInt(days) * dayNs);
    await eraser.sweep(project, stopping);
  }
}
