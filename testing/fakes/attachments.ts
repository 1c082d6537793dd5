import { createHash } from 'node:crypto';
import type { Attachments } from '@wheelhouse/core/ports';
import { type Attachment, type AttachmentPlace, attachmentIdOf, mediaTypeOf } from '@wheelhouse/core/records';

/** What doors hand over, in the order it came; nothing is refused. */
export function fakeAttachments(): Attachments & {
  kept: { attachment: Attachment; place: AttachmentPlace }[];
  invited: { attachment: Attachment; place: AttachmentPlace }[];
} {
  const kept: { attachment: Attachment; place: AttachmentPlace }[] = [];
  const invited: typeof kept = [];
  return {
    kept,
    invited,
    describe(content, type) {
      const digest = createHash('sha256').update(content).digest();
      const id = attachmentIdOf(digest.toString('base64'));
      return { id, sha256: digest.toString('hex'), bytes: content.length, type: mediaTypeOf(type) };
    },
    async keep(_, { attachment, place }) {
      kept.push({ attachment, place });
    },
    async invite(_, attachment, place) {
      if (kept.some((one) => one.attachment.id === attachment.id)) return null;
      invited.push({ attachment, place });
      return `/upload/${attachment.id}`;
    },
    async show(_, id) {
      const attachment = kept.find((one) => one.attachment.id === id)?.attachment;
      const time = '2026-01-01T00:00:00.000Z';
      return attachment ? { attachment, createdAt: time, path: `/read/${id}`, until: time } : null;
    },
  };
}
