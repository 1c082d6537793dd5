import type {
  Json,
  JsonObject,
  ModelDefinition,
  OptimizationBudget,
  OptimizationProgress,
  OptimizationReport,
  OptimizationScore,
  OptimizationSetup,
  OptimizationState,
  OptimizationSummary,
  OptimizationVerdict,
  PublishedVersion,
} from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
type LaterJson<T> = ColumnType<T | null, never, string | null>;
type LaterTime = ColumnType<Date | null, Date | null, Date | null>;

type Optimizations = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  setup: JsonColumn<OptimizationSetup>;
  /** The registered name, by which lists find it. */
  program: string | null;
  place: OptimizationSetup['place'];
  budget: JsonColumn<OptimizationBudget>;
  state: OptimizationState;
  error: ColumnType<string | null, never, string | null>;
  turn: ColumnType<number, never, number>;
  progress: JsonColumn<OptimizationProgress>;
  /** What lists show of progress and report, which are long. */
  score: JsonColumn<OptimizationScore>;
  spend: JsonColumn<OptimizationSummary['spend']>;
  verdict: ColumnType<OptimizationVerdict | null, never, OptimizationVerdict | null>;
  report: LaterJson<OptimizationReport>;
  definition: LaterJson<ModelDefinition>;
  made_from: string[];
  published: LaterJson<PublishedVersion>;
  author: string;
  created_at: ColumnType<Date, never, never>;
  started_at: LaterTime;
  finished_at: LaterTime;
  heard_at: LaterTime;
};

type OptimizationAnswers = {
  n: GeneratedAlways<string>;
  optimization_id: string;
  key: string;
  entry: JsonColumn<Json>;
};

type OptimizationCandidates = {
  n: GeneratedAlways<string>;
  optimization_id: string;
  id: string;
  made_by: string;
  parents: string[];
  changed: string[];
  instances: JsonColumn<JsonObject>;
};

export type OptimizationTables = {
  optimizations: Optimizations;
  optimization_answers: OptimizationAnswers;
  optimization_candidates: OptimizationCandidates;
};
