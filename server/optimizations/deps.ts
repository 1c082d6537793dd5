import type { JudgingWorld, RehearsedTarget } from '@wheelhouse/core/eval';
import type {
  CancelSignal,
  Clock,
  DatasetStore,
  ExampleStore,
  JobQueue,
  LiveFeed,
  ModelStore,
  OptimizationStore,
  Random,
  SchemaChecker,
  Timer,
} from '@wheelhouse/core/ports';
import type { Actor, Caller, ModelDefinition, NanoUsd, ProjectId, PublishedVersion } from '@wheelhouse/core/records';
import type { RouteTable } from '@wheelhouse/core/route';

/** What rows and programs are read from. */
export type SourceDeps = {
  models: Pick<ModelStore, 'versions'>;
  datasets: Pick<DatasetStore, 'members'>;
  examples: Pick<ExampleStore, 'get'>;
  checker: SchemaChecker;
};

export type WorldOf = (project: ProjectId) => Omit<JudgingWorld, 'spansOf'>;

export type WorkerDeps = SourceDeps & {
  optimizations: OptimizationStore;
  jobs: Pick<JobQueue, 'work' | 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  timer: Timer;
  /** What programs and scorers ask, in the name of a project. */
  scoringOf: WorldOf;
  /** The same store, whose methods wait while it is away. */
  patient<Store extends object>(store: Store, signal: CancelSignal): Store;
  log: { error(fields: object, message: string): void };
};

export type PublishedFound = {
  published: PublishedVersion;
  /** Why its alias was not moved. */
  heldBack: {
    code: string;
    message: string;
    hint: string;
    /** Why callers of the alias may fail; nothing where something else holds it. */
    breaking: string[];
  } | null;
};

type Found = {
  name: string;
  definition: ModelDefinition;
  madeFrom: string[];
  message: string;
  alias: string | null;
  /** Also where callers of the alias may fail. */
  breaking: boolean;
};

/** Publishes a version, and leads an alias to it as far as its rule and its callers let somebody. */
export type Publish = (by: Caller, found: Found) => Promise<PublishedFound>;

export type HandlerDeps = SourceDeps & {
  optimizations: OptimizationStore;
  jobs: Pick<JobQueue, 'enqueue'>;
  feed: Pick<LiveFeed, 'publish'>;
  clock: Clock;
  random: Random;
  /** What a model's name means at this moment. */
  routes(project: ProjectId): RouteTable;
  /** A frozen version of a dataset; null: the draft, where it is not to be frozen. */
  datasetVersion(
    by: Actor,
    ask: { dataset: string; version: number | string | undefined; freezes: boolean },
  ): Promise<{ dataset: string; version: number | null; count: number }>;
  /** By list price; null: it is not known. */
  priceOfCall(project: ProjectId, ask: { ref: string; tokens: { input: number; output: number } }): NanoUsd | null;
  estimateJudges(
    project: ProjectId,
    ask: { scorers: readonly string[]; rows: readonly RehearsedTarget[] },
  ): Promise<{ scorer: string; calls: number; nanoUsd: string | null }[]>;
  publish: Publish;
};
