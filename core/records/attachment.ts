import type { AttachmentId, SpanId, TraceId } from './ids.ts';

/** Bytes that came with a trace; the same bytes are one attachment of their project. */
export type Attachment = {
  id: AttachmentId;
  /** Of the bytes, lower-case hex. */
  sha256: string;
  bytes: number;
  /** As who sent it said, `image/png`; it is not proven by the bytes. */
  type: string;
};

/** Where an attachment belongs; the same one may belong to many places. */
export type AttachmentPlace = {
  traceId: TraceId;
  /** null: the trace as a whole. */
  spanId: SpanId | null;
  /** A file's name, or which side of the span it is of; may be empty. */
  name: string;
};

/** @param sha256 in base64, of 32 bytes */
export const attachmentIdOf = (sha256: string): AttachmentId =>
  sha256.replaceAll('+', '-').replaceAll('/', '_').slice(0, 22) as AttachmentId;

export const parseAttachmentId = (text: string): AttachmentId | null =>
  /^[\w-]{22}$/.test(text) ? (text as AttachmentId) : null;

/** A media type without its parameters, in lower case; `application/octet-stream` for what is none. */
export function mediaTypeOf(text: string): string {
  const type = text.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return /^[a-z0-9][\w.+-]{0,60}\/[a-z0-9][\w.+-]{0,60}$/.test(type) ? type : 'application/octet-stream';
}

/** Pictures that a browser shows without running anything in them. */
export const isPicture = (type: string): boolean => /^image\/(?:png|jpeg|gif|webp|avif)$/.test(type);

/** Where attachments are read; a span follows, and what of it, or an attachment's id. */
export const attachmentPath = '/api/v1/attachments/';

/** What `text` says of an attachment in the words of Langfuse's clients, `@@@langfuseMedia:type=…|id=…|source=…@@@`. */
export const langfuseMedia = /@@@langfuseMedia:type=([^|@]{1,130})\|id=([\w-]{22})\|source=\w{1,40}@@@/;
