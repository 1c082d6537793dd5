import type { BatchProblem, BatchStatus, Json, JsonObject } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type JsonColumn<T> = ColumnType<T, string, string>;
type MaybeTime = ColumnType<Date | null, never, Date | null>;

type Files = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  name: string;
  purpose: string;
  bytes: ColumnType<string, number, never>;
  sha256: string;
  created_at: GeneratedAlways<Date>;
  expires_at: ColumnType<Date | null, string | null, never>;
};

type Batches = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  endpoint: string;
  input_file_id: string;
  output_file_id: ColumnType<string | null, never, string | null>;
  error_file_id: ColumnType<string | null, never, string | null>;
  status: ColumnType<BatchStatus, never, BatchStatus>;
  problems: ColumnType<BatchProblem[], never, string>;
  metadata: JsonColumn<JsonObject>;
  parts: ColumnType<number, never, number>;
  total: ColumnType<number, never, number>;
  completed: ColumnType<number, never, number>;
  failed: ColumnType<number, never, number>;
  requested_by: string;
  created_at: GeneratedAlways<Date>;
  started_at: MaybeTime;
  finalizing_at: MaybeTime;
  ended_at: MaybeTime;
  cancelling_at: MaybeTime;
  expires_at: ColumnType<Date, string, never>;
};

type Responses = {
  project_id: string;
  id: string;
  body: JsonColumn<JsonObject>;
  input: JsonColumn<Json[]>;
  previous_id: string | null;
  created_at: ColumnType<Date, Date, never>;
  expires_at: ColumnType<Date, Date, never>;
  request: ColumnType<string | null, string | undefined, null>;
};

/** Tables of files, batches and stored responses. */
export type ObjectTables = { files: Files; batches: Batches; responses: Responses };
