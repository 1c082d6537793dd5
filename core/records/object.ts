import type { BatchId, FileId } from './ids.ts';
import type { JsonObject } from './json.ts';

/** A file that was uploaded, or that a batch wrote. Its bytes are in a blob of the same id. */
export type StoredFile = {
  id: FileId;
  name: string;
  /** As OpenAI has them: `batch`, `batch_output`, `fine-tune`, `user_data` … */
  purpose: string;
  bytes: number;
  /** Of the bytes, lower-case hex. */
  sha256: string;
  /** ISO 8601, UTC. */
  createdAt: string;
  /** null: it stays until somebody removes it. */
  expiresAt: string | null;
};

export const batchStatuses = [
  'validating',
  'failed',
  'in_progress',
  'finalizing',
  'completed',
  'expired',
  'cancelling',
  'cancelled',
] as const;
export type BatchStatus = (typeof batchStatuses)[number];

/** What is wrong with a line of a batch's input. */
export type BatchProblem = { code: string; message: string; param: string | null; line: number | null };

/** Calls in a file, made one after another in the background. */
export type Batch = {
  id: BatchId;
  /** Every call goes to this path, for example `/v1/chat/completions`. */
  endpoint: string;
  inputFileId: FileId;
  outputFileId: FileId | null;
  errorFileId: FileId | null;
  status: BatchStatus;
  problems: BatchProblem[];
  metadata: JsonObject;
  total: number;
  completed: number;
  failed: number;
  requestedBy: string;
  /** ISO 8601, UTC; null: that has not happened. */
  createdAt: string;
  startedAt: string | null;
  finalizingAt: string | null;
  endedAt: string | null;
  cancellingAt: string | null;
  expiresAt: string;
};
