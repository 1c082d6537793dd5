import type {
  JsonObject,
  ReleaseDrafts,
  ReleaseEvent,
  ReleasePlan,
  ReleaseState,
  ReleaseVerdict,
} from '@wheelhouse/core/records';
import type { ColumnType, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;

type Releases = {
  seq: GeneratedAlways<string>;
  id: string;
  project_id: string;
  model_id: string;
  alias: string;
  incumbent: number;
  candidate: number;
  plan: JsonColumn<ReleasePlan>;
  state: ColumnType<ReleaseState, never, ReleaseState>;
  share: number;
  evidence: JsonColumn<JsonObject>;
  verdict: ColumnType<ReleaseVerdict | null, never, string>;
  seen_until: ColumnType<Date, Date, Date>;
  revision: ColumnType<number, never, number>;
  message: string;
  started_by: string;
  started_at: ColumnType<Date, Date, never>;
  ended_by: ColumnType<string | null, never, string>;
  ended_at: ColumnType<Date | null, never, Date>;
  reason: ColumnType<string | null, never, string>;
  /** Until `share_from` the candidate has this share of the traffic. */
  share_before: ColumnType<number, never, number>;
  share_from: ColumnType<Date, Date | undefined, Date>;
  /** Who makes examples of calls that failed has them from then on for a while. */
  drafting_at: ColumnType<Date | null, never, Date>;
  drafts: ColumnType<ReleaseDrafts | null, never, string>;
};

type ReleaseEvents = {
  seq: GeneratedAlways<string>;
  release_id: string;
  at: GeneratedAlways<Date>;
  actor: string;
  kind: ReleaseEvent['kind'];
  detail: JsonColumn<JsonObject>;
};

/** Versions on their way to an alias. */
export type ReleaseTables = { releases: Releases; release_events: ReleaseEvents };
