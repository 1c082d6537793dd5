import type { OnlineDefinition, OnlineDraw, OnlineLook } from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
/** Milliseconds since 1970; a decimal string when read. */
type Milliseconds = ColumnType<string, number | undefined, number>;

type OnlineEvaluations = {
  id: string;
  project_id: string;
  name: string;
  version: ColumnType<number, never, number>;
  definition: JsonColumn<OnlineDefinition>;
  is_paused: ColumnType<boolean, never, boolean>;
  look: JsonColumn<OnlineLook>;
  draw: ColumnType<OnlineDraw | null, never, string>;
  due_ms: Milliseconds;
  held_until_ms: Milliseconds;
  created_by: string;
  created_at: GeneratedAlways<Date>;
};

/** Scoring what arrives. */
export type OnlineTables = { online_evaluations: OnlineEvaluations };
