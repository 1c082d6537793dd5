import type {
  BadScoreRule,
  Issue,
  IssueCause,
  IssueEvent,
  IssueResolution,
  IssueSignal,
  IssueState,
} from '@wheelhouse/core/records';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
/** Milliseconds since 1970; a decimal string when read. */
type Milliseconds = ColumnType<string, number | undefined, number>;

type IssueFeeds = {
  project_id: string;
  place_ms: ColumnType<string, number, number>;
  place_id: Generated<string>;
  due_ms: Milliseconds;
  held_until_ms: Milliseconds;
};

type Issues = {
  project_id: string;
  id: string;
  title: string;
  signal: IssueSignal;
  state: IssueState;
  is_blocker: boolean;
  assignee: string | null;
  models: JsonColumn<Issue['models']>;
  first_seen: ColumnType<Date, string, string>;
  last_seen: ColumnType<Date, string, string>;
  resolution: ColumnType<IssueResolution | null, string | null, string | null>;
  regressed_at: ColumnType<Date | null, string | null, string | null>;
};

type IssueGroups = {
  project_id: string;
  id: string;
  issue_id: string;
  cause_key: string;
  cause: JsonColumn<IssueCause>;
  text: string;
  size: number;
  sum: JsonColumn<number[]>;
  words: JsonColumn<Record<string, number>>;
};

type IssueEvents = {
  seq: GeneratedAlways<string>;
  project_id: string;
  issue_id: string;
  at: GeneratedAlways<Date>;
  actor: string;
  kind: IssueEvent['kind'];
  text: string;
};

type BadScores = {
  project_id: string;
  name: string;
  rule: JsonColumn<BadScoreRule>;
  set_by: string;
  set_at: GeneratedAlways<Date>;
};

/** In which ways traces fail, and what people say of it. */
export type IssueTables = {
  issue_feeds: IssueFeeds;
  issues: Issues;
  issue_groups: IssueGroups;
  issue_events: IssueEvents;
  bad_scores: BadScores;
};
