import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock, InnerCall, JobQueue, Random } from '@wheelhouse/core/ports';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { RawContext, RawDoor } from './http/doors.ts';
import {
  createObjectDoor,
  startBackgroundResponses,
  startBatchWorker,
  sweepObjects,
  sweepObjectsEveryMs,
} from './objects/index.ts';
import { repeat } from './repeat.ts';
import { openBlobs } from './stores/blobs/index.ts';
import type { openStores } from './stores/open-stores.ts';

export type ObjectParts = {
  records: Awaited<ReturnType<typeof openStores>>['records'];
  jobs: JobQueue;
  call: InnerCall;
  clock: Clock;
  random: Random;
  log: Logger;
};

/** Files and batches beside the gateway's own endpoints, whose words they speak. */
export async function openObjects(config: Pick<Config, 'dir' | 'bucket' | 'limits'>, parts: ObjectParts) {
  const { files, batches, responses } = parts.records;
  const blobs = await openBlobs(config);
  const door = createObjectDoor({ ...parts, files, batches, blobs, maxFileBytes: config.limits.fileBytes });
  await startBatchWorker({ ...parts, files, batches, blobs });
  await startBackgroundResponses({ ...parts, store: responses });
  const sweep = repeat(() => sweepObjects({ ...parts, files, blobs, responses }), {
    everyMs: sweepObjectsEveryMs,
    onError: (err) => parts.log.warn({ err }, 'expired files stay'),
  });
  const before = (gateway: RawDoor): RawDoor => ({
    handle: (req: IncomingMessage, res: ServerResponse, context: RawContext) =>
      door.serves(context.path) ? door.handle(req, res, context) : gateway.handle(req, res, context),
    refuse: gateway.refuse,
  });
  return { blobs, before, stop: sweep.stop };
}
