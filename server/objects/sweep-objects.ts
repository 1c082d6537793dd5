import type { BlobStore, Clock, FileStore, ResponseStore } from '@wheelhouse/core/ports';
import { nanosToMs } from '@wheelhouse/core/records';
import { blobOf } from './object-bodies.ts';

export type SweepDeps = {
  files: FileStore;
  blobs: BlobStore;
  responses: ResponseStore;
  clock: Clock;
};

export const sweepObjectsEveryMs = 600_000;
const pageSize = 100;

/** Removes files and stored responses whose time is over. */
export async function sweepObjects({ files, blobs, responses, clock }: SweepDeps): Promise<void> {
  const nowMs = nanosToMs(clock.now());
  await responses.expire(nowMs);
  for (;;) {
    const over = await files.expired(nowMs, pageSize);
    for (const { project, id } of over) {
      await blobs.remove(blobOf(project, id));
      await files.remove({ project, actor: 'expiry' }, id);
    }
    if (over.length < pageSize) return;
  }
}
