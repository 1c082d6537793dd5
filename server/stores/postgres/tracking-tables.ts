import type { TrackedRunStatus, TrackedStage, TrackedTag } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Read as text, so that nothing is rounded on the way; these fit a number. */
type Int8 = ColumnType<string, number, number>;
type Staged = ColumnType<TrackedStage, never, TrackedStage>;

type TrackedExperiments = {
  project_id: string;
  number: number;
  name: string;
  artifact_location: string;
  stage: Staged;
  created_ms: Int8;
  changed_ms: Int8;
};

type TrackedRuns = {
  seq: GeneratedAlways<string>;
  project_id: string;
  run_id: string;
  experiment: number;
  name: string;
  user_id: string;
  status: TrackedRunStatus;
  start_ms: ColumnType<string | null, number | null, never>;
  end_ms: ColumnType<string | null, never, number>;
  artifact_uri: string;
  stage: Staged;
};

type Keyed = { run: string; key: string; value: string };

type TrackedInputs = {
  run: string;
  seq: GeneratedAlways<string>;
  name: string;
  digest: string;
  source_type: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: ColumnType<TrackedTag[], string, never>;
  /** What the dataset was for: one of the tags, beside them to be searched. */
  context: string | null;
};

export type TrackingTables = {
  tracked_experiments: TrackedExperiments;
  tracked_experiment_tags: { project_id: string; number: number; key: string; value: string };
  tracked_runs: TrackedRuns;
  tracked_params: Keyed;
  tracked_tags: Keyed;
  tracked_metrics: { run: string; key: string; value: number; is_nan: boolean; timestamp_ms: Int8; step: Int8 };
  tracked_inputs: TrackedInputs;
  tracked_artifacts: { project_id: string; path: string; blob: string; bytes: Int8 };
};
