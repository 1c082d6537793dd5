import type { Handlers } from '@wheelhouse/core/contract';
import type { AttachmentStore } from '@wheelhouse/core/ports';
import { attachmentPath, parseTraceId, WheelhouseError } from '@wheelhouse/core/records';

/** What came with a trace, by what it belongs to. */
export function createAttachmentHandlers(store: Pick<AttachmentStore, 'ofTrace'>): Handlers<'listAttachments'> {
  return {
    async listAttachments({ by, params }) {
      const traceId = parseTraceId(params.traceId);
      if (traceId === null)
        throw new WheelhouseError('invalid_request', `\`${params.traceId.slice(0, 80)}\` is not a trace id.`, {
          param: 'traceId',
          hint: 'A trace id has 32 hex digits, not all zero.',
        });
      const found = await store.ofTrace(by.project, traceId);
      return {
        data: found.map(({ attachment, place }) => ({
          ...attachment,
          spanId: place.spanId,
          name: place.name,
          url: `${attachmentPath}${attachment.id}`,
        })),
      };
    },
  };
}
