import type { BlobStore, JobQueue } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';
import { type Access, createRemovalHandlers, startProjectRemovals } from './access/index.ts';
import type { Stores } from './stores/open-stores.ts';

type Parts = Pick<Stores, 'records' | 'telemetry'> & { access: Access; blobs: BlobStore; jobs: JobQueue; log: Logger };

/** Projects that go for good, from each of the stores in which they have things. */
export async function openRemovals({ records, telemetry, access, ...rest }: Parts) {
  const deps = {
    ...rest,
    removals: records.removals,
    records: records.eraser,
    telemetry: telemetry.projects,
    reader: access.reader,
    nowMs: () => Date.now(),
  };
  return { handlers: createRemovalHandlers(deps), ...(await startProjectRemovals(deps)) };
}
