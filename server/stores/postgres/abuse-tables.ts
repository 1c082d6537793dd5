import type { AbuseEvent, AbusePolicy, AbuseRates, AbuseRung, AbuseUser } from '@wheelhouse/core/records';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** Written as JSON text, because the driver would make a Postgres array of a JavaScript one. */
type JsonColumn<T> = ColumnType<T, string, string>;
/** Milliseconds since 1970; a decimal string when read. */
type Milliseconds = ColumnType<string, number | undefined, number>;

type AbusePolicies = {
  project_id: string;
  mode: AbusePolicy['mode'];
  policy: JsonColumn<AbusePolicy>;
  rates: ColumnType<AbuseRates | null, string | undefined, string>;
  place_ms: ColumnType<string, number, number>;
  place_id: Generated<string>;
  due_ms: Milliseconds;
  held_until_ms: Milliseconds;
};

type AbuseUsers = {
  project_id: string;
  user_id: string;
  rung: AbuseRung | null;
  until_ms: ColumnType<string | null, number | null, number | null>;
  is_allowed: boolean;
  last_seen_ms: ColumnType<string, number, number>;
  state: JsonColumn<AbuseUser>;
};

type AbuseEvents = {
  seq: GeneratedAlways<string>;
  project_id: string;
  user_id: string;
  at: GeneratedAlways<Date>;
  actor: string;
  kind: AbuseEvent['kind'];
  text: string;
  traces: JsonColumn<AbuseEvent['traces']>;
};

/** What is done about users who abuse the models of a project. */
export type AbuseTables = {
  abuse_policies: AbusePolicies;
  abuse_users: AbuseUsers;
  abuse_events: AbuseEvents;
};
