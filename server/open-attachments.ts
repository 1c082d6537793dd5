import type { Attachments, BlobStore, Clock, Random } from '@wheelhouse/core/ports';
import type { ProjectId } from '@wheelhouse/core/records';
import type { Logger } from 'pino';
import {
  createAttachmentDoor,
  createAttachmentEraser,
  createAttachmentHandlers,
  createAttachments,
  sweepAttachments,
  sweepAttachmentsEveryMs,
} from './attachments/index.ts';
import type { Config } from './config.ts';
import { repeat } from './repeat.ts';
import type { Stores } from './stores/open-stores.ts';

type Parts = Pick<Stores, 'records' | 'telemetry'> & {
  blobs: BlobStore;
  ledger: { reject(item: { project: ProjectId; source: string; reason: string; sample: string }): void };
  clock: Clock;
  random: Random;
  log: Logger;
};

/** What comes with traces: the way in, the way out, and its end. */
export function openAttachments({ limits }: Pick<Config, 'limits'>, { records, telemetry, ...rest }: Parts) {
  const parts = { ...rest, store: records.attachments, spans: telemetry.spans };
  const { receive, ...attachments } = createAttachments({ ...parts, maxBytes: limits.attachmentBytes });
  const sweep = repeat((stopping) => sweepAttachments(parts, stopping), {
    everyMs: sweepAttachmentsEveryMs,
    onError: (err) => rest.log.warn({ err }, 'attachments of removed traces stay; tried again in an hour'),
  });
  return {
    keeper: attachments satisfies Attachments,
    door: createAttachmentDoor({ ...parts, receive }),
    handlers: createAttachmentHandlers(parts.store),
    eraser: createAttachmentEraser(parts),
    stop: sweep.stop,
  };
}
