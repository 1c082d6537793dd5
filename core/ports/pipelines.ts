import type {
  Actor,
  Caller,
  Pipeline,
  PipelineCause,
  PipelineDefinition,
  PipelineRun,
  ProjectId,
} from '../records/index.ts';

/** In whose name a pipeline acts; kept, so that it can act when nobody asks. */
export type ActingCaller = Omit<Caller, 'project' | 'session'>;

/** What a run begins as; its number, its id and its times are the store's. */
export type NewPipelineRun = Pick<PipelineRun, 'cause' | 'definition' | 'steps' | 'sentence'> & {
  id: string;
  acting: ActingCaller;
};

/** What its triggers have seen, by trigger. */
export type PipelineSeen = Record<string, string | number>;

/** A pipeline whose triggers somebody holds until then to look at them. */
export type DuePipeline = {
  project: ProjectId;
  pipeline: Pipeline;
  acting: ActingCaller;
  seen: PipelineSeen;
  /** When the newest run ended; null: there is none, or one is under way. */
  restedSince: string | null;
  isRunning: boolean;
  heldUntilMs: number;
};

/** A run that somebody holds until then to go on with it. */
export type DueRun = {
  project: ProjectId;
  run: PipelineRun;
  acting: ActingCaller;
  /** Grows with each change. */
  revision: number;
  heldUntilMs: number;
};

export type KeptRun = Pick<DueRun, 'run' | 'acting' | 'revision'>;

/** What a person changes about a run, and what the audit list says of it. */
export type RunChange = {
  run: PipelineRun;
  revision: number;
  acting: ActingCaller;
  action: 'pipeline.decide' | 'pipeline.stop' | 'pipeline.retry';
  detail: { step: string | null; yes?: boolean; note?: string };
  nowMs: number;
};

export type PipelineStore = {
  /**
   * Sets it up, or replaces what is set up under its name; the same again changes nothing. What its triggers have seen stays.
   */
  set(
    by: Caller,
    pipeline: {
      id: string;
      name: string;
      definition: PipelineDefinition;
      /** What there is for its triggers now; what one has seen before stays. */
      seen: PipelineSeen;
      /** Its `changedAt` as whoever changes it knows it, null: that there is none; `conflict` where it is another. Left out: any. */
      known?: string | null;
      nowMs: number;
    },
  ): Promise<Pipeline>;
  get(project: ProjectId, name: string): Promise<Pipeline | null>;
  /** By name. */
  list(project: ProjectId, page: { limit: number; after?: string }): Promise<Pipeline[]>;
  /** With its runs; `conflict` while one is under way. Whether there was one. */
  remove(by: Actor, name: string): Promise<boolean>;

  /** `not_found` without the pipeline, `conflict` while a run of it is under way. */
  start(by: Actor, name: string, run: NewPipelineRun & { nowMs: number }): Promise<PipelineRun>;
  run(project: ProjectId, id: string): Promise<KeptRun | null>;
  /** Newest first. */
  runs(
    project: ProjectId,
    page: { limit: number; before?: string; pipeline?: string; state?: PipelineRun['state'] },
  ): Promise<PipelineRun[]>;
  /**
   * A run as a person changed it, due at once; `conflict` where another one of the pipeline is under way.
   * @returns false: something else became of it meanwhile
   */
  change(by: Actor, change: RunChange): Promise<boolean>;

  /** Holds runs that are due and that nobody holds. */
  claimRuns(nowMs: number, options: { holdMs: number; limit: number }): Promise<DueRun[]>;
  /** What became of a run, and until when it is held; null: it was changed meanwhile, or another holds it. */
  record(
    due: DueRun,
    after: { run: PipelineRun; acting: ActingCaller; dueMs: number; heldUntilMs: number },
  ): Promise<DueRun | null>;

  /** Holds pipelines with triggers that are due to be looked at. */
  claimPipelines(nowMs: number, options: { holdMs: number; limit: number }): Promise<DuePipeline[]>;
  /**
   * What its triggers have seen. A run is started unless one is under way: then the cause stays noted.
   * @returns the run that was started
   */
  recordLook(
    due: DuePipeline,
    look: {
      seen: PipelineSeen;
      pending: PipelineCause | null;
      dueMs: number;
      run: NewPipelineRun | null;
      nowMs: number;
    },
  ): Promise<PipelineRun | null>;
};
