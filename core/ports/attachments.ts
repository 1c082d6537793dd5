import type { Attachment, AttachmentId, AttachmentPlace, ProjectId, TraceId } from '../records/index.ts';

/** What whoever has a ticket may do until it is over, and nothing else: others' clients send no key with an upload. */
export type AttachmentTicket =
  | { do: 'put'; project: ProjectId; attachment: Attachment; place: AttachmentPlace }
  | { do: 'get'; project: ProjectId; id: AttachmentId };

/**
 * `full`: the trace has as many attachments as one may have, and nothing was noted. `lost`: the blob was given up meanwhile,
 * because its upload took too long.
 */
export type Noted = 'noted' | 'full' | 'lost';

/** A trace that attachments belong to. */
export type AttachedTrace = { project: ProjectId; traceId: TraceId };

/**
 * What is known of attachments; their bytes are in blobs. A blob is doomed before it is written and spared by the
 * transaction that makes an attachment of it, so a kill leaves no bytes that nobody knows of. Attachments are traffic: they
 * leave no audit rows.
 */
export type AttachmentStore = {
  /** @param dueMs since 1970: after it the blob goes, unless an attachment was made of it */
  doom(project: ProjectId, blob: string, dueMs: number): Promise<void>;
  /** Makes an attachment of the blob; where the same bytes are known already, those belong to the place too. */
  keep(
    project: ProjectId,
    kept: { attachment: Attachment; blob: string },
    place: AttachmentPlace,
    most: number,
  ): Promise<Noted>;
  /** Another place for bytes that are here; null when they are not. @param most attachments of a trace */
  refer(project: ProjectId, id: AttachmentId, place: AttachmentPlace, most: number): Promise<'noted' | 'full' | null>;
  /** `createdAt`: when the bytes came first; ISO 8601, UTC. */
  find(
    project: ProjectId,
    id: AttachmentId,
  ): Promise<{ attachment: Attachment; blob: string; createdAt: string } | null>;
  /** In the order they came. */
  ofTrace(project: ProjectId, trace: TraceId): Promise<{ attachment: Attachment; place: AttachmentPlace }[]>;
  /** These traces have no attachments any more; blobs that belong to no other are doomed, and due at once. */
  leave(project: ProjectId, traces: readonly TraceId[]): Promise<void>;
  /** Blobs that are due are nobody's from here on, and are given again until they are forgotten. */
  due(nowMs: number, limit: number): Promise<string[]>;
  forget(blobs: readonly string[]): Promise<void>;
  /**
   * Traces whose newest attachment came before that time, in a fixed order. Those of which a dataset has an example are
   * left out.
   */
  settled(page: { beforeMs: number; limit: number; after?: AttachedTrace }): Promise<AttachedTrace[]>;
  /** @param hash of the ticket, whose text nobody else knows */
  issue(hash: string, ticket: AttachmentTicket, expiresMs: number): Promise<void>;
  redeem(hash: string, nowMs: number): Promise<AttachmentTicket | null>;
  /** Removes tickets that are over. */
  expire(nowMs: number): Promise<void>;
};

/** An attachment for somebody without a key of ours; `createdAt` and `until` ISO 8601, UTC. */
export type ShownAttachment = { attachment: Attachment; createdAt: string; path: string; until: string };

/** What the ways in for spans need. */
export type Attachments = {
  /** What these bytes are kept as. */
  describe(content: Uint8Array, type: string): Attachment;
  /**
   * What cannot be kept is counted in the ledger.
   * @param source the door, as the ledger has it
   * @throws WheelhouseError `body_too_large`, `invalid_request`, `store_unavailable`
   */
  keep(
    project: ProjectId,
    given: { attachment: Attachment; content: Uint8Array; place: AttachmentPlace },
    source: string,
  ): Promise<void>;
  /**
   * Where to send the bytes, as a path of this server; null when they are here.
   * @throws WheelhouseError as `keep` does
   */
  invite(project: ProjectId, attachment: Attachment, place: AttachmentPlace, source: string): Promise<string | null>;
  /** The attachment, and a path that gives its bytes without a key until then; null when there is none. */
  show(project: ProjectId, id: AttachmentId): Promise<ShownAttachment | null>;
};

/** Takes the attachments of traces away with them. */
export type AttachmentEraser = { erase(project: ProjectId, traces: readonly TraceId[]): Promise<void> };
