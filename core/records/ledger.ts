import type { ProjectId } from './ids.ts';

/** What became of the spans of one source: received = stored + rejected + waiting. */
export type LedgerAccount = {
  source: string;
  /** ISO 8601; when counting began. */
  since: string;
  received: number;
  stored: number;
  rejected: number;
  /** In memory or on disk. */
  waiting: number;
  /** Of the waiting, those on disk. */
  spilled: number;
  /** ISO 8601; since when the oldest of them waits. */
  oldestWaitingAt: string | null;
  rejections: { reason: string; spans: number; lastAt: string; sample: string }[];
  /** What happened on each day (UTC), oldest first; the newest 90. */
  days: { day: string; received: number; stored: number; rejected: number }[];
};

/** What became of the spans of one project. */
export type LedgerBook = { project: ProjectId; accounts: LedgerAccount[] };

/** What was refused, as a request that can be sent to its door again. */
export type Letter = {
  /** The door's path, with its query. */
  path: string;
  contentType: string;
  body: Uint8Array;
};

/** A refused request that is kept, so that one can read it, repair it and send it again. */
export type DeadLetter = {
  id: string;
  source: string;
  reason: string;
  sample: string;
  path: string;
  contentType: string;
  bytes: number;
  /** ISO 8601. */
  receivedAt: string;
  /** How often it was sent again, and refused again. */
  replays: number;
};
