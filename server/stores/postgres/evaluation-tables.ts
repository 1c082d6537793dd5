import type { EvaluationOutcome } from '@wheelhouse/core/ports';
import type { Evaluation, EvaluationStatus, Run } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** What is decided when an evaluation is asked for and has no column of its own. */
export type EvaluationDefinition = Pick<
  Evaluation,
  'name' | 'datasetId' | 'rows' | 'scorers' | 'gates' | 'repetitions' | 'concurrency' | 'rollout' | 'metadata'
>;

type JsonColumn<T> = ColumnType<T, string, string>;
type BigintColumn = ColumnType<string | null, bigint | null, bigint | null>;
type Counts = { done: number; failed: number; cached: number; erased: number; cost_nano_usd: BigintColumn };

type Evaluations = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  dataset: string;
  dataset_version: number;
  runs: JsonColumn<Run[]>;
  run_ids: string[];
  models: string[];
  place: Evaluation['place'];
  replay: boolean;
  definition: JsonColumn<EvaluationDefinition>;
  status: EvaluationStatus;
  error: ColumnType<string | null, never, string | null>;
  turn: ColumnType<number, never, number>;
  next_place: ColumnType<string | null, never, string | null>;
  rows_taken: ColumnType<number, never, number>;
  seat_done: ColumnType<number[], never, number[]>;
  total: number;
  done: ColumnType<number, never, number>;
  failed: ColumnType<number, never, number>;
  cached: ColumnType<number, never, number>;
  erased: ColumnType<number, never, number>;
  known_erased: number;
  cost_nano_usd: ColumnType<string | null, never, bigint | null>;
  estimate_nano_usd: BigintColumn;
  cap_nano_usd: BigintColumn;
  outcome: ColumnType<EvaluationOutcome | null, never, string>;
  created_at: ColumnType<Date, never, never>;
  started_at: ColumnType<Date | null, Date | null, Date | null>;
  finished_at: ColumnType<Date | null, never, Date | null>;
};

type EvaluationChunks = Counts & {
  evaluation_id: string;
  after_place: string;
  last_place: string;
  row_count: number;
  seat: number;
};

export type EvaluationTables = { evaluations: Evaluations; evaluation_chunks: EvaluationChunks };
