import type { DeletionId } from './ids.ts';

/** What is to be forgotten: a trace, or every trace of a session or of an end user. */
export type DeletionSubject = { type: 'trace' | 'session' | 'user'; id: string };

/** Somebody asked to have something removed for good; the record stays, what it names is gone. */
export type Deletion = {
  id: DeletionId;
  subject: DeletionSubject;
  status: 'queued' | 'completed' | 'failed';
  error: string | null;
  /** How many traces were removed, once completed. */
  traces: number | null;
  requestedBy: string;
  /** ISO 8601, UTC. */
  requestedAt: string;
  finishedAt: string | null;
};
