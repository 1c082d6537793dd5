/** What training and scripts record of themselves, in the sense of MLflow: its words and limits hold here. */
export type TrackedTag = { key: string; value: string };

/** `deleted` is out of sight, and can be restored. */
export type TrackedStage = 'active' | 'deleted';

export type TrackedExperiment = {
  /** A whole number as text; `0` is the one that every project has. */
  id: string;
  name: string;
  /** Where artifacts of its runs go: `mlflow-artifacts:/…` is this server, anything else is the client's own affair. */
  artifactLocation: string;
  stage: TrackedStage;
  /** Milliseconds since 1970. */
  createdAtMs: number;
  changedAtMs: number;
  tags: TrackedTag[];
};

export const trackedRunStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type TrackedRunStatus = (typeof trackedRunStatuses)[number];

/** NaN is one; infinity is the largest number there is, with its sign. */
export type TrackedPoint = {
  key: string;
  value: number;
  /** Milliseconds since 1970, as the client says. */
  timestampMs: number;
  step: number;
};

/** A dataset that a run read, as the client describes it. */
export type TrackedInput = {
  name: string;
  digest: string;
  sourceType: string;
  source: string;
  schema: string | null;
  profile: string | null;
  tags: TrackedTag[];
};

export type TrackedRunInfo = {
  /** 32 hex digits. */
  id: string;
  experimentId: string;
  name: string;
  userId: string;
  status: TrackedRunStatus;
  /** Milliseconds since 1970, as the client says; null: it did not, or it runs. */
  startMs: number | null;
  endMs: number | null;
  artifactUri: string;
  stage: TrackedStage;
};

export type TrackedRun = TrackedRunInfo & {
  params: TrackedTag[];
  tags: TrackedTag[];
  /** Of each metric the point of the highest step, of those the latest, of those the highest. */
  metrics: TrackedPoint[];
  inputs: TrackedInput[];
};

/** What a run can be found by. */
export type TrackedField =
  | { of: 'metric'; key: string }
  | { of: 'param'; key: string }
  | { of: 'tag'; key: string }
  | { of: 'text'; name: 'run_id' | 'run_name' | 'status' | 'user_id' | 'artifact_uri' }
  | { of: 'time'; name: 'start_time' | 'end_time' }
  | { of: 'dataset'; name: 'name' | 'digest' | 'context' };

/** What an experiment can be found by. */
export type TrackedExperimentField =
  | { of: 'tag'; key: string }
  | { of: 'text'; name: 'name' | 'experiment_id' }
  | { of: 'time'; name: 'creation_time' | 'last_update_time' };

export type TrackedTest =
  | { op: '=' | '!=' | '<' | '<=' | '>' | '>='; value: string | number }
  | { op: 'LIKE' | 'ILIKE'; value: string }
  | { op: 'IN' | 'NOT IN'; values: string[] }
  | { op: 'IS NULL' | 'IS NOT NULL' };

/** All of a list hold at once. */
export type TrackedCondition<Field = TrackedField> = { field: Field; test: TrackedTest };

export type TrackedOrder<Field = TrackedField> = { field: Field; descending: boolean };

/** The tag by which MLflow names a run, and that of an input which says what it was for. */
export const runNameTag = 'mlflow.runName';
export const datasetContextTag = 'mlflow.data.context';

const rank = (value: number) => (Number.isNaN(value) ? 0 : value);
/** MLflow's order of what is newest: by step, then time, then value. */
export const isNewerPoint = (a: TrackedPoint, b: TrackedPoint): boolean => {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestampMs !== b.timestampMs) return a.timestampMs > b.timestampMs;
  return rank(a.value) > rank(b.value);
};

/** Points of one metric of one run over its steps or its time. */
export type TrackedSeries = {
  runId: string;
  key: string;
  /** How many there are in all. */
  count: number;
  /** In order; of more than were asked for, what keeps the first, the last and the extremes of each stretch. */
  points: Omit<TrackedPoint, 'key'>[];
};

/** A file of a run, by its path below all artifacts: `1/<run>/artifacts/model.bin`. */
export type TrackedArtifact = { path: string; blob: string; bytes: number };
