import type {
  Actor,
  Batch,
  BatchId,
  BatchProblem,
  Caller,
  FileId,
  Json,
  JsonObject,
  ProjectId,
  StoredFile,
} from '../records/index.ts';

/**
 * Large things by name. Names are made of letters, digits, `.`, `_`, `-` and `/`, and begin with the project that has the
 * thing: `research/files/file_1`.
 */
export type BlobStore = {
  /** Resolves when all of it is durable; what was under the name is replaced. A rejected put leaves what was there. */
  put(name: string, content: AsyncIterable<Uint8Array>): Promise<{ bytes: number; sha256: string }>;
  /** null when there is none. */
  get(name: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** No error when there is none. */
  remove(name: string): Promise<void>;
  /** Everything whose name begins with `folder` and a `/`. */
  removeAll(folder: string): Promise<void>;
};

export type FileStore = {
  create(by: Actor, file: Omit<StoredFile, 'createdAt'>): Promise<StoredFile>;
  get(project: ProjectId, id: FileId): Promise<StoredFile | null>;
  /** Newest first unless asked otherwise; `after` (an id) continues a page. */
  list(
    project: ProjectId,
    page: { limit: number; after?: FileId; purpose?: string; order?: 'asc' | 'desc' },
  ): Promise<StoredFile[]>;
  /** Whether it was there. */
  remove(by: Actor, id: FileId): Promise<boolean>;
  /** Files of all projects whose time is over. */
  expired(nowMs: number, limit: number): Promise<{ project: ProjectId; id: FileId }[]>;
};

/** How far a batch is: lines that were called and written, and parts of its answers that are in blobs. */
export type BatchProgress = { parts: number; completed: number; failed: number };

/** A batch that ended stays as it ended. */
export type BatchStore = {
  create(by: Actor, batch: Pick<Batch, 'id' | 'endpoint' | 'inputFileId' | 'metadata' | 'expiresAt'>): Promise<Batch>;
  get(project: ProjectId, id: BatchId): Promise<(Batch & { parts: number }) | null>;
  /** Newest first; `after` (an id) continues a page. */
  list(project: ProjectId, page: { limit: number; after?: BatchId }): Promise<Batch[]>;
  /** From validating to in progress. */
  start(project: ProjectId, id: BatchId, total: number): Promise<void>;
  advance(project: ProjectId, id: BatchId, progress: BatchProgress): Promise<void>;
  finalize(project: ProjectId, id: BatchId): Promise<void>;
  end(
    by: Actor,
    id: BatchId,
    ended: {
      status: 'completed' | 'failed' | 'expired' | 'cancelled';
      problems?: BatchProblem[];
      outputFileId?: FileId | null;
      errorFileId?: FileId | null;
    },
  ): Promise<void>;
  /** null when there is no such batch; one that has ended is given as it is. */
  cancel(by: Actor, id: BatchId): Promise<Batch | null>;
};

/** An answer of `/v1/responses` that its caller may come back to. */
export type StoredResponse = {
  id: string;
  /** As it was answered. */
  body: JsonObject;
  /** What was asked, as a list of input items. */
  input: Json[];
  previousId: string | null;
  createdAtMs: number;
  expiresAtMs: number;
};

export type ResponseStore = {
  put(records: { project: ProjectId; response: StoredResponse }[]): Promise<void>;
  get(project: ProjectId, id: string): Promise<StoredResponse | null>;
  /** Stores one that is still to be made, with the request that makes it. */
  begin(project: ProjectId, response: StoredResponse, request: string): Promise<void>;
  /** null: it is made, or not there. */
  pending(project: ProjectId, id: string): Promise<{ response: StoredResponse; request: string } | null>;
  /** Gives one that is not made another body; `made`: now it is, and stays. false: it was, or is not there. */
  settle(project: ProjectId, id: string, change: { body: JsonObject; made: boolean }): Promise<boolean>;
  /** Whether it was there. */
  remove(project: ProjectId, id: string): Promise<boolean>;
  /** Removes what is over. */
  expire(nowMs: number): Promise<void>;
};

/** What the gateway needs of it: keeping costs no wait, and what is kept can be read at once. */
export type ResponseState = {
  keep(project: ProjectId, response: StoredResponse): void;
  read(project: ProjectId, id: string): Promise<StoredResponse | null>;
  remove(project: ProjectId, id: string): Promise<boolean>;
  /** Has the request made in the background, whatever becomes of this process once it resolves. */
  begin(by: Caller, response: StoredResponse, request: string): Promise<void>;
  /** Ends one that is being made; as it is then, and null: there is none. */
  cancel(project: ProjectId, id: string): Promise<StoredResponse | null>;
};
