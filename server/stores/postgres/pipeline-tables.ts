import type { ActingCaller, PipelineSeen } from '@wheelhouse/core/ports';
import type { PipelineCause, PipelineDefinition, PipelineRun } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
/** Milliseconds since 1970; a decimal string when read. */
type Milliseconds = ColumnType<string, number | undefined, number>;

type Pipelines = {
  id: string;
  project_id: string;
  name: string;
  definition: JsonColumn<PipelineDefinition>;
  acting: JsonColumn<ActingCaller>;
  seen: JsonColumn<PipelineSeen>;
  pending: ColumnType<PipelineCause | null, never, string | null>;
  /** How many runs there were. */
  runs: ColumnType<number, never, number>;
  /** null: nothing starts it by itself. */
  due_ms: ColumnType<string | null, number | null, number | null>;
  held_until_ms: Milliseconds;
  changed_at: ColumnType<Date, never, Date>;
  created_at: GeneratedAlways<Date>;
};

type PipelineRuns = {
  id: string;
  project_id: string;
  pipeline_id: string;
  state: PipelineRun['state'];
  run: JsonColumn<PipelineRun>;
  acting: JsonColumn<ActingCaller>;
  revision: ColumnType<number, never, number>;
  due_ms: Milliseconds;
  held_until_ms: Milliseconds;
  ended_at: ColumnType<Date | null, never, string | null>;
};

/** How better versions are made and released, and the runs of that. */
export type PipelineTables = { pipelines: Pipelines; pipeline_runs: PipelineRuns };
