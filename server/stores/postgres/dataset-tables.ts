import type {
  DatasetJob,
  DatasetJobKind,
  DatasetJobProgress,
  DatasetSchema,
  JsonObject,
  Recipe,
  SplitRule,
} from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

type Int8 = ColumnType<string, never, bigint>;
type JsonColumn<T> = ColumnType<T, string | undefined, string>;
type JsonOrNull<T> = ColumnType<T | null, never, string | null>;
type DatabaseTime = GeneratedAlways<Date>;
type Counter = ColumnType<number, never, number>;

type Datasets = {
  id: string;
  project_id: string;
  name: string;
  description: string;
  source: string;
  licence: string;
  consent: string;
  schema: JsonColumn<DatasetSchema>;
  splits: JsonOrNull<SplitRule>;
  recipe: JsonOrNull<Recipe>;
  head: Counter;
  next_position: Int8;
  /** Rows of the draft; those that only it has; those that only the head has. */
  draft_count: Counter;
  draft_added: Counter;
  draft_removed: Counter;
  /** Grows with each change of the draft. */
  revision: Int8;
  /** Its rows are being removed; nobody sees it any more. */
  removed_at: ColumnType<Date | null, never, Date>;
  created_at: DatabaseTime;
};

type DatasetVersions = {
  dataset_id: string;
  number: number;
  hash: string;
  count: number;
  made_from: string[];
  created_at: DatabaseTime;
};

type DatasetExamples = {
  dataset_id: string;
  example_id: string;
  content_hash: string;
  position: ColumnType<string, never, never>;
  trace_id: string | null;
  span_id: string | null;
  tags: string[];
  split: string | null;
  weight: number;
  added_in: number;
  removed_in: number | null;
  erased_at: ColumnType<Date | null, never, never>;
};

type DatasetAliases = {
  dataset_id: string;
  alias: string;
  version: number;
  moved_at: ColumnType<Date, never, Date>;
};

type DatasetRules = {
  id: string;
  dataset_id: string;
  q: string;
  sample: number;
  expected: boolean;
  tags: string[];
  paused: ColumnType<boolean, never, boolean>;
  added: Counter;
  created_by: string;
  created_at: DatabaseTime;
};

type DatasetJobs = {
  id: string;
  project_id: string;
  dataset_id: string;
  dataset: string;
  kind: DatasetJobKind;
  params: JsonColumn<JsonObject>;
  status: ColumnType<DatasetJob['status'], never, DatasetJob['status']>;
  error: ColumnType<string | null, never, string | null>;
  progress: ColumnType<DatasetJobProgress, string, string>;
  result: JsonOrNull<JsonObject>;
  requested_by: string;
  requested_at: DatabaseTime;
  finished_at: ColumnType<Date | null, never, Date>;
};

type ErasingTraces = { project_id: string; deletion_id: string; trace_id: string };
type DoomedContents = { project_id: string; hash: string; number: GeneratedAlways<string> };

export type DatasetTables = {
  datasets: Datasets;
  dataset_versions: DatasetVersions;
  dataset_examples: DatasetExamples;
  dataset_aliases: DatasetAliases;
  dataset_rules: DatasetRules;
  dataset_jobs: DatasetJobs;
  erasing_traces: ErasingTraces;
  doomed_contents: DoomedContents;
};
