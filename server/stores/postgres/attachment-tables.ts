import type { AttachmentTicket } from '@wheelhouse/core/ports';
import type { ColumnType, GeneratedAlways } from 'kysely';

type Attachments = {
  project_id: string;
  id: string;
  sha256: string;
  bytes: ColumnType<string, number, never>;
  type: string;
  blob: string;
  created_at: GeneratedAlways<Date>;
};

type AttachmentPlaces = {
  seq: GeneratedAlways<string>;
  project_id: string;
  trace_id: string;
  /** Empty: the trace as a whole. */
  span_id: string;
  attachment_id: string;
  name: string;
  created_at: GeneratedAlways<Date>;
};

type DoomedBlobs = {
  name: string;
  project_id: string;
  due_at: ColumnType<Date, Date, Date>;
  claimed: ColumnType<boolean, boolean | undefined, boolean>;
};

type AttachmentTickets = {
  hash: string;
  project_id: string;
  ticket: ColumnType<AttachmentTicket, string, never>;
  expires_at: ColumnType<Date, Date, never>;
};

/** Tables of what came with traces. */
export type AttachmentTables = {
  attachments: Attachments;
  attachment_places: AttachmentPlaces;
  doomed_blobs: DoomedBlobs;
  attachment_tickets: AttachmentTickets;
};
