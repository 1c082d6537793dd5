import type {
  Actor,
  ProjectId,
  TrackedArtifact,
  TrackedCondition,
  TrackedExperiment,
  TrackedExperimentField,
  TrackedInput,
  TrackedOrder,
  TrackedPoint,
  TrackedRun,
  TrackedRunInfo,
  TrackedRunStatus,
  TrackedSeries,
  TrackedStage,
  TrackedTag,
} from '../records/index.ts';

export type NewTrackedExperiment = Pick<TrackedExperiment, 'name' | 'tags'> & {
  /** null: on this server. */
  artifactLocation: string | null;
};
export type NewTrackedRun = Pick<TrackedRunInfo, 'id' | 'experimentId' | 'name' | 'userId' | 'startMs'> & {
  tags: TrackedTag[];
};

/** null: both the active and the deleted. */
type Stage = { stage: TrackedStage | null };
type Page = { limit: number; offset: number };

/** What a run recorded at once; points are those that may be the latest of their metric. */
export type TrackedBatch = { params: TrackedTag[]; tags: TrackedTag[]; latest: TrackedPoint[] };

/**
 * Experiments and runs, without the history of metrics. What is not there is refused as `not_found`, what is
 * not active where it must be as `invalid_request`. Times are milliseconds since 1970.
 */
export type TrackingStore = {
  /** `conflict` when the name is taken, by a deleted one too. */
  createExperiment(by: Actor, experiment: NewTrackedExperiment, nowMs: number): Promise<TrackedExperiment>;
  /** The experiment `0` is there as soon as somebody asks for it. */
  experiment(project: ProjectId, id: string): Promise<TrackedExperiment | null>;
  experimentNamed(project: ProjectId, name: string): Promise<TrackedExperiment | null>;
  /** Newest first unless ordered otherwise. */
  experiments(
    project: ProjectId,
    ask: Stage &
      Page & {
        conditions: TrackedCondition<TrackedExperimentField>[];
        order: TrackedOrder<TrackedExperimentField>[];
      },
  ): Promise<TrackedExperiment[]>;
  renameExperiment(by: Actor, id: string, name: string, nowMs: number): Promise<void>;
  /** Its runs with it. */
  stageExperiment(by: Actor, id: string, stage: TrackedStage, nowMs: number): Promise<void>;
  tagExperiment(by: Actor, id: string, tag: TrackedTag): Promise<void>;
  /** Whether it was there. */
  untagExperiment(by: Actor, id: string, key: string): Promise<boolean>;

  createRun(by: Actor, run: NewTrackedRun): Promise<TrackedRun>;
  run(project: ProjectId, id: string): Promise<TrackedRun | null>;
  /** Latest start first where the order leaves a choice. */
  runs(
    project: ProjectId,
    ask: Stage & Page & { experiments: string[]; conditions: TrackedCondition[]; order: TrackedOrder[] },
  ): Promise<TrackedRun[]>;
  /** What is left out stays. */
  updateRun(
    by: Actor,
    id: string,
    change: { status?: TrackedRunStatus; endMs?: number; name?: string },
  ): Promise<TrackedRunInfo>;
  stageRun(by: Actor, id: string, stage: TrackedStage): Promise<void>;
  /** All or nothing; `changed` are parameters that are there with another value, and then nothing was recorded. */
  record(by: Actor, id: string, batch: TrackedBatch): Promise<{ changed: { key: string; was: string; now: string }[] }>;
  untagRun(by: Actor, id: string, key: string): Promise<boolean>;
  /** Of a name and digest the first stays. */
  addInputs(by: Actor, id: string, inputs: TrackedInput[]): Promise<void>;

  /** Gives what stood there before, whose blob nobody needs any more. */
  putArtifact(by: Actor, artifact: TrackedArtifact): Promise<TrackedArtifact | null>;
  artifact(project: ProjectId, path: string): Promise<TrackedArtifact | null>;
  /** The path itself and all below it, by path. */
  artifactsUnder(project: ProjectId, folder: string, limit: number): Promise<TrackedArtifact[]>;
  /** Files and folders directly in a folder, by name. */
  listArtifacts(project: ProjectId, folder: string): Promise<{ name: string; bytes: number | null }[]>;
  removeArtifacts(by: Actor, paths: string[]): Promise<void>;
};

/** Every point of every metric, which only grows. The same point twice is one. */
export type MetricHistory = {
  /** Durable when the promise resolves. */
  put(project: ProjectId, runId: string, points: readonly TrackedPoint[]): Promise<void>;
  /** By time, step and value, behind `after`. */
  points(
    project: ProjectId,
    ask: { runId: string; key: string; limit: number; after?: TrackedPoint },
  ): Promise<TrackedPoint[]>;
  /** Of each run in turn, thinned out to at most `most` points; NaN is left out. */
  series(
    project: ProjectId,
    ask: { runs: readonly string[]; key: string; over: 'step' | 'time'; most: number },
  ): Promise<TrackedSeries[]>;
};
