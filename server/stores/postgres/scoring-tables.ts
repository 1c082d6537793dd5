import type { NamedScoring, Scoring, ScoringProgress, SpanChoice } from '@wheelhouse/core/records';
import type { ColumnType } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;

type Scorings = {
  id: string;
  project_id: string;
  target: string;
  /** null: any, as of those that were asked for before spans could be. */
  span: ColumnType<SpanChoice | null, string, string>;
  q: string;
  now_ns: string;
  scorers: JsonColumn<NamedScoring[]>;
  sample: number;
  most: number;
  cap_nano_usd: string | null;
  status: ColumnType<Scoring['status'], never, Scoring['status']>;
  error: ColumnType<string | null, never, string | null>;
  total: number;
  progress: JsonColumn<ScoringProgress>;
  requested_by: string;
  requested_at: ColumnType<Date, never, never>;
  finished_at: ColumnType<Date | null, never, Date>;
};

/** Scoring what is there already. */
export type ScoringTables = { scorings: Scorings };
