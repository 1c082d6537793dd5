import type {
  AttachedTrace,
  AttachmentEraser,
  AttachmentStore,
  BlobStore,
  Clock,
  SpanStore,
} from '@wheelhouse/core/ports';
import { nanosToMs, type ProjectId, type TraceId } from '@wheelhouse/core/records';

export type ErasingDeps = {
  store: Pick<AttachmentStore, 'leave' | 'due' | 'forget' | 'settled' | 'expire'>;
  blobs: Pick<BlobStore, 'remove'>;
  spans: Pick<SpanStore, 'traceSummaries'>;
  clock: Clock;
};

export const sweepAttachmentsEveryMs = 3_600_000;
/** Attachments may come before the first span of their trace. */
const patienceMs = 3_600_000;
const atOnce = 200;

export function createAttachmentEraser({ store, blobs, clock }: Omit<ErasingDeps, 'spans'>): AttachmentEraser & {
  /** Blobs that nobody refers to. */
  sweep(): Promise<void>;
} {
  async function sweep(): Promise<void> {
    for (;;) {
      const due = await store.due(nanosToMs(clock.now()), atOnce);
      for (const blob of due) await blobs.remove(blob);
      await store.forget(due);
      if (due.length < atOnce) return;
    }
  }
  return {
    sweep,
    async erase(project, traces) {
      await store.leave(project, traces);
      await sweep();
    },
  };
}

const byProject = (traces: readonly AttachedTrace[]): Map<ProjectId, TraceId[]> => {
  const groups = new Map<ProjectId, TraceId[]>();
  for (const { project, traceId } of traces) groups.set(project, [...(groups.get(project) ?? []), traceId]);
  return groups;
};

/**
 * What nobody can ask for any more: attachments whose trace was removed because it was old, or never came; uploads that were
 * broken off; tickets that are over. What a dataset has an example of stays.
 */
export async function sweepAttachments(deps: ErasingDeps, signal?: AbortSignal): Promise<void> {
  const { store, spans, clock } = deps;
  const eraser = createAttachmentEraser(deps);
  const nowMs = nanosToMs(clock.now());
  await store.expire(nowMs);
  for (let after: AttachedTrace | undefined; !signal?.aborted; ) {
    const page = await store.settled({
      beforeMs: nowMs - patienceMs,
      limit: atOnce,
      ...(after === undefined ? {} : { after }),
    });
    for (const [project, traces] of byProject(page)) {
      const here = new Set((await spans.traceSummaries(project, traces)).map(({ traceId }) => traceId));
      const gone = traces.filter((trace) => !here.has(trace));
      if (gone.length > 0) await store.leave(project, gone);
    }
    after = page.at(-1);
    if (page.length < atOnce) break;
  }
  await eraser.sweep();
}
